"""Which products a run looks at: what the set could let in, and what it needs to tell the regime.

In: what the venue lists, the rules, perhaps products that a person named. Out: symbols. A product
that is not looked at has no facts, so it is not traded: this narrows, and never widens, the set.
Refuses products that a person named and a regime's reference that the venue does not list (M468),
and a venue without any product that the set could trade (M443).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic, MandateError
from engine.model.market import ProductStatus
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.adapters.coinbase.market import Listed
    from engine.ledger.state import State
    from engine.policyset.policyset import PolicySet


def watched(
    policy_set: PolicySet, listed: Sequence[Listed], named: Sequence[Symbol], state: State
) -> tuple[Symbol, ...]:
    """The products to listen to; raises MandateError."""
    known = {each.product.symbol for each in listed}
    reference = Symbol.parse(policy_set.deployment.regime.reference)
    absent = [each for each in (*named, reference) if each not in known]
    if absent:
        raise MandateError([_absent(each, reference) for each in dict.fromkeys(absent)])
    chosen = list(named) or _largest(policy_set, listed)
    if not chosen:
        raise MandateError([_nothing(policy_set)])
    ours = (*state.positions, *(order.symbol for order in state.working.values()))
    needed = (reference, *_coins(policy_set), *ours)
    return tuple(sorted({*chosen, *(each for each in needed if each in known)}))


def _largest(policy_set: PolicySet, listed: Iterable[Listed]) -> list[Symbol]:
    """The products of the largest turnover that the universe could let in, as many as it takes."""
    universe = policy_set.universe
    excluded = {each.symbol for each in universe.exclude}
    able = [
        each
        for each in listed
        if each.product.symbol.quote in universe.quote_currencies
        and str(each.product.symbol) not in excluded
        # The market of an alias is told under the name that it stands for.
        and not each.alias
        and each.product.status is not ProductStatus.HALTED
    ]
    able.sort(key=lambda each: (-each.volume, each.product.symbol))
    return [each.product.symbol for each in able[: universe.max_symbols]]


def _coins(policy_set: PolicySet) -> list[Symbol]:
    """Coins that count as money: whether they still do is told by their price."""
    deployment = policy_set.deployment
    return [Symbol(coin, deployment.numeraire) for coin in deployment.rates]


def _nothing(policy_set: PolicySet) -> Diagnostic:
    quotes = ", ".join(policy_set.universe.quote_currencies)
    mend = "look at `quote_currencies` and `exclude` of the universe filter"
    message = f"the venue lists no product in {quotes} that the universe could let in"
    return Diagnostic("M443", message, None, mend)


def _absent(symbol: Symbol, reference: Symbol) -> Diagnostic:
    mend = "name products that the venue lists with `--product`"
    if symbol == reference:
        mend = "state another `regime.reference` in the Deployment, by a reviewed change"
    return Diagnostic("M468", f"the venue does not list `{symbol}`", None, mend)

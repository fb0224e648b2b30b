"""What a new set would do as soon as it is in force: stops, sales, trips and cancels, in money.

In: where a trader stands, and the set. Out: `Act`s, each in a sentence with what it is worth, the
gravest first. They are the steps of a cycle, asked over the facts that a ledger tells; what turns
on facts of the market or the venue is named, and not guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from engine.comparison.activating.stops import after_activation
from engine.cycle.facts.rules import ACCOUNT_KEY
from engine.cycle.facts.universe import excluded, groups_of
from engine.cycle.judging.trims import compiled_trims
from engine.expr.backends.closure import compile_motor
from engine.kinds.rule import RuleRole, Scope, Stage
from engine.model.orders import Mode
from engine.model.times import duration_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.comparison.activating.standing import Held, Standing, Working
    from engine.cycle.judging.trims import Trim
    from engine.expr.nodes import Value
    from engine.kinds.circuit_breaker.document import CircuitBreakerSpec
    from engine.kinds.rule import Rule
    from engine.model.symbols import Symbol
    from engine.policyset.policyset import PolicySet

_STEPS = 10**4
_PCT = 100


class ActKind(Enum):
    """What is done, the gravest first."""

    REFUSED = "refused"
    SELLS = "sells"
    TRIPS = "trips"
    TRIMS = "trims"
    CANCELS = "cancels"
    MOVES_STOP = "moves stop"
    STAYS_LATCHED = "stays latched"
    NOT_TOLD = "not told"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that activation does; `usd` is what it is about, where that is known."""

    kind: ActKind
    about: str
    words: str
    usd: Decimal | None = None


def activation(standing: Standing, policy_set: PolicySet) -> tuple[Act, ...]:
    """All that the set would do at the standing's instant."""
    found = [
        *_refused(standing, policy_set),
        *_breakers(standing, policy_set),
        *_orphans(standing, policy_set),
        *(act for held in standing.held for act in _of_position(standing, policy_set, held)),
    ]
    order = list(ActKind)
    return tuple(sorted(found, key=lambda act: (order.index(act.kind), act.about)))


def usd_of(policy_set: PolicySet, symbol: Symbol, amount: Decimal) -> Decimal | None:
    """An amount of a product's quote currency in the numeraire."""
    deployment = policy_set.deployment
    if symbol.quote == deployment.numeraire:
        return amount
    rate = deployment.rates.get(symbol.quote)
    return None if rate is None else amount * rate.value


def _refused(standing: Standing, policy_set: PolicySet) -> Iterator[Act]:
    mode = policy_set.deployment.mode
    if mode != standing.mode:
        words = f"the trader runs {standing.mode} and the set says {mode}: no reload changes that"
        yield Act(ActKind.REFUSED, "Deployment", words)


def _breakers(standing: Standing, policy_set: PolicySet) -> Iterator[Act]:
    specs = dict(policy_set.breakers)
    untold: list[str] = []
    for rule in policy_set.of_role(RuleRole.TRIP):
        if rule.stage is Stage.ENFORCE and Mode(standing.mode) in rule.modes:
            name = rule.document.partition("/")[2]
            answers = dict(_answers(standing, policy_set, rule))
            for key in (key for key, tripped in answers.items() if tripped):
                if (name, key) not in standing.latched:
                    yield from _trip(standing, policy_set, name, key, specs[name])
            if None in answers.values():
                untold.append(name)
    if untold:
        words = f"whether {len(untold)} breakers trip, which ask the market or the venue: "
        yield Act(ActKind.NOT_TOLD, "breakers", words + ", ".join(untold))


def _answers(
    standing: Standing, policy_set: PolicySet, rule: Rule
) -> Iterator[tuple[str, bool | None]]:
    motor = compile_motor([rule.tree], policy_set.vocabulary)
    if rule.scope is not Scope.SYMBOL:
        yield ACCOUNT_KEY, motor.evaluate(standing.account).verdicts[0]
        return
    for product, own in standing.products.items():
        yield product, motor.evaluate({**standing.account, **own}).verdicts[0]


def _trip(
    standing: Standing, policy_set: PolicySet, name: str, key: str, spec: CircuitBreakerSpec
) -> Iterator[Act]:
    about = f"CircuitBreaker/{name}"
    stops = (
        "stops everything but a person's liquidation"
        if spec.while_tripped == "halted"
        else ("stops entries")
    )
    where = f" for {key}" if key else ""
    yield Act(ActKind.TRIPS, about, f"{about} trips{where} and {stops}: {spec.trip_when}")
    hit = [each for each in standing.working if key in {ACCOUNT_KEY, str(each.symbol)}]
    for order in hit:
        entering = order.intent.adds_risk
        if spec.cancel == "all" or (spec.cancel == "entries" and entering):
            yield _cancel(policy_set, order, about)
    for held in standing.held if spec.on_trip == "exit_all" else ():
        if key in {ACCOUNT_KEY, str(held.symbol)}:
            yield _sale(policy_set, held, f"as {about} trips")


def _cancel(policy_set: PolicySet, order: Working, about: str) -> Act:
    usd = usd_of(policy_set, order.symbol, order.left * order.worst_price)
    words = f"an order to {order.intent.value} {order.symbol}{_money(usd)} is cancelled by {about}"
    return Act(ActKind.CANCELS, str(order.symbol), words, usd)


def _sale(policy_set: PolicySet, held: Held, why: str) -> Act:
    usd = None if held.bid is None else usd_of(policy_set, held.symbol, held.quantity * held.bid)
    words = f"all of {held.symbol}{_money(usd)} is sold, {why}"
    return Act(ActKind.SELLS, str(held.symbol), words, usd)


def _orphans(standing: Standing, policy_set: PolicySet) -> Iterator[Act]:
    known = {name for name, spec in policy_set.breakers if spec.stage == Stage.ENFORCE.value}
    for name, key in sorted(standing.latched):
        if name not in known:
            where = f" for {key}" if key else ""
            words = f"`{name}` stays tripped{where} until its reset, and nothing asks it any more"
            yield Act(ActKind.STAYS_LATCHED, f"CircuitBreaker/{name}", words)


def _of_position(standing: Standing, policy_set: PolicySet, held: Held) -> Iterator[Act]:
    sold = after_activation(held, policy_set, standing.time)
    usd = None if held.bid is None else usd_of(policy_set, held.symbol, held.quantity * held.bid)
    if sold.why is not None:
        yield _sale(policy_set, held, sold.why)
        return
    if sold.moved is not None:
        words = f"{held.symbol}{_money(usd)}: {sold.moved}"
        yield Act(ActKind.MOVES_STOP, str(held.symbol), words, usd)
    yield from _trims(standing, policy_set, held)
    why = excluded(policy_set.universe, held.symbol, standing.time)
    purge = policy_set.universe.purge
    if why is not None and purge is not None:
        words = (
            f"{held.symbol}{_money(usd)} is excluded ({why}): {purge.slice_pct:f} % of it is sold "
            f"every {duration_text(purge.every)} from {duration_text(purge.after)} on"
        )
        yield Act(ActKind.TRIMS, str(held.symbol), words, usd)


def _trims(standing: Standing, policy_set: PolicySet, held: Held) -> Iterator[Act]:
    if held.bid is None:
        return
    facts = _facts(standing, policy_set, held)
    for trim in compiled_trims(policy_set, Mode(standing.mode)):
        if trim.verdict(facts, _sizes(policy_set, held, 0)) is not False:
            continue
        share = _smallest(trim, facts, policy_set, held)
        if share is None or share * _PCT < trim.spec.at_least_pct * _STEPS:
            continue
        usd = usd_of(policy_set, held.symbol, held.quantity * held.bid * share / _STEPS)
        worth = "" if usd is None else f"{usd:,.2f} USD of "
        words = (
            f"{worth}{held.symbol} is sold once it has been above "
            f"{trim.rule} for {duration_text(trim.spec.after)}"
        )
        yield Act(ActKind.TRIMS, str(held.symbol), words, usd)


def _facts(standing: Standing, policy_set: PolicySet, held: Held) -> Mapping[str, Value]:
    return {
        **standing.account,
        **standing.products.get(str(held.symbol), {}),
        "asset.symbol": str(held.symbol),
        "asset.groups": groups_of(policy_set.universe, held.symbol),
    }


def _sizes(policy_set: PolicySet, held: Held, share: int) -> dict[str, Value]:
    """The facts of selling so many ten-thousandths of a position."""
    quantity = held.quantity * share / _STEPS
    usd = usd_of(policy_set, held.symbol, quantity * (held.bid or Decimal(0)))
    sizes: dict[str, Value] = {"order.quantity": float(quantity)}
    return sizes if usd is None else {**sizes, "order.notional_usd": float(usd)}


def _smallest(
    trim: Trim, facts: Mapping[str, Value], policy_set: PolicySet, held: Held
) -> int | None:
    """The smallest share after which the limit is kept; None where no sale does it."""
    low, high = 0, _STEPS
    if trim.verdict(facts, _sizes(policy_set, held, high)) is not True:
        return None
    while low + 1 < high:
        middle = (low + high) // 2
        kept = trim.verdict(facts, _sizes(policy_set, held, middle)) is True
        low, high = (low, middle) if kept else (middle, high)
    return high


def _money(usd: Decimal | None) -> str:
    return "" if usd is None else f" ({usd:,.2f} USD)"

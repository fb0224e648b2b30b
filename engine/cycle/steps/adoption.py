"""Adoption: coins that the venue holds and our ledger did not buy become ours to sell.

In: the venue's balances, where the Deployment says `adopt`. Out: one record a product, with the
plan that the Deployment states and the bid of this moment as what the coins cost. Nothing is
adopted without a fresh bid, in a product that cannot be traded, or too small to be sold; and
nothing of an asset in which an order of ours is under way: its fill may be what we see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.facts.market import quote_age_s
from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.model.market import ProductStatus
from engine.model.numbers import ZERO
from engine.model.orders import ExitPlan
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from engine.cycle.desk import Desk
    from engine.kinds.deployment.document import AdoptedExit
    from engine.ledger.bodies import Body
    from engine.model.times import UtcTime

ADOPTED = "adopted coins"
"""Stands where a strategy's name would: with a blank, so that no strategy has it."""
_UNSELLABLE = frozenset({ProductStatus.HALTED, ProductStatus.CANCEL_ONLY})


def run(desk: Desk, now: UtcTime, told: Mapping[str, Decimal]) -> None:
    """Adopt what can be adopted of what the venue says that we hold."""
    adoption = desk.policy_set.deployment.adopt
    # While a new set's terms are not settled, what becomes ours would pass for a result.
    if adoption is None or desk.state.nav.valued_before is not None:
        return
    plan = plan_of_adopted(adoption.exit)
    for asset, units in sorted(told.items()):
        # A currency with a rate is money, not a coin.
        if desk.valuation.rate(asset) is None and not _under_way(desk, asset):
            _adopt(desk, now, asset, units, plan)


def plan_of_adopted(spec: AdoptedExit) -> ExitPlan:
    """The plan that the Deployment states for coins that it adopts."""
    return ExitPlan(
        stop_pct=spec.stop_pct,
        blind_exit_after_s=spec.blind_exit_after,
        target_pct=spec.target_pct,
        trailing_pct=spec.trailing_pct,
        max_hold_s=spec.max_hold,
    )


def _under_way(desk: Desk, asset: str) -> bool:
    orders = desk.state.working.values()
    return any(asset in {each.symbol.base, each.symbol.quote} for each in orders)


def _adopt(desk: Desk, now: UtcTime, asset: str, told: Decimal, plan: ExitPlan) -> None:
    symbol = Symbol(asset, desk.policy_set.deployment.numeraire)
    held = (each.quantity for each in desk.state.held() if each.symbol.base == asset)
    units = told - sum(held, ZERO)
    price = _price(desk, now, symbol, plan.blind_exit_after_s)
    product = desk.products.get(symbol)
    if price is None or product is None or product.status in _UNSELLABLE:
        return
    if units <= 0 or product.too_small(units, price):
        return
    body: Body = {
        "symbol": str(symbol),
        "quantity": bodies.written(units),
        "price": bodies.written(price),
        "came_in": bodies.written(max(ZERO, told - desk.state.cash.get(asset, ZERO))),
        "strategy": ADOPTED,
        "plan": bodies.plan_body(plan),
    }
    desk.recorder.record(RecordKind.ORDER_ADOPTED, now, body)


def _price(desk: Desk, now: UtcTime, symbol: Symbol, fresh_s: int) -> Decimal | None:
    """A bid that a stop could be decided on."""
    quote = desk.market.quotes.get(symbol)
    age = None if quote is None else quote_age_s(quote, now, desk.market.steady_age_s(symbol))
    if quote is None or quote.bid is None or quote.bid <= 0 or age is None or age >= fresh_s:
        return None
    return quote.bid

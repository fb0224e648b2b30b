"""The order of a test, priced and sized as the cycle would.

In: a case and what the cycle sees. Out: an `OrderIntent`, or the reason for which the cycle would
never have asked the judge: no price, no rate, an unknown product. Refuses (`order_findings`) an
order that lacks a part, or has parts that do not go together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.orders.pricing import Price, ladder_for, price, rungs_of
from engine.cycle.steps.plans import exit_spec, plan_of
from engine.errors import Diagnostic
from engine.expr.checking.suggest import nearest
from engine.model.decisions import Reason, ReasonCode
from engine.model.numbers import floor_to
from engine.model.orders import Intent, OrderForm, OrderIntent
from engine.model.sizing import least_to_leave, units_for
from engine.policyset.reading.scalars import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from engine.checks.cases import Case
    from engine.checks.document import OrderPart
    from engine.cycle.desk import Desk
    from engine.model.market import Product, Quote
    from engine.model.orders import ExitPlan
    from engine.policyset.policyset import PolicySet

_NEEDED = ("symbol", "intent", "strategy")


def order_findings(case: Case, policy_set: PolicySet) -> Iterator[Diagnostic]:
    """What is wrong with the order of a case, before it is played."""
    order = case.order
    if order is None:
        return
    lacking = [name for name in _NEEDED if getattr(order, name) is None]
    if order.quantity is None and order.notional_usd is None:
        lacking.append("notional_usd")
    if lacking:
        message = f"the order says no {', '.join(f'`{name}`' for name in lacking)}"
        yield Diagnostic("M718", message, case.order_place, "say it here, or once for the file")
        return
    if order.quantity is not None and order.notional_usd is not None:
        mend = "say `quantity`, or `notional_usd`"
        yield Diagnostic("M718", "the order has two sizes", case.order_place, mend)
    if order.type == "market_ioc" and order.limit_price is not None:
        mend = "leave `limit_price` out, or say another `type`"
        yield Diagnostic("M718", "a market order has no limit", case.order_place, mend)
    yield from _off_grid(case, order)
    known = [name for name, _ in _strategies(policy_set)]
    if known and order.strategy not in known:
        near = nearest(str(order.strategy), known)
        mend = f"did you mean `{near}`?" if near else f"the set has: {', '.join(known[:5])}"
        message = f"the set has no strategy {quoted(str(order.strategy))}"
        yield Diagnostic("M716", message, case.order_place, mend)


def _off_grid(case: Case, order: OrderPart) -> Iterator[Diagnostic]:
    if case.product is None:
        return
    grids = (
        ("limit_price", order.limit_price, case.product.price_increment),
        ("quantity", order.quantity, case.product.base_increment),
    )
    for name, value, step in grids:
        if value is not None and floor_to(value, step) != value:
            message = f"`{name}` {value} is no multiple of {step}, the product's increment"
            mend = "the cycle asks for what is on the grid, and nothing else"
            yield Diagnostic("M718", message, case.order_place, mend)


def _strategies(policy_set: PolicySet) -> list[tuple[str, str]]:
    kinds = (each.document.id.split("/") for each in policy_set.sealed)
    return [(name, kind) for kind, name in kinds if kind == "Strategy"]


def intent_of(case: Case, order: OrderPart, desk: Desk) -> OrderIntent | Reason:
    """The order as the cycle would put it before the judge."""
    symbol = case.symbol
    product = desk.products.get(symbol) if symbol is not None else None
    if symbol is None or product is None:
        return Reason(ReasonCode.PRODUCT_UNKNOWN)
    intent = Intent(order.intent)
    priced = _priced(order, intent, desk.market.quotes.get(symbol), product, desk)
    if priced is None:
        return Reason(ReasonCode.NO_PRICE)
    plan = _plan(desk.policy_set, str(order.strategy))
    quantity = _quantity(order, priced, product, plan, desk)
    if quantity is None:
        return Reason(ReasonCode.NO_RATE, (("currency", symbol.quote),))
    return OrderIntent(
        number=1,
        symbol=symbol,
        intent=intent,
        form=priced.form,
        quantity=quantity,
        limit_price=priced.limit,
        reference_price=priced.reference,
        worst_price=priced.worst,
        strategy=str(order.strategy),
        reason="a policy test",
        conviction=None if order.conviction is None else float(order.conviction),
        plan=plan if intent.adds_risk else None,
        time_to_live_s=priced.time_to_live_s,
        ladder=ladder_for(intent, stop=False),
    )


def _plan(policy_set: PolicySet, strategy: str) -> ExitPlan | None:
    spec = exit_spec(policy_set, strategy)
    return None if spec is None else plan_of(policy_set, strategy, spec)


def _priced(
    order: OrderPart, intent: Intent, quote: Quote | None, product: Product, desk: Desk
) -> Price | None:
    """By the set's own ladder, or at the limit that the test states."""
    rungs = rungs_of(desk.policy_set.execution, ladder_for(intent, stop=False))
    fitting = (each for each in rungs if order.type in (None, each.order))
    rung = next(fitting, None)
    if order.limit_price is None:
        if rung is None and order.type != OrderForm.MARKET_IOC.value:
            return None
        asked = rung or rungs[0].model_copy(update={"order": OrderForm.MARKET_IOC.value})
        return price(asked, intent.side, quote, product)
    form = OrderForm(order.type or rungs[0].order)
    reference = order.limit_price if quote is None or quote.mid is None else quote.mid
    rests_s = rung.time_to_live if rung is not None else None
    return Price(form, order.limit_price, reference, order.limit_price, rests_s)


def _quantity(
    order: OrderPart, priced: Price, product: Product, plan: ExitPlan | None, desk: Desk
) -> Decimal | None:
    """As much as is asked for, on the grid; a value is turned into units as for any wish."""
    if order.quantity is not None:
        return order.quantity
    rate = desk.valuation.rate(product.symbol.quote)
    if rate is None or order.notional_usd is None:
        return None
    paid = min(priced.worst, priced.reference)
    taker_bps = desk.policy_set.deployment.fees.taker_bps
    least = least_to_leave(product, paid, plan, taker_bps)
    return units_for(order.notional_usd / rate, priced.worst, product, least)

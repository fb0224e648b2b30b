"""The judge and the unit of money: a thousand times all of it is the same decision.

Prices, equity, exposures and the set's numbers in USD are multiplied; shares, times and counts
are not. A rule that compared dollars with coins, or held a number of its own, would differ.
The thousand is 1,024: floats of every amount scale exactly by it, so that an order which meets its
limit to the last bit meets it in either money. 1,000 over real days: tests/acceptance.
"""

from __future__ import annotations

from decimal import Decimal

from cycle.cases import EMPTY_ACCOUNT, judged, situation, wish
from cycle.small_sets import guards, limit, set_of
from cycle.trading_desk import product
from hypothesis import example, given
from hypothesis import strategies as st

FACTOR = 1024
MONEY = ("_usd", "quote.bid", "quote.ask")


def _set(factor: int) -> tuple[str, ...]:
    return (
        limit("value", f"order.notional_usd <= {800 * factor}", on_breach="resize"),
        limit("share", "position.pct_after <= 7", on_breach="resize"),
        limit("total", "portfolio.at_risk_pct_after <= 30", on_breach="resize"),
        limit("units", "order.quantity <= 9"),
        guards(
            "{name: dust, intents: [entry], on_breach: deny, minimum: true, stage: enforce, "
            f"require: order.notional_usd >= {15 * factor}}}"
        ),
    )


SETS = {factor: set_of(*_set(factor)) for factor in (1, FACTOR)}
amounts = st.integers(0, 10_000).map(float)


@example(held=0.0, others=0.0, equity=255.0, units=1785)  # 7 % of equity, to the last bit
@given(amounts, amounts, st.integers(1, 40_000).map(float), st.integers(1, 120_000))
def test_a_thousand_times_the_money_is_the_same_decision(
    held: float, others: float, equity: float, units: int
) -> None:
    """Verdict, size, what resized and what denied: the same, whatever money is counted in."""
    told = []
    for factor, policy_set in SETS.items():
        changes = {
            "position.value_usd": held,
            "portfolio.at_risk_usd": held + others,
            "portfolio.equity_usd": equity,
        }
        facts = {
            name: value * factor if isinstance(value, float) and name.endswith(MONEY) else value
            for name, value in {**EMPTY_ACCOUNT, **changes}.items()
        }
        grid = product(price_increment=Decimal("0.01") * factor, quote_min_size=Decimal(factor))
        order = wish(quantity=Decimal(units) / 10_000, price=str(100 * factor))
        decision = judged(policy_set, order, situation(facts, traded=grid))
        reasons = [(each.code, dict(each.values).get("rule")) for each in decision.reasons]
        told.append((decision.verdict, decision.quantity, decision.resized_by, reasons))
    assert told[0] == told[1]

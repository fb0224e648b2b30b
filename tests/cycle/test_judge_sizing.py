"""Sizing as a property: over random limits, facts, prices and grids.

The thresholds of the set are facts, so that one compiled set has as many limits as there are
examples.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from cycle.cases import judged, reasons, situation, wish
from cycle.small_sets import guards, limit, set_of
from cycle.trading_desk import product
from hypothesis import event, given, settings
from hypothesis import strategies as st

from engine.cycle.judge import Judge
from engine.model.decisions import Outcome, Verdict
from engine.model.orders import Mode

if TYPE_CHECKING:
    from engine.cycle.judging.situation import Situation
    from engine.expr.nodes import Value
    from engine.model.decisions import Decision

SET = set_of(
    limit("a_value", "order.notional_usd <= book.depth_total_usd", on_breach="resize"),
    limit("b_units", "order.quantity < position.pending_sell_quantity", on_breach="resize"),
    limit("c_symbol", "position.pct_after <= regime.volatility_pct", on_breach="resize"),
    limit("d_risk", "portfolio.at_risk_pct_after <= portfolio.drawdown_pct", on_breach="resize"),
    limit(
        "e_group",
        "portfolio.group_pct_after <= position.drop_from_peak_pct",
        scope="group",
        on_breach="resize",
    ),
    limit("f_deny", "order.notional_usd <= portfolio.cash_available_usd"),
    limit("g_least", "order.notional_usd >= asset.min_notional_usd", minimum="true"),
    guards(
        "{name: depth, intents: [entry], require: order.depth_ratio >= 2, on_breach: resize,"
        " stage: enforce}"
    ),
)
STEPS = st.sampled_from([Decimal(text) for text in ("0.00000001", "0.0001", "0.003", "1", "25")])
PRICES = st.decimals("0.0001", "100000", places=4)
RATES = st.sampled_from([Decimal(1), Decimal("1.0837"), Decimal("0.0066")])
ROOM = st.integers(20, 300).map(lambda percent: percent / 100)
USED = st.integers(0, 30).map(lambda percent: percent / 100)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A situation, with the order that is asked for in it."""

    around: Situation
    step: Decimal
    asked: Decimal
    price: Decimal

    def judged(self, quantity: Decimal) -> Decision:
        """The verdict on another quantity of the same order."""
        return judged(SET, wish(quantity=quantity, price=str(self.price)), self.around)


@st.composite
def drawings(draw: st.DrawFn) -> Drawn:
    """An order, and limits with room for some multiple of it."""
    step, price, rate = draw(STEPS), draw(PRICES), draw(RATES)
    asked = step * draw(st.integers(1, 10**7))
    value = float(asked * price * rate)
    equity = value * draw(st.integers(1, 100))
    facts = _facts(draw, value, equity) | {
        "position.pending_sell_quantity": float(asked) * draw(ROOM),
        "portfolio.equity_usd": equity,
    }
    groups = tuple(
        {"group.name": name, "portfolio.group_at_risk_usd": value * draw(USED)}
        for name in draw(st.sampled_from([("majors",), ("layers", "majors"), ("others",)]))
    )
    traded = product(base_increment=step, base_min_size=step, quote_min_size=Decimal(0))
    return Drawn(situation(facts, groups=groups, traded=traded, rate=rate), step, asked, price)


def _facts(draw: st.DrawFn, value: float, equity: float) -> dict[str, Value | None]:
    return {
        "book.depth_total_usd": value * draw(ROOM),
        "regime.volatility_pct": 100 * value * draw(ROOM) / equity,
        "portfolio.drawdown_pct": 100 * value * draw(ROOM) / equity,
        "position.drop_from_peak_pct": 100 * value * draw(ROOM) / equity,
        "portfolio.cash_available_usd": value * draw(st.integers(98, 300)) / 100,
        "asset.min_notional_usd": value * draw(USED) / 10,
        "book.depth_20bps_usd": 2 * value * draw(ROOM),
        "position.value_usd": value * draw(USED),
        "portfolio.at_risk_usd": value * draw(USED),
    }


@given(drawings())
@settings(max_examples=120)
def test_the_approved_size_is_the_largest_that_every_rule_allows(drawn: Drawn) -> None:
    """It is on the grid, every rule passes at it, and none that resizes passes one step above."""
    decision = drawn.judged(drawn.asked)
    event(decision.verdict.value)
    if not decision.verdict.allowed:
        assert decision.quantity == 0
        return
    assert decision.quantity % drawn.step == 0
    assert 0 < decision.quantity <= drawn.asked
    assert {each.outcome for each in decision.evaluations} == {Outcome.PASS}
    again = drawn.judged(decision.quantity)
    assert (again.verdict, again.quantity) == (Verdict.ALLOW, decision.quantity)
    assert again.evaluations == decision.evaluations
    if decision.verdict is Verdict.RESIZE:
        more = drawn.judged(decision.quantity + drawn.step)
        assert (more.verdict, more.quantity) == (Verdict.RESIZE, decision.quantity)
        assert set(more.resized_by) <= set(decision.resized_by)


@given(drawings())
@settings(max_examples=60)
def test_nothing_left_means_that_not_one_step_is_allowed(drawn: Drawn) -> None:
    """Where the judge finds no size, the smallest one breaks a rule that was named as binding."""
    decision = drawn.judged(drawn.asked)
    event(decision.verdict.value)
    first = next(iter(reasons(decision)), "")
    if not first.startswith("NOTHING_LEFT"):
        return
    named = set(first.partition(":")[2].split(","))
    least = drawn.judged(drawn.step)
    assert not least.verdict.allowed
    assert {each.rule for each in least.evaluations if each.outcome is Outcome.BREACH} & named


@given(drawings())
@settings(max_examples=20)
def test_the_same_order_has_the_same_verdict(drawn: Drawn) -> None:
    """The judge is a function: a second judge says the same in every part."""
    order = wish(quantity=drawn.asked, price=str(drawn.price))
    assert Judge(SET, Mode.PAPER).judge(order, drawn.around) == drawn.judged(drawn.asked)


@pytest.mark.parametrize("quantity", ["0.00005", "10.00005"])
def test_a_size_off_the_grid_is_brought_onto_it_only_by_sizing(quantity: str) -> None:
    """Below one increment nothing is left; above, sizing ends on a multiple of the increment."""
    policy_set = set_of(limit("a", "order.notional_usd <= 0.001", on_breach="resize"))
    small = judged(policy_set, wish(quantity=quantity))
    assert reasons(small)[0] == "NOTHING_LEFT:RiskLimit/a"
    policy_set = set_of(limit("a", "order.notional_usd <= 1000", on_breach="resize"))
    large = judged(policy_set, wish(quantity=quantity))
    assert large.quantity in {Decimal(0), Decimal(10)}

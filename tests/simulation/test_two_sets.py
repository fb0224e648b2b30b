"""Two simulations compared: orders that differ, and figures against a baseline."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import orjson
import pytest

from engine import MandateError
from engine.model.decisions import Verdict
from engine.simulation.against import Change, difference, difference_body
from engine.simulation.baseline import drifts, flat, tolerances_of
from engine.simulation.body import simulation_body

if TYPE_CHECKING:
    from engine import Simulation
    from engine.ledger.bodies import Body
    from engine.simulation.result import OrderTold


def _with(order: OrderTold, quantity: int) -> OrderTold:
    """The order with another answer."""
    verdict = Verdict.ALLOW if quantity else Verdict.DENY
    outcome = "sent" if quantity else "denied"
    decision = replace(order.decision, quantity=Decimal(quantity), verdict=verdict)
    return replace(order, decision=decision, outcome=outcome)


CHANGES = {
    "denied, then allowed": (0, 5, Change.APPEARS),
    "allowed, then denied": (5, 0, Change.VANISHES),
    "more": (5, 6, Change.LARGER),
    "less": (6, 5, Change.SMALLER),
    "not asked, then allowed": (None, 5, Change.APPEARS),
    "allowed, then not asked": (5, None, Change.VANISHES),
    "the same": (5, 5, None),
    "denied on both sides": (0, 0, None),
    "not asked, then denied": (None, 0, None),
}


@pytest.mark.parametrize(("before", "after", "change"), CHANGES.values(), ids=CHANGES)
def test_an_order_that_differs(
    before: int | None, after: int | None, change: Change | None, afternoon: Simulation
) -> None:
    """What one set allows and the other denies, or makes of another size, is told as that."""
    one = afternoon.sent[0]
    sides = [
        replace(afternoon, orders=() if each is None else (_with(one, each),))
        for each in (before, after)
    ]
    found = difference(*sides)
    assert [each.change for each in found.orders] == ([] if change is None else [change])
    body = difference_body(found)
    assert body["same_orders"] is (change is None)
    if change is not None:
        assert found.count(change) == 1
        quantity = found.orders[0].order.decision.quantity
        assert quantity == (before if change is Change.VANISHES else after)


def test_orders_of_one_cycle_are_told_apart(afternoon: Simulation) -> None:
    """Two equal wishes in one cycle are two orders."""
    one = afternoon.sent[0]
    once, twice = (replace(afternoon, orders=(one,) * count) for count in (1, 2))
    assert [each.change for each in difference(once, twice).orders] == [Change.APPEARS]


@pytest.fixture(scope="module")
def body(afternoon: Simulation) -> Body:
    """The afternoon's JSON."""
    return simulation_body(afternoon)


MOVED = {
    "equal": (lambda figures: figures, [], []),
    "moved": (lambda f: f | {"trades": f["trades"] + 1}, [], ["trades"]),
    "within so many": (lambda f: f | {"trades": f["trades"] + 1}, ["trades=1"], []),
    "within a share": (lambda f: f | {"fees": str(Decimal(f["fees"]) * 2)}, ["fees=50%"], []),
    "beyond a share": (lambda f: f | {"fees": str(Decimal(f["fees"]) * 3)}, ["fees=50%"], ["fees"]),
    "unknown": (lambda f: f | {"result": None}, [], ["result"]),
}


@pytest.mark.parametrize(("move", "given", "names"), MOVED.values(), ids=MOVED)
def test_a_figure_beyond_its_tolerance_is_told(
    move: object, given: list[str], names: list[str], body: Body
) -> None:
    """Figures are equal to the baseline's, or within what was allowed, or told."""
    before = orjson.loads(orjson.dumps(body))
    before["figures"] = move(before["figures"])  # type: ignore[operator]  # a function of the table
    found = drifts("b.json", orjson.dumps(before), body, tolerances_of(given))
    assert [each.figure for each in found] == names
    assert all(each.finding("b.json").code == "M805" for each in found)


def test_a_rule_that_refuses_no_longer_has_moved(body: Body) -> None:
    """Denials by rule are figures too; a rule that is not among them refused nothing."""
    before = orjson.loads(orjson.dumps(body))
    before["denials"].append({"by": "RiskLimit/gone", "orders": 3})
    found = drifts("b.json", orjson.dumps(before), body, ())
    assert [(each.figure, each.before, each.now) for each in found] == [
        ("denied_by.RiskLimit/gone", 3.0, 0.0)
    ]
    assert "denied_by.RiskLimit/gone" not in flat(body)


def test_an_unknown_figure_is_refused_with_those_that_are_near(body: Body) -> None:
    """A tolerance for a figure that is not there would be one for nothing."""
    with pytest.raises(MandateError) as caught:
        drifts("b.json", orjson.dumps(body), body, tolerances_of(["zzz=1"]))
    (found,) = caught.value.diagnostics
    assert found.code == "M804"
    assert "figures are: `" in (found.help or "")

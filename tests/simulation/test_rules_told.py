"""What the rules did: blame, nearness, stretches, and what they saved and cost."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from engine.ledger.records import RecordKind
from engine.model.decisions import Reason, ReasonCode
from engine.model.numbers import ZERO
from engine.model.times import UtcTime
from engine.simulation.blame import blamed, culprits, silent_cycles
from engine.simulation.distance import distances, never_fired
from engine.simulation.latches import alerts, trips
from engine.simulation.result import Event
from engine.simulation.saved import TO_THE_END, estimates, follow

if TYPE_CHECKING:
    from engine import Simulation


@pytest.mark.long
def test_every_denial_is_blamed_on_what_refused(afternoon: Simulation) -> None:
    """Counts add up: each refused order is blamed on every rule that refused it."""
    found = blamed(afternoon)
    assert sum(each.orders for each in found) == sum(len(culprits(o)) for o in afternoon.denied)
    assert sum(each.alone for each in found) == sum(len(culprits(o)) == 1 for o in afternoon.denied)
    assert [each.orders for each in found] == sorted((e.orders for e in found), reverse=True)


def test_silences_have_their_reasons(afternoon: Simulation) -> None:
    """Cycles in which nothing was proposed are counted by why."""
    total = sum(count for _, count in silent_cycles(afternoon))
    assert total == sum(each.cycles for each in afternoon.silences) > 0
    assert all(each.first <= each.last for each in afternoon.silences)


def test_names_of_what_refused() -> None:
    """A breaker, a rule, rules that left nothing, and a circumstance each have one name."""
    reasons = {
        "CircuitBreaker/daily": Reason(ReasonCode.BREAKER_TRIPPED, (("breaker", "daily"),)),
        "RiskLimit/a": Reason(ReasonCode.LIMIT_BREACHED, (("rule", "RiskLimit/a"),)),
        "RiskLimit/b": Reason(ReasonCode.NOTHING_LEFT, (("limits", "RiskLimit/b"),)),
        "NO_PRICE": Reason(ReasonCode.NO_PRICE),
    }

    class Order:
        class decision:  # noqa: N801 - stands for an order's decision
            pass

    Order.decision.reasons = (*reasons.values(), reasons["NO_PRICE"])  # type: ignore[attr-defined]  # a stand-in
    assert culprits(Order()) == tuple(reasons)  # type: ignore[arg-type]  # the same


def test_limits_that_the_market_did_not_test(afternoon: Simulation) -> None:
    """A rule that fired was tested; one that never came near was not; none is both."""
    never = {each.rule for each in never_fired(afternoon)}
    for each in distances(afternoon):
        assert sum(each.histogram) <= each.count.asked
        if each.untested:
            assert each.count.rule in never
        if each.nearest_pct is not None:
            assert (each.nearest_pct >= 100) == bool(each.histogram[-1])
            assert each.nearest_at is not None


def _event(second: int, kind: RecordKind, **body: str) -> Event:
    return Event(UtcTime(second * 10**9), kind, dict(body))


def test_stretches_begin_and_end_as_recorded() -> None:
    """Each trip and alert is one stretch; what never ended has no end; repeats are no news."""
    on = {"key": "", "text": "t", "while_tripped": "reducing", "severity": "warning"}
    events = [
        _event(1, RecordKind.BREAKER_TRIPPED, breaker="a", **on),
        _event(2, RecordKind.ALERT, rule="x", phase="pending", **on),
        _event(3, RecordKind.ALERT, rule="x", phase="firing", **on),
        _event(4, RecordKind.ALERT, rule="x", phase="firing", **on),
        _event(5, RecordKind.BREAKER_RESET, breaker="a", **on),
        _event(6, RecordKind.ALERT, rule="x", phase="resolved", **on),
        _event(7, RecordKind.BREAKER_TRIPPED, breaker="b", **on),
        _event(8, RecordKind.BREAKER_RESET, breaker="c", **on),
        _event(9, RecordKind.HALT, reason="r"),
    ]
    seconds = [
        (each.name, each.begun.ns // 10**9, each.ended and each.ended.ns // 10**9)
        for each in (*trips(events), *alerts(events))
    ]
    assert seconds == [("a", 1, 5), ("b", 7, None), ("x", 3, 6)]


def test_denied_entries_are_followed_to_their_exit(afternoon: Simulation) -> None:
    """Each is bought when it was denied and left later; its rules share what came of it."""
    followed = follow(afternoon)
    assert followed
    for each in followed:
        assert each.order.denied
        assert each.order.time <= each.left <= afternoon.last
        assert each.times >= 1
    entries = sum(each.times for each in followed)
    assert entries <= sum(each.intent.intent.value == "entry" for each in afternoon.denied)
    alone = [each for each in followed if len(each.refused_by) == 1]
    total = sum((each.result for each in alone), ZERO)
    found = estimates(alone)
    assert sum((each.cost - each.saved for each in found), Decimal(0)) == total
    assert {each.why.split()[0] for each in followed} <= {
        "stop",
        "trailing",
        "target",
        "held",
        TO_THE_END.split()[0],
    }
    assert all(each.net == each.saved - each.cost for each in found)

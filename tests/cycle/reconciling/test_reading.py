"""`trader reconcile` at the loop: everything is read now, told in numbers, and rebuilt if asked."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from fakes.bench import BTC, LADDERS, Bench, buy
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cycle.clockwork import REBUILD, Command
from engine.ledger.records import RecordKind
from engine.model.orders import Mode, Side
from engine.ports import UnreachableError

if TYPE_CHECKING:
    from engine.ledger.bodies import Body


def ask(bench: Bench, target: str = "") -> tuple[str, Body]:
    """What came of a reading, and its record."""
    bench.tick(Command("reconcile", target, "ann", "looks odd"))
    outcome = bench.bodies(RecordKind.OPERATOR_COMMAND)[-1]["outcome"]
    readings = [each for each in bench.bodies(RecordKind.RECONCILE) if "who" in each]
    return str(outcome), readings[-1] if readings else {}


def test_a_reading_tells_both_sides_of_everything() -> None:
    """Balances in both numbers, what is open, whose; and who asked."""
    bench = Bench()
    held = bench.hold()
    bench.venue.by_another(BTC, Side.BUY, "1", "19000")
    outcome, reading = ask(bench)
    assert outcome == "nothing differs"
    assert reading["who"] == "ann"
    assert reading["balances"] == {
        "BTC": [str(held.normalize()), str(held.normalize())],
        "USD": ["9900", "9900"],
    }
    assert (reading["fills"], reading["working"], reading["foreign"]) == (1, 0, 1)
    assert "rebuilt" not in reading


def test_a_reading_names_what_differs() -> None:
    """The difference is counted as in any cycle, with its words."""
    bench = Bench()
    bench.venue.pay("5", "SOL", told=False)
    outcome, reading = ask(bench)
    assert outcome == "1 differs"
    assert list(reading["differences"]) == ["SOL"]  # type: ignore[arg-type]  # a mapping
    assert bench.replayed().differences == bench.state.differences


def test_a_young_difference_may_still_settle() -> None:
    """It is told apart from one that counts."""
    bench = Bench((LADDERS.replace("settles_within_s: 0", "settles_within_s: 30"),))
    bench.venue.pay("5")
    assert ask(bench)[0] == "nothing differs, 1 may still settle"


@pytest.mark.parametrize("call", ["orders", "fills", "balances"])
def test_a_reading_that_is_not_whole_says_so(call: str) -> None:
    """Nothing is recorded as agreed that could not be read."""
    bench = Bench()
    bench.venue.failing = {call: UnreachableError("down")}
    outcome, reading = ask(bench)
    assert outcome == "the account could not be read: UnreachableError"
    assert reading == {}


def test_fills_that_cannot_be_read_rebuild_nothing() -> None:
    """The rebuilding says why, and the rest is not told as if it had been done."""
    bench = Bench()
    bench.venue.failing = {"fills": UnreachableError("down")}
    assert ask(bench, REBUILD)[0] == "the fills could not be read: UnreachableError"


def test_a_dry_run_has_no_account() -> None:
    """There is nothing to read, and no venue is asked."""
    bench = Bench(mode=Mode.DRY_RUN)
    assert ask(bench)[0] == "refused: a dry run has no account to read"


# Rebuilding


def test_a_fill_that_was_missed_is_taken_in_with_its_plan() -> None:
    """Days after its order ended, the units are a position again with the plan of that order."""
    bench = Bench()
    bench.place(buy())
    order = bench.venue.received[0]
    bench.tick(Command("cancel-all", "", "ann", "not wanted"))
    bench.absorb()
    missed = bench.clock.now()
    bench.wait(3 * 86_400)
    bench.cycle()
    bench.place(buy(value="50"))
    bench.venue.fill("venue-2", bench.venue.received[1].quantity)
    bench.absorb()
    assert bench.state.order(1) is None
    open_then = replace(bench.venue.book["venue-1"], status=bench.venue.book["venue-2"].status)
    bench.venue.book["venue-1"] = replace(open_then, quantity=order.quantity)
    late = bench.venue.fill("venue-1", order.quantity)
    bench.venue.executed[-1] = replace(late, time=missed)
    bench.absorb()
    assert late.fill_id not in bench.state.fills_seen
    _, reading = ask(bench, REBUILD)
    assert reading["rebuilt"] == {"read": 2, "missing": [late.fill_id], "differs": {}}
    held = bench.state.positions[BTC]
    assert held.quantity == order.quantity + bench.venue.received[1].quantity
    assert held.plan == order.intent.plan
    assert bench.replayed().positions == bench.state.positions
    assert bench.state.mismatches == 0


def test_a_missed_fill_opens_its_position_anew() -> None:
    """Where nothing is held any more, the intent in the ledger says how the units are left."""
    bench = Bench()
    bench.place(buy())
    order = bench.venue.received[0]
    bench.venue.fill("venue-1", order.quantity)
    bench.state.fills_seen.add("fill-1")  # as a ledger that never recorded it
    bench.venue.end("venue-1")
    bench.state.working.clear()
    bench.state.fills_seen.clear()
    bench.state.last_fill = bench.clock.now().plus_s(1)
    _, reading = ask(bench, REBUILD)
    assert reading["rebuilt"]["missing"] == ["fill-1"]  # type: ignore[index,call-overload]  # a mapping
    held = bench.state.positions[BTC]
    assert (held.quantity, held.plan) == (order.quantity, order.intent.plan)


def test_fills_in_other_numbers_and_fills_of_nowhere_are_named() -> None:
    """The ledger is never rewritten: a person sees what the venue tells differently."""
    bench = Bench()
    bench.hold()
    bench.wait(3600)
    bench.hold(value="50")
    first, second = bench.venue.executed
    bench.venue.executed = [replace(first, fee=Decimal("0.5"))]
    _, reading = ask(bench, REBUILD)
    assert reading["rebuilt"] == {
        "read": 1,
        "missing": [],
        "differs": {
            f"fill {first.fill_id}": "fee: venue 0.5, ledger 0",
            f"fill {second.fill_id}": "the venue does not tell of it",
        },
    }


def test_positions_at_work_are_those_of_the_records() -> None:
    """State is a fold of the records and nothing else: anything more is named."""
    bench = Bench()
    held = bench.hold()
    position = bench.state.positions[BTC]
    bench.state.positions[BTC] = replace(position, quantity=held * 2)
    _, reading = ask(bench, REBUILD)
    (name, words), *_ = reading["rebuilt"]["differs"].items()  # type: ignore[index,call-overload,union-attr]  # a mapping
    assert name == "position BTC-USD"
    assert words == f"records {held.normalize()}, at work {(2 * held).normalize()}"


@settings(max_examples=25, deadline=None)
@given(values=st.lists(st.integers(20, 40), min_size=1, max_size=3))
def test_rebuilding_what_is_right_changes_nothing(values: list[int]) -> None:
    """However the position came about, a second reading of its fills finds nothing to do."""
    bench = Bench()
    for value in values:
        bench.hold(value=str(value))
        bench.wait(3600)
    before = dict(bench.state.positions)
    _, reading = ask(bench, REBUILD)
    assert reading["rebuilt"] == {"read": len(values), "missing": [], "differs": {}}
    assert bench.state.positions == before

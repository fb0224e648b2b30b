"""Windows across their edges, one tick before, at and after; and what is kept for them.

A tick is a nanosecond. A thing counts while it is younger than the window: at the far edge it
has left. Only the week looks at its edge from the other side: it is measured from the newest
mark that is at least seven days old.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cycle.cases import wish
from cycle.small_sets import DEPLOYMENT, STRATEGY, set_of
from cycle.trading_desk import BTC, ETH, START, Bench
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cycle.facts.engine import engine_facts
from engine.cycle.facts.ledger import ledger_facts
from engine.cycle.facts.pace import pace_facts, symbol_pace_facts
from engine.cycle.facts.portfolio import result_facts
from engine.cycle.facts.position import position_facts
from engine.cycle.facts.venue import venue_facts
from engine.cycle.health import Call
from engine.cycle.records.recovery import recover
from engine.ledger.records import RecordKind
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.ledger.state import NavMarks, State

DAY_S, WEEK_S = 86_400, 604_800
QUIET = STRATEGY.replace("enabled: true", "enabled: false")


def ticks(moment: UtcTime, seconds: int, count: int) -> UtcTime:
    """So many ticks from `seconds` after a moment."""
    return UtcTime(moment.plus_s(seconds).ns + count)


def desk() -> Bench:
    """A desk that nothing happens at by itself."""
    return Bench(set_of(DEPLOYMENT, QUIET))


def orders(made: Bench) -> None:
    """One order sent, acknowledged and filled."""
    made.hold(BTC)


def adds(made: Bench) -> None:
    """An entry, and an addition to it."""
    made.hold(BTC)
    made.hold(BTC, intent="add")


def refusals(made: Bench) -> None:
    """Five orders of ours that the venue refused."""
    for _ in range(5):
        made.record(RecordKind.REJECTED, {"intent": made.hold(filled="0"), "would_cross": False})


def calls(made: Bench) -> None:
    """Twenty reads that failed, which are enough for a ratio."""
    for _ in range(20):
        made.desk.health.note(Call(made.now, "fills", order=False, failed=True, seconds=0.1))


def failures(made: Bench) -> None:
    """A step of ours that failed."""
    made.desk.failures.append(made.now)


def paced(name: str) -> Callable[[Bench, UtcTime], object]:
    """A fact of the account's pace."""
    return lambda made, now: pace_facts(made.state, now)[name]


def asked(name: str) -> Callable[[Bench, UtcTime], object]:
    """A fact of the venue."""
    return lambda made, now: venue_facts(made.desk, now)[name]


def added(made: Bench, now: UtcTime) -> object:
    """How often was bought."""
    facts = position_facts(made.state, made.desk.valuation, BTC, now)
    return facts["position.adds_24h_count"]


def failed(made: Bench, now: UtcTime) -> object:
    """How often the engine failed."""
    return engine_facts(made.desk, now, killed=False)["engine.exceptions_10m_count"]


Happening = tuple[int, "Callable[[Bench], None]", "Callable[[Bench, UtcTime], object]", float]
WINDOWS: dict[str, Happening] = {
    "messages in 1 s": (1, orders, paced("pace.messages_1s_count"), 1.0),
    "messages in 1 m": (60, orders, paced("pace.messages_1m_count"), 1.0),
    "orders in 1 m": (60, orders, paced("pace.orders_1m_count"), 1.0),
    "orders in 1 h": (3600, orders, paced("pace.orders_1h_count"), 1.0),
    "entries in 1 h": (3600, orders, paced("pace.entries_1h_count"), 1.0),
    "entries in 24 h": (DAY_S, orders, paced("pace.entries_24h_count"), 1.0),
    "orders in 24 h": (DAY_S, orders, paced("pace.orders_24h_count"), 1.0),
    "additions in 24 h": (DAY_S, adds, added, 1.0),
    "refusals in 1 h": (3600, refusals, asked("venue.reject_ratio_1h"), 0.5),
    "errors in 5 m": (300, calls, asked("venue.reads_error_ratio_5m"), 1.0),
    "error count in 5 m": (300, calls, asked("venue.errors_5m_count"), 20.0),
    "latency in 5 m": (300, calls, asked("venue.latency_p95_ms"), 100.0),
    "failures in 10 m": (600, failures, failed, 1.0),
}


@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted"])
@pytest.mark.parametrize(("tick", "counts"), [(-1, True), (0, False), (1, False)])
@pytest.mark.parametrize("name", WINDOWS)
def test_it_counts_until_the_last_tick_of_its_window(
    name: str, tick: int, *, counts: bool, restarted: bool
) -> None:
    """A tick before the far edge it counts, at the edge and after it no more."""
    seconds, happen, fact, value = WINDOWS[name]
    made = desk()
    happen(made)
    now = ticks(made.now, seconds, tick)
    if restarted:
        made.desk.recorder.state = recover(made.journal.records()).state
    assert fact(made, now) == (value if counts else 0.0)


@pytest.mark.parametrize("tick", [0, 1])
def test_ages_begin_at_the_genesis(tick: int) -> None:
    """At the ledger's first instant every age is nothing, and a tick later it is a tick."""
    made = desk()
    now = ticks(START, 0, tick)
    ages = {**pace_facts(made.state, now), **symbol_pace_facts(made.state, BTC, now)}
    ages |= ledger_facts(made.state, wish(), now) | venue_facts(made.desk, now)
    found = {name: value for name, value in ages.items() if name.endswith("_age_s")}
    assert set(found.values()) == {tick / 1e9}
    assert {"order.duplicate_age_s", "venue.rate_limited_age_s"} < set(found)


# The day and the week.


def marked(*marks: tuple[float, str]) -> Bench:
    """A desk with cycles so many seconds after the start, each with its equity."""
    made = desk()
    for seconds, equity in marks:
        made.now = START.plus_s(seconds)
        made.close(equity=equity)
    return made


def results(nav: NavMarks, equity: float, now: UtcTime) -> tuple[float, float]:
    """The day's result and the week's."""
    told = result_facts(nav, equity, now)
    return float(told["portfolio.pnl_day_pct"]), float(told["portfolio.pnl_week_pct"])  # type: ignore[arg-type]  # numbers


MIDNIGHT_S = DAY_S // 2
DAY = [(-1, -10.0), (0, 0.0), (1, 0.0)]


@pytest.mark.parametrize(("tick", "day"), DAY)
def test_the_day_begins_with_midnight_utc(tick: int, day: float) -> None:
    """A loss of the morning is the day's to its last tick, and none of the next day's."""
    made = marked((0, "10000"), (60, "9000"))
    now = ticks(START, MIDNIGHT_S, tick)
    assert results(made.state.nav, 9000.0, now) == pytest.approx((day, -10.0))


@pytest.mark.parametrize(("tick", "day"), DAY)
def test_a_cycle_at_midnight_is_the_new_day_s(tick: int, day: float) -> None:
    """What is marked at 00:00:00 belongs to the new day, which begins where the old one ended."""
    made = marked((0, "10000"), (60, "9000"))
    made.now = ticks(START, MIDNIGHT_S, tick)
    made.close(equity="9000")
    assert results(made.state.nav, 9000.0, made.now)[0] == pytest.approx(day)
    assert made.state.nav.day == made.now.day_start()


@pytest.mark.parametrize(("tick", "week"), [(-1, 0.0), (0, -10.0), (1, -10.0)])
def test_the_week_is_measured_from_a_mark_that_is_seven_days_old(tick: int, week: float) -> None:
    """A tick too young it is no mark of a week ago yet; the one before it is."""
    made = marked((0, "9000"), (3600, "10000"), (7200, "9000"))
    now = ticks(START, 3600 + WEEK_S, tick)
    assert results(made.state.nav, 9000.0, now)[1] == pytest.approx(week)


def test_the_first_week_is_measured_from_the_genesis() -> None:
    """Until seven days have passed, the week is the ledger's whole life."""
    made = marked((0, "10000"), (60, "8000"), (3 * DAY_S, "9000"))
    assert results(made.state.nav, 9000.0, made.now)[1] == pytest.approx(-10.0)


def test_after_a_silence_the_week_begins_where_the_market_was_left() -> None:
    """Days without a cycle hide no mark: the last one before them is what counts."""
    made = marked((0, "10000"), (600, "8000"), (60 * DAY_S, "9000"))
    assert results(made.state.nav, 9000.0, made.now)[1] == pytest.approx(12.5)


# What is kept, and what is let go.

GAPS = st.lists(
    st.tuples(
        st.integers(0, 30_000),
        st.sampled_from(["buy", "add", "sell", "cancel", "refused", "crossed"]),
        st.sampled_from([BTC, ETH]),
    ),
    max_size=25,
)


@settings(deadline=None, max_examples=25)
@given(GAPS, st.integers(1, 100_000), st.sampled_from([-1, 0, 1]))
def test_pruning_takes_nothing_that_a_window_needs(
    steps: list[tuple[int, str, object]], later_s: int, tick: int
) -> None:
    """Every count is that of the whole history, kept by the test; a second fold says the same."""
    made = desk()
    told: list[tuple[int, str, object]] = []
    for gap_s, what, symbol in steps:
        made.wait(gap_s)
        told.append((made.now.ns, what, symbol))
        _do(made, what, symbol)
    now = ticks(made.now, later_s, tick)
    again = recover(made.journal.records()).state
    assert again.pace == made.state.pace
    for state in (made.state, again):
        assert _counted(state, made, now) == _expected(told, now)


COUNTS = (
    "pace.orders_1m_count",
    "pace.orders_1h_count",
    "pace.orders_24h_count",
    "pace.messages_1s_count",
    "pace.messages_1m_count",
)


def _do(made: Bench, what: str, symbol: object) -> None:
    intents = {"buy": "entry", "add": "add", "sell": "exit"}
    filled = None if what in intents else "0"
    number = made.hold(symbol, intent=intents.get(what, "entry"), filled=filled)  # type: ignore[arg-type]  # one of two
    if what == "cancel":
        made.record(RecordKind.CANCEL, {"intent": number})
    elif what in {"refused", "crossed"}:
        made.record(RecordKind.REJECTED, {"intent": number, "would_cross": what == "crossed"})


def _counted(state: State, made: Bench, now: UtcTime) -> dict[str, object]:
    made.desk.recorder.state = state
    pace, venue = pace_facts(state, now), venue_facts(made.desk, now)
    found: dict[str, object] = {n: v for n, v in pace.items() if n in COUNTS}
    found["adds"] = position_facts(state, made.desk.valuation, BTC, now)["position.adds_24h_count"]
    found["refused"] = venue["venue.reject_ratio_1h"]
    found["like"] = ledger_facts(state, wish(), now)["order.duplicate_age_s"]
    return found


def _expected(told: list[tuple[int, str, object]], now: UtcTime) -> dict[str, object]:
    def within(seconds: int, *what: str, symbol: object = None) -> float:
        edge = now.ns - seconds * 10**9
        return float(sum(t > edge and w in what and symbol in {None, s} for t, w, s in told))

    every = ("buy", "add", "sell", "cancel", "refused", "crossed")
    risky = ("buy", "add", "cancel", "refused", "crossed")
    refused, sent = within(3600, "refused"), within(3600, *every)
    bought = [t for t, w, s in told if w != "sell" and s == BTC]
    # An intent that was let go after a day is as old as the ledger.
    recent = [t for t in bought if told[-1][0] - t <= DAY_S * 10**9]
    last = max(recent, default=START.ns)
    return {
        "pace.orders_1m_count": within(60, *risky),
        "pace.orders_1h_count": within(3600, *risky),
        "pace.orders_24h_count": within(DAY_S, *risky),
        "pace.messages_1s_count": within(1, *every) + within(1, "cancel"),
        "pace.messages_1m_count": within(60, *every) + within(60, "cancel"),
        "adds": within(DAY_S, "add", symbol=BTC),
        "refused": refused / (refused + sent) if refused + sent >= 5 else 0.0,
        "like": (now.ns - last) / 1e9,
    }

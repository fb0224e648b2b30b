"""Windows at their edges: what counts in a minute, an hour, a day, a week, and what no longer."""

from __future__ import annotations

import pytest
from cycle.cases import wish
from cycle.small_sets import STRATEGY, breaker, set_of
from cycle.trading_desk import BTC, ETH, START, Bench, bench
from hypothesis import given
from hypothesis import strategies as st

from engine.cycle.facts.ledger import ledger_facts
from engine.cycle.facts.pace import pace_facts, symbol_pace_facts, within
from engine.cycle.facts.position import position_facts
from engine.cycle.facts.venue import venue_facts
from engine.cycle.steps import breakers
from engine.ledger.records import RecordKind
from engine.model.orders import Intent
from engine.model.times import UtcTime

EDGES = [("1m", 60), ("1h", 3600), ("24h", 86_400)]


@pytest.mark.parametrize(("name", "seconds"), EDGES)
def test_an_order_counts_until_its_window_is_over(name: str, seconds: int) -> None:
    """One second before the edge it counts, at the edge no more."""
    made = bench(STRATEGY)
    made.hold()
    fact = f"pace.orders_{name}_count"
    assert pace_facts(made.state, START)[fact] == 1.0
    assert pace_facts(made.state, START.plus_s(seconds - 1))[fact] == 1.0
    assert pace_facts(made.state, START.plus_s(seconds))[fact] == 0.0


def test_sells_and_cancels_are_messages_and_no_orders() -> None:
    """Messages count submits of both sides and cancels; orders count only new risk."""
    made = bench(STRATEGY)
    made.hold()
    number = made.hold(intent="exit", filled="0")
    made.record(RecordKind.CANCEL, {"intent": number})
    facts = pace_facts(made.state, made.now)
    assert (facts["pace.messages_1s_count"], facts["pace.messages_1m_count"]) == (3.0, 3.0)
    assert facts["pace.orders_1m_count"] == 1.0
    facts = pace_facts(made.state, made.now.plus_s(1))
    assert (facts["pace.messages_1s_count"], facts["pace.messages_1m_count"]) == (0.0, 3.0)


TIMES = st.lists(st.integers(0, 5000), max_size=30).map(sorted)


@given(TIMES, st.integers(5000, 9000), st.integers(1, 6000))
def test_a_window_counts_what_lies_in_it(times: list[int], now: int, seconds: int) -> None:
    """The count is that of times less than the window old, whatever lies before."""
    moments = [START.plus_s(each) for each in times]
    expected = sum(now - each < seconds for each in times)
    assert within(moments, START.plus_s(now), seconds) == expected


@given(TIMES, st.integers(5000, 9000))
def test_a_longer_window_never_counts_less(times: list[int], now: int) -> None:
    """What counts in a minute counts in an hour, and that in a day."""
    moments = [START.plus_s(each) for each in times]
    counts = [within(moments, START.plus_s(now), seconds) for _, seconds in EDGES]
    assert counts == sorted(counts)


def test_ages_begin_with_the_ledger() -> None:
    """With no trade yet an age is the ledger's own, and afterwards that of the last trade."""
    made = bench(STRATEGY)
    later = START.plus_s(100)
    assert pace_facts(made.state, later)["pace.last_trade_age_s"] == 100.0
    assert set(symbol_pace_facts(made.state, ETH, later).values()) == {100.0}
    made.wait(40)
    made.hold()
    assert pace_facts(made.state, later)["pace.last_trade_age_s"] == 60.0
    assert symbol_pace_facts(made.state, BTC, later)["pace.symbol_last_trade_age_s"] == 60.0
    assert symbol_pace_facts(made.state, ETH, later)["pace.symbol_last_trade_age_s"] == 100.0


def test_additions_are_forgotten_after_a_day_though_nothing_is_bought() -> None:
    """An addition counts for 24 hours; that no later one came does not keep it."""
    made = bench(STRATEGY)
    made.hold(BTC)
    made.hold(BTC, intent="add")
    made.hold(ETH, intent="add")
    for later_s, count in ((86_399, 1.0), (86_400, 0.0), (200_000, 0.0)):
        facts = position_facts(made.state, made.desk.valuation, BTC, START.plus_s(later_s))
        assert facts["position.adds_24h_count"] == count


def test_the_age_of_the_last_like_intent_is_by_product_side_and_strategy() -> None:
    """A duplicate is the same product, side and strategy; without one it is the ledger's age."""
    made = bench(STRATEGY)
    made.wait(100)
    made.hold(BTC, strategy="other")
    made.hold(ETH)
    entry = wish(Intent.ENTRY)
    assert ledger_facts(made.state, entry, made.now)["order.duplicate_age_s"] == 100.0
    made.hold(BTC)
    made.wait(5)
    assert ledger_facts(made.state, entry, made.now)["order.duplicate_age_s"] == 5.0
    leaving = wish(Intent.EXIT)
    assert ledger_facts(made.state, leaving, made.now)["order.duplicate_age_s"] == 105.0


# Results: the UTC day, the rolling seven days, and the depth below the highest mark.


def result(made: Bench) -> tuple[float, float, float]:
    """The day's, the week's result and the drawdown, in percent."""
    account = made.round().account
    names = ("portfolio.pnl_day_pct", "portfolio.pnl_week_pct", "portfolio.drawdown_pct")
    return tuple(account[name] for name in names)  # type: ignore[return-value] # three of them


def earn(made: Bench, amount: str, later_s: float = 60) -> None:
    """A gain or loss of so much, seen by one cycle: the coin's price moves."""
    price = str(100 + float(amount) / 100)
    made.quote(BTC, price, str(float(price) + 1))
    equity = made.desk.valuation.equity(made.state)
    made.close(equity=str(equity))
    made.wait(later_s)


def invested(at: str) -> Bench:
    """A desk that holds a hundred units bought at 100, and nothing else."""
    made = Bench(set_of(STRATEGY), cash="10000", now=UtcTime.parse(at))
    made.hold(BTC, "100", "100")
    made.quote(BTC, "100", "101")
    return made


def test_before_anything_happened_results_are_nothing() -> None:
    """The first cycle of a ledger has no result yet, which is zero and not unknown."""
    assert result(invested("2026-03-02T12:00:00Z")) == (0.0, 0.0, 0.0)


def test_the_day_ends_at_midnight_utc() -> None:
    """A loss of yesterday is none of today's, from the first cycle of the day on."""
    made = invested("2026-03-02T23:50:00Z")
    earn(made, "0")
    earn(made, "-300", later_s=480)
    assert made.now == UtcTime.parse("2026-03-02T23:59:00Z")
    assert result(made)[0] == pytest.approx(-3.0)
    made.wait(60)
    assert made.now == UtcTime.parse("2026-03-03T00:00:00Z")
    day, week, drawdown = result(made)
    assert day == 0.0
    assert week == pytest.approx(-3.0)
    assert drawdown == pytest.approx(3.0)


def test_a_daily_stop_does_not_trip_on_yesterdays_loss() -> None:
    """Tripped in the last minute of a day it lets go at midnight, and does not trip again."""
    rule = breaker("daily", "portfolio.pnl_day_pct <= -3", reset="next_utc_day")
    made = Bench(set_of(STRATEGY, rule), now=UtcTime.parse("2026-03-02T23:58:00Z"))
    made.hold(BTC, "100", "100")
    made.quote(BTC, "100", "101")
    earn(made, "0")
    made.quote(BTC, "96", "97")
    this = made.round()
    breakers.run(made.desk, this)
    assert this.tripped == ["daily"]
    earn(made, "-400")
    this = made.round()
    breakers.run(made.desk, this)
    assert (this.tripped, made.state.latches) == ([], {})


def test_the_week_rolls() -> None:
    """Seven days after a loss it is out of the window; an hour earlier it still counts."""
    made = invested("2026-03-02T12:00:00Z")
    earn(made, "0", later_s=3600)
    for _ in range(7 * 24):
        earn(made, "-500", later_s=3600)
    assert made.now == START.plus_s(7 * 86_400 + 3600)
    assert result(made)[1] == 0.0
    made.now = made.now.plus_s(-3600 - 1)
    assert result(made)[1] == pytest.approx(-5.0)


def test_the_drawdown_counts_from_the_highest_mark() -> None:
    """A new high is no drawdown; afterwards the depth below it is, whatever the day."""
    made = invested("2026-03-02T12:00:00Z")
    for amount, depth in (("0", 0.0), ("1000", 0.0), ("450", 5.0), ("-1200", 20.0)):
        earn(made, amount, later_s=86_400)
        assert result(made)[2] == pytest.approx(depth)


def test_a_deposit_is_no_result() -> None:
    """Money from outside moves equity and no result."""
    made = invested("2026-03-02T12:00:00Z")
    earn(made, "-100")
    before = result(made)
    flow = {"currency": "USD", "amount": "5000"}
    made.record(RecordKind.CASH_FLOW, {**flow})
    assert result(made) == pytest.approx(before)
    assert made.round().account["portfolio.equity_usd"] == pytest.approx(14_900)


def test_unknown_equity_has_no_result() -> None:
    """Where equity is unknown there is no result, rather than that of another moment."""
    made = invested("2026-03-02T12:00:00Z")
    earn(made, "0")
    made.hold(ETH)
    account = made.round().account
    assert "portfolio.equity_usd" not in account
    assert "portfolio.pnl_day_pct" not in account


RATIOS = {
    "too few to say anything": (2, 2, 0.0, 0.0),
    "enough": (4, 1, 0.0, 0.2),
    "all refused": (0, 5, 0.0, 1.0),
    "within the hour": (4, 1, 3599.0, 0.2),
    "an hour later": (4, 1, 3600.0, 0.0),
}


@pytest.mark.parametrize(("taken", "refused", "later_s", "ratio"), RATIOS.values(), ids=RATIOS)
def test_the_share_of_refusals_needs_a_sample(
    taken: int, refused: int, later_s: float, ratio: float
) -> None:
    """Rejections of the last hour, of at least five answers; what would have crossed is none."""
    made = bench(STRATEGY)
    for _ in range(taken):
        made.hold()
    for crossing in [False] * refused + [True] * 3:
        made.record(RecordKind.REJECTED, {"intent": 0, "would_cross": crossing})
    facts = venue_facts(made.desk, made.now.plus_s(later_s))
    assert facts["venue.reject_ratio_1h"] == pytest.approx(ratio)


def test_without_a_ledger_nothing_is_dated() -> None:
    """Before its genesis a ledger has no age, and an account that was never read has none."""
    made = bench(STRATEGY)
    made.desk.health.account_read = None
    made.state.genesis = None
    this = made.round()
    dated = {
        "pace.last_trade_age_s",
        "venue.rate_limited_age_s",
        "data.account_age_s",
    }
    assert not dated & set(this.account)
    made.quote()
    assert "order.duplicate_age_s" not in ledger_facts(made.state, wish(), made.now)
    assert symbol_pace_facts(made.state, BTC, made.now) == {}

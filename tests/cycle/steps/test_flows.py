"""Flows: deposits, withdrawals and rewards move balances, and never a result."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from cycle.cases import judged, reasons, situation, wish
from cycle.small_sets import DEPLOYMENT, STRATEGY, limit, set_of
from cycle.trading_desk import BTC, ETH, Bench, done
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cycle import cycle
from engine.cycle.records.recovery import recover
from engine.cycle.steps import flows
from engine.ledger.records import RecordKind
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from engine.ledger.bodies import Body
    from engine.model.times import UtcTime

DAY_S, WEEK_S = 86_400, 604_800
RESULTS = ("portfolio.pnl_day_pct", "portfolio.pnl_week_pct", "portfolio.drawdown_pct")


def account(
    *, not_ours: str = "count", unpriced: str = "block", cash: str = "10000", enabled: str = "false"
) -> Bench:
    """A desk whose strategy wants nothing, so that what happens is what a test does."""
    text = DEPLOYMENT.replace("holdings_not_ours: ignore", f"holdings_not_ours: {not_ours}")
    text = text.replace("unpriced: block", f"unpriced: {unpriced}")
    strategy = STRATEGY.replace("enabled: true", f"enabled: {enabled}")
    return Bench(set_of(text, strategy), cash=cash)


def flow(made: Bench, amount: str, currency: str = "USD") -> None:
    """What came from outside, or went there."""
    made.record(RecordKind.CASH_FLOW, {"currency": currency, "amount": amount, "why": "a test"})


def results(made: Bench) -> tuple[float, ...] | None:
    """Day, week and drawdown as a rule would see them now; None where they are unknown."""
    told = made.round().account
    if not set(RESULTS) <= set(told):
        return None
    return tuple(float(told[name]) for name in RESULTS)  # type: ignore[arg-type]  # numbers


def price(made: Bench, bid: str, symbol: Symbol = BTC) -> None:
    """The market shows a bid, and an ask a little above it."""
    made.quote(symbol, bid, str(Decimal(bid) + 1))


def turn(made: Bench, later_s: float = 60) -> None:
    """One whole cycle of production, over a venue that agrees with the ledger."""
    made.venue.cash = dict(made.state.cash)
    done(cycle.run(made.desk, made.now))
    made.wait(later_s)


@dataclass
class Oracle:
    """The time-weighted return of one account, in exact fractions and by its textbook.

    Between two readings of the whole account the value of a share changes by the ratio of what
    was there at both; where something flowed, it was there in one of them only.
    """

    share: Fraction = Fraction(1)
    before: Fraction | None = None
    closes: list[tuple[UtcTime, Fraction]] = field(default_factory=list)
    highest: Fraction = Fraction(1)

    def grow(self, equity: Fraction, flowed: Fraction = Fraction(0)) -> None:
        """The account as it is, and how much of it has just come in."""
        if self.before:
            self.share *= (equity - flowed) / self.before
        self.before = equity

    def close(self, now: UtcTime) -> None:
        """The end of a cycle, which later results are measured from."""
        self.closes.append((now, self.share))
        self.highest = max(self.highest, self.share)

    def results(self, now: UtcTime) -> tuple[float, float, float]:
        """Since midnight UTC, since an hour's last mark seven days ago, below the highest."""
        midnight = now.day_start()
        today = [s for t, s in self.closes if t < midnight][-1:] or [self.closes[0][1]]
        hourly = {t.datetime().replace(minute=0, second=0): (t, s) for t, s in self.closes}
        past = [s for t, s in hourly.values() if now.since_s(t) >= WEEK_S]
        old = past[-1:] or [self.closes[0][1]]
        top = max(self.highest, self.share)
        changes = (self.share / today[0] - 1, self.share / old[0] - 1, 1 - self.share / top)
        return tuple(100 * float(each) for each in changes)  # type: ignore[return-value]  # three


def worth(made: Bench, bids: dict[Symbol, Decimal]) -> Fraction:
    """The whole account, summed by hand: dollars, and all coins at their bids."""
    cash = made.state.cash
    coins = sum(Fraction(cash.get(s.base, Decimal(0))) * Fraction(b) for s, b in bids.items())
    return Fraction(cash["USD"]) + coins


STEP = st.tuples(
    st.integers(60, 100_000),
    st.integers(-12, 12),
    st.sampled_from(["", "", "USD", "BTC", "ETH", "both"]),
    st.integers(-60, 150),
    st.sampled_from(["", "", "buy", "sell", "slice"]),
)


def trade(made: Bench, what: str, bid: Decimal) -> None:
    """One execution at the bid, so that trading itself neither wins nor loses but its fee."""
    held = made.state.positions.get(BTC)
    if what == "buy" and made.state.cash["USD"] > 2 * bid:
        made.hold(BTC, "1", str(bid))
    elif what != "buy" and held is not None:
        units = held.quantity if what == "sell" else held.quantity / 2
        made.hold(BTC, str(units), str(bid), intent="exit")


def flow_some(made: Bench, currency: str, share_pct: int) -> bool:
    """A deposit or reward in percent of 10,000 USD or ten coins; a withdrawal of what is there."""
    amounts = {"USD": Decimal(100), "BTC": Decimal("0.1"), "ETH": Decimal("0.1")}
    names = ["USD", "BTC"] if currency == "both" else [currency] if currency else []
    for name in names:
        there = made.state.cash.get(name, Decimal(0))
        amount = max(amounts[name] * share_pct, -there * Decimal("0.9"))
        if amount:
            flow(made, str(amount), name)
    return bool(names)


@settings(deadline=None, max_examples=40)
@given(st.lists(STEP, min_size=1, max_size=14))
def test_results_are_the_time_weighted_return_whatever_flows(
    steps: list[tuple[int, int, str, int, str]],
) -> None:
    """Random prices, trades and flows of dollars and coins, against the textbook in fractions."""
    made, oracle = account(), Oracle()
    bids = {BTC: Decimal(100), ETH: Decimal(50)}
    for symbol, bid in bids.items():
        price(made, str(bid), symbol)
    made.hold(BTC, "20", "100")
    oracle.grow(worth(made, bids))
    turn(made, 0)
    oracle.close(made.now)
    for seconds, change_pct, currency, amount, traded in steps:
        made.wait(seconds)
        before = dict(made.state.cash)
        flow_some(made, currency, amount)
        bids = {
            s: (b * (100 + change_pct) / 100).quantize(Decimal("0.01")) for s, b in bids.items()
        }
        for symbol, bid in bids.items():
            price(made, str(bid), symbol)
        flowed = worth(made, bids) - worth_of(before, bids)
        oracle.grow(worth(made, bids), flowed)
        assert results(made) == pytest.approx(oracle.results(made.now), rel=1e-9, abs=1e-9)
        if made.state.nav.flowed:
            flows.settle(made.desk, made.now)
            oracle.close(made.now)
        assert results(made) == pytest.approx(oracle.results(made.now), rel=1e-9, abs=1e-9)
        trade(made, traded, bids[BTC])
        oracle.grow(worth(made, bids))
        turn(made, 0)
        oracle.close(made.now)
        assert results(made) == pytest.approx(oracle.results(made.now), rel=1e-9, abs=1e-9)
    assert recover(made.journal.records()).state.nav == made.state.nav


def worth_of(cash: dict[str, Decimal], bids: dict[Symbol, Decimal]) -> Fraction:
    """What such balances are worth at these bids."""
    coins = sum(Fraction(cash.get(s.base, Decimal(0))) * Fraction(b) for s, b in bids.items())
    return Fraction(cash["USD"]) + coins


MIDWAY = {
    "all of the cash withdrawn after it fell": ("-5000", "90"),
    "a deposit after the market fell": ("20000", "90"),
    "a deposit after it rose": ("20000", "110"),
    "a withdrawal after it fell": ("-5000", "90"),
    "a withdrawal after it rose": ("-5000", "110"),
}


@pytest.mark.parametrize("first", ["the flow", "the market"])
@pytest.mark.parametrize(("amount", "bid"), MIDWAY.values(), ids=MIDWAY)
def test_a_flow_between_two_cycles_dilutes_no_result(amount: str, bid: str, first: str) -> None:
    """Half of the account in a coin that moves 10 % is 5 %, however much comes in meanwhile."""
    made = account()
    price(made, "100")
    made.hold(BTC, "50", "100")
    turn(made)
    if first == "the flow":
        flow(made, amount)
    price(made, bid)
    if first == "the market":
        flow(made, amount)
    turn(made)
    moved = (float(bid) - 100) / 2
    assert results(made) == pytest.approx((moved, moved, max(0.0, -moved)))


def test_what_flows_before_the_first_cycle_is_what_the_account_begins_with() -> None:
    """Nothing was measured yet: neither a deposit nor a withdrawal is won or lost."""
    made = account()
    flow(made, "5000")
    flow(made, "-14000")
    turn(made)
    assert results(made) == (0.0, 0.0, 0.0)
    assert made.state.nav.units == pytest.approx(1000.0)


def test_an_account_that_was_emptied_goes_on_where_it_was() -> None:
    """All of it withdrawn, coins and cash, is no loss; money months later is no gain."""
    made = account()
    price(made, "100")
    made.hold(BTC, "50", "100")
    turn(made)
    price(made, "90")
    turn(made)
    price(made, "80")
    flow(made, "-50", "BTC")
    flow(made, "-5000")
    assert made.state.positions == {}
    for _ in range(3):
        turn(made)
        assert results(made) == pytest.approx((-10.0, -10.0, 10.0))
        assert made.state.nav.units == 0.0
    flow(made, "777")
    turn(made)
    assert results(made) == pytest.approx((-10.0, -10.0, 10.0))
    made.wait(60 * DAY_S)
    price(made, "95")
    flow(made, "10", "BTC")
    turn(made)
    turn(made)
    assert results(made) == pytest.approx((0.0, 0.0, 10.0))


def test_a_rest_of_a_cent_measures_what_comes_next() -> None:
    """A withdrawal that leaves a millionth, and a deposit on top, move no result."""
    made = account(cash="1000000")
    turn(made)
    flow(made, "-999999.99")
    turn(made)
    assert results(made) == pytest.approx((0.0, 0.0, 0.0), abs=1e-9)
    flow(made, "1000000")
    price(made, "100")
    turn(made, 0)
    assert results(made) == pytest.approx((0.0, 0.0, 0.0), abs=1e-6)


REWARDS = {
    "unseen": ("ignore", 10_000.0),
    "counted": ("count", 10_200.0),
}


@pytest.mark.parametrize(("not_ours", "equity"), REWARDS.values(), ids=REWARDS)
def test_a_reward_in_coins_is_a_flow(not_ours: str, equity: float) -> None:
    """Coins that the venue gives away are no gain, and where nobody counts them no loss either."""
    made = account(not_ours=not_ours)
    price(made, "50", ETH)
    turn(made)
    flow(made, "4", "ETH")
    assert results(made) == (0.0, 0.0, 0.0)
    turn(made)
    assert results(made) == pytest.approx((0.0, 0.0, 0.0))
    assert made.round().account["portfolio.equity_usd"] == equity
    price(made, "100", ETH)
    gained = 0.0 if not_ours == "ignore" else 100 * 200 / 10_200
    assert results(made) == pytest.approx((gained, gained, 0.0))


UNPRICED = {
    "block": ("block", None),
    "last": ("last", None),
    "zero": ("zero", (0.0, 0.0, 0.0)),
}


@pytest.mark.parametrize(("unpriced", "told"), UNPRICED.values(), ids=UNPRICED)
def test_a_flow_that_nobody_can_price_waits_for_its_price(
    unpriced: str, told: tuple[float, ...] | None
) -> None:
    """Until then results are unknown, or it counts as nothing; its price is never a gain."""
    made = account(unpriced=unpriced)
    turn(made)
    flow(made, "4", "ETH")
    turn(made)
    assert results(made) == told
    assert set(made.state.nav.flowed) == {"ETH"}
    price(made, "50", ETH)
    assert results(made) == (0.0, 0.0, 0.0)
    turn(made)
    assert made.state.nav.flowed == {}
    assert results(made) == pytest.approx((0.0, 0.0, 0.0))
    price(made, "25", ETH)
    assert results(made) == pytest.approx((-100 * 100 / 10_200,) * 2 + (100 * 100 / 10_200,))


def test_what_went_out_without_a_price_leaves_results_unknown_until_it_has_one() -> None:
    """Nobody can say what was withdrawn: equity is known, results are not, and no mark is made."""
    made = account()
    price(made, "50", ETH)
    flow(made, "4", "ETH")
    turn(made)
    made.quote(ETH, None, "51")
    flow(made, "-4", "ETH")
    marks = made.state.nav.latest, len(made.state.nav.samples)
    turn(made)
    assert made.round().account["portfolio.equity_usd"] == 10_000.0
    assert results(made) is None
    assert (made.state.nav.latest, len(made.state.nav.samples)) == marks
    price(made, "40", ETH)
    assert results(made) == pytest.approx((-100 * 40 / 10_200,) * 2 + (100 * 40 / 10_200,))


def test_a_flow_and_its_return_need_no_price() -> None:
    """What came in by mistake and went out again was nothing."""
    made = account()
    turn(made)
    flow(made, "4", "ETH")
    flow(made, "-4", "ETH")
    assert results(made) == (0.0, 0.0, 0.0)
    assert made.state.nav.flowed == {}


WITHDRAWALS = {
    "of what is not ours only": ("-1", "4", "4"),
    "of all that is not ours": ("-2", "4", "4"),
    "of a part of ours too": ("-3", "3", "3"),
    "of everything": ("-6", None, "0"),
}


@pytest.mark.parametrize(("amount", "left", "cost"), WITHDRAWALS.values(), ids=WITHDRAWALS)
def test_a_withdrawal_takes_what_no_position_holds_first(
    amount: str, left: str | None, cost: str
) -> None:
    """Four coins are ours and two are not; what is gone from ours was no sale and no result."""
    made = account(not_ours="count")
    price(made, "100")
    made.hold(BTC, "4", "100")
    flow(made, "2", "BTC")
    turn(made)
    flow(made, amount, "BTC")
    held = made.state.positions.get(BTC)
    assert (held.quantity if held else None) == (None if left is None else Decimal(left))
    assert (held.cost if held else 0) == Decimal(cost) * 100
    assert results(made) == (0.0, 0.0, 0.0)
    turn(made)
    assert results(made) == pytest.approx((0.0, 0.0, 0.0))
    assert made.state.realised == 0
    assert made.state.pace.losses_in_a_row == 0


def test_two_products_of_one_coin_give_up_one_after_the_other() -> None:
    """A withdrawal from two positions in one coin empties the first and takes the rest there."""
    made = account()
    made.hold(BTC, "4", "100")
    made.hold(Symbol("BTC", "USDC"), "4", "100")
    flow(made, "-5", "BTC")
    held = {str(s): p.quantity for s, p in made.state.positions.items()}
    assert held == {"BTC-USDC": Decimal(3)}


def test_a_deposit_after_everything_was_lost_is_no_recovery() -> None:
    """Where coins are worth nothing, new money is not what they were; a person sets the mark."""
    made = account(unpriced="zero")
    price(made, "100")
    made.hold(BTC, "100", "100")
    turn(made)
    made.quote(BTC, None, "1")
    turn(made)
    assert results(made) == pytest.approx((-100.0, -100.0, 100.0))
    flow(made, "5000")
    turn(made)
    assert results(made) == pytest.approx((-100.0, -100.0, 100.0))
    trip: Body = {
        "breaker": "stop",
        "key": "",
        "scope": "account",
        "while_tripped": "halted",
        "high_water_mark": "reset",
        "text": "a test",
        "cancel": "none",
        "on_trip": "none",
    }
    made.record(RecordKind.BREAKER_TRIPPED, trip)
    made.record(RecordKind.BREAKER_RESET, {"breaker": "stop", "key": "", "why": "-", "who": "-"})
    turn(made)
    assert results(made) == (0.0, 0.0, 0.0)
    flow(made, "-1000")
    turn(made)
    assert results(made) == pytest.approx((0.0, 0.0, 0.0))


def test_new_money_is_not_traded_before_it_is_counted() -> None:
    """The cycle that learns of a deposit settles it first, so its own fees are no catastrophe."""
    made = account(cash="1", enabled="true")
    turn(made)
    flow(made, "10000")
    made.quote()
    turn(made)
    kinds = [each.kind for each in made.journal.records()]
    sent = kinds.index(RecordKind.SENT)
    assert kinds[:sent].count(RecordKind.CASH_FLOW) == 2
    assert made.state.nav.units == pytest.approx(10_001.0)


def test_a03_equity_that_nobody_knows_marks_nothing_and_denies() -> None:
    """With a position's price gone there is no equity, no result and no entry, and no fallback."""
    rule = limit("deep", "portfolio.drawdown_pct <= params.most_pct", params="{most_pct: 10}")
    made = Bench(set_of(DEPLOYMENT, STRATEGY, rule))
    price(made, "100")
    made.hold(BTC, "50", "100")
    turn(made)
    before = (made.state.nav.latest, made.state.nav.high_water, list(made.state.nav.samples))
    made.quote(BTC, None, "1")
    made.quote(ETH)
    assert results(made) is None
    denied = judged(made.policy_set, wish(), situation({"portfolio.drawdown_pct": None}))
    assert reasons(denied) == ["LIMIT_UNDECIDED:RiskLimit/deep"]
    turn(made)
    assert [each.kind for each in made.journal.records()][-1] is RecordKind.CYCLE
    after = (made.state.nav.latest, made.state.nav.high_water, list(made.state.nav.samples))
    assert after == before
    assert made.venue.sent == []

"""The fold: what records add up to, whatever their order of life was."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from fakes.bench import PLAN, Bench, buy
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cycle.facts.portfolio import result_facts
from engine.ledger import bodies, fold
from engine.ledger.folding.windows import DAY_S, WEEK_S
from engine.ledger.records import RecordKind
from engine.ledger.state import Latch, Membership, State
from engine.model.numbers import ZERO
from engine.model.orders import ExitPlan, OrderStatus
from engine.model.symbols import Symbol
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from engine.expr.nodes import Value
    from engine.ledger.bodies import Body

START = UtcTime.parse("2025-11-22T10:00:00Z")
BTC, ETH = Symbol("BTC", "USD"), Symbol("ETH", "USD")
EQUITIES = st.floats(500, 50_000)


class History:
    """A stream that a test writes record by record."""

    def __init__(self, cash: str = "10000") -> None:
        self.state = State()
        self.now = START
        self.fills = 0
        self.equity = 0.0
        told: Body = {"mode": "paper", "account": "main", "nonce": "00", "cash": {"USD": cash}}
        self.tell(RecordKind.GENESIS, told)

    def tell(self, kind: RecordKind, body: Body) -> None:
        """One record, now."""
        fold.apply(self.state, kind, self.now, body)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now = self.now.plus_s(seconds)

    def cycle(self, equity: float | None = None, **parts: Body) -> None:
        """A cycle record."""
        number = self.state.cycle + 1
        self.equity = self.equity if equity is None else equity
        told = None if equity is None else format(Decimal(repr(equity)), "f")
        self.tell(RecordKind.CYCLE, {"cycle": number, "equity_usd": told, **parts})

    def intent(
        self, why: str = "entry", symbol: Symbol = BTC, quantity: str = "1", *, plan: bool = True
    ) -> int:
        """An intent; its number."""
        number = self.state.next_intent
        self.tell(
            RecordKind.INTENT,
            {
                "intent": number,
                "client_order_id": f"order-{number}",
                "symbol": str(symbol),
                "why": why,
                "form": "post_only",
                "quantity": quantity,
                "limit_price": "100",
                "reference_price": "100",
                "worst_price": "100",
                "strategy": "hand",
                "reason": "test",
                "ladder": "entry" if why == "entry" else "exit",
                "rung": 0,
                "plan": bodies.plan_body(PLAN) if plan else None,
                "expires": str(self.now.plus_s(60)),
            },
        )
        return number

    def step(self, kind: RecordKind, number: int, **more: bodies.Json) -> None:
        """What became of an intent."""
        self.tell(kind, {"intent": number, "client_order_id": f"order-{number}", **more})

    def fill(
        self, number: int, side: str, quantity: str, price: str, *, fee: str = "0", name: str = ""
    ) -> None:
        """One execution, of the intent's product (BTC-USD for an intent of nobody)."""
        self.fills += 1
        order = self.state.working.get(number)
        body: Body = {
            "intent": number,
            "fill_id": name or f"fill-{self.fills}",
            "client_order_id": f"order-{number}",
            "venue_order_id": f"venue-{number}",
            "symbol": str(order.symbol if order else BTC),
            "side": side,
            "quantity": quantity,
            "price": price,
            "fee": fee,
            "maker": True,
            "time": str(self.now),
        }
        self.tell(RecordKind.FILLED, body)

    def trade(self, side: str, quantity: str, price: str, *, fee: str = "0") -> None:
        """An intent and its fill in full."""
        number = self.intent("entry" if side == "BUY" else "exit", quantity=quantity)
        self.fill(number, side, quantity, price, fee=fee)

    def results(self) -> dict[str, Value]:
        """Day, week and drawdown, as the next cycle would see them without a move of prices."""
        return result_facts(self.state.nav, self.equity, self.now)

    def flow(self, amount: float) -> None:
        """Money in (or out) of the account, and the cycle's word on what it was worth."""
        text = format(Decimal(repr(amount)), "f")
        self.tell(RecordKind.CASH_FLOW, {"currency": "USD", "amount": text})
        self.equity += amount
        told = format(Decimal(repr(self.equity)), "f")
        if self.state.nav.flowed:
            settled: Body = {"settled": ["USD"], "equity_usd": told, "flowed_usd": text}
            self.tell(RecordKind.CASH_FLOW, settled)


def test_a_genesis_begins_with_its_cash() -> None:
    """Mode, account, nonce and cash are the stream's own."""
    state = History("123.45").state
    assert (state.mode, state.account, state.nonce, state.genesis) == (
        "paper",
        "main",
        b"\0",
        START,
    )
    assert state.cash == state.genesis_cash == {"USD": Decimal("123.45")}
    assert state.cash is not state.genesis_cash


def test_every_kind_of_record_moves_the_fold() -> None:
    """A kind without a handler would be a record that says nothing."""
    assert set(fold._HANDLERS) == set(RecordKind)


def test_sets_are_remembered_once_in_the_order_of_activation() -> None:
    """Going back to an old set activates it, and adds no prefix."""
    history = History()
    for each in ("a" * 64, "b" * 64, "a" * 64):
        history.tell(RecordKind.SET_ACTIVATED, {"policy_set": each})
    assert history.state.policy_set == "a" * 64
    assert history.state.activated == ["a" * 64, "b" * 64]


def test_average_price_fees_and_result() -> None:
    """Buys average; a part sold takes its share of the cost; fees of both sides count."""
    history = History()
    history.trade("BUY", "1", "100", fee="0.4")
    history.trade("BUY", "3", "120", fee="1.4")
    held = history.state.positions[BTC]
    assert (held.quantity, held.cost, held.fees) == (4, 460, Decimal("1.8"))
    assert held.entry_price == 115
    history.trade("SELL", "1", "125", fee="0.5")
    assert history.state.realised == Decimal("9.05")
    assert history.state.positions[BTC].entry_price == 115
    assert history.state.cash == {"USD": Decimal("9662.7"), "BTC": 3}
    assert history.state.fees == Decimal("2.3")


TRADES = st.lists(
    st.tuples(st.sampled_from(["BUY", "SELL"]), st.integers(1, 50), st.integers(1, 500)),
    max_size=12,
)


@given(TRADES)
def test_cash_and_coins_are_the_sum_of_the_fills(trades: list[tuple[str, int, int]]) -> None:
    """Whatever is traded: cash is genesis plus sales less buys less fees, coins what was bought."""
    history = History()
    cash, coins, held = Decimal(10_000), ZERO, ZERO
    for side, quantity, price in trades:
        history.trade(side, str(quantity), str(price), fee="0.1")
        sign = 1 if side == "BUY" else -1
        cash -= sign * quantity * price + Decimal("0.1")
        coins += sign * quantity
        held = max(ZERO, held + sign * quantity)
    state = history.state
    assert state.cash["USD"] == cash
    assert state.cash.get("BTC", ZERO) == coins
    position = state.positions.get(BTC)
    assert (position.quantity if position else ZERO) == held
    assert state.working == {}


def test_a_repeated_fill_changes_nothing() -> None:
    """The same id twice is the same execution."""
    history = History()
    number = history.intent(quantity="2")
    for _ in range(3):
        history.fill(number, "BUY", "1", "100", name="same")
    assert history.state.cash["BTC"] == 1
    assert history.state.working[number].remaining == 1


def test_an_order_goes_through_its_states() -> None:
    """Sent, open with the venue's id, unknown, gone: each by its record alone."""
    history = History()
    number = history.intent()
    assert history.state.working[number].status is OrderStatus.SENT
    assert history.state.intent_of("order-1") == number
    assert history.state.intent_of("a stranger") == 0
    history.step(RecordKind.SENT, number)
    history.step(RecordKind.UNKNOWN, number)
    assert history.state.working[number].status is OrderStatus.UNKNOWN
    history.step(RecordKind.ACKNOWLEDGED, number, venue_order_id="venue-1")
    assert history.state.working[number].venue_order_id == "venue-1"
    assert history.state.working_for(BTC)[0].expires == START.plus_s(60)
    history.step(RecordKind.CANCEL, number)
    assert number in history.state.working
    history.step(RecordKind.CANCELLED, number)
    assert history.state.working == {}
    assert history.state.orders_sent == 1


@pytest.mark.parametrize("kind", [RecordKind.CANCELLED, RecordKind.NOT_SEEN])
def test_an_end_may_come_twice(kind: RecordKind) -> None:
    """What is gone stays gone."""
    history = History()
    number = history.intent()
    history.step(kind, number)
    history.step(kind, number)
    assert history.state.working == {}


def test_only_a_real_refusal_counts_as_one() -> None:
    """A post-only that would have crossed is the market moving."""
    history = History()
    for crossing in (True, False):
        history.step(RecordKind.REJECTED, history.intent(), would_cross=crossing)
    assert len(history.state.pace.rejected) == 1
    assert history.state.working == {}


def test_entries_pace_exits_do_not() -> None:
    """Orders that add risk are counted as orders; every message counts as one."""
    history = History()
    for why in ("entry", "exit"):
        history.step(RecordKind.SENT, history.intent(why))
    history.step(RecordKind.CANCEL, 1)
    assert (len(history.state.pace.orders), len(history.state.pace.messages)) == (1, 3)


@pytest.mark.parametrize("learnt", [RecordKind.UNKNOWN, RecordKind.ACKNOWLEDGED])
def test_an_order_paces_once_whatever_a_crash_took(learnt: RecordKind) -> None:
    """Its being sent is on no disk when a process is killed; that it may have been, counts."""
    for kinds in ((learnt,), (RecordKind.SENT, learnt), (RecordKind.SENT, learnt, learnt)):
        history = History()
        number = history.intent("entry")
        for kind in kinds:
            history.step(kind, number, venue_order_id="venue-1")
        pace = history.state.pace
        assert [len(e) for e in (pace.orders, pace.entries, pace.messages)] == [1, 1, 1]
        assert history.state.orders_sent == 1


def test_an_order_adds_once_in_however_many_parts() -> None:
    """An entry opens and adds nothing; an addition counts with its first fill, and once."""
    history = History()
    for why, count in (("entry", 0), ("add", 1), ("add", 2)):
        number = history.intent(why, quantity="3")
        for _ in range(3):
            history.fill(number, "BUY", "1", "1")
            assert len(history.state.pace.adds) == count


@given(st.lists(st.integers(1, 40_000), max_size=20))
def test_windows_hold_the_last_day(gaps: list[int]) -> None:
    """Nothing younger than a day is lost, nothing older than that is kept."""
    history, times = History(), []
    for gap in gaps:
        history.wait(gap)
        number = history.intent("add")
        for kind in (RecordKind.SENT, RecordKind.ACKNOWLEDGED):
            history.step(kind, number, venue_order_id="venue")
        history.fill(number, "BUY", "1", "1")
        times.append(history.now)
    recent = [each for each in times if history.now.since_s(each) <= DAY_S]
    pace = history.state.pace
    for kept in (pace.orders, pace.messages, pace.acknowledged):
        assert list(kept) == recent
    assert [each for each, _ in pace.adds] == recent


def test_the_last_like_intent_is_kept_however_long_ago() -> None:
    """Its age is a fact; forgotten after a day, it was told as the age of the ledger."""
    history = History()
    history.wait(1000)
    history.intent("entry")
    first = history.now
    history.wait(10 * DAY_S)
    history.intent("exit", quantity="1")
    (like,) = (t for (_, side, _), t in history.state.pace.last_like.items() if side == "BUY")
    assert like == first


def test_pending_sells_are_summed_and_mark_the_position() -> None:
    """An exit that is intended already takes its units, and the time is noted."""
    history = History()
    history.trade("BUY", "3", "100")
    history.wait(5)
    history.intent("exit", quantity="2")
    assert history.state.pending_sell(BTC) == 2
    assert history.state.pending_sell(ETH) == 0
    assert history.state.positions[BTC].last_exit == history.now


def test_units_without_a_plan_are_not_ours_to_sell() -> None:
    """A stranger's fill, and an order without a plan, move cash only."""
    history = History()
    history.fill(99, "BUY", "1", "100")
    history.fill(history.intent(plan=False), "BUY", "1", "100")
    history.fill(99, "SELL", "1", "100")
    assert history.state.positions == {}
    assert history.state.cash["BTC"] == 1
    assert history.state.held() == ()


def test_an_entry_over_dust_begins_a_new_position() -> None:
    """It has the new entry's plan and clock; more fills of the same entry do not begin again."""
    history = History()
    history.trade("BUY", "1", "100")
    history.wait(60)
    number = history.intent(quantity="2")
    history.fill(number, "BUY", "1", "90")
    opened = history.state.positions[BTC]
    assert (opened.opened, opened.entry_intent, opened.peak_price) == (history.now, number, 90)
    assert opened.quantity == 2
    history.wait(60)
    history.fill(number, "BUY", "1", "80")
    assert history.state.positions[BTC].opened == opened.opened


def test_an_add_keeps_the_position_s_plan() -> None:
    """Only an entry opens; an add makes it larger."""
    history = History()
    history.trade("BUY", "1", "100")
    opened = history.state.positions[BTC].opened
    history.wait(60)
    history.fill(history.intent("add"), "BUY", "1", "90")
    assert history.state.positions[BTC].opened == opened
    assert history.state.positions[BTC].quantity == 2


def test_losses_in_a_row_are_counted_by_closed_positions() -> None:
    """A win ends the row, and a part sold does not count."""
    history = History()
    for price in ("90", "80", "110", "70"):
        history.trade("BUY", "2", "100")
        history.trade("SELL", "1", "1")
        history.trade("SELL", "1", "299" if price == "110" else price)
    assert history.state.pace.losses_in_a_row == 1
    assert history.state.pace.executions_since_arm == {"hand": 4}
    history.tell(RecordKind.OPERATOR_COMMAND, {"command": "halt"})
    assert history.state.pace.losses_in_a_row == 1


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(600, 90_000), st.floats(-0.3, 0.4), st.integers(-4000, 8000)),
        min_size=1,
        max_size=25,
    )
)
def test_cash_flows_leave_results_unchanged(steps: list[tuple[int, float, int]]) -> None:
    """Day, week and drawdown are those of an account that nothing flowed into or out of."""
    moved, still = History(), History()
    equity = plain = 10_000.0
    for history in (moved, still):
        history.cycle(equity)
    for seconds, change, amount in steps:
        equity, plain = equity * (1 + change), plain * (1 + change)
        for history, value in ((moved, equity), (still, plain)):
            history.wait(seconds)
            history.cycle(value)
        if equity + amount > 500:
            moved.flow(float(amount))
            equity += amount
    for history, value in ((moved, equity), (still, plain)):
        history.wait(1)
        history.cycle(value)
    ours, theirs = (each.results() for each in (moved, still))
    assert ours == pytest.approx(theirs, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("amount", [-500.0, 500.0])
def test_a_flow_before_the_first_cycle_is_what_the_account_begins_with(amount: float) -> None:
    """Nothing was measured yet, so nothing is lost or won by it."""
    history = History()
    history.flow(amount)
    history.cycle(10_000 + amount)
    assert set(history.results().values()) == {0.0}


def test_an_account_emptied_and_filled_again_goes_on_where_it_was() -> None:
    """No money is no loss, and new money is no gain."""
    history = History()
    for equity in (10_000.0, 12_000.0):
        history.cycle(equity)
    history.flow(-12_000.0)
    history.cycle(0.0)
    assert history.results()["portfolio.drawdown_pct"] == 0.0
    history.flow(5_000.0)
    history.cycle(5_000.0)
    assert history.state.nav.latest == pytest.approx(1.2)
    assert history.results()["portfolio.drawdown_pct"] == 0.0


def test_a_new_day_is_measured_from_the_last_value_of_the_old_one() -> None:
    """What happened overnight belongs to the new day."""
    history = History()
    history.cycle(10_000.0)
    history.wait(DAY_S)
    history.cycle(9_000.0)
    assert history.results()["portfolio.pnl_day_pct"] == pytest.approx(-10)
    history.cycle(9_900.0)
    assert history.results()["portfolio.pnl_day_pct"] == pytest.approx(-1)


def test_the_week_is_measured_from_the_newest_sample_at_its_edge() -> None:
    """Samples are hourly; older ones than the edge are let go, but for the last."""
    history = History()
    for hour in range(24 * 9):
        history.cycle(10_000.0 + hour)
        history.wait(1800)
        history.cycle(99_999.0 if hour < 24 else 10_000.0 + hour)
        history.wait(1800)
    samples = history.state.nav.samples
    edge = history.now.plus_s(-1800 - WEEK_S)
    assert samples[0][0] <= edge < samples[1][0]
    assert len(samples) == 7 * 24 + 1


@pytest.mark.parametrize(("mark", "drawdown"), [("keep", 10.0), ("reset", 0.0)])
def test_a_reset_keeps_the_high_water_mark_or_lets_it_go(mark: str, drawdown: float) -> None:
    """As the document said when it tripped: the latch remembers, not the document."""
    history = History()
    history.cycle(10_000.0)
    history.cycle(9_000.0)
    _trip(history, high_water_mark=mark)
    assert isinstance(history.state.latches["stop", ""], Latch)
    told: Body = {"breaker": "stop", "key": "", "why": "checked", "who": "anna"}
    history.tell(RecordKind.BREAKER_RESET, told)
    history.tell(RecordKind.BREAKER_RESET, told)
    assert history.state.latches == {}
    assert history.results()["portfolio.drawdown_pct"] == pytest.approx(drawdown)


def _trip(history: History, **more: str) -> None:
    history.tell(
        RecordKind.BREAKER_TRIPPED,
        {
            "breaker": "stop",
            "key": "",
            "scope": "account",
            "while_tripped": "halted",
            "cancel": "all",
            "on_trip": "none",
            "text": "test",
            "rearm_not_before": str(history.now),
            **more,
        },
    )


def test_latches_outlive_the_documents_that_set_them() -> None:
    """Another set is activated: the latch stands until its reset."""
    history = History()
    _trip(history)
    history.tell(RecordKind.SET_ACTIVATED, {"policy_set": "c" * 64})
    history.cycle(10_000.0)
    assert history.state.latches["stop", ""].rearm_not_before == START


def test_membership_and_marks_are_the_cycle_s() -> None:
    """A product enters, misses, leaves; a position's peak only rises, its blindness is as told."""
    history = History()
    history.trade("BUY", "1", "100")
    since = str(history.now)
    history.cycle(universe={"BTC-USD": {"tier": "any", "failing_since": since}})
    assert history.state.universe == {BTC: Membership("any", START)}
    history.cycle(universe={"BTC-USD": None, "ETH-USD": None})  # type: ignore[dict-item] # JSON null
    assert history.state.universe == {}
    for bid, peak in (("130", 130), ("90", 130), (None, 130)):
        mark: Body = {} if bid is None else {"bid": bid}
        history.cycle(marks={"BTC-USD": {**mark, "blind_since": since}, "ETH-USD": {"bid": "1"}})
        assert history.state.positions[BTC].peak_price == peak
        assert history.state.positions[BTC].blind_since == START
    history.cycle(marks={"BTC-USD": {"bid": "91"}})
    assert history.state.positions[BTC].blind_since is None
    assert history.state.nav.units == 0.0


def test_alerts_stand_while_they_are_pending_or_firing() -> None:
    """Resolved and inactive ones are absent; when a person was last told is kept."""
    history = History()
    body: Body = {
        "rule": "stale",
        "key": "BTC-USD",
        "phase": "firing",
        "since": str(START),
        "last_true": str(START),
        "escalated": True,
        "told": True,
        "text": "quote.age_s is 130",
        "route": "desk",
    }
    history.tell(RecordKind.ALERT, body)
    assert history.state.alerts["stale", "BTC-USD"].escalated
    history.wait(60)
    history.tell(RecordKind.ALERT, {**body, "told": False})
    assert history.state.telling.told["stale", "BTC-USD"].time == START
    for phase in ("resolved", "inactive"):
        history.tell(RecordKind.ALERT, {**body, "phase": phase})
        assert history.state.alerts == {}


def test_a_halt_lasts_until_a_resume() -> None:
    """And says why."""
    history = History()
    history.tell(RecordKind.HALT, {"reason": "fire"})
    assert history.state.halted == "fire"
    history.tell(RecordKind.RESUME, {})
    assert history.state.halted is None


def test_a_changed_plan_is_the_position_s_new_one() -> None:
    """Of a product that is held; another's is nobody's."""
    history = History()
    history.trade("BUY", "1", "100")
    tighter = ExitPlan(Decimal(1), 60, max_hold_s=3600, when="quote.bid > 1")
    for symbol in (BTC, ETH):
        told: Body = {"symbol": str(symbol), "plan": bodies.plan_body(tighter)}
        history.tell(RecordKind.PLAN_CHANGED, told)
    assert history.state.positions[BTC].plan == tighter
    assert ETH not in history.state.positions


def test_some_records_tell_a_story_and_move_nothing() -> None:
    """A decision is counted; a used waiver is words for people."""
    history = History()
    for kind in (RecordKind.DECISION, RecordKind.WAIVER_USED):
        history.tell(kind, {})
    assert history.state.decisions == 1


def test_reconciling_keeps_what_differs() -> None:
    """The last word of a reconciliation counts, and a change of words is one too."""
    history = History()
    for differences in ({"BTC": "venue 1, ledger 2"}, {"BTC": "venue 1, ledger 3"}, {}):
        history.tell(RecordKind.RECONCILE, {"differences": {**differences}})
        assert history.state.differences == differences
        assert history.state.mismatches == len(differences)


@settings(max_examples=25)
@given(st.lists(st.sampled_from(["up", "down", "fill", "end", "wait", "buy"]), max_size=12))
def test_the_records_alone_give_back_the_live_state(acts: list[str]) -> None:
    """Decoded from the disk and folded anew, the state is the one that lived, to the last field."""
    bench = Bench()
    bench.hold()
    for act in acts:
        price = {"up": "21500", "down": "19100"}.get(act, "20000")
        bench.quote(bench.state.held()[0].symbol if bench.state.positions else BTC, price, None)
        bench.again()
        working = [k for k, v in bench.venue.book.items() if not v.status.final]
        if act == "fill" and working:
            bench.venue.fill(working[0], bench.venue.book[working[0]].quantity / 8)
        if act == "end" and working:
            bench.venue.end(working[0])
        bench.clock.passes(90 if act == "wait" else 20)
        if act == "buy":
            bench.quote(BTC, "20000", "20004")
            bench.place(buy())
        bench.tick()
        bench.cycle()
    assert bench.replayed() == bench.state

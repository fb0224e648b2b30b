"""Accidents of the system that this replaces, as far as they concern deciding.

Each test is named after its accident in the list of those that must not happen again, and fails
on an engine that decides naively.
"""

from __future__ import annotations

import ast
import inspect
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from cycle.cases import judged, reasons, situation, wish
from cycle.small_sets import (
    STRATEGY,
    UNIVERSE,
    breaker,
    guards,
    limit,
    set_of,
    strategy,
)
from cycle.trading_desk import BTC, ETH, PLAN, START, Bench, ListVenue, bench, done, product
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cycle import cycle, judge
from engine.cycle.facts import engine, market, order, pace, portfolio, position, venue
from engine.cycle.judge import approved
from engine.cycle.judging import panel
from engine.cycle.orders.pricing import price
from engine.cycle.steps import breakers, exits, strategies, universe
from engine.kinds.execution_policy.document import Rung
from engine.ledger.state import Membership
from engine.model.decisions import Verdict
from engine.model.market import Quote
from engine.model.orders import Fill, Intent, Side

if TYPE_CHECKING:
    from engine.cycle.desk import Round
    from engine.model.orders import ApprovedOrder, SubmitOutcome
    from engine.ports import Gate

EVERY = "[entry, add, exit, trim, purge]"


def turn(made: Bench, later_s: float = 60) -> Round:
    """One whole cycle of production, over a venue that takes every order."""
    made.venue.cash = dict(made.state.cash)
    this = done(cycle.run(made.desk, made.now))
    made.wait(later_s)
    return this


def quiet(made: Bench) -> Bench:
    """The desk with every known symbol quoted now."""
    for symbol in (BTC, ETH):
        made.quote(symbol)
    return made


# A1: a number without a unit.


def booked_at(price_paid: str) -> Bench:
    """A desk that wanted 2.68 USD of BTC at 100, and is told a fill at another price."""
    made = bench(STRATEGY)
    number = made.hold(BTC, "0.0268", "100", filled="0")
    fill = Fill(
        fill_id="strange",
        venue_order_id=f"v-{number}",
        client_order_id=f"own-{number}",
        symbol=BTC,
        side=Side.BUY,
        quantity=Decimal("0.0268"),
        price=Decimal(price_paid),
        fee=Decimal(0),
        maker=True,
        time=made.now,
    )
    made.venue.told.append(fill)
    quiet(made)
    turn(made)
    return made


BOOKED = {
    "as ordered": ("100", False),
    "twenty cents more": ("107.4", False),
    "two thousand times as much": ("293082.09", True),
    "more than twenty cents and two percent": ("108", True),
}


@pytest.mark.parametrize(("paid", "halts"), BOOKED.values(), ids=BOOKED)
def test_a01_a_fill_that_is_not_what_was_ordered_halts(paid: str, *, halts: bool) -> None:
    """2.68 USD booked as 7,854.76 is a halt in the cycle that learns of it, with the numbers."""
    made = booked_at(paid)
    assert (made.state.halted is not None) is halts
    if halts:
        assert "approved 0.0268 at 100" in str(made.state.halted)
        allowed = turn(quiet(made))
        assert allowed.orders == [] or {each.outcome for each in allowed.orders} == {"denied"}


# A4: limits that fought until no size was valid.


def test_a04_a_denial_names_every_binding_limit() -> None:
    """At 255 USD of equity no size is valid, and the denial says between which limits."""
    policy_set = set_of(
        limit("cap", "position.pct_after <= 1.6", on_breach="resize"),
        limit("total", "portfolio.at_risk_pct_after <= 1", on_breach="resize"),
        limit("least", "order.notional_usd >= 5", minimum="true"),
    )
    small = {"portfolio.equity_usd": 255.0}
    decision = judged(policy_set, wish(quantity="1", price="10"), situation(small))
    assert decision.verdict is Verdict.DENY
    assert reasons(decision) == ["LIMIT_BREACHED:RiskLimit/least"]
    assert decision.resized_by == ("RiskLimit/cap", "RiskLimit/total")
    crowded = situation({**small, "position.value_usd": 4.08, "portfolio.at_risk_usd": 4.08})
    decision = judged(policy_set, wish(quantity="1", price="10"), crowded)
    assert reasons(decision)[0] == "NOTHING_LEFT:RiskLimit/cap,RiskLimit/total"


# A5: a twin check that refused what the first had made smaller.


@given(st.floats(0.5, 10.0), st.floats(0.0, 9.0), st.integers(1, 10**6))
@settings(max_examples=60)
def test_a05_a_resized_order_is_not_denied_by_what_resized_it(
    at_most: float, held_pct: float, steps: int
) -> None:
    """A 5 % proposal made 3 % passes the limit that made it so, whatever is held already."""
    policy_set = set_of(
        limit("cap", "position.pct_after <= regime.volatility_pct", on_breach="resize")
    )
    held = {"position.value_usd": 100.0 * held_pct, "portfolio.at_risk_usd": 100.0 * held_pct}
    around = situation({**held, "regime.volatility_pct": at_most})
    decision = judged(policy_set, wish(quantity=steps * Decimal("0.0001")), around)
    if decision.verdict is Verdict.RESIZE:
        again = judged(policy_set, wish(quantity=decision.quantity), around)
        assert (again.verdict, again.quantity) == (Verdict.ALLOW, decision.quantity)
    else:
        named = {each.partition(":")[0] for each in reasons(decision)}
        assert named <= {
            "NOTHING_LEFT",
            "LIMIT_BREACHED",
            "BELOW_VENUE_MINIMUM",
            "EXIT_BELOW_MINIMUM",
        }


# A10: a literal in the code was used instead of the edited threshold.


def test_a10_every_threshold_moves_the_verdict() -> None:
    """A number that is changed in the document changes what is allowed, just as much."""
    for most in ("100", "250", "900"):
        text = limit(
            "cap",
            "order.notional_usd <= params.most_usd",
            on_breach="resize",
            params=f"{{most_usd: {most}}}",
        )
        assert judged(set_of(text), wish()).quantity == Decimal(most) / 100


_STEPS = (judge, panel, universe, breakers, exits, strategies)
_PRODUCERS = (engine, market, order, pace, portfolio, position, venue)
# What the engine may know by itself: units of time and share, bounds of nothing, one and all.
_UNITS = {0, 1, 2, 24, 60, 100, 1000, 3600, 10_000, 86_400}
_STATED = {
    "a share of refusals needs five events (vocabulary)": 5,
    "depth is asked within 20 bps (the fact's name)": 20,
    "exceptions of ten minutes (the fact's name)": 600,
    "the 99th percentile (the fact's name)": 0.99,
}


def test_a10_no_number_that_decides_stands_in_the_code() -> None:
    """The deciding steps hold units and what fact names say, and no threshold of their own."""
    found = {
        node.value
        for module in (*_STEPS, *_PRODUCERS)
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
    }
    assert found <= _UNITS | set(_STATED.values())


# A12: the runner ignored what the risk engine had filtered.


@pytest.mark.parametrize("verdict", ["deny", "allow"])
def test_a12_only_what_the_judge_allowed_is_sent(verdict: str) -> None:
    """An order that was denied cannot be made, and none reaches the venue."""
    rule = limit("cap", f"order.notional_usd <= {'1' if verdict == 'deny' else '5000'}")
    made = quiet(bench(strategy("one", tiers="[core]"), rule))
    this = turn(made)
    assert {each.decision.verdict.value for each in this.orders} == {verdict}
    assert bool(made.venue.sent) is (verdict == "allow")
    approved_ids = {each.client_order_id for each in this.orders if each.outcome == "sent"}
    assert {order.client_order_id for order in made.venue.sent} == approved_ids
    denied = judged(set_of(limit("cap", "order.notional_usd <= 1")), wish())
    with pytest.raises(ValueError, match="was not allowed"):
        approved(denied, wish(), client_order_id="x", policy_set="y", now=START)


# A13: one symbol's cool-down refused the whole batch.


def test_a13_one_products_cool_down_refuses_that_product() -> None:
    """A limit on the last trade of a product denies its order and lets the next one pass."""
    cool = limit("cool", "pace.symbol_last_trade_age_s >= 900", scope="symbol")
    made = bench(STRATEGY, cool)
    made.wait(10_000)
    made.hold(BTC, "1", "100")
    made.hold(BTC, "1", "100", intent="exit")
    this = turn(quiet(made))
    outcomes = {str(each.intent.symbol): each.outcome for each in this.orders}
    assert outcomes == {"BTC-USD": "denied", "ETH-USD": "sent"}
    assert str(this.blockers[BTC]).startswith("LIMIT_BREACHED rule=RiskLimit/cool")
    assert ETH not in this.blockers


# A17: exits behind seven early returns, and an exception that was swallowed.

EMPTY = UNIVERSE.replace("spread_bps <= 20,", "spread_bps < 0,").replace("<= 100", "< 0")
IN_THE_WAY = {
    "no proposals and an empty universe": (EMPTY,),
    "a breaker that reduces": (breaker("stop", "portfolio.open_positions_count >= 1"),),
    "a breaker in doubt": (breaker("doubt", "regime.volatility_pct > 50"),),
    "missing facts": (limit("volume", "asset.volume_24h_usd >= 5", intents=EVERY),),
    "everything excluded": (f"{UNIVERSE}  exclude: [{{symbol: BTC-USD, reason: a test}}]\n",),
    "guards that nothing can meet": (
        guards(
            "{name: never, intents: [entry, add], require: quote.spread_bps < 0.1,"
            " on_breach: deny, stage: enforce}"
        ),
    ),
}


@pytest.mark.parametrize("texts", IN_THE_WAY.values(), ids=IN_THE_WAY)
def test_a17_exits_run_in_every_cycle(texts: tuple[str, ...]) -> None:
    """Whatever stops entries, a position at its stop is sold in the very cycle that sees it."""
    made = bench(*texts)
    made.hold(BTC, "2", "100")
    made.quote(BTC, "94", "94.1")
    this = turn(made)
    (sold,) = made.venue.sent
    assert (sold.intent.intent, sold.quantity) == (Intent.EXIT, Decimal(2))
    assert this.orders[0].intent.reason == "stop -6.00 % <= -5 %"


def test_a17_exits_come_before_entries() -> None:
    """The first order of a cycle is a way out, and what it frees is not spent before."""
    made = bench(STRATEGY)
    made.hold(BTC, "2", "100", strategy="gone")
    made.quote(BTC, "94", "94.1")
    made.quote(ETH)
    sent = [each.intent.intent for each in turn(made).orders]
    assert sent == [Intent.EXIT, Intent.ENTRY]


class BrokenVenue(ListVenue):
    """A venue whose client has a fault of its own."""

    async def submit(self, order: ApprovedOrder, gate: Gate) -> SubmitOutcome:
        """Fail as a program does."""
        raise AttributeError(order.client_order_id, gate)


def test_a17_a_failure_among_the_exits_is_not_swallowed() -> None:
    """An exception in the exit step leaves the cycle: the loop halts with it as its reason."""
    made = Bench(set_of(STRATEGY), venue=BrokenVenue())
    made.hold(BTC, "2", "100")
    made.quote(BTC, "94", "94.1")
    with pytest.raises(AttributeError):
        turn(made)


# A18: a kill switch that was skipped, checked late, or bypassed.

SWITCHED = {
    "without proposals": ((), Intent.EXIT),
    "with proposals": ((STRATEGY,), Intent.ENTRY),
}


@pytest.mark.parametrize(("texts", "intent"), SWITCHED.values(), ids=SWITCHED)
def test_a18_the_kill_switch_stops_every_intent(texts: tuple[str, ...], intent: Intent) -> None:
    """Seen before any decision, over exits and entries alike; nothing reaches the venue."""
    made = bench(*texts)
    if intent is Intent.EXIT:
        made.hold(BTC, "2", "100")
    made.quote(BTC, "94", "94.1")
    made.killed = "data/KILL_SWITCH"
    this = turn(made)
    assert made.venue.sent == []
    assert {each.outcome for each in this.orders} == {"denied"}
    assert [each.intent.intent for each in this.orders] == [intent]
    first = this.orders[0].decision.reasons[0]
    assert str(first) == "HALTED by=kill_switch why=data/KILL_SWITCH"


@pytest.mark.parametrize("intent", list(Intent), ids=lambda each: each.value)
def test_a18_no_intent_bypasses_the_switch(intent: Intent) -> None:
    """Trims and purges are intents like others: the switch denies each of them."""
    made = quiet(bench())
    made.killed = "a test"
    this = made.round()
    blocks = tuple(breakers.blocks(made.desk, this, BTC))
    decision = judged(made.policy_set, wish(intent), situation(intent=intent, blocks=blocks))
    assert reasons(decision)[0] == "HALTED:kill_switch"


def test_a18_the_switch_is_read_again_before_the_wire() -> None:
    """Thrown after the decision and before the send, the order does not leave."""
    made = quiet(bench(STRATEGY))
    seen: list[str | None] = []

    def switch() -> str | None:
        seen.append(None)
        return "late" if len(seen) > 1 else None

    made.desk.kill_switch = switch
    this = turn(made)
    assert made.venue.sent == []
    assert {each.outcome for each in this.orders} == {"not sent: kill switch: late"}


# A19: a fall that was published as a rise, and bought as momentum.

RISING = strategy(
    "rise",
    signals="{up: 'change_pct(\"15m\") >= 3'}",
    entry="signals.up",
)
FALLING = strategy(
    "fall",
    signals="{down: 'change_pct(\"15m\") <= -3'}",
    entry="signals.down",
)


def wanted(made: Bench) -> list[str]:
    """The strategies that propose."""
    made.quote()
    this = made.round()
    this.universe = {BTC: Membership("core")}
    return [each.strategy.name for each in strategies.run(made.desk, this)]


def test_a19_a_fall_of_six_percent_is_no_rise() -> None:
    """A bar of -6 % is -6: the strategy that buys rises is silent, its mirror is not."""
    made = bench(RISING, FALLING)
    made.bars([100.0] * 20 + [94.0])
    assert wanted(made) == ["fall"]


CHANGES = st.lists(st.floats(-0.05, 0.05), min_size=20, max_size=40)


@given(CHANGES)
@settings(max_examples=10)
def test_a19_a_mirrored_market_gives_mirrored_signals(changes: list[float]) -> None:
    """Prices mirrored at the start: whoever bought the rise buys the fall, and no other way."""
    closes = {}
    for sign in (1, -1):
        path = [100.0]
        for each in changes:
            path.append(path[-1] * (1 + sign * each))
        closes[sign] = path
    signed = {}
    for sign, path in closes.items():
        made = bench(RISING, FALLING)
        made.bars(path)
        made.quote()
        signed[sign] = made.round().symbols[BTC].get('change_pct("15m")')
        moved = 100 * (path[-1] / path[-16] - 1)
        assert signed[sign] == pytest.approx(moved, abs=1e-6)
        expected = ["rise"] if moved >= 3 else ["fall"] if moved <= -3 else []
        if abs(abs(moved) - 3) > 1e-6:
            assert wanted(made) == expected


@given(st.decimals("0.01", "20", places=2), st.decimals("0.01", "20", places=2))
@settings(max_examples=60)
def test_a19_a_mirrored_book_gives_mirrored_prices(half: Decimal, collar: Decimal) -> None:
    """What a buy may pay above the mid, a sell may give below it, to the last increment."""
    mid = Decimal(1000)
    quote = Quote(BTC, START, mid - half, mid + half)
    rung = Rung(order="limit_ioc", collar_bps=collar)
    buy, sell = (price(rung, side, quote, product()) for side in (Side.BUY, Side.SELL))
    assert buy is not None
    assert sell is not None
    assert buy.limit is not None
    assert sell.limit is not None
    assert buy.limit - mid == mid - sell.limit


SIGNED = {
    "a loss is negative": ("95", -5.0, 5.0),
    "a gain is positive": ("110", 10.0, 0.0),
    "nothing is nothing": ("100", 0.0, 0.0),
}


@pytest.mark.parametrize(("bid", "result", "drop"), SIGNED.values(), ids=SIGNED)
def test_a19_results_have_their_sign(bid: str, result: float, drop: float) -> None:
    """A position's result is signed; a depth below the peak is told as a positive number."""
    made = bench(STRATEGY)
    made.hold(BTC, "1", "100")
    made.quote(BTC, bid, "200")
    facts = made.round().symbols[BTC]
    assert facts["position.pnl_pct"] == pytest.approx(result)
    assert facts["position.drop_from_peak_pct"] == pytest.approx(drop)


# A20: a weekly loss that never reset, and counters of mixed clocks.


def test_a20_a_weekly_stop_lets_go_when_the_loss_is_out_of_its_window() -> None:
    """Seven days after the loss the fact is zero again, and the breaker's time is over."""
    rule = breaker("weekly", "portfolio.pnl_week_pct <= -5", reset="{after: 7d}")
    made = bench(rule)
    made.hold(BTC, "100", "100", plan=replace(PLAN, stop_pct=Decimal(90)))
    hour = 3600.0
    made.quote(BTC, "100", "101")
    turn(made, hour)
    for _ in range(7 * 24):
        made.quote(BTC, "94", "95")
        turn(made, hour)
        assert list(made.state.latches) == [("weekly", "")]
    made.quote(BTC, "94", "95")
    this = turn(made, hour)
    assert this.account["portfolio.pnl_week_pct"] == 0.0
    assert made.state.latches == {}


def test_a20_the_clock_of_a_cycle_is_read_once() -> None:
    """Counts and ages of a cycle are of one moment, whatever the clock does meanwhile."""
    made = quiet(bench(STRATEGY, limit("pace", "pace.orders_1h_count < 2")))
    made.desk.clock.step_wall(7200)  # type: ignore[attr-defined] # the clock of simulations
    this = turn(made)
    assert {each.outcome for each in this.orders} <= {"sent", "denied"}
    assert this.account["pace.orders_1h_count"] == float(len(made.venue.sent))


# A28: regimes that nothing ever emitted.


def test_a28_each_regime_comes_from_a_market_and_moves_a_limit() -> None:
    """A crash, a bear, a bull and a chop of bars are told as such, and their parameter counts."""
    cap = limit(
        "cap",
        "order.size_pct <= params.most_pct",
        on_breach="resize",
        params="{most_pct: {by: regime.name, bull: 4, chop: 3, bear: 2, crash: 0, unknown: 1}}",
    )
    markets = {
        "bull": [100 + each * 0.005 for each in range(1500)],
        "bear": [100 - each * 0.005 for each in range(1500)],
        "chop": [100.0] * 1500,
        "crash": [100.0] * 1480 + [90.0] * 20,
        "unknown": [100.0] * 30,
    }
    sizes = {}
    for name, closes in markets.items():
        made = bench(cap)
        made.bars(closes)
        made.quote()
        regime = made.round().account["regime.name"]
        assert regime == name
        around = situation({"regime.name": regime})
        sizes[name] = judged(made.policy_set, wish(quantity="5"), around).quantity
    assert sizes == {"bull": 4, "chop": 3, "bear": 2, "crash": 0, "unknown": 1}

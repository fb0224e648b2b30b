"""Upkeep: holdings above a limit, and products that left, sold on decided facts and own lots."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from cycle.small_sets import DEPLOYMENT, UNIVERSE, breaker, documents, limit, set_of
from cycle.trading_desk import BTC, ETH, START, Bench, done, product
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cycle import cycle
from engine.cycle.records.recovery import recover
from engine.cycle.steps import exits, universe, upkeep
from engine.errors import Severity
from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.model.market import ProductStatus
from engine.model.orders import Intent
from engine.policyset.composing import compose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.cycle.orders.sending import Wish


def capped(require: str = "position.pct_after <= params.max_pct", **spec: str) -> str:
    """One per cent of equity in a product, and a holding above it is trimmed after ten minutes."""
    fields = {
        "scope": "symbol",
        "on_breach": "resize",
        "params": "{max_pct: 1}",
        "trim": "{after: 10m, at_least_pct: 10}",
        **spec,
    }
    return limit("cap", require, **fields)


def desk(*texts: str) -> Bench:
    """A desk with two units of BTC at 100, which is two per cent."""
    made = Bench(set_of(*(texts or (capped(),))))
    made.hold(BTC, "2", "100")
    return made


def turn(made: Bench, later_s: float = 60, **quotes: str | None) -> list[tuple[Intent, Decimal]]:
    """One cycle of production; what it sent."""
    before = len(made.venue.sent)
    made.quote(BTC, **quotes)  # type: ignore[arg-type] # bid and ask
    made.venue.cash = dict(made.state.cash)
    done(cycle.run(made.desk, made.now))
    made.wait(later_s)
    return [(each.intent.intent, each.quantity) for each in made.venue.sent[before:]]


def minutes(made: Bench, count: int) -> list[tuple[Intent, Decimal]]:
    """So many cycles, one a minute; all that they sent."""
    return [sent for _ in range(count) for sent in turn(made)]


def test_a_holding_above_its_limit_is_trimmed_back_to_it() -> None:
    """Not before ten minutes; then by the smallest quantity on the grid that meets the limit."""
    made = desk()
    assert minutes(made, 10) == []
    ((intent, quantity),) = turn(made)
    bid, cash = Decimal("99.95"), Decimal(9800)
    equity = cash + 2 * bid
    left, one_less = (2 - quantity) * bid, (2 - quantity + Decimal("0.0001")) * bid
    assert intent is Intent.TRIM
    assert left <= equity / 100 < one_less
    assert made.venue.sent[0].intent.ladder == "trim"
    assert made.venue.sent[0].intent.reason == f"above RiskLimit/cap since {START}"


def test_what_is_under_way_is_not_asked_for_twice() -> None:
    """While the trim works nothing more of the product is sold, and its time goes on."""
    made = desk()
    assert len(minutes(made, 20)) == 1
    assert made.state.overdue["RiskLimit/cap BTC-USD"].since == START


QUIET = {
    "within the limit": (capped(params="{max_pct: 3}"),),
    "a limit that does not trim": (limit("cap", "position.pct_after <= 1", scope="symbol"),),
    "in shadow": (capped(stage="shadow"),),
    "in another mode": (capped(modes="[live]"),),
    "a sale that is not worth its cost": (capped(params="{max_pct: 1.9}"),),
    "a limit that no sale meets": (
        capped('position.pct_after <= params.max_pct and asset.symbol == "ETH-USD"'),
    ),
    "a limit that nobody can decide on the way there": (
        capped(
            "position.pct_after <= params.max_pct"
            " or (position.pct_after <= 1.5 and asset.volume_24h_usd > 5)"
        ),
    ),
    "a limit that nobody can decide": (
        capped("position.pct_after <= params.max_pct or quote.jump_sigma_60s > 3"),
    ),
}


@pytest.mark.parametrize("texts", QUIET.values(), ids=QUIET)
def test_nothing_is_trimmed_without_a_decided_reason(texts: tuple[str, ...]) -> None:
    """Within the limit, not enforced, not worth it, not curable or not decidable: it is held."""
    assert minutes(desk(*texts), 15) == []


def test_a_gap_begins_the_time_anew() -> None:
    """One cycle without a bid, and the ten minutes count from the next that has one."""
    made = desk()
    minutes(made, 9)
    turn(made, bid=None)
    assert minutes(made, 10) == []
    assert [intent for intent, _ in turn(made)] == [Intent.TRIM]


def test_a_process_that_slept_begins_anew() -> None:
    """Nobody looked for longer than cycles may lie apart: the time before does not count."""
    made = desk()
    minutes(made, 9)
    made.wait(3600)
    assert minutes(made, 10) == []
    assert len(turn(made)) == 1


def test_the_time_is_kept_over_a_restart() -> None:
    """Since when is told by the ledger, not by the process."""
    made = desk()
    minutes(made, 9)
    made.desk.recorder.state = recover(made.journal.records()).state
    assert minutes(made, 1) == []
    assert len(turn(made)) == 1


def test_another_coin_without_a_price_stops_every_trim() -> None:
    """Where equity is not decided no share of it is, even if the set counts the coin as nothing."""
    zero = DEPLOYMENT.replace("unpriced: block", "unpriced: zero")
    made = desk(capped(), zero)
    made.hold(ETH, "1", "3000")
    assert minutes(made, 15) == []


def test_a_regime_that_nobody_can_tell_lowers_no_limit() -> None:
    """`unknown` is the absence of facts: entries obey its number, and nothing is sold for it."""
    table = "{max_pct: {by: regime.name, bull: 3, chop: 3, bear: 3, crash: 1, unknown: 1}}"
    made = desk(capped(params=table))
    assert minutes(made, 15) == []
    assert made.round().account["regime.name"] == "unknown"


def test_a_regime_that_is_told_lowers_a_limit() -> None:
    """The market is decidedly calm and the limit of that regime is lower: the holding shrinks."""
    table = "{max_pct: {by: regime.name, bull: 3, chop: 1, bear: 3, crash: 3, unknown: 3}}"
    calm = DEPLOYMENT
    for condition in ('"60m"', '"24h"'):
        calm = calm.replace(f"change_pct({condition})", "clock.hour_utc")
    made = desk(capped(params=table), calm.replace("<= -", "<= 0 - ").replace(">= 4", ">= 23"))
    assert len(minutes(made, 12)) == 1
    assert made.round().account["regime.name"] == "chop"


def test_a_switch_stops_a_trim_like_any_order() -> None:
    """Trims pass the same judge and the same switch."""
    made = desk()
    minutes(made, 10)
    made.killed = "a test"
    assert turn(made) == []


def test_a_trim_passes_the_limits_that_name_it() -> None:
    """A limit on trims denies one, as it would an entry."""
    made = desk(capped(), limit("none", "order.notional_usd <= 10", intents="[trim]"))
    assert minutes(made, 12) == []


def refusals(made: Bench) -> list[str]:
    """What the ledger tells of refused trims and purges, in the order of its records."""
    told = [bodies.of_record(e) for e in made.journal.records() if e.kind is RecordKind.DECISION]
    return [str(each["reasons"][0][0]) for each in told if each["reasons"]]  # type: ignore[index,call-overload] # a decision's own body


def test_a_refusal_is_told_once_and_again_when_it_changes() -> None:
    """A trim is asked for in every cycle, and the ledger grows only by what is new."""
    made = desk(capped(), limit("none", "order.notional_usd <= 10", intents="[trim]"))
    assert minutes(made, 20) == []
    assert refusals(made) == ["LIMIT_BREACHED"]
    made.desk.products[BTC] = replace(product(BTC), status=ProductStatus.HALTED)
    made.venue.listed = [made.desk.products[BTC]]
    minutes(made, 5)
    made.desk.recorder.state = recover(made.journal.records()).state
    minutes(made, 5)
    assert refusals(made) == ["LIMIT_BREACHED", "PRODUCT_NOT_TRADABLE"]


def test_a_trim_that_was_refused_sells_as_soon_as_it_may() -> None:
    """Nothing is put off: the first cycle that allows it sends it, and a new episode is told."""
    made = desk()
    minutes(made, 10)
    made.killed = "a test"
    assert minutes(made, 5) == []
    made.killed = None
    assert [intent for intent, _ in turn(made)] == [Intent.TRIM]
    assert refusals(made) == ["HALTED"]
    assert made.state.refused == {}


def test_what_is_no_longer_wanted_is_told_anew_when_it_is_wanted_again() -> None:
    """A refusal is forgotten with the excess that it was about."""
    less = capped(params="{max_pct: 1.95}", trim="{after: 10m, at_least_pct: 1}")
    made = desk(less, limit("none", "order.notional_usd <= 1", intents="[trim]"))
    minutes(made, 12)
    turn(made, bid="97", ask="97.05")
    assert made.state.refused == {}
    minutes(made, 12)
    assert refusals(made) == ["LIMIT_BREACHED"] * 2


def waiver(at_end: str, symbols: str = "[]") -> str:
    """Three per cent for an hour that is over."""
    return f"""
kind: Waiver
metadata: {{name: more, description: Three per cent.}}
spec:
  rule: RiskLimit/cap
  scope: {{symbols: {symbols}}}
  instead: {{params: {{max_pct: 3}}}}
  reason: a test
  approved_by: anna
  from: "2026-03-02T11:00:00Z"
  until: "2026-03-02T11:59:00Z"
  at_end: {at_end}
"""


ENDS = {
    "trimmed at its end": ("trim", "[]", 1),
    "held at its end": ("hold", "[]", 0),
    "held for its own product": ("hold", "[BTC-USD]", 0),
    "held for another product only": ("hold", "[ETH-USD]", 1),
}


@pytest.mark.parametrize(("at_end", "symbols", "sales"), ENDS.values(), ids=ENDS)
def test_a_position_that_only_a_waiver_allowed(at_end: str, symbols: str, sales: int) -> None:
    """The waiver says what becomes of it at its end: hold it, or bring it back to the limit."""
    made = desk(capped(), waiver(at_end, symbols))
    assert len(minutes(made, 15)) == sales


def test_a_waiver_in_force_is_the_limit() -> None:
    """While it lasts nothing is above the limit; when it ends the time begins."""
    until = waiver("trim").replace('"2026-03-02T11:59:00Z"', '"2026-03-02T12:05:00Z"')
    made = desk(capped(), until)
    assert minutes(made, 15) == []
    assert len(turn(made)) == 1


OUT = UNIVERSE.replace("<= 100", "<= 2").replace("<= 40", "<= 3").replace("<= 20", "<= 1")
PURGED = {
    "its facts no longer fit": (OUT,),
    "a person excluded it": (f"{UNIVERSE}  exclude: [{{symbol: BTC-USD, reason: a test}}]\n",),
    "its currency is not traded": (UNIVERSE.replace("[USD]", "[USDC]"),),
}


def purging(text: str) -> str:
    """The universe, with a purge in four slices."""
    return f"{text}  purge: {{after: 10m, slice_pct: 25, every: 5m}}\n"


@pytest.mark.parametrize("texts", PURGED.values(), ids=PURGED)
def test_what_left_the_universe_is_sold_in_slices(texts: tuple[str, ...]) -> None:
    """After ten minutes a quarter, and each five minutes another, of what was held at first."""
    made = desk(purging(texts[0]))
    sold: list[tuple[int, Decimal]] = []
    for minute in range(30):
        for intent, quantity in turn(made, later_s=0):
            assert intent is Intent.PURGE
            sold.append((minute, quantity))
            made.fill(made.venue.sent[-1].intent.number, BTC, str(quantity), "99.95", "SELL")
        made.wait(60)
    assert sold == [(minute, Decimal("0.5")) for minute in (10, 15, 20, 25)]
    assert made.state.positions == {}


KEPT = {
    "a member": purging(UNIVERSE),
    "no purge in the set": OUT,
    "one tier is undecided": purging(OUT.replace("spread_bps <= 2}", "jump_sigma_60s < 3}")),
    "between staying and entering": purging(UNIVERSE.replace("<= 100", "<= 2")),
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_what_may_stay_or_is_in_doubt_is_kept(text: str) -> None:
    """A member, a set that does not purge, doubt about one tier: nothing is sold."""
    assert minutes(desk(text), 20) == []


def test_a_slice_that_could_not_be_sold_alone_is_all() -> None:
    """The last slice takes the rest: what a slice would leave must be sellable by itself."""
    made = Bench(set_of(purging(OUT)))
    made.hold(BTC, "0.03", "100")
    assert minutes(made, 11) == [(Intent.PURGE, Decimal("0.03"))]


def test_the_universe_is_not_asked_of_dust() -> None:
    """Too little to be sold is neither trimmed nor purged."""
    made = Bench(set_of(purging(OUT)))
    made.hold(BTC, "0.0005", "100")
    assert minutes(made, 15) == []


def test_an_exit_of_the_cycle_comes_before_its_trim() -> None:
    """What is sold by the plan is not sold once more by the limit."""
    made = desk()
    minutes(made, 10)
    made.quote(BTC)
    assert [intent for intent, _ in turn(made, bid="94", ask="94.1")] == [Intent.EXIT]


REFUSED = {
    "a rule that selling does not meet": capped(
        "order.notional_usd <= 10", on_breach="deny", params="{}"
    ),
    "a rule that grows with a sale": capped(
        "position.pct_after >= 1", on_breach="deny", params="{}"
    ),
    "a rule about an order": capped(
        "position.pct_after <= 1 or order.price_vs_mid_bps > 5", on_breach="deny", params="{}"
    ),
    "a rule that answers for absence": capped(
        "position.pct_after <= default(asset.atr_pct, 1)", on_breach="deny", params="{}"
    ),
    "a tier that answers for absence": purging(
        UNIVERSE.replace("quote.spread_bps <= 100", "'default(quote.spread_bps, 200) <= 100'")
    ),
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_could_sell_by_mistake_does_not_load(text: str) -> None:
    """A trim must be shown to be met by selling, and absence must never decide."""
    composed = compose(documents(text), "test")
    assert composed.policy_set is None
    errors = [each for each in composed.diagnostics if each.severity is Severity.ERROR]
    assert {each.code for each in errors} == {"M377"}


# A data gap must never become a fire sale.

RULES = (
    capped(),
    capped(
        "position.pct_after <= params.max_pct or asset.volume_24h_usd > 5000",
        params="{max_pct: {by: regime.name, bull: 3, chop: 3, bear: 1.2, crash: 1, unknown: 0}}",
    ),
    purging(OUT),
    purging(OUT.replace("spread_bps <= 2}", "spread_bps <= 2 or asset.volume_24h_usd > 5000}")),
)
HOLES = st.sampled_from(
    [
        "quote",
        "quote.spread_bps",
        "asset.volume_24h_usd",
        "position.value_usd",
        "portfolio.equity_usd",
        "position.pending_buy_usd",
        "cycle",
    ]
)


def told(made: Bench, holes: Sequence[str], volume: float) -> tuple[Wish, ...]:
    """One cycle as far as upkeep, with facts taken away; its marks are recorded."""
    made.quote(BTC, None if "quote" in holes else "99.95", "100.05")
    this = made.round()
    this.tell(BTC, {"asset.volume_24h_usd": volume})
    for name in holes:
        if name in this.account:
            del this.account[name]
        this.distrust(BTC, [name])
    universe.run(made.desk, this)
    wishes = upkeep.run(made.desk, this, exits.marks(made.desk, this))
    made.close(overdue=upkeep.overdue_body(this.overdue), universe=this.universe_changes)
    made.wait(60)
    return wishes


@pytest.mark.long
@settings(max_examples=40)
@given(
    st.sampled_from(RULES),
    st.lists(st.tuples(st.sets(HOLES), st.sampled_from([100.0, 9000.0])), min_size=12, max_size=24),
)
def test_a_gap_never_sells(text: str, cycles: list[tuple[set[str], float]]) -> None:
    """With facts missing at random nothing is sold in a cycle that would not be sold with all."""
    whole, holed = (Bench(set_of(text)) for _ in range(2))
    for made in (whole, holed):
        made.hold(BTC, "2", "100")
    for holes, volume in cycles:
        sold = {(w.intent, w.quantity) for w in told(holed, sorted(holes - {"cycle"}), volume)}
        assert sold <= {(w.intent, w.quantity) for w in told(whole, (), volume)}


def test_a_latch_that_reduces_lets_a_trim_pass() -> None:
    """Trims reduce risk: a breaker that stops entries does not stop them."""
    made = desk(capped(), breaker("stop", "portfolio.open_positions_count >= 1"))
    assert len(minutes(made, 11)) == 1
    assert made.state.latches
    assert [r.kind for r in made.journal.records()].count(RecordKind.INTENT) == 2

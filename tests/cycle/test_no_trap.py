"""No set can trap a position: either the set is refused, or a stop whose bid is known leaves.

Sets are generated (limits, guards, breakers, schedules, waivers, universes, ladders; many of them
name exits), facts are taken away at random, and the steps of production are asked to get out.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from cycle.small_sets import SCHEDULE, STRATEGY, UNIVERSE, breaker, documents, limit
from cycle.trading_desk import BTC, START, Bench, done
from hypothesis import event, given, settings
from hypothesis import strategies as st

from engine.cycle.orders import intents
from engine.cycle.steps import breakers, exits
from engine.errors import Severity
from engine.ledger.state import Membership
from engine.model.orders import Intent
from engine.policyset.composing import compose
from engine.policyset.lint import lint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.policyset.policyset import PolicySet

# What a person might write into a limit, a guard or a breaker; some of it never passes an exit.
ASKED = (
    "order.notional_usd >= 15",
    "order.notional_usd <= 50",
    "order.quantity >= 5",
    "order.price_vs_mid_bps <= 20",
    "order.price_vs_mid_bps <= 60",
    "order.cost_bps <= 40",
    "order.size_pct >= 5",
    'order.type == "post_only"',
    'order.type != "market_ioc"',
    'order.side == "SELL" or quote.spread_bps <= 10',
    'order.side == "BUY"',
    'order.intent != "exit"',
    'order.intent == "exit" or quote.age_s <= 1',
    "quote.spread_bps <= 5",
    "quote.age_s <= 1",
    "not quote.one_sided",
    "book.depth_20bps_usd >= 100000",
    "position.pct_after <= 1",
    "position.hold_h >= 24",
    "portfolio.pnl_day_pct > -1",
    "portfolio.equity_usd >= 1000000",
    'regime.name != "unknown"',
    'asset.tier != "none"',
    'asset.status == "halted"',
    "has(asset.volume_24h_usd)",
    "default(asset.atr_pct, 100) <= 10",
    "clock.hour_utc < 8",
    "pace.messages_1m_count < 1",
    "engine.kill_switch",
)
INTENTS = st.sets(st.sampled_from([each.value for each in Intent]), min_size=1)
ALWAYS = """  maintenance:
    - {days: [mon, tue, wed, thu, fri, sat, sun], from: "00:00", to: "23:59", zone: UTC}
"""
LADDERS = (
    "[{order: limit_ioc, collar_bps: 50}, {order: market_ioc}]",
    "[{order: limit_ioc, collar_bps: 50}, {order: limit_ioc, collar_bps: 150}]",
    "[{order: limit_ioc, collar_bps: 9}, {order: limit_ioc, collar_bps: 99}, {order: market_ioc}]",
    "[{order: market_ioc}]",
)


@st.composite
def limits(draw: st.DrawFn, name: str) -> str:
    """A limit on anything, for any intents."""
    intents = draw(INTENTS)
    return limit(
        name,
        draw(st.sampled_from(ASKED)),
        intents=f"[{', '.join(sorted(intents))}]",
        minimum=draw(st.sampled_from(["true", "false"])),
        stage=draw(st.sampled_from(["enforce", "enforce", "warn"])),
    )


@st.composite
def trips(draw: st.DrawFn, name: str) -> str:
    """A breaker on anything that needs no order, of any scope."""
    scope = draw(st.sampled_from(["account", "symbol"]))
    facts = {
        "account": ["portfolio.pnl_day_pct < 0", "engine.kill_switch", "clock.hour_utc >= 0"],
        "symbol": ["quote.spread_bps > 5", "position.pnl_pct < 0", "quote.age_s > 0"],
    }
    halted = draw(st.booleans())
    sells = not halted and draw(st.booleans())
    cancels = ["all", "entries"] if sells else ["all", "entries", "none"]
    return breaker(
        name,
        draw(st.sampled_from(facts[scope])),
        scope=scope,
        while_tripped="halted" if halted else "reducing",
        cancel=draw(st.sampled_from(cancels)),
        on_trip="exit_all" if sells else "none",
    )


@st.composite
def executions(draw: st.DrawFn) -> str:
    """Ladders of any kind that load, and perhaps a guard on anything."""
    intents = ", ".join(sorted(draw(INTENTS)))
    guard = (
        f"  guards:\n    - name: g\n      intents: [{intents}]\n"
        f"      require: '{draw(st.sampled_from(ASKED))}'\n"
        "      on_breach: deny\n      stage: enforce\n"
    )
    return (
        "kind: ExecutionPolicy\nmetadata: {name: orders, description: Any.}\nspec:\n  ladders:\n"
        "    entry: [{order: limit_ioc, collar_bps: 10}]\n"
        "    exit: [{order: post_only, time_to_live: 15s}, {order: limit_ioc, collar_bps: 50}]\n"
        f"    exit_stop: {draw(st.sampled_from(LADDERS))}\n"
        "    trim: [{order: limit_ioc, collar_bps: 50}]\n"
        "  reconcile:\n    scan_every: 5m\n    look_back: 24h\n    settles_within_s: 0\n"
        "    slack: {balance_usd: 0.01, fill_usd: 0.2, fill_pct: 2, fee_usd: 0.01}\n"
        "    accept_transfers_usd: 0\n"
        f"{guard if draw(st.booleans()) else ''}"
    )


WAIVER = """
kind: Waiver
metadata: {name: none_at_all, description: A waiver that tightens.}
spec:
  rule: RiskLimit/waived
  scope: {symbols: []}
  instead: {params: {max_usd: 0}}
  reason: a test
  approved_by: anna
  from: "2026-03-01T00:00:00Z"
  until: "2026-03-09T00:00:00Z"
  at_end: hold
"""
WAIVED = limit("waived", "order.notional_usd <= params.max_usd", params="{max_usd: 100}")


@st.composite
def written(draw: st.DrawFn) -> tuple[str, ...]:
    """The documents of a set, put over the small base."""
    texts = [STRATEGY, draw(executions())]
    texts += [draw(limits(f"limit_{n}")) for n in range(draw(st.integers(0, 3)))]
    texts += [draw(trips(f"breaker_{n}")) for n in range(draw(st.integers(0, 2)))]
    if draw(st.booleans()):
        texts.append(SCHEDULE + ALWAYS)
    if draw(st.booleans()):
        texts.append(f"{UNIVERSE}  exclude: [{{symbol: BTC-USD, reason: a test}}]\n")
    if draw(st.booleans()):
        texts += [WAIVED, WAIVER]
    return tuple(texts)


def usable(texts: Iterable[str]) -> PolicySet | None:
    """The set, unless loading or the lint of exits refuses it."""
    composed = compose(documents(*texts), "generated")
    if composed.policy_set is None:
        return None
    found = lint(composed.policy_set, now=START)
    refused = {each.code for each in found if each.severity is Severity.ERROR}
    return None if refused & {"M375", "M376"} else composed.policy_set


HOLES = st.sets(
    st.sampled_from(
        [
            "quote.spread_bps",
            "quote.age_s",
            "quote.bid",
            "portfolio.equity_usd",
            "portfolio.pnl_day_pct",
            "position.value_usd",
            "position.pnl_pct",
            "asset.status",
            "asset.tier",
            "regime.name",
            "clock.hour_utc",
            "pace.messages_1m_count",
            "engine.kill_switch",
        ]
    )
)


def stop(policy_set: PolicySet, ask: str | None, holes: Iterable[str], *, member: bool) -> Bench:
    """A position six per cent below its entry, and the steps of production up to its exit."""
    made = Bench(policy_set)
    made.hold(BTC, "2", "100")
    made.wait(600)
    made.quote(BTC, "94", ask)
    this = made.round()
    this.universe = {BTC: Membership("core")} if member else {}
    breakers.run(made.desk, this)
    for name in holes:
        this.account.pop(name, None)
    this.distrust(BTC, holes)
    wanted = exits.run(made.desk, this, exits.marks(made.desk, this))
    done(intents.place_exits(made.desk, this, wanted))
    return made


@settings(max_examples=80)
@given(
    texts=written(),
    ask=st.sampled_from(["94.1", "99", None]),
    holes=HOLES,
    member=st.booleans(),
)
def test_a_set_is_refused_or_lets_a_stop_leave(
    texts: tuple[str, ...], ask: str | None, holes: set[str], *, member: bool
) -> None:
    """Whatever a set says and whatever is missing: at its stop, with a bid, a position is sold."""
    policy_set = usable(texts)
    event("refused" if policy_set is None else "usable")
    if policy_set is None:
        return
    made = stop(policy_set, ask, sorted(holes), member=member)
    halted = any(each.while_tripped == "halted" for each in made.state.latches.values())
    event("halted" if halted else "free")
    sold = [each.quantity for each in made.venue.sent]
    assert sold == ([] if halted else [Decimal(2)])


NAMED = {
    "a collar that gives way at last": limit(
        "collar", "order.price_vs_mid_bps <= 60", intents="[entry, exit]"
    ),
    "a rule that speaks of buys": limit(
        "buys", 'order.side == "SELL" or quote.spread_bps <= 1', intents="[entry, exit]"
    ),
    "a rule that lets exits pass by name": limit(
        "named", 'order.intent == "exit" or quote.age_s < 0', intents="[exit, trim]"
    ),
    "a rule that is only recorded": limit(
        "seen", "order.notional_usd >= 1000", intents="[exit]", stage="warn"
    ),
    "a choice between two of them": limit(
        "either",
        'order.side == "SELL" if order.intent == "exit" else quote.spread_bps <= 1',
        intents="[entry, exit]",
    ),
}


@pytest.mark.parametrize("text", NAMED.values(), ids=NAMED)
def test_a_rule_may_name_exits_if_it_lets_them_pass(text: str) -> None:
    """The lint refuses what denies, and not what merely names an exit; the stop leaves."""
    policy_set = usable([STRATEGY, text])
    assert policy_set is not None
    assert [each.quantity for each in stop(policy_set, "94.1", (), member=True).venue.sent] == [2]


TRAPS = {
    "a smallest size": ("order.notional_usd >= 1000", {"minimum": "true"}),
    "a largest size": ("order.notional_usd <= 10", {}),
    "a collar below the first rung": ("order.price_vs_mid_bps <= 20", {}),
    "a time window": ("clock.hour_utc < 8", {}),
    "a spread": ("quote.spread_bps <= 5", {}),
    "a wish for more": ("position.pct_after <= 1", {}),
    "a loss": ("portfolio.pnl_day_pct > -1", {}),
    "a fact that must be there": ("has(asset.volume_24h_usd)", {}),
    "both sides at once": ('order.side == "SELL" and quote.spread_bps <= 1', {}),
}


@pytest.mark.parametrize(("require", "other"), TRAPS.values(), ids=TRAPS)
def test_what_could_hold_a_position_is_refused(require: str, other: dict[str, str]) -> None:
    """A rule that names exits and is not shown to let them pass is an error of the set."""
    assert usable([STRATEGY, limit("trap", require, intents="[entry, exit]", **other)]) is None


def test_a_minimum_does_not_block_a_protective_order() -> None:
    """The smallest order of 15 USD binds entries; a stop for less leaves all the same."""
    policy_set = usable([STRATEGY, limit("dust", "order.notional_usd >= 1500", minimum="true")])
    assert policy_set is not None
    assert len(stop(policy_set, "94.1", (), member=True).venue.sent) == 1

"""What activation would do is what a cycle would do, in sentences with money."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import orjson
import pytest
from cycle.small_sets import DEPLOYMENT, STRATEGY, UNIVERSE, breaker, limit, set_of

from engine.comparison.activating.activation import Act, ActKind, activation, usd_of
from engine.comparison.activating.standing import Held, Standing, Working, standing_of
from engine.errors import MandateError
from engine.model.orders import ExitPlan, Intent
from engine.model.symbols import Symbol
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.expr.nodes import Value

BTC, ETH = Symbol("BTC", "USD"), Symbol("ETH", "USDC")
NOON = UtcTime.parse("2026-01-05T12:00:00Z")
PLAN = ExitPlan(Decimal(5), 1800)
HELD = Held(
    BTC, Decimal("0.1"), Decimal(10_000), Decimal(10_500), Decimal(9_700), NOON, "follower", PLAN
)
ORDERS = (
    Working(BTC, Intent.ENTRY, Decimal("0.02"), Decimal(9_700)),
    Working(BTC, Intent.EXIT, Decimal("0.01"), Decimal(9_600)),
)
ACCOUNT: Mapping[str, Value] = {
    "portfolio.equity_usd": 10_000.0,
    "portfolio.pnl_day_pct": -3.5,
    "portfolio.at_risk_usd": 970.0,
    "portfolio.gross_usd": 970.0,
    "regime.name": "chop",
}
PRODUCTS: Mapping[str, Mapping[str, Value]] = {
    "BTC-USD": {"position.value_usd": 970.0, "position.pending_buy_usd": 0.0},
}
STANDING = Standing(None, "paper", NOON, (HELD,), ORDERS, frozenset(), ACCOUNT, PRODUCTS)
DAILY = "portfolio.pnl_day_pct <= -3"


def acts(*texts: str, standing: Standing = STANDING) -> list[tuple[ActKind, str]]:
    """What these documents would do, in short."""
    return [(act.kind, act.words) for act in activation(standing, set_of(*texts))]


def stop(pct: str, more: str = "") -> str:
    """The strategy with another stop."""
    return STRATEGY.replace("stop_pct: 5", f"stop_pct: {pct}{more}")


def test_a_set_that_changes_nothing_does_nothing() -> None:
    """The plan that is held, no breaker and no trim: nothing happens."""
    assert acts(STRATEGY) == []
    assert acts() == []


def test_a_tighter_stop_moves_or_sells() -> None:
    """A stop above the bid sells at once, with what it is worth; one below it moves."""
    assert acts(stop("4")) == [
        (
            ActKind.MOVES_STOP,
            "BTC-USD (970.00 USD): its stop moves from 9,500.00 to 9,600.00",
        )
    ]
    ((kind, words),) = acts(stop("2"))
    assert kind is ActKind.SELLS
    assert words == (
        "all of BTC-USD (970.00 USD) is sold, since its stop moves to 9,800.00 and the bid is "
        "9,700.00"
    )
    assert acts(stop("9")) == []


PLANS = {
    "a target that is behind it": ("target_pct: 1", Decimal(10_200), ActKind.SELLS, "its target"),
    "a target to come": ("target_pct: 9", Decimal(9_700), ActKind.MOVES_STOP, "another target_pct"),
    "a trail from the peak": ("trailing_pct: 5", Decimal(9_700), ActKind.SELLS, "9,975.00"),
    "a longest hold": ("max_hold: 1h", Decimal(9_700), ActKind.MOVES_STOP, "max_hold_s"),
}


@pytest.mark.parametrize(("more", "bid", "kind", "words"), PLANS.values(), ids=PLANS)
def test_what_else_of_a_plan_is_tighter(more: str, bid: Decimal, kind: ActKind, words: str) -> None:
    """Each part of a plan counts from activation on."""
    standing = replace(STANDING, held=(replace(HELD, bid=bid),))
    ((found, told),) = acts(stop("5", f", {more}"), standing=standing)
    assert found is kind
    assert words in told


def test_what_was_held_for_too_long_is_sold() -> None:
    """A longest hold that is over already sells."""
    standing = replace(STANDING, held=(replace(HELD, opened=NOON.plus_s(-7200)),))
    ((kind, words),) = acts(stop("5", ", max_hold: 1h"), standing=standing)
    assert kind is ActKind.SELLS
    assert "longer than 1h" in words


def test_a_breaker_that_trips_stops_cancels_and_sells() -> None:
    """Each consequence is told by itself, the gravest first."""
    found = activation(STANDING, set_of(breaker("daily", DAILY, cancel="all", on_trip="exit_all")))
    assert [(act.kind, act.usd) for act in found] == [
        (ActKind.SELLS, Decimal("970.0")),
        (ActKind.TRIPS, None),
        (ActKind.CANCELS, Decimal("194.00")),
        (ActKind.CANCELS, Decimal("96.00")),
    ]
    entries = acts(breaker("daily", DAILY))
    assert [kind for kind, _ in entries] == [ActKind.TRIPS, ActKind.CANCELS]
    assert entries[0][1].startswith("CircuitBreaker/daily trips and stops entries: ")
    halted = acts(breaker("daily", DAILY, while_tripped="halted", cancel="none"))
    assert [kind for kind, _ in halted] == [ActKind.TRIPS]
    assert "stops everything but a person's liquidation" in halted[0][1]


def test_a_breaker_of_a_product_is_asked_of_each() -> None:
    """It trips for the product of which it holds."""
    ((kind, words), *_) = acts(
        breaker("big", "position.value_usd > 900", scope="symbol", cancel="none")
    )
    assert kind is ActKind.TRIPS
    assert "trips for BTC-USD" in words


def test_what_is_latched_stays_so() -> None:
    """A latch does not trip again; one whose document is gone stays until its reset."""
    standing = replace(STANDING, latched=frozenset({("daily", "")}))
    assert acts(breaker("daily", DAILY), standing=standing) == []
    ((kind, words),) = acts(standing=standing)
    assert kind is ActKind.STAYS_LATCHED
    assert "`daily` stays tripped until its reset" in words


def test_what_a_ledger_cannot_tell_is_named() -> None:
    """A breaker that asks the venue is neither tripped nor passed over."""
    ((kind, words),) = acts(breaker("lost", "venue.unknown_orders_count > 0"))
    assert kind is ActKind.NOT_TOLD
    assert words.endswith("lost")


def test_a_holding_above_its_limit_is_trimmed() -> None:
    """As much as brings it back, in money, and when."""
    trimmed = limit(
        "share",
        "position.pct_after <= params.max_pct",
        scope="symbol",
        params="{max_pct: 5}",
        trim="{after: 1h, at_least_pct: 5}",
    )
    (act,) = activation(STANDING, set_of(trimmed))
    assert act == Act(
        ActKind.TRIMS,
        "BTC-USD",
        "470.06 USD of BTC-USD is sold once it has been above RiskLimit/share for 1h",
        Decimal("470.0620"),
    )
    small = trimmed.replace("at_least_pct: 5", "at_least_pct: 60")
    assert acts(small) == acts(trimmed.replace("max_pct: 5", "max_pct: 50")) == []
    unpriced = replace(STANDING, held=(replace(HELD, bid=None),))
    assert acts(trimmed, standing=unpriced) == []


def test_an_excluded_product_is_purged() -> None:
    """It is sold in slices, from when on is told."""
    excluded = UNIVERSE.replace(
        "  max_symbols",
        "  exclude: [{symbol: BTC-USD, reason: delisted}]\n"
        "  purge: {after: 2h, slice_pct: 25, every: 30m}\n  max_symbols",
    )
    ((kind, words),) = acts(excluded)
    assert kind is ActKind.TRIMS
    assert "is excluded (delisted): 25 % of it is sold every 30m from 2h on" in words


def test_another_mode_is_refused() -> None:
    """Where orders go never changes by a reload."""
    ((kind, words),) = acts(DEPLOYMENT, standing=replace(STANDING, mode="live"))
    assert kind is ActKind.REFUSED
    assert "the trader runs live and the set says paper" in words


def test_money_of_another_currency_has_its_rate() -> None:
    """An amount of a currency without a rate has no value here."""
    one = set_of()
    assert usd_of(one, ETH, Decimal(3)) == Decimal(3)
    assert usd_of(one, Symbol("ETH", "EUR"), Decimal(3)) is None


STATUS: dict[str, object] = {
    "version": 1,
    "policy_set": None,
    "mode": "paper",
    "time": str(NOON),
    "positions": [],
    "working": [],
    "tripped": [{"breaker": "daily", "key": ""}],
    "facts": {"account": {"portfolio.equity_usd": 5, "engine.kill_switch": False}, "products": {}},
}


def test_a_status_is_read() -> None:
    """Numbers are floats as facts are, flags stay flags."""
    standing = standing_of(orjson.dumps(STATUS), "status.json")
    assert standing.account == {"portfolio.equity_usd": 5.0, "engine.kill_switch": False}
    assert standing.latched == {("daily", "")}


REFUSED = {
    "no JSON": (b"state: fine", "M702"),
    "no object": (b"[]", "M702"),
    "another version": (orjson.dumps({**STATUS, "version": 2}), "M702"),
    "without facts": (orjson.dumps({**STATUS, "facts": None}), "M703"),
    "before the first cycle": (orjson.dumps({**STATUS, "time": None}), "M703"),
    "without its positions": (orjson.dumps({**STATUS, "positions": [{"symbol": 3}]}), "M702"),
}


@pytest.mark.parametrize(("data", "code"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_status_is_refused(data: bytes, code: str) -> None:
    """A file that cannot be read as a whole says nothing."""
    with pytest.raises(MandateError) as refused:
        standing_of(data, "status.json")
    (finding,) = refused.value.diagnostics
    assert finding.code == code

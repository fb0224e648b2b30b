"""Every decision of the crash, measured anew: from the records before it and the bars alone."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from acceptance.conftest import BAR_NS, PRODUCTS, FinishedRun
from cycle.brute_force import Event, Oracle, World, results

from engine.ledger.records import RecordKind

if TYPE_CHECKING:
    from collections.abc import Iterator

HALF = Decimal("0.0005")
THEMES = {
    "LAYER1": ("ADA", "ALGO", "ATOM", "AVAX", "BTC", "DOT", "ETH", "NEAR", "SOL", "XLM", "XRP"),
    "LAYER2": ("ARB", "IMX", "MATIC", "OP", "POL", "STRK"),
    "MEME": ("BONK", "DOGE", "FLOKI", "PEPE", "SHIB", "WIF"),
    "DEFI": ("AAVE", "COMP", "CRV", "LDO", "MKR", "SNX", "UNI"),
}
# What a decision records besides what the oracle measures, and why it is not measured here.
NOT_MEASURED = {
    "asset.status": "the venue says it, and a paper venue says online",
    "asset.tier": "hysteresis: tests/cycle/steps/test_universe.py",
    "engine.stage": "the Deployment says it",
    "order.fee_bps": "the Deployment says it",
    "order.slippage_bps": "of the form: tests/cycle/facts",
    "order.base": "a part of the symbol",
    "order.quote_currency": "a part of the symbol",
    "order.continues": "whether the wish has a parent",
    "order.opens_position": "whether something is held or works, which the exposure shows",
    "regime.name": "thresholds of series: tests/cycle/facts",
}
Closes = dict[tuple[str, int], Decimal]
REL = 1e-6


def events(crash: FinishedRun) -> list[Event]:
    """The records as plain data."""
    return [(each.kind.value, each.time.ns, dict(each.fields())) for each in crash.records]


def world(closes: Closes, now: int) -> World:
    """The prices of that instant, by the spread model."""
    last = {f"{each}-USDT": close_at(closes, f"{each}-USDT", now) for each in PRODUCTS}
    return World(
        now=now,
        bids={symbol: close * (1 - HALF) for symbol, close in last.items()},
        asks={symbol: close * (1 + HALF) for symbol, close in last.items()},
        rates={"USDT": Decimal(1)},
        least_units=Decimal("0.00000001"),
        least_value=Decimal(10),
        groups=THEMES,
    )


def close_at(closes: Closes, symbol: str, now: int) -> Decimal:
    """The newest close; the recording has no gap."""
    return closes[symbol, now - now % BAR_NS]


def measured(body: dict[str, Any], before: list[Event], closes: Closes) -> dict[str, object]:
    """Everything that the oracle can say about this decision, by the vocabulary's names."""
    wish, now = body["wish"], before[-1][1]
    symbol, strategy = body["symbol"], wish["strategy"]
    side = "BUY" if wish["why"] in {"entry", "add"} else "SELL"
    around = world(closes, now)
    oracle = Oracle(before, around)
    limit = None if wish["limit_price"] is None else Decimal(wish["limit_price"])
    cycle_from = next(n for n, (kind, *_) in reversed([*enumerate(before)]) if kind == "cycle")
    quarter = [close_at(closes, symbol, now - n * BAR_NS) for n in range(3)]
    return {
        **oracle.exposure(symbol, strategy),
        **oracle.pace(symbol, strategy, side),
        "portfolio.new_positions_cycle_count": oracle.opened_now(cycle_from),
        "order.self_match": oracle.against(symbol, side, limit),
        "order.price_vs_mid_bps": oracle.beyond_mid_bps(symbol, side, Decimal(wish["worst_price"])),
        "order.side": side,
        "order.strategy": strategy,
        "order.type": wish["form"],
        "quote.bid": around.bids[symbol],
        "quote.ask": around.asks[symbol],
        "quote.age_s": Decimal(0),
        "quote.crossed": False,
        "quote.one_sided": False,
        "book.depth_20bps_usd": Decimal(100_000),
        'mean("15m")': sum(quarter) / len(quarter),
    }


def decisions(crash: FinishedRun) -> Iterator[tuple[dict[str, Any], list[Event]]]:
    """Each decision with the records before it; its own instant ends them."""
    found = events(crash)
    for place, (kind, ns, body) in enumerate(found):
        if kind == "decision":
            yield body, [*found[:place], ("now", ns, {})]


def test_every_recorded_quantity_is_what_the_records_and_the_bars_say(
    crash: FinishedRun, closes: Closes
) -> None:
    """Of each decision, every fact: measured again, or named with the reason why it is not."""
    count = 0
    for body, before in decisions(crash):
        facts, wanted = body["situation"]["facts"], measured(body, before, closes)
        unknown = facts.keys() - wanted.keys() - NOT_MEASURED.keys()
        assert not unknown
        for name in facts.keys() & wanted.keys():
            assert_equal(name, facts[name], wanted[name], body)
        oracle = Oracle(before, world(closes, before[-1][1]))
        for each in body["situation"]["groups"]:
            own = oracle.group(each["group.name"])
            assert_equal("group", each["portfolio.group_at_risk_usd"], own, body)
        count += 1
    assert count > 300


def assert_equal(name: str, told: object, wanted: object, body: dict[str, Any]) -> None:
    """Equal, numbers within the rounding of a derived quote."""
    if isinstance(wanted, Decimal):
        assert told == pytest.approx(float(wanted), rel=REL, abs=1e-3), (name, body)
    else:
        assert told == wanted, (name, body)


def test_a_planted_mistake_is_found(crash: FinishedRun, closes: Closes) -> None:
    """The check can fail: forget one working order, and some decision measures otherwise."""
    for body, before in decisions(crash):
        last = max((n for n, (kind, *_) in enumerate(before) if kind == "intent"), default=None)
        if last is None:
            continue
        number = before[last][2]["intent"]
        less = [each for each in before if each[2].get("intent") != number]
        told = body["situation"]["facts"]["portfolio.at_risk_usd"]
        own = Oracle(less, world(closes, before[-1][1]))
        naive = own.exposure(body["symbol"], body["wish"]["strategy"])["portfolio.at_risk_usd"]
        if told != pytest.approx(float(naive), rel=REL, abs=1e-3):
            return
    pytest.fail("no decision depends on a working order")


def test_the_daily_stop_trips_at_its_number_and_not_before(crash: FinishedRun) -> None:
    """By the equity of the cycles alone: -3 % of the day is reached in the cycle of the trip."""
    told = [(n, b) for k, n, b in events(crash) if k == RecordKind.CYCLE.value]
    marks = [(ns, Decimal(body["equity_usd"]), Decimal(0)) for ns, body in told]
    tripped = {
        ns
        for kind, ns, body in events(crash)
        if kind == "breaker_tripped" and body["breaker"] == "daily_stop"
    }
    (trip,) = tripped
    for place, (ns, equity, _) in enumerate(marks):
        if place and ns <= trip:
            day = results(marks[:place], ns, (equity, Decimal(0)))["portfolio.pnl_day_pct"]
            assert (day <= -3) is (ns == trip)

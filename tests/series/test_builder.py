"""Bars from quotes and trades, where none are recorded."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.model.market import Bar, Quote, Trade
from engine.model.symbols import Symbol
from engine.model.times import UtcTime
from engine.series import BarBuilder, BarSource, preferred

BTC = Symbol("BTC", "USD")
ETH = Symbol("ETH", "USD")
NOON = UtcTime.parse("2025-11-22T12:00:00Z")


def _quote(second: float, bid: str | None, ask: str | None = None, symbol: Symbol = BTC) -> Quote:
    sides = (Decimal(each) if each else None for each in (bid, ask or bid))
    return Quote(symbol, NOON.plus_s(second), *sides)


def _trade(second: float, price: str, size: str, symbol: Symbol = BTC) -> Trade:
    return Trade(symbol, NOON.plus_s(second), Decimal(price), Decimal(size), taker_sold=False)


def _bar(minute: int, prices: str, volume: str = "0", symbol: Symbol = BTC) -> Bar:
    shown = (Decimal(each) for each in prices.split())
    return Bar(symbol, NOON.plus_s(60 * minute), 60, *shown, Decimal(volume))


def test_quotes_make_a_bar_of_mids() -> None:
    """Open, high, low and close are mids; the bar is there once a later minute is seen."""
    builder = BarBuilder(BarSource.QUOTES)
    events = [
        _quote(0, "99", "101"),
        _quote(10, "103"),
        _quote(20, "98"),
        _quote(59.999999999, "101"),
    ]
    assert [builder.on_event(each) for each in events] == [None] * 4
    assert builder.on_event(_quote(60, "102")) == _bar(0, "100 103 98 101")
    assert builder.refused == 0


def test_trades_make_a_bar_with_volume() -> None:
    """Sizes add up to the volume of the bar."""
    builder = BarBuilder(BarSource.TRADES)
    builder.on_event(_trade(1, "100", "0.5"))
    builder.on_event(_trade(2, "101", "0.25"))
    assert builder.on_event(_trade(200, "90", "3")) == _bar(0, "100 101 100 101", "0.75")
    assert builder.complete(NOON.plus_s(240)) == (_bar(3, "90 90 90 90", "3"),)


def test_the_clock_completes_bars_too() -> None:
    """At the end of a minute its bars are complete, in order of products; the next is not."""
    builder = BarBuilder(BarSource.TRADES)
    builder.on_event(_trade(1, "5", "1", ETH))
    builder.on_event(_trade(2, "7", "1"))
    assert builder.complete(NOON.plus_s(59)) == ()
    assert builder.complete(NOON.plus_s(60)) == (
        _bar(0, "7 7 7 7", "1"),
        _bar(0, "5 5 5 5", "1", ETH),
    )
    assert builder.complete(NOON.plus_s(60)) == ()


LEFT_OUT = {
    "a quote without a bid": _quote(61, None, "100"),
    "a quote without an ask": Quote(BTC, NOON.plus_s(61), Decimal(1), None),
    "a crossed quote": _quote(61, "101", "100"),
    "a quote at zero": _quote(61, "0"),
    "a quote of a minute that is over": _quote(59, "100"),
}


@pytest.mark.parametrize("event", LEFT_OUT.values(), ids=LEFT_OUT)
def test_what_is_left_out_is_counted(event: Quote) -> None:
    """What says no price, or comes too late, changes no bar."""
    builder = BarBuilder(BarSource.QUOTES)
    builder.on_event(_quote(60, "50"))
    assert builder.on_event(event) is None
    assert builder.refused == 1
    assert builder.complete(NOON.plus_s(120)) == (_bar(1, "50 50 50 50"),)


def test_nothing_is_added_to_a_bar_that_was_handed_out() -> None:
    """After the clock completed a minute, its late events are refused."""
    builder = BarBuilder(BarSource.TRADES)
    builder.on_event(_trade(1, "7", "1"))
    builder.complete(NOON.plus_s(61))
    assert builder.on_event(_trade(59, "8", "1")) is None
    assert builder.complete(NOON.plus_s(120)) == ()
    assert builder.refused == 1


def test_a_builder_takes_one_source() -> None:
    """Mids and trade prices are never mixed in one bar."""
    quotes, trades = BarBuilder(BarSource.QUOTES), BarBuilder(BarSource.TRADES)
    quotes.on_event(_trade(1, "7", "1"))
    trades.on_event(_quote(1, "7"))
    assert quotes.complete(NOON.plus_s(60)) == trades.complete(NOON.plus_s(60)) == ()


@pytest.mark.parametrize(
    ("available", "best"),
    [
        ([], None),
        ([BarSource.QUOTES], BarSource.QUOTES),
        ([BarSource.QUOTES, BarSource.TRADES], BarSource.TRADES),
        (list(BarSource), BarSource.RECORDED),
    ],
)
def test_recorded_bars_beat_built_ones(available: list[BarSource], best: BarSource | None) -> None:
    """Recorded before built from trades before built from quotes."""
    assert preferred(available) is best

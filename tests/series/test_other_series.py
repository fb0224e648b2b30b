"""A book that comes to other series: shared ones go on to the last bit, new ones begin unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.model.symbols import Symbol
from engine.series import SeriesBook

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.market import Bar
    from engine.series import BarColumns

    MakeColumns = Callable[..., BarColumns]
    AsBars = Callable[[BarColumns, Symbol], list[Bar]]

BTC = Symbol("BTC", "USD")
HIGH, RSI, EMA = 'highest("4h")', 'rsi(14, "5m")', 'ema(20, "5m")'


def shown(book: SeriesBook, last: Bar) -> dict[str, float]:
    """What is known after a bar."""
    return dict(book.values(BTC, last.time.plus_s(60)))


@pytest.mark.parametrize("at", [0, 1, 300, 500])
def test_shared_series_go_on_and_new_ones_begin(
    market: MakeColumns, as_bars: AsBars, at: int
) -> None:
    """As if the shared one had never been alone, and the new one had only seen what came since."""
    bars = as_bars(market(7, 800, silence=0.02), BTC)
    book, shared, late = SeriesBook([HIGH, RSI]), SeriesBook([RSI]), SeriesBook([EMA])
    for number, bar in enumerate(bars):
        if number == at:
            book.use([RSI, EMA])
            book.leave([RSI, EMA])
        book.on_bar(bar)
        shared.on_bar(bar)
        if number >= at:
            late.on_bar(bar)
            assert shown(book, bar) == shown(shared, bar) | shown(late, bar), number
    assert EMA in shown(book, bars[-1])


def test_an_unknown_series_is_refused(market: MakeColumns, as_bars: AsBars) -> None:
    """And nothing of the book has changed."""
    bars = as_bars(market(8, 400), BTC)
    book = SeriesBook([RSI])
    for bar in bars:
        book.on_bar(bar)
    before = shown(book, bars[-1])
    with pytest.raises(ValueError, match="no_such"):
        book.use([EMA, 'no_such("1h")'])
    assert shown(book, bars[-1]) == before

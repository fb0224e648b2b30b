"""Bars of a minute, from trades and from recorded bars, and wider ones made of them.

In: trades and bars as they come. Out: candles of any served granularity, newest first. A minute
in which nothing traded has no candle. Refuses nothing; only the newest week is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from engine.adapters.paper.money import exactly
from engine.model.times import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from engine.model.market import Bar
    from engine.model.times import UtcTime

_MINUTE_S = 60
_KEPT = 7 * 24 * 60
GRANULARITIES_S = {
    "ONE_MINUTE": 60,
    "FIVE_MINUTE": 300,
    "FIFTEEN_MINUTE": 900,
    "THIRTY_MINUTE": 1800,
    "ONE_HOUR": 3600,
    "TWO_HOUR": 7200,
    "FOUR_HOUR": 14_400,
    "SIX_HOUR": 21_600,
    "ONE_DAY": 86_400,
}


@dataclass(frozen=True, slots=True)
class Candle:
    """One bar; `start_s` is its open in seconds since 1970."""

    start_s: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal

    def then(self, later: Candle) -> Candle:
        """This bar and the next as one."""
        with exactly():
            volume = self.volume + later.volume
        return replace(
            self,
            high=max(self.high, later.high),
            low=min(self.low, later.low),
            close=later.close,
            volume=volume,
        )


@dataclass(slots=True)
class Minutes:
    """The candles of one product, by the second in which they begin."""

    _by_start: dict[int, Candle] = field(default_factory=dict)

    def on_trade(self, time: UtcTime, price: Decimal, size: Decimal) -> None:
        """Count a trade to its minute."""
        start_s = time.ns // NS_PER_S // _MINUTE_S * _MINUTE_S
        one = Candle(start_s, price, price, price, price, size)
        known = self._by_start.get(start_s)
        self._put(one if known is None else known.then(one))

    def on_bar(self, bar: Bar) -> None:
        """Take in a recorded bar, instead of what trades made of that stretch."""
        start_s = bar.time.ns // NS_PER_S
        self._put(Candle(start_s, bar.open, bar.high, bar.low, bar.close, bar.volume))

    def _put(self, candle: Candle) -> None:
        self._by_start[candle.start_s] = candle
        if len(self._by_start) > _KEPT:
            del self._by_start[min(self._by_start)]

    def candles(self, granularity_s: int, first_s: int, last_s: int) -> Sequence[Candle]:
        """Candles that begin in [first_s, last_s], newest first."""
        found: dict[int, Candle] = {}
        for start_s in sorted(self._by_start):
            begin = start_s // granularity_s * granularity_s
            if first_s <= begin <= last_s:
                candle = replace(self._by_start[start_s], start_s=begin)
                found[begin] = found[begin].then(candle) if begin in found else candle
        return [found[begin] for begin in sorted(found, reverse=True)]

    def first_since(self, first_s: int) -> Candle | None:
        """The oldest candle that begins then or later."""
        begins = [start for start in self._by_start if start >= first_s]
        return self._by_start[min(begins)] if begins else None

    def volume_since(self, first_s: int) -> Decimal | None:
        """Base units traded since then; None where no trade is known."""
        found = [each.volume for start, each in self._by_start.items() if start >= first_s]
        if not found:
            return None
        with exactly():
            return sum(found[1:], found[0])

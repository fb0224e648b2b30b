"""Bars of a market in real time: warmed up from the venue's candles, then built from its tape.

In: trades as they are heard, and since when the tape is whole. Out: bars of a minute, those of each
product in order, a few seconds after their end. A stretch with a minute that the tape does not tell
(before the start, after a lost connection, without a trade) is asked of the venue; while the venue
does not answer, it stays open, so that later bars never hide it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.model.market import Trade
from engine.model.times import NS_PER_S, UtcTime
from engine.observe.log import Log
from engine.ports import VenueError
from engine.series import BASE_S, BarBuilder, BarSource

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.adapters.coinbase.market import PublicMarket
    from engine.model.market import Bar, MarketEvent
    from engine.model.symbols import Symbol
    from engine.ports import Clock

SETTLED_S = 5
"""A trade of a minute may be heard, and its candle be finished, so long after the minute."""
_STEP_NS = BASE_S * NS_PER_S
_LOG = Log("bars")


@dataclass(slots=True)
class MinuteBars:
    """The bars of some products; `tape_since` is None while nobody listens."""

    market: PublicMarket
    symbols: Sequence[Symbol]
    clock: Clock
    warm_up_s: int
    tape_since: Callable[[], UtcTime | None]
    tell: Callable[[Bar], None]
    _builder: BarBuilder = field(default_factory=lambda: BarBuilder(BarSource.TRADES), init=False)
    _built: dict[Symbol, list[Bar]] = field(default_factory=dict, init=False)
    _next: dict[Symbol, UtcTime] = field(default_factory=dict, init=False)

    def on_event(self, event: MarketEvent) -> None:
        """Take a trade of the tape; anything else says nothing of bars."""
        if isinstance(event, Trade):
            self._keep(self._builder.on_event(event))

    async def run(self) -> None:
        """Tell the bars of each minute once it has settled, until cancelled."""
        while True:
            ended = self._ended()
            await self.tell_until(ended)
            await self.clock.sleep_until(ended.plus_s(BASE_S + SETTLED_S))

    async def tell_until(self, ended: UtcTime) -> None:
        """Bring every product up to `ended`, as far as the venue tells."""
        for bar in self._builder.complete(ended):
            self._keep(bar)
        for symbol in self.symbols:
            await self._catch_up(symbol, ended)

    def _ended(self) -> UtcTime:
        settled = self.clock.now().plus_s(-SETTLED_S)
        return UtcTime(settled.ns // _STEP_NS * _STEP_NS)

    def _keep(self, bar: Bar | None) -> None:
        if bar is not None:
            self._built.setdefault(bar.symbol, []).append(bar)

    async def _catch_up(self, symbol: Symbol, ended: UtcTime) -> None:
        earliest = ended.plus_s(-self.warm_up_s)
        first = max(self._next.get(symbol, earliest), earliest)
        if first >= ended:
            return
        built = self._built.pop(symbol, [])
        bars = [each for each in built if first <= each.time < ended]
        self._built[symbol] = [each for each in built if each.time >= ended]
        if not (self._heard_since(first) and len(bars) == ended.since_s(first) // BASE_S):
            asked = await self._asked(symbol, first, ended)
            if asked is None:
                return
            bars = list(asked)
        for each in bars:
            self.tell(each)
        self._next[symbol] = ended

    def _heard_since(self, first: UtcTime) -> bool:
        since = self.tape_since()
        return since is not None and since <= first

    async def _asked(self, symbol: Symbol, first: UtcTime, ended: UtcTime) -> Sequence[Bar] | None:
        try:
            return await self.market.candles(symbol, first, ended)
        except VenueError as failure:
            _LOG.warning("candles_missing", symbol=str(symbol), why=type(failure).__name__)
            return None

"""Which events become rows: trades and book samples all, quotes as often as was asked for.

In: events in the order of their receipt. Out: whether each is kept. A quote that stands is kept
once a second even where every change is: whoever replays it sees that somebody still listened.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.model.market import Quote

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.model.market import MarketEvent
    from engine.model.symbols import Symbol

STANDS_S = 1.0
_Top = tuple["Decimal | None", "Decimal | None", "Decimal | None", "Decimal | None"]


@dataclass(slots=True)
class Sampling:
    """Quotes at least `every_s` apart for each product; 0 keeps every change."""

    every_s: float
    _last: dict[Symbol, Quote] = field(default_factory=dict)

    def keeps(self, event: MarketEvent) -> bool:
        """Whether the event becomes rows."""
        if not isinstance(event, Quote):
            return True
        last = self._last.get(event.symbol)
        if last is not None and not self._is_news(last, event):
            return False
        self._last[event.symbol] = event
        return True

    def forget(self) -> None:
        """After a gap the first quote of each product is news."""
        self._last.clear()

    def _is_news(self, last: Quote, quote: Quote) -> bool:
        if quote.time.since_s(last.time) >= (self.every_s or STANDS_S):
            return True
        return self.every_s == 0 and _top(quote) != _top(last)


def _top(quote: Quote) -> _Top:
    return quote.bid, quote.ask, quote.bid_size, quote.ask_size

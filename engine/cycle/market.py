"""What the market last showed: the newest quote and book of each product, and its series.

In: market events in the order of their receipt. Out: quotes, books and series values as they
stand. Refuses a price that is not above zero: that side is missing. Other defects (a crossed
quote, a silent minute) are facts for rules to judge.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from engine.model.market import Bar, Book, Quote, Trade
from engine.series import BASE_S, BarBuilder, BarSource, SeriesBook

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from engine.model.market import MarketEvent
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime

SourceOf = Callable[["Symbol"], BarSource]


class BarSink(Protocol):
    """Takes bars as they are completed."""

    def on_bar(self, bar: Bar, source: BarSource = BarSource.RECORDED) -> object:
        """Take one bar."""
        ...


class KnownSeries(Protocol):
    """Answers what series say of a product at an instant; hears no bars from a market."""

    def values(self, symbol: Symbol, now: UtcTime) -> Mapping[str, float]:
        """The values that are known at `now`, by canonical name."""
        ...

    def completed(self, symbol: Symbol) -> UtcTime | None:
        """When the last bar of the product ended; None before one was taken."""
        ...


class _Deaf:
    """Where bars go that nobody needs."""

    def on_bar(self, bar: Bar, source: BarSource = BarSource.RECORDED) -> None:
        """Let it go."""


class MarketView:
    """The market as far as it was heard of.

    `series` are the canonical names that the policy set uses; `source_of` says for each product
    whether its bars are recorded, or built from trades or quotes; `base_s` is their length.
    `steady` are seconds that never step, None on a recording, whose receipts are its only clock.
    `bars` hears of bars instead of the series, for whoever wants these.
    """

    def __init__(
        self,
        series: Iterable[str],
        source_of: SourceOf,
        base_s: int = BASE_S,
        steady: Callable[[], float] | None = None,
        bars: BarSink | None = None,
    ) -> None:
        self.quotes: dict[Symbol, Quote] = {}
        self.books: dict[Symbol, Book] = {}
        self.last_bid: dict[Symbol, Decimal] = {}
        self.first_seen: dict[Symbol, UtcTime] = {}
        self.last_event: UtcTime | None = None
        self._steady = steady
        self._heard_s: dict[Symbol, float] = {}
        self._symbols: list[Symbol] = []
        self._asked = frozenset(series)
        self._series = SeriesBook(self._asked, base_s)
        self._known: KnownSeries = self._series
        self._bars = bars or self._series
        self.source_of = source_of
        self.base_s = base_s
        self._builders = {
            source: BarBuilder(source, base_s) for source in (BarSource.TRADES, BarSource.QUOTES)
        }

    @property
    def symbols(self) -> list[Symbol]:
        """Products of which a quote was seen, sorted."""
        if len(self._symbols) != len(self.quotes):
            self._symbols = sorted(self.quotes)
        return self._symbols

    @property
    def series_names(self) -> tuple[str, ...]:
        """The canonical names of its series."""
        return tuple(each.name for each in self._series.series)

    @property
    def warm_up_s(self) -> int:
        """How much of the past its series have to see before each of them has a value."""
        # A coarser bar waits for its UTC boundary first.
        return max((each.warm_up_s + each.bar_s for each in self._series.series), default=BASE_S)

    def use(self, series: Iterable[str]) -> None:
        """Another set asks for these series; those of the one before stay warm, for its return."""
        names = frozenset(series)
        self._series.leave(self._asked | names)
        self._series.use(names)
        self._asked = names

    def answer_from(self, known: KnownSeries) -> None:
        """From now on `known` tells what its series say, and bars are not heard any more."""
        self._known, self._bars = known, _Deaf()

    def on_event(self, event: MarketEvent) -> None:
        """Take one event."""
        self.last_event = event.time
        self.first_seen.setdefault(event.symbol, event.time)
        match event:
            case Quote():
                self._on_quote(event)
            case Book():
                self.books[event.symbol] = event
            case Bar():
                if self.source_of(event.symbol) is BarSource.RECORDED:
                    self._bars.on_bar(event)
            case Trade():
                self._build(BarSource.TRADES, event)

    def complete_bars(self, now: UtcTime) -> None:
        """Close the bars that ended by `now`, so that a cycle sees them."""
        for source, builder in self._builders.items():
            for bar in builder.complete(now):
                self._bars.on_bar(bar, source)

    def steady_age_s(self, symbol: Symbol) -> float:
        """Seconds since its newest quote was received, by the clock that never steps."""
        heard_s = self._heard_s.get(symbol)
        return 0.0 if self._steady is None or heard_s is None else self._steady() - heard_s

    def series_values(self, symbol: Symbol, now: UtcTime) -> Mapping[str, float]:
        """The series values of a product that are known at `now`, by canonical name."""
        return self._known.values(symbol, now)

    def bars_completed(self, symbol: Symbol) -> UtcTime | None:
        """When its last bar ended."""
        return self._known.completed(symbol)

    def _on_quote(self, told: Quote) -> None:
        quote = _priced(told)
        self.quotes[quote.symbol] = quote
        if self._steady is not None:
            self._heard_s[quote.symbol] = self._steady()
        if quote.bid is not None:
            self.last_bid[quote.symbol] = quote.bid
        self._build(BarSource.QUOTES, quote)

    def _build(self, source: BarSource, event: Quote | Trade) -> None:
        if self.source_of(event.symbol) is not source:
            return
        bar = self._builders[source].on_event(event)
        if bar is not None:
            self._bars.on_bar(bar, source)


def _priced(quote: Quote) -> Quote:
    """A price that is not above zero is none: what is held would seem to be worth that, or less."""
    bid, ask = (None if each is None or each <= 0 else each for each in (quote.bid, quote.ask))
    if bid is quote.bid and ask is quote.ask:
        return quote
    return replace(quote, bid=bid, ask=ask)

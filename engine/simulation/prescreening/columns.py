"""Facts of the market as columns: for one product, a value an instant of the grid.

In: a product's quotes and bars, its grid of increments, the set's words on it. Out: a Polars frame
a product, null where a fact is missing, with exactly the values that a snapshot would hold; only
`book.depth_total_usd` is worked out in floats, and so given as the two ends of what it may be.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from engine.cycle.facts.market import FUTURE_TOLERANCE_S
from engine.cycle.facts.product import product_facts
from engine.cycle.facts.universe import groups_of
from engine.model.times import NS_PER_S
from engine.series import produce
from engine.series.compiled import quickest
from engine.simulation.prescreening.grid import QUOTE_NUMBERS, quotes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.adapters.recorded import Recording
    from engine.cycle.desk import Desk
    from engine.expr.nodes import Value
    from engine.model.symbols import Symbol
    from engine.series import BarColumns, Runtime
    from engine.simulation.prescreening.grid import Grid, QuoteRows

DEPTH = "book.depth_total_usd"
QUOTED = "#quoted"
"""Whether the product was quoted by then; a column of ours, which no fact can be called."""
_BARS_AGE = "data.bars_age_s"
# Far more than the few roundings of two products and a sum, far less than any threshold's digits.
_DEPTH_ERROR = 1e-12
_DAY_NS = 86_400 * NS_PER_S
_HOUR_NS = 3_600 * NS_PER_S

MARKET_FACTS = frozenset(
    {
        "clock.weekday_utc",
        "clock.hour_utc",
        "quote.bid",
        "quote.ask",
        "quote.one_sided",
        "quote.crossed",
        "quote.age_s",
        _BARS_AGE,
        DEPTH,
        "asset.symbol",
        "asset.groups",
        "asset.status",
        "asset.base_increment",
        "asset.price_increment",
        "asset.min_notional_usd",
        "regime.name",
    }
)
"""Facts besides series that a frame has; every other fact is unknown to it."""


@dataclass(frozen=True, slots=True)
class Market:
    """What frames are made from."""

    recording: Recording
    desk: Desk
    grid: Grid
    instants: NDArray[np.int64]
    bars: dict[Symbol, BarColumns]

    def frame(self, symbol: Symbol) -> tuple[pl.DataFrame, bool]:
        """The facts of one product, without the regime; and whether depth is in it."""
        quotes = quotes_of(self.recording, symbol)
        last = np.searchsorted(quotes.times, self.instants, side="right") - 1
        columns = _clock(self.instants) | _quote(quotes, last, self.instants)
        columns |= self._series(symbol)
        depth = None if self._deep else _depth(quotes, last, self._rate(symbol))
        if depth is not None:
            columns[DEPTH] = depth
        frame = pl.DataFrame(columns).with_columns(
            [_constant(name, value) for name, value in self._standing(symbol).items()]
        )
        # Of a product that was not quoted yet a cycle asks nothing.
        known = [pl.when(pl.col(QUOTED)).then(pl.col(each)).alias(each) for each in frame.columns]
        return frame.with_columns([e for e in known if e.meta.output_name() != QUOTED]), bool(
            depth is not None
        )

    @property
    def _deep(self) -> bool:
        return any(table.kind.value == "books" for table in self.recording.tables)

    @property
    def _runtime(self) -> Runtime:
        # Compiled once for all products: what one of them has is no reason, but all together.
        bars = sum(len(each.opened_ns) for each in self.bars.values())
        return quickest(bars * len(self.desk.market.series_names))

    def _rate(self, symbol: Symbol) -> float | None:
        rate = self.desk.valuation.rate(symbol.quote)
        return None if rate is None else float(rate)

    def _series(self, symbol: Symbol) -> dict[str, pl.Series]:
        names, bars = self.desk.market.series_names, self.bars.get(symbol)
        if bars is None:
            return {}
        produced = produce(names, bars, self.desk.market.base_s, self._runtime)
        known = produced.at(array("q", self.instants.tobytes()))
        rate = self._rate(symbol)
        columns = {
            name: _in_numeraire(name, np.frombuffer(values, dtype=np.float64), rate)
            for name, values in known.items()
        }
        ended = np.frombuffer(produced.closed_ns, dtype=np.int64)
        after = np.searchsorted(ended, self.instants, side="right") - 1
        age = (self.instants - ended[np.maximum(after, 0)]) / NS_PER_S if len(ended) else None
        if age is not None:
            columns[_BARS_AGE] = np.where(after >= 0, np.maximum(0.0, age), np.nan)
        return {name: _numbers(each) for name, each in columns.items()}

    def _standing(self, symbol: Symbol) -> dict[str, Value]:
        facts = product_facts(
            symbol, self.desk.products.get(symbol), self.desk.valuation.rate(symbol.quote)
        )
        return {**facts, "asset.groups": groups_of(self.desk.policy_set.universe, symbol)}


def _in_numeraire(
    name: str, values: NDArray[np.float64], rate: float | None
) -> NDArray[np.float64]:
    if not name.startswith("volume_usd(") or rate == 1.0:
        return values
    return values * (np.nan if rate is None else rate)


def _numbers(values: NDArray[np.float64]) -> pl.Series:
    return pl.Series(values=values, dtype=pl.Float64, nan_to_null=True)


def _constant(name: str, value: Value) -> pl.Expr:
    if isinstance(value, frozenset):
        return pl.lit(pl.Series([sorted(value)], dtype=pl.List(pl.String))).first().alias(name)
    return pl.lit(value).alias(name)


def _clock(instants: NDArray[np.int64]) -> dict[str, pl.Series]:
    # The first of January 1970 was a Thursday, the fourth day of the week.
    weekday = (instants // _DAY_NS + 3) % 7 + 1
    hour = instants % _DAY_NS // _HOUR_NS
    return {
        "clock.weekday_utc": _numbers(weekday.astype(np.float64)),
        "clock.hour_utc": _numbers(hour.astype(np.float64)),
    }


def _quote(
    quotes: QuoteRows, last: NDArray[np.int64], instants: NDArray[np.int64]
) -> dict[str, pl.Series]:
    quoted = last >= 0
    bid, ask = (_as_of(quotes, name, last) for name in ("bid", "ask"))
    no_bid, no_ask = np.isnan(bid), np.isnan(ask)
    both = ~no_bid & ~no_ask
    return {
        QUOTED: pl.Series(values=quoted),
        "quote.bid": _numbers(bid),
        "quote.ask": _numbers(ask),
        "quote.one_sided": pl.Series(values=no_bid | no_ask),
        "quote.crossed": pl.select(
            pl.when(pl.Series(values=both)).then(pl.Series(values=bid > ask))
        ).to_series(),
        "quote.age_s": _numbers(_age_s(quotes, last, instants)),
    }


def _as_of(quotes: QuoteRows, name: str, last: NDArray[np.int64]) -> NDArray[np.float64]:
    """A number of the newest quote at each instant; a price that is not above zero is none."""
    column = quotes.numbers.get(name)
    if column is None or not len(column):
        return np.full(len(last), np.nan)
    values = np.where(last >= 0, column[np.maximum(last, 0)], np.nan)
    return np.where(values > 0, values, np.nan) if name in {"bid", "ask"} else values


def _age_s(
    quotes: QuoteRows, last: NDArray[np.int64], instants: NDArray[np.int64]
) -> NDArray[np.float64]:
    if not len(quotes.times):
        return np.full(len(last), np.nan)
    older = younger = (instants - quotes.times[np.maximum(last, 0)]) / NS_PER_S
    if quotes.venue_times is not None:
        stamps = quotes.venue_times[np.maximum(last, 0)]
        stamped = np.where(stamps > 0, (instants - stamps) / NS_PER_S, older)
        older, younger = np.maximum(older, stamped), np.minimum(younger, stamped)
    return np.where((last >= 0) & (younger >= FUTURE_TOLERANCE_S), np.maximum(0.0, older), np.nan)


def _depth(quotes: QuoteRows, last: NDArray[np.int64], rate: float | None) -> pl.Series | None:
    """What is shown at the top of both sides, in the numeraire, but for a few roundings."""
    if rate is None:
        return None
    bid, ask, bid_size, ask_size = (_as_of(quotes, name, last) for name in QUOTE_NUMBERS)
    sides = np.stack([bid * bid_size, ask * ask_size])
    nothing = np.isnan(sides).all(axis=0)
    return _numbers(np.where(nothing, np.nan, np.nansum(sides, axis=0) * rate))


def ends_of_depth(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The frame with the least and the most that the depth may be."""
    least, most = (
        frame.with_columns(pl.col(DEPTH) * factor)
        for factor in (1 - _DEPTH_ERROR, 1 + _DEPTH_ERROR)
    )
    return least, most

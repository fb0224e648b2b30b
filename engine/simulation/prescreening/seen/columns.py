"""Facts of the market as columns: for one product, a value an instant of the grid.

In: a product's quotes and bars, its grid of increments, the set's words on it; a stretch. Out: what
is `Shown` of it at each instant, and a Polars frame of its facts, null where one is missing, with
exactly the values that a snapshot would hold; only `book.depth_total_usd` is worked out in floats,
and so given as the two ends of what it may be.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from engine.adapters.recorded import RecordingKind
from engine.adapters.recorded.tables import NO_TIME
from engine.cycle.facts.market import FUTURE_TOLERANCE_S
from engine.cycle.facts.product import product_facts
from engine.cycle.facts.universe import groups_of
from engine.model.times import NS_PER_S
from engine.series.batch import SeriesRun
from engine.series.compiled import quickest
from engine.simulation.prescreening.seen.quotes import Quotes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from engine.adapters.recorded import Recording
    from engine.cycle.desk import Desk
    from engine.expr.nodes import Value
    from engine.model.symbols import Symbol
    from engine.series import SeriesColumns
    from engine.simulation.prescreening.seen.bars import Bars
    from engine.simulation.prescreening.seen.grid import Stretch
    from engine.simulation.prescreening.seen.quotes import QuoteRows

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

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
class Shown:
    """What is known of one product at each instant of a stretch.

    `newest` and `priced` are places in `quotes`: of its newest quote, and of its newest with a
    bid; -1 where there is none. `series` are its values, in the quote currency, NaN where unknown;
    `ended_ns` is when its last bar ended, 0 before the first.
    """

    quotes: QuoteRows
    newest: Ints
    priced: Ints
    series: Mapping[str, Sequence[float]]
    ended_ns: Ints

    @classmethod
    def at(cls, instants: Ints, quotes: QuoteRows, produced: SeriesColumns | None) -> Shown:
        """Look up what the quotes and the bars of a part say at each instant."""
        newest = np.searchsorted(quotes.times, instants, side="right") - 1
        priced = np.append(quotes.priced(), -1)[newest]
        if produced is None:
            return cls(quotes, newest, priced, {}, np.zeros(len(instants), dtype=np.int64))
        closed = np.frombuffer(produced.closed_ns, dtype=np.int64)
        ended = np.append(0, closed)[np.searchsorted(closed, instants, side="right")]
        return cls(quotes, newest, priced, produced.at(array("q", instants.tobytes())), ended)

    def source(self, place: int) -> tuple[int, int]:
        """Where a quote lies: the table of the recording, and its row."""
        return int(self.quotes.files[place]), int(self.quotes.rows[place])

    def values(self, at: int) -> dict[str, float]:
        """The series that are known at a place of the stretch."""
        return {
            name: value
            for name, column in self.series.items()
            if not math.isnan(value := column[at])
        }


@dataclass(slots=True)
class Product:
    """The parts of one product's market, in order."""

    desk: Desk
    symbol: Symbol
    bars: Bars
    deep: bool
    _quotes: Quotes
    _series: SeriesRun

    @classmethod
    def of(cls, desk: Desk, recording: Recording, symbol: Symbol, bars: Bars) -> Product:
        """Its market, from the beginning of a recording."""
        names, base_s = desk.market.series_names, desk.market.base_s
        # Compiled once for all products: what one of them has is no reason, but all together.
        runtime = quickest(bars.count * len(names))
        deep = any(table.kind is RecordingKind.BOOKS for table in recording.tables)
        run = SeriesRun(names, base_s, runtime)
        return cls(desk, symbol, bars, deep, Quotes(recording, symbol), run)

    def shown(self, stretch: Stretch) -> Shown:
        """What is known of it in a stretch; stretches are asked for in order."""
        after, until = stretch.after_ns, stretch.until_ns
        produced = self._series.take(self.bars.part(self.symbol, after, until))
        known = produced if len(produced.closed_ns) else None
        return Shown.at(stretch.instants, self._quotes.part(after, until), known)

    def frame(self, instants: Ints, shown: Shown) -> pl.DataFrame:
        """Its facts as columns, without the regime."""
        columns = (
            clock_columns(instants) | _quote(shown, instants) | self._produced(instants, shown)
        )
        depth = None if self.deep else _depth(shown, self._rate)
        if depth is not None:
            columns[DEPTH] = depth
        frame = pl.DataFrame(columns).with_columns(
            [constant(name, value) for name, value in self._standing().items()]
        )
        # Of a product that was not quoted yet a cycle asks nothing.
        known = [pl.when(pl.col(QUOTED)).then(pl.col(each)).alias(each) for each in frame.columns]
        asked = [each for each in known if each.meta.output_name() != QUOTED]
        return frame.with_columns(asked)

    @property
    def _rate(self) -> float | None:
        rate = self.desk.valuation.rate(self.symbol.quote)
        return None if rate is None else float(rate)

    def _produced(self, instants: Ints, shown: Shown) -> dict[str, pl.Series]:
        columns = {
            name: _in_numeraire(name, np.asarray(values, dtype=np.float64), self._rate)
            for name, values in shown.series.items()
        }
        if columns:
            age = np.maximum(0.0, (instants - shown.ended_ns) / NS_PER_S)
            columns[_BARS_AGE] = np.where(shown.ended_ns > 0, age, np.nan)
        return {name: numbers(each) for name, each in columns.items()}

    def _standing(self) -> dict[str, Value]:
        facts = product_facts(
            self.symbol,
            self.desk.products.get(self.symbol),
            self.desk.valuation.rate(self.symbol.quote),
        )
        return {**facts, "asset.groups": groups_of(self.desk.policy_set.universe, self.symbol)}


def _in_numeraire(
    name: str, values: NDArray[np.float64], rate: float | None
) -> NDArray[np.float64]:
    if not name.startswith("volume_usd(") or rate == 1.0:
        return values
    return values * (np.nan if rate is None else rate)


def numbers(values: NDArray[np.float64]) -> pl.Series:
    """As a column, null for NaN."""
    return pl.Series(values=values, dtype=pl.Float64, nan_to_null=True)


def constant(name: str, value: Value) -> pl.Expr:
    """One value for all rows."""
    if isinstance(value, frozenset):
        return pl.lit(pl.Series([sorted(value)], dtype=pl.List(pl.String))).first().alias(name)
    return pl.lit(value).alias(name)


def clock_columns(instants: NDArray[np.int64]) -> dict[str, pl.Series]:
    """The facts of the clock at each instant."""
    return {name: numbers(column) for name, column in _clock(instants).items()}


def clock_values(instants: NDArray[np.int64]) -> dict[str, Sequence[float]]:
    """The same, for who looks at a few."""
    return {name: column.tolist() for name, column in _clock(instants).items()}


def _clock(instants: NDArray[np.int64]) -> dict[str, Floats]:
    # The first of January 1970 was a Thursday, the fourth day of the week.
    weekday = (instants // _DAY_NS + 3) % 7 + 1
    hour = instants % _DAY_NS // _HOUR_NS
    return {
        "clock.weekday_utc": weekday.astype(np.float64),
        "clock.hour_utc": hour.astype(np.float64),
    }


def _quote(shown: Shown, instants: Ints) -> dict[str, pl.Series]:
    quotes, newest = shown.quotes, shown.newest
    bid, ask = price(newest, quotes.bid), price(newest, quotes.ask)
    no_bid, no_ask = np.isnan(bid), np.isnan(ask)
    both = ~no_bid & ~no_ask
    return {
        QUOTED: pl.Series(values=newest >= 0),
        "quote.bid": numbers(bid),
        "quote.ask": numbers(ask),
        "quote.one_sided": pl.Series(values=no_bid | no_ask),
        "quote.crossed": pl.select(
            pl.when(pl.Series(values=both)).then(pl.Series(values=bid > ask))
        ).to_series(),
        "quote.age_s": numbers(age_s(quotes, newest, instants)),
    }


def as_of(newest: Ints, column: Floats) -> Floats:
    """A number of the newest quote at each instant."""
    if not len(column):
        return np.full(len(newest), np.nan)
    return np.where(newest < 0, np.nan, column[newest])


def price(newest: Ints, column: Floats) -> Floats:
    """A price that is not above zero is none."""
    values = as_of(newest, column)
    return np.where(values > 0, values, np.nan)


def age_s(quotes: QuoteRows, last: Ints, instants: Ints) -> Floats:
    """How old the newest quote is at each instant; NaN without one, and from the future."""
    if not len(quotes.times):
        return np.full(len(last), np.nan)
    older = younger = (instants - quotes.times[last]) / NS_PER_S
    stamps = np.where(last < 0, NO_TIME, quotes.venue_times[last])
    # In whole numbers no stamp at all would lie beyond the range of them.
    stamped = np.where(stamps > 0, (instants - np.maximum(stamps, 0)) / NS_PER_S, older)
    older, younger = np.maximum(older, stamped), np.minimum(younger, stamped)
    return np.where((last >= 0) & (younger >= FUTURE_TOLERANCE_S), np.maximum(0.0, older), np.nan)


def _depth(shown: Shown, rate: float | None) -> pl.Series | None:
    """What is shown at the top of both sides, in the numeraire, but for a few roundings."""
    if rate is None:
        return None
    quotes, newest = shown.quotes, shown.newest
    bids = price(newest, quotes.bid) * as_of(newest, quotes.bid_size)
    asks = price(newest, quotes.ask) * as_of(newest, quotes.ask_size)
    sides = np.stack([bids, asks])
    nothing = np.isnan(sides).all(axis=0)
    return numbers(np.where(nothing, np.nan, np.nansum(sides, axis=0) * rate))


def ends_of_depth(frame: pl.DataFrame) -> Sequence[pl.DataFrame]:
    """The frame with the least and the most that the depth may be; once where none is known."""
    if DEPTH not in frame.columns:
        return (frame,)
    factors = (1 - _DEPTH_ERROR, 1 + _DEPTH_ERROR)
    return [frame.with_columns(pl.col(DEPTH) * factor) for factor in factors]

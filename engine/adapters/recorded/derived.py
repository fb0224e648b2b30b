"""Quotes derived from bars by a stated spread model, for recordings that hold no quotes.

In: a recording and a `SpreadModel`. Out: the recording with one quote at the completion of each
bar, around its close. Refuses a model that makes no sense, and a recording with nothing to derive
from. A product's recorded quotes are never mixed with derived ones, and nothing is derived where
nothing traded: a gap in the bars leaves the last quote to grow old.
"""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import TYPE_CHECKING

from engine.adapters.recorded.events import decimal_of_float
from engine.adapters.recorded.layout import RecordingKind
from engine.adapters.recorded.overlap import without_overlaps
from engine.adapters.recorded.tables import Table
from engine.errors import Diagnostic
from engine.model.numbers import canonical_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from engine.adapters.recorded.recording import Recording
    from engine.model.symbols import Symbol

MAX_SPREAD_BPS = Decimal(2_000)
_BPS = Decimal(10_000)
_DIGITS = 8
# Outward: the spread of a derived quote is never narrower than the model says, its size never more.
_DOWN = Context(prec=_DIGITS, rounding=ROUND_FLOOR)
_UP = Context(prec=_DIGITS, rounding=ROUND_CEILING)


@dataclass(frozen=True, slots=True)
class SpreadModel:
    """How far apart bid and ask stand around a close, and how much is shown at each.

    `depth` is in units of the quote currency; None shows prices without sizes, against which no
    immediate order is filled.
    """

    spread_bps: Decimal
    depth: Decimal | None = None

    @property
    def words(self) -> str:
        """The model, as the heading of a run says it."""
        size = "no size"
        if self.depth is not None:
            size = f"{self.depth:,f} of the quote currency at each side"
        return f"derived from bars at their close, spread {self.spread_bps:f} bps, {size}"

    def findings(self) -> tuple[Diagnostic, ...]:
        """What is wrong with the numbers (M514)."""
        found: list[Diagnostic] = []
        if not (self.spread_bps.is_finite() and 0 < self.spread_bps <= MAX_SPREAD_BPS):
            message = f"a spread of {self.spread_bps} bps is no model of a market"
            mend = f"state more than 0 and at most {MAX_SPREAD_BPS} bps: `--spread-bps 10`"
            found.append(Diagnostic("M514", message, None, mend))
        if self.depth is not None and not (self.depth.is_finite() and self.depth > 0):
            message = f"a depth of {self.depth} is no size that anyone shows"
            mend = "state units of the quote currency above 0, or leave it out: `--depth 100000`"
            found.append(Diagnostic("M514", message, None, mend))
        return tuple(found)


def with_derived_quotes(recording: Recording, model: SpreadModel) -> Recording | Diagnostic:
    """The recording with the model's quotes for every product that has bars and no quotes.

    The digest covers the model: other numbers make another recording.
    """
    quoted = _symbols(recording.tables, RecordingKind.QUOTES)
    bars = [each for each in recording.tables if each.kind is RecordingKind.BARS]
    derived = [_quotes(each, model, quoted) for each in bars]
    tables, _ = without_overlaps([each for each in derived if len(each)])
    if not tables:
        message = "a spread model was stated, and no product has bars and no quotes of its own"
        mend = "leave `--spread-bps` out: recorded quotes are used as they are"
        return Diagnostic("M516", message, None, mend)
    return replace(
        recording,
        digest=_digest(recording.digest, model),
        tables=(*recording.tables, *tables),
        derived=model,
    )


def _symbols(tables: Sequence[Table], kind: RecordingKind) -> set[Symbol]:
    return {t.symbols[code] for t in tables if t.kind is kind for code in set(t.codes)}


def _digest(of_files: str, model: SpreadModel) -> str:
    depth = "none" if model.depth is None else canonical_number(model.depth)
    parts = ("derived quotes", of_files, canonical_number(model.spread_bps), depth)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _quotes(bars: Table, model: SpreadModel, quoted: set[Symbol]) -> Table:
    """One quote a bar in which something was traded, at the instant that completes it."""
    wanted = [symbol not in quoted for symbol in bars.symbols]
    volumes = bars.numbers["volume"]
    rows = [row for row, code in enumerate(bars.codes) if wanted[code] and volumes[row] > 0]
    closes = [decimal_of_float(bars.numbers["close"][row]) for row in rows]
    return Table(
        file=bars.file,
        kind=RecordingKind.QUOTES,
        symbols=bars.symbols,
        times=array("q", map(bars.times.__getitem__, rows)),
        codes=array("q", map(bars.codes.__getitem__, rows)),
        numbers=dict(_columns(closes, model)),
    )


def _columns(closes: Sequence[Decimal], model: SpreadModel) -> Iterator[tuple[str, array[float]]]:
    half = model.spread_bps / _BPS / 2
    bids = [_DOWN.multiply(close, 1 - half) for close in closes]
    asks = [_UP.multiply(close, 1 + half) for close in closes]
    yield "bid", _floats(bids)
    yield "ask", _floats(asks)
    if model.depth is not None:
        size = _size_at(model.depth)
        yield "bid_size", _floats(map(size, bids))
        yield "ask_size", _floats(map(size, asks))


def _size_at(depth: Decimal) -> Callable[[Decimal], Decimal]:
    return lambda price: _DOWN.divide(depth, price)


def _floats(values: Iterator[Decimal] | Sequence[Decimal] | map[Decimal]) -> array[float]:
    return array("d", map(float, values))

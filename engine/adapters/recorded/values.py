"""Which numbers and which rows of a file can be used.

In: a `RawTable`. Out: number columns without infinities, a flag per row, and the counts.
Refuses no file: a row without what its kind needs is dropped, a quote's bad side is unknown.
"""

from __future__ import annotations

import math
from array import array
from itertools import compress, count
from operator import lt
from typing import TYPE_CHECKING

from engine.adapters.recorded.layout import RecordingKind
from engine.adapters.recorded.report import Correction, CorrectionKind
from engine.adapters.recorded.tables import ABSENT, NO_SIDE, NO_SYMBOL, NO_TIME
from engine.adapters.recorded.vectors import quickest
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from engine.adapters.recorded.tables import RawTable

Numbers = dict[str, "array[float]"]
_MAX_NAMED = 5


def usable_numbers(raw: RawTable) -> tuple[Numbers, list[Correction]]:
    """The number columns with every impossible number made absent, and how many there were."""
    numbers: Numbers = {}
    bad: dict[str, int] = {}
    for name, column in raw.numbers.items():
        numbers[name], worthless = _without_bad(column, positive=name in raw.layout.prices)
        if worthless:
            bad[name] = worthless
    detail = ", ".join(f"{name} {number}" for name, number in bad.items())
    words = f"NaN, infinite, negative, or zero where nothing costs zero: {detail}"
    found = [Correction(CorrectionKind.BAD_NUMBER, raw.file, sum(bad.values()), words)]
    if raw.rounded:
        words = "more digits than binary64 keeps: rounded to the nearest"
        found.append(Correction(CorrectionKind.ROUNDED, raw.file, raw.rounded, words))
    return numbers, [each for each in found if each.count]


def _without_bad(column: array[float], *, positive: bool) -> tuple[array[float], int]:
    least = quickest(len(column)).least(column)
    if least > 0 or (least == 0 and not positive):
        return column, 0
    cleaned = array("d", (_usable(value, positive=positive) for value in column))
    bad = sum(map(math.isnan, cleaned)) - sum(map(math.isnan, column))
    return cleaned, bad


def _usable(value: float, *, positive: bool) -> float:
    if not math.isfinite(value) or value < 0 or (positive and value == 0):
        return ABSENT
    return value + 0.0  # a negative zero becomes zero


def known_symbols(names: Sequence[str]) -> tuple[tuple[Symbol, ...], list[int]]:
    """The symbols named, in text order, and each spelling's index among them, or `NO_SYMBOL`."""
    parsed = [_parse(name) for name in names]
    symbols = tuple(sorted({each for each in parsed if each}, key=str))
    places = {symbol: place for place, symbol in enumerate(symbols)}
    return symbols, [NO_SYMBOL if each is None else places[each] for each in parsed]


def _parse(name: str) -> Symbol | None:
    try:
        return Symbol.parse(name)
    except ValueError:
        return None


def usable_rows(
    raw: RawTable, codes: Sequence[int], numbers: Mapping[str, array[float]]
) -> tuple[bytearray, list[Correction]]:
    """A flag per row, set where the row stays; each dropped row is counted for its first reason."""
    keep = bytearray(b"\1") * len(raw.times)
    found: list[Correction] = []
    for kind, rows, words in _unusable(raw, codes, numbers):
        fresh = [row for row in rows if keep[row]]
        for row in fresh:
            keep[row] = 0
        if fresh:
            found.append(Correction(kind, raw.file, len(fresh), f"rows dropped: {words}"))
    return keep, found


def _unusable(
    raw: RawTable, codes: Sequence[int], numbers: Mapping[str, array[float]]
) -> Iterator[tuple[CorrectionKind, Iterable[int], str]]:
    columns = quickest(len(raw.times))
    if min(raw.times) == NO_TIME:
        yield CorrectionKind.NO_TIME, _equal(raw.times, NO_TIME), "no time"
    if min(codes) == NO_SYMBOL:
        strangers = sorted({raw.names[raw.codes[row]] for row in _equal(codes, NO_SYMBOL)})
        spelled = ", ".join(f"`{name}`" for name in strangers[:_MAX_NAMED])
        rows = _equal(codes, NO_SYMBOL)
        yield CorrectionKind.UNKNOWN_SYMBOL, rows, f"not a product name: {spelled}"
    if raw.sides is not None:
        words = f"neither {raw.layout.sides[0]} nor {raw.layout.sides[1]}"
        yield CorrectionKind.UNKNOWN_SIDE, _equal(raw.sides, NO_SIDE), words
    if raw.layout.kind is RecordingKind.QUOTES:
        return
    for name in raw.layout.required:
        if name in numbers and columns.any_absent(numbers[name]):
            rows = compress(count(), map(math.isnan, numbers[name]))
            yield CorrectionKind.MISSING_VALUE, rows, f"no usable {name}"
    if raw.layout.kind is RecordingKind.BARS and columns.count_above(
        numbers["low"], numbers["high"]
    ):
        below = compress(count(), map(lt, numbers["high"], numbers["low"]))
        yield CorrectionKind.HIGH_BELOW_LOW, below, "high below low"


def _equal(column: Sequence[int], value: int) -> Iterator[int]:
    return compress(count(), map(value.__eq__, column))

"""From a file as written to a table that can be replayed: sorted, without repeats, counted.

In: a `RawTable`. Out: a `Table` and the corrections, or the finding that nothing is usable,
that times are in another unit, or that a bar's interval cannot be told.
"""

from __future__ import annotations

from array import array
from dataclasses import replace
from itertools import compress, count, groupby, pairwise, starmap
from operator import eq, gt
from typing import TYPE_CHECKING

from engine.adapters.recorded.inspection import inspect
from engine.adapters.recorded.intervals import completed
from engine.adapters.recorded.layout import RecordingKind
from engine.adapters.recorded.report import Correction, CorrectionKind
from engine.adapters.recorded.tables import NO_TIME, Table
from engine.adapters.recorded.values import known_symbols, usable_numbers, usable_rows
from engine.adapters.recorded.vectors import quickest
from engine.errors import Diagnostic, Place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.adapters.recorded.tables import RawTable
    from engine.model.symbols import Symbol

_EARLIEST_NS = 1_230_940_800 * 10**9  # 2009-01-03: no coin traded before there was one
_LATEST_NS = 4_102_444_800 * 10**9  # 2100-01-01
_UNITS = (("seconds", 10**9), ("milliseconds", 10**6), ("microseconds", 10**3))

Cleaned = tuple[Table, tuple[Correction, ...]]


def clean(raw: RawTable) -> Cleaned | Diagnostic:
    """The usable rows of one file, and an account of the others."""
    if wrong := _wrong_unit(raw):
        return wrong
    symbols, places = known_symbols(raw.names)
    codes = quickest(len(raw.codes)).placed(raw.codes, places)
    numbers, of_numbers = usable_numbers(raw)
    keep, of_rows = usable_rows(raw, codes, numbers)
    order, of_order = _in_order(raw, codes, numbers, keep)
    if not order:
        message = f"none of the {len(raw.times)} rows can be used"
        dropped = "; ".join(f"{each.count} {each.detail}" for each in (*of_numbers, *of_rows))
        return Diagnostic("M508", message, Place(raw.file, 1, 1), dropped)
    table = _taken(raw, symbols, codes, numbers, order)
    corrections = [*of_numbers, *of_rows, *of_order, *inspect(table)]
    if table.kind is not RecordingKind.BARS:
        return table, tuple(corrections)
    bars = completed(table)
    if isinstance(bars, Diagnostic):
        return bars
    return bars[0], (*corrections, *bars[1])


def _wrong_unit(raw: RawTable) -> Diagnostic | None:
    earliest, latest = min(raw.times), max(raw.times)
    if earliest == NO_TIME:
        earliest = min((time for time in raw.times if time != NO_TIME), default=_EARLIEST_NS)
        latest = max(latest, earliest)
    strange = [time for time in (earliest, latest) if not _EARLIEST_NS <= time < _LATEST_NS]
    if not strange:
        return None
    unit = next((u for u, ns in _UNITS if _EARLIEST_NS <= strange[0] * ns < _LATEST_NS), None)
    message = f"time {strange[0]} is not in nanoseconds between 2009 and 2100"
    help_text = f"`ts` looks like {unit}" if unit else "`ts` is nanoseconds since 1970 in UTC"
    return Diagnostic("M507", message, Place(raw.file, 1, 1), help_text)


def _in_order(
    raw: RawTable,
    codes: array[int],
    numbers: Mapping[str, array[float]],
    keep: bytearray,
) -> tuple[Sequence[int], list[Correction]]:
    """The rows to take, in the order of time and symbol, each once."""
    # Most files are so, and nothing is left to be done.
    if all(keep) and quickest(len(keep)).strictly_ordered(raw.times, codes):
        return range(len(keep)), []
    kept = list(compress(count(), keep))
    times = [raw.times[row] for row in kept]
    found: list[Correction] = []
    back = sum(starmap(gt, pairwise(times)))
    if back:
        words = "rows earlier than the row before them: put in order"
        found.append(Correction(CorrectionKind.UNSORTED, raw.file, back, words))
    order = _sorted_rows(raw, codes, numbers, kept)
    once, repeats = _without_repeats(raw, codes, numbers, order)
    return once, [*found, *repeats]


def _sorted_rows(
    raw: RawTable, codes: Sequence[int], numbers: Mapping[str, array[float]], kept: Sequence[int]
) -> Sequence[int]:
    if raw.layout.kind is RecordingKind.BOOKS:
        return sorted(kept, key=_best_first(raw, codes, numbers).__getitem__)
    return sorted(kept, key=lambda row: (raw.times[row], codes[row]))


def _best_first(
    raw: RawTable, codes: Sequence[int], numbers: Mapping[str, array[float]]
) -> list[tuple[int, int, int, float]]:
    """Sort keys of book rows: time, symbol, bids before asks, the best price first."""
    assert raw.sides is not None  # noqa: S101 - INVARIANT: a layout with sides was read with them
    prices = numbers["price"]
    signed = (p if side else -p for side, p in zip(raw.sides, prices, strict=True))
    return list(zip(raw.times, codes, raw.sides, signed, strict=True))


def _without_repeats(
    raw: RawTable, codes: Sequence[int], numbers: Mapping[str, array[float]], order: Sequence[int]
) -> tuple[Sequence[int], list[Correction]]:
    """Drop equal rows; of bars that share a symbol and a time, keep the first."""

    def instant(row: int) -> tuple[int, int]:
        return raw.times[row], codes[row]

    if not any(starmap(eq, pairwise(map(instant, order)))):
        return order, []
    others = (raw.sides, raw.venue_times, raw.ids)
    parts = [*numbers.values(), *(part for part in others if part is not None)]
    bars = raw.layout.kind is RecordingKind.BARS
    once: list[int] = []
    equal = conflicting = 0
    for _, group in groupby(order, key=instant):
        rows = list(group)
        distinct = _distinct(parts, rows) if len(rows) > 1 else rows
        taken = distinct[:1] if bars else distinct
        once += taken
        equal += len(rows) - len(distinct)
        conflicting += len(distinct) - len(taken)
    return once, _repeats(raw.file, equal, conflicting)


def _distinct(parts: Sequence[Sequence[object]], rows: Sequence[int]) -> list[int]:
    """The first row of each content; two rows that both lack a side are equal (NaN is not)."""
    first: dict[tuple[object, ...], int] = {}
    for row in rows:
        values = (part[row] for part in parts)
        content = tuple(None if value != value else value for value in values)  # noqa: PLR0124 - NaN
        first.setdefault(content, row)
    return list(first.values())


def _repeats(file: str, equal: int, conflicting: int) -> list[Correction]:
    found = (
        Correction(CorrectionKind.DUPLICATE, file, equal, "equal rows: one of each kept"),
        Correction(
            CorrectionKind.CONFLICTING_BAR,
            file,
            conflicting,
            "other bars of the same symbol and time: the first kept",
        ),
    )
    return [each for each in found if each.count]


def _taken(
    raw: RawTable,
    symbols: tuple[Symbol, ...],
    codes: array[int],
    numbers: Mapping[str, array[float]],
    order: Sequence[int],
) -> Table:
    whole = isinstance(order, range)

    def pick(column: array[int]) -> array[int]:
        return column if whole else array("q", map(column.__getitem__, order))

    def pick_numbers(column: array[float]) -> array[float]:
        return column if whole else array("d", map(column.__getitem__, order))

    table = Table(
        file=raw.file,
        kind=raw.layout.kind,
        symbols=symbols,
        times=pick(raw.times),
        codes=pick(codes),
        numbers={name: pick_numbers(column) for name, column in numbers.items()},
        sides=None if raw.sides is None else pick(raw.sides),
        venue_times=None if raw.venue_times is None else pick(raw.venue_times),
    )
    return _sampled(table) if table.kind is RecordingKind.BOOKS else table


def _sampled(table: Table) -> Table:
    """One entry per book sample in place of one per level."""
    instants = list(zip(table.times, table.codes, strict=True))
    firsts = [0, *(row + 1 for row, (a, b) in enumerate(pairwise(instants)) if a != b)]
    return replace(
        table,
        times=array("q", (table.times[row] for row in firsts)),
        codes=array("q", (table.codes[row] for row in firsts)),
        starts=firsts,
        ends=[*firsts[1:], len(instants)],
    )

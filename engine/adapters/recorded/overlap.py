"""Files of one kind that cover the same instants: each instant is told once.

In: the cleaned tables in the order given. Out: the same without the instants (symbol and time)
that an earlier table of their kind holds, and how many those were. Refuses nothing.
"""

from __future__ import annotations

from array import array
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.adapters.recorded.report import Correction, CorrectionKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.adapters.recorded.tables import Table
    from engine.model.symbols import Symbol

_Instants = dict["Symbol", set[tuple[int, int]]]


def without_overlaps(tables: Sequence[Table]) -> tuple[list[Table], list[Correction]]:
    """Keep of each instant what the first file says."""
    kept: list[Table] = []
    found: list[Correction] = []
    for table in tables:
        earlier = [each for each in kept if _may_overlap(each, table)]
        repeated = _repeated(earlier, table) if earlier else set()
        kept.append(_without(table, repeated) if repeated else table)
        if repeated:
            words = f"instants already in {', '.join(e.file for e in earlier)}: dropped"
            found.append(Correction(CorrectionKind.OVERLAP, table.file, len(repeated), words))
    return kept, found


def _may_overlap(one: Table, other: Table) -> bool:
    return (
        one.kind is other.kind
        and bool(set(one.symbols) & set(other.symbols))
        and bool(one)
        and one.times[0] <= other.times[-1]
        and other.times[0] <= one.times[-1]
    )


def _repeated(earlier: Sequence[Table], table: Table) -> set[int]:
    """The rows of `table` whose symbol, time (and bar length) an earlier table has."""
    known: _Instants = {symbol: set() for symbol in table.symbols}
    for each in earlier:
        for time, code in zip(each.times, each.codes, strict=True):
            if each.symbols[code] in known:
                known[each.symbols[code]].add((time, _length_s(each, code)))
    return {
        row
        for row, (time, code) in enumerate(zip(table.times, table.codes, strict=True))
        if (time, _length_s(table, code)) in known[table.symbols[code]]
    }


def _length_s(table: Table, code: int) -> int:
    return table.intervals_s[code] if table.intervals_s else 0


def _without(table: Table, dropped: set[int]) -> Table:
    rows = [row for row in range(len(table)) if row not in dropped]
    taken = replace(
        table,
        times=array("q", map(table.times.__getitem__, rows)),
        codes=array("q", map(table.codes.__getitem__, rows)),
    )
    if table.starts:
        # A book's columns hold levels, which the samples only point into.
        starts, ends = table.starts, table.ends
        return replace(taken, starts=[starts[r] for r in rows], ends=[ends[r] for r in rows])
    return replace(
        taken,
        numbers={n: array("d", map(c.__getitem__, rows)) for n, c in table.numbers.items()},
        sides=_pick(table.sides, rows),
        venue_times=_pick(table.venue_times, rows),
    )


def _pick(column: array[int] | None, rows: Sequence[int]) -> array[int] | None:
    return None if column is None else array("q", map(column.__getitem__, rows))

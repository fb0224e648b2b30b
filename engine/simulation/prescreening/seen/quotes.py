"""The quotes of one product as columns, part after part of a recording.

In: the tables of a recording. Out: what was received in each part, after the newest before it.
No row becomes an object here; `files` and `rows` say where each one lies, for who needs it whole.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from engine.adapters.recorded import RecordingKind
from engine.adapters.recorded.tables import NO_TIME

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.adapters.recorded import Recording, Table
    from engine.model.symbols import Symbol

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class QuoteRows:
    """Quotes in the order of receipt; NaN is a side or size that is missing.

    `venue_times` are `NO_TIME` where the venue did not say; a row is `rows[i]` of table `files[i]`.
    """

    times: Ints
    venue_times: Ints
    bid: Floats
    ask: Floats
    bid_size: Floats
    ask_size: Floats
    files: Ints
    rows: Ints

    def taken(self, places: Ints) -> QuoteRows:
        """The rows at these places."""
        return QuoteRows(*(getattr(self, each.name)[places] for each in fields(self)))

    def priced(self) -> Ints:
        """For each row, the place of the newest up to it that has a bid; -1 where none had."""
        # A bid that is not above zero is none, and so is NaN.
        places = np.where(self.bid > 0, np.arange(len(self.bid)), -1)
        return np.maximum.accumulate(places) if len(places) else places


class Quotes:
    """Tells the parts of one product's quotes, in order."""

    def __init__(self, recording: Recording, symbol: Symbol) -> None:
        self._tables = [
            (at, table, table.symbols.index(symbol))
            for at, table in enumerate(recording.tables)
            if table.kind is RecordingKind.QUOTES and symbol in table.symbols
        ]
        self._newest: QuoteRows | None = None

    def part(self, after_ns: int, until_ns: int) -> QuoteRows:
        """What was received after one instant and by another; first of all the newest before it.

        Of that the last, and the last with a bid: both are remembered of a market.
        """
        parts = [_rows(*each, after_ns, until_ns) for each in self._tables]
        found = _together(parts)
        if self._newest is not None:
            found = _joined(self._newest, found)
        if len(found.times):
            last = len(found.times) - 1
            newest = {int(found.priced()[last]), last} - {-1}
            self._newest = found.taken(np.array(sorted(newest), dtype=np.int64))
        return found


def _rows(at: int, table: Table, code: int, after_ns: int, until_ns: int) -> QuoteRows:
    times = np.frombuffer(table.times, dtype=np.int64)
    first, end = np.searchsorted(times, [after_ns, until_ns], side="right")
    codes = np.frombuffer(table.codes, dtype=f"i{table.codes.itemsize}")[first:end]
    rows: Ints = first + np.flatnonzero(codes == code)

    def numbers(name: str) -> Floats:
        column = table.numbers.get(name)
        if column is None:
            return np.full(len(rows), np.nan)
        every: Floats = np.frombuffer(column, dtype=np.float64)
        return every[rows]

    stamps = table.venue_times
    return QuoteRows(
        times=times[rows],
        venue_times=np.full(len(rows), NO_TIME, dtype=np.int64)
        if stamps is None
        else np.frombuffer(stamps, dtype=np.int64)[rows],
        bid=numbers("bid"),
        ask=numbers("ask"),
        bid_size=numbers("bid_size"),
        ask_size=numbers("ask_size"),
        files=np.full(len(rows), at, dtype=np.int64),
        rows=rows,
    )


def _together(parts: list[QuoteRows]) -> QuoteRows:
    """Several files as one; of one instant the file that was named first comes first."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        ints, floats = np.empty(0, dtype=np.int64), np.empty(0)
        return QuoteRows(ints, ints, floats, floats, floats, floats, ints, ints)
    every = parts[0]
    for each in parts[1:]:
        every = _joined(every, each)
    return every.taken(np.argsort(every.times, kind="stable"))


def _joined(one: QuoteRows, other: QuoteRows) -> QuoteRows:
    names = [each.name for each in fields(QuoteRows)]
    return QuoteRows(*(np.concatenate([getattr(one, n), getattr(other, n)]) for n in names))

"""One or several recorded files as one stream of market events in the order of their receipt.

In: paths of quotes, bars, trades and books, told apart by their columns. Out: a `Recording`,
which replays them and accounts for every row put right. Refuses what cannot be opened, with
one finding a cause: nothing is replayed in part.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass, field
from heapq import merge
from itertools import repeat
from typing import TYPE_CHECKING

from engine.adapters.recorded.cleaning import clean
from engine.adapters.recorded.events import event_maker
from engine.adapters.recorded.files.csv_file import read_csv
from engine.adapters.recorded.files.parquet_file import read_parquet
from engine.adapters.recorded.inspection import gaps
from engine.adapters.recorded.layout import ARRIVAL_RANK, RecordingKind
from engine.adapters.recorded.overlap import without_overlaps
from engine.adapters.recorded.report import FileReport, RecordingReport
from engine.errors import Diagnostic, Place
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from engine.adapters.recorded.derived import SpreadModel
    from engine.adapters.recorded.report import Correction
    from engine.adapters.recorded.tables import Table
    from engine.model.market import MarketEvent
    from engine.model.symbols import Symbol

MAX_FILES = 1024
MAX_FILE_BYTES = 4 * 2**30
_READERS = {".csv": read_csv, ".parquet": read_parquet}


@dataclass(frozen=True, slots=True)
class Recording:
    """What was recorded: replayable any number of times, always in the same order.

    `digest` is the SHA-256 over the files' bytes in the order given; of one file it is that
    file's own. `tables` are the cleaned columns, for who evaluates all rows at once.
    `derived` is the model of the quotes that no file holds; the report tells of files alone.
    `stress` is how many times each message is told.
    """

    report: RecordingReport
    digest: str
    tables: tuple[Table, ...] = field(repr=False)
    derived: SpreadModel | None = None
    stress: int = 1

    @property
    def first(self) -> UtcTime:
        """The first receipt."""
        return self.report.span[0]

    @property
    def last(self) -> UtcTime:
        """The last receipt."""
        return self.report.span[1]

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """Every symbol that has an event, in text order."""
        return self.report.symbols

    @property
    def kinds(self) -> tuple[RecordingKind, ...]:
        """Which kinds there are, in the order of their arrival within one instant."""
        return tuple(kind for kind in RecordingKind if any(t.kind is kind for t in self.tables))

    def events(self) -> Iterator[MarketEvent]:
        """Every event in the order of receipt; see `arrivals` for the times."""
        return (event for _, event in self.arrivals())

    def arrivals(
        self,
        after: UtcTime | None = None,
        until: UtcTime | None = None,
        of: AbstractSet[Symbol] | None = None,
    ) -> Iterator[tuple[UtcTime, MarketEvent]]:
        """Every event with its receipt: a bar's is its completion.

        Within one instant: bars, books, trades, quotes; then by symbol, by file, by row. What was
        received at or before `after`, or later than `until`, is left out. Where only events `of`
        some products are wanted, time passes as it did: the first event of an instant comes, too.
        """
        makers = [event_maker(table) for table in self.tables]
        places = {symbol: place for place, symbol in enumerate(self.symbols)}
        ranges = [_range(table, after, until) for table in self.tables]
        streams = (_keys(t, at, places, ranges[at]) for at, t in enumerate(self.tables))
        moment = UtcTime(0)
        codes = None if of is None else {places[each] for each in of if each in places}
        for received_ns, _, place, at, row in merge(*streams):
            if received_ns != moment.ns:
                moment = UtcTime(received_ns)
            elif codes is not None and place not in codes:
                continue
            yield moment, makers[at](row)


_Key = tuple[int, int, int, int, int]


def _range(table: Table, after: UtcTime | None, until: UtcTime | None) -> range:
    """The rows that were received after one instant and by another."""
    first = 0 if after is None else bisect_right(table.times, after.ns)
    end = len(table) if until is None else bisect_right(table.times, until.ns)
    return range(first, end)


def _keys(table: Table, at: int, places: dict[Symbol, int], rows: range) -> Iterator[_Key]:
    """What orders a table's rows among all rows: receipt, kind, symbol, file, row."""
    by_code = [places.get(symbol, 0) for symbol in table.symbols]
    whole = len(rows) == len(table)
    codes = table.codes if whole else table.codes[rows.start : rows.stop]
    times = table.times if whole else table.times[rows.start : rows.stop]
    symbols = map(by_code.__getitem__, codes)
    rank = repeat(ARRIVAL_RANK[table.kind])
    return zip(times, rank, symbols, repeat(at), rows, strict=False)


def open_recording(paths: Sequence[Path]) -> Recording | tuple[Diagnostic, ...]:
    """Open files as one recording, or say everything that is wrong with them.

    A directory stands for every recording in it, as `trader record` leaves them.
    """
    files = [file for path in paths for file in _files(path)]
    if refused := _wrong_paths(files):
        return refused
    findings: list[Diagnostic] = []
    opened: list[_Opened] = []
    digest = hashlib.sha256()
    for path in files:
        data = _bytes(path)
        if isinstance(data, Diagnostic):
            findings.append(data)
            continue
        digest.update(data)
        one = _open(path, data)
        if isinstance(one, _Opened):
            opened.append(one)
        else:
            findings += one
    return tuple(findings) or _joined(opened, digest.hexdigest())


@dataclass(frozen=True, slots=True)
class _Opened:
    """One file, cleaned."""

    table: Table
    rows: int
    ignored: tuple[str, ...]
    sha256: str
    corrections: tuple[Correction, ...]


def _files(path: Path) -> Sequence[Path]:
    if not path.is_dir():
        return [path]
    return sorted(each for each in path.iterdir() if each.suffix in _READERS) or [path]


def _wrong_paths(paths: Sequence[Path]) -> tuple[Diagnostic, ...]:
    if not paths:
        return (Diagnostic("M512", "no recording is named", None, "name at least one file"),)
    if len(paths) > MAX_FILES:
        message = f"{len(paths)} files: at most {MAX_FILES} make one recording"
        return (Diagnostic("M511", message, None, "join files of one kind"),)
    twice = sorted({str(path) for path in paths if list(paths).count(path) > 1})
    return tuple(
        Diagnostic("M512", f"`{file}` is named twice", Place(file, 1, 1), "name each file once")
        for file in twice
    )


def _bytes(path: Path) -> bytes | Diagnostic:
    place = Place(str(path), 1, 1)
    if path.suffix not in _READERS:
        message = f"`{path.suffix or path.name}` is not a format of recordings"
        return Diagnostic("M501", message, place, f"recordings are {' or '.join(_READERS)} files")
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            message = f"{size} bytes: a file may have at most {MAX_FILE_BYTES}"
            return Diagnostic("M511", message, place, "split it by month; files are joined by time")
        data = path.read_bytes()
    except OSError as error:
        return Diagnostic(
            "M500", f"cannot read it: {(error.strerror or 'I/O error').lower()}", place
        )
    return data or Diagnostic("M503", "the file is empty", place, "record something first")


def _open(path: Path, data: bytes) -> _Opened | tuple[Diagnostic, ...]:
    raw = _READERS[path.suffix](str(path), data)
    if isinstance(raw, tuple):
        return raw
    cleaned = clean(raw)
    if isinstance(cleaned, Diagnostic):
        return (cleaned,)
    table, corrections = cleaned
    sha256 = hashlib.sha256(data).hexdigest()
    return _Opened(table, len(raw.times), raw.ignored, sha256, corrections)


def _joined(opened: Sequence[_Opened], digest: str) -> Recording:
    tables, overlaps = without_overlaps([each.table for each in opened])
    last_ns = max(table.times[-1] for table in tables if table)
    corrections = [found for each in opened for found in each.corrections]
    first_ns = min(table.times[0] for table in tables if table)
    report = RecordingReport(
        files=tuple(_file_report(o, t) for o, t in zip(opened, tables, strict=True)),
        rows=sum(each.rows for each in opened),
        events=sum(map(len, tables)),
        symbols=tuple(sorted({s for table in tables for s in _present(table)}, key=str)),
        span=(UtcTime(first_ns), UtcTime(last_ns)),
        corrections=(*corrections, *overlaps, *gaps(tables)),
    )
    return Recording(report, digest, tuple(tables))


def _present(table: Table) -> tuple[Symbol, ...]:
    return tuple(table.symbols[code] for code in sorted(set(table.codes)))


def _file_report(opened: _Opened, table: Table) -> FileReport:
    intervals = zip(table.symbols, table.intervals_s, strict=False)
    return FileReport(
        file=table.file,
        kind=table.kind,
        rows=opened.rows,
        events=len(table),
        symbols=_present(table),
        intervals_s=tuple(intervals),
        ignored_columns=opened.ignored,
        sha256=opened.sha256,
    )

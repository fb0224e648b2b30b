"""What opening a recording found, put right or left alone: never silence.

In: counts from reading, cleaning and joining. Out: `RecordingReport`, for people and for JSON.
Refuses nothing: a finding that refuses a file is a Diagnostic instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.adapters.recorded.layout import RecordingKind
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime


class CorrectionKind(Enum):
    """The closed set of what may be said about a recording's rows."""

    UNSORTED = "unsorted"  # rows back in time: put in order
    DUPLICATE = "duplicate"  # equal rows: one kept
    CONFLICTING_BAR = "conflicting_bar"  # two bars of one symbol and time: the first kept
    OVERLAP = "overlap"  # instants that an earlier file already holds: dropped
    NO_TIME = "no_time"  # dropped
    UNKNOWN_SYMBOL = "unknown_symbol"  # dropped
    UNKNOWN_SIDE = "unknown_side"  # dropped
    MISSING_VALUE = "missing_value"  # a number that the row cannot do without: dropped
    BAD_NUMBER = "bad_number"  # NaN, infinite, negative, zero price: unknown, or the row dropped
    ROUNDED = "rounded"  # more digits than binary64 keeps: rounded to the nearest
    HIGH_BELOW_LOW = "high_below_low"  # dropped
    OUTSIDE_RANGE = "outside_range"  # a bar's open or close beyond its high and low: kept
    ZERO_VOLUME = "zero_volume"  # kept
    CLOSE_BARS = "close_bars"  # bars nearer to each other than their interval: kept
    CROSSED = "crossed"  # bid above ask: kept, the engine judges it
    LEVEL_ORDER = "level_order"  # a book's levels not best first: put in order
    VENUE_AHEAD = "venue_ahead"  # exchange time later than receipt: kept
    GAP = "gap"  # silence: told


@dataclass(frozen=True, slots=True)
class Correction:
    """One kind of finding in one file: how many rows (or silences), and what was done."""

    kind: CorrectionKind
    file: str
    count: int
    detail: str


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file as read: `rows` in the file, `events` that came of it, and its own SHA-256."""

    file: str
    kind: RecordingKind
    rows: int
    events: int
    symbols: tuple[Symbol, ...]
    intervals_s: tuple[tuple[Symbol, int], ...]  # bars only, inferred from their spacing
    ignored_columns: tuple[str, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class RecordingReport:
    """A recording's whole account; `span` is the first and the last receipt."""

    files: tuple[FileReport, ...]
    rows: int
    events: int
    symbols: tuple[Symbol, ...]
    span: tuple[UtcTime, UtcTime]
    corrections: tuple[Correction, ...]

    def count(self, kind: CorrectionKind) -> int:
        """The count of one kind over all files."""
        return sum(each.count for each in self.corrections if each.kind is kind)

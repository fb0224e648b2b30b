"""Rows as columns: what a file says (`RawTable`), and what is left of it (`Table`).

Numbers are binary64 columns of 8 bytes a row; a price leaves as the Decimal of its shortest
repr, so up to 15 digits of text come back exactly. Refuses nothing: `cleaning` decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from array import array
    from collections.abc import Mapping, Sequence

    from engine.adapters.recorded.layout import Layout, RecordingKind
    from engine.model.symbols import Symbol

# INVARIANT: in a number column NaN means absent (an empty field) and infinity means impossible
# (NaN or infinity in the file); after cleaning there is no infinity.
ABSENT = float("nan")
IMPOSSIBLE = float("inf")
NO_TIME = -(2**63)
NO_SIDE = -1
NO_SYMBOL = -1


@dataclass(frozen=True, slots=True)
class RawTable:
    """One file as written: `codes` index `names`; `sides` index the layout's two words.

    Times are nanoseconds, `NO_TIME` where the file has none; `ids` tell equal trades apart.
    """

    file: str
    layout: Layout
    times: array[int]
    names: tuple[str, ...]
    codes: array[int]
    numbers: Mapping[str, array[float]]
    sides: array[int] | None = None
    venue_times: array[int] | None = None
    ids: Sequence[object] | None = None
    ignored: tuple[str, ...] = ()
    rounded: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """One file's usable rows, sorted by time and symbol; `codes` index `symbols`, in text order.

    `times` are receipts: a bar's is its open plus its symbol's `intervals_s`.
    A book's sample i is the levels from `starts[i]` up to `ends[i]` in `numbers` and `sides`,
    while `times` and `codes` have one entry a sample; for other kinds both are empty.
    """

    file: str
    kind: RecordingKind
    symbols: tuple[Symbol, ...]
    times: array[int]
    codes: array[int]
    numbers: Mapping[str, array[float]]
    sides: array[int] | None = None
    venue_times: array[int] | None = None
    intervals_s: tuple[int, ...] = ()
    starts: Sequence[int] = ()
    ends: Sequence[int] = ()

    def __len__(self) -> int:
        return len(self.times)

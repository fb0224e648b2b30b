"""A recording under stress: more messages, and more traded, in the same time.

In: a recording and how many times. Out: the recording with every quote, book and trade told so
many times, the repeats evenly between it and the next of its product, and bars of so much more
volume. What is shown to trade against stays as it was. Other numbers make another recording.
"""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.adapters.recorded.layout import RecordingKind
from engine.adapters.recorded.tables import NO_TIME

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.adapters.recorded.recording import Recording
    from engine.adapters.recorded.tables import Table


def stressed(recording: Recording, times: int) -> Recording:
    """The recording with `times` the messages and the traded volume, whoever asks twice."""
    if times == recording.stress:
        return recording
    tables = tuple(_stressed(each, times) for each in recording.tables)
    digest = hashlib.sha256(f"stress\0{recording.digest}\0{times}".encode()).hexdigest()
    report = replace(recording.report, events=sum(map(len, tables)))
    return replace(recording, report=report, digest=digest, tables=tables, stress=times)


def _stressed(table: Table, times: int) -> Table:
    if table.kind is RecordingKind.BARS:
        volume = array("d", (value * times for value in table.numbers["volume"]))
        return replace(table, numbers={**table.numbers, "volume": volume})
    rows = sorted(_repeats(table, times))
    moments = array("q", (time for time, _, _ in rows))
    at = [row for _, _, row in rows]
    if table.kind is RecordingKind.BOOKS:
        # Samples share their levels: only where they begin and end is told again.
        return replace(
            table,
            times=moments,
            codes=_taken(table.codes, at),
            starts=[table.starts[row] for row in at],
            ends=[table.ends[row] for row in at],
        )
    return replace(
        table,
        times=moments,
        codes=_taken(table.codes, at),
        numbers={name: array("d", map(own.__getitem__, at)) for name, own in table.numbers.items()},
        sides=None if table.sides is None else _taken(table.sides, at),
        # A repeat is news of its own time: what the venue said of the first is not said of it.
        venue_times=_venue_times(table, rows),
    )


def _repeats(table: Table, times: int) -> Iterator[tuple[int, int, int]]:
    """Time, code and row of each message and of its repeats."""
    coming: dict[int, int] = {}
    for row in range(len(table) - 1, -1, -1):
        time, code = table.times[row], table.codes[row]
        following = coming.get(code)
        coming[code] = time
        yield time, code, row
        if following is not None:
            span = following - time
            yield from ((time + span * k // times, code, row) for k in range(1, times))


def _taken(column: Sequence[int], at: Sequence[int]) -> array[int]:
    return array("q", map(column.__getitem__, at))


def _venue_times(table: Table, rows: Sequence[tuple[int, int, int]]) -> array[int] | None:
    """The venue's time of each, moved by as much as its receipt."""
    if table.venue_times is None:
        return None
    own, received = table.venue_times, table.times
    moved = (NO_TIME if own[r] == NO_TIME else own[r] + t - received[r] for t, _, r in rows)
    return array("q", moved)

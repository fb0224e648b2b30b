"""A whole ledger judged again under another set, a segment at a time, by several processes.

In: a candidate, a ledger. Out: what one pass over all of its records would have counted. Each
segment is checked against the end of the one before it, so all of them together are the chain; what
is wrong with the first bad one is raised. A shared ledger is one part.
"""

from __future__ import annotations

import gc
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache, partial
from multiprocessing import get_context
from typing import TYPE_CHECKING, cast

from engine.adapters.system.disk import DirectoryDisk
from engine.comparison.rejudging.bench import Bench
from engine.comparison.rejudging.flips import Rejudged
from engine.comparison.rejudging.judging import rejudge_part, rejudge_under
from engine.cycle.records.activation import activated_set, activates, activation_body
from engine.cycle.records.brief import outline
from engine.ledger.reader import JournalReader
from engine.ledger.records import RecordKind, decode_body, encode_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from engine.ledger.bodies import Body
    from engine.ledger.records import Body as Written
    from engine.ledger.records import Record
    from engine.policyset.policyset import PolicySet
    from engine.run.ledgers import LedgerView


# A process takes as long to begin as so many segments take.
_SEGMENTS_A_PROCESS = 10


def rejudged(
    candidate: PolicySet,
    view: LedgerView,
    jobs: int,
    begin: Callable[[int], None] = lambda _: None,
    advance: Callable[[], None] = lambda: None,
) -> Rejudged:
    """Judge every recorded decision under `candidate`; the last two hear of parts.

    Raises MandateError (M440) where a set that decided was never activated, and what reading a
    ledger raises.
    """
    if view.path is None:
        return rejudge_under(candidate, view.records())
    segments = JournalReader(DirectoryDisk(view.path)).segments()
    begin(len(segments))
    found = Rejudged(candidate.hash)
    for part in _parts(candidate, view.path, segments, jobs):
        found.extend(part)
        advance()
    return found


def _parts(
    candidate: PolicySet, path: Path, segments: Sequence[int], jobs: int
) -> Iterator[Rejudged]:
    """What came of each segment, in their order: the first that raises is the first that is bad."""
    jobs = min(jobs, len(segments) // _SEGMENTS_A_PROCESS)
    if jobs <= 1:
        bench = Bench(candidate)
        yield from (_judged(bench, path, number) for number in segments)
        return
    activation = encode_body(activation_body(candidate))
    # Not forked: whoever asks may have threads, which would be forked in the middle of their work.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        try:
            yield from pool.map(partial(_judged_elsewhere, activation, path), segments)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _judged_elsewhere(activation: Written, path: Path, number: int) -> Rejudged:
    return _judged(_bench(activation), path, number)


@lru_cache(maxsize=1)
def _bench(activation: Written) -> Bench:
    """The candidate in a process of its own, built from what an activation would record."""
    gc.disable()  # nothing of a decision refers to itself, and this process ends with its work
    return Bench(activated_set(cast("Body", decode_body(activation))))


def _judged(bench: Bench, path: Path, number: int) -> Rejudged:
    reader = JournalReader(DirectoryDisk(path))
    records = reader.segment(number, outline)
    return rejudge_part(bench, records, partial(_activation_before, reader, number))


def _activation_before(reader: JournalReader, number: int, policy_set: str) -> Record | None:
    """The record that activated a set last, in the segments before this one.

    A set decides soon after it was activated, and a process learns of a set once: few are looked
    through. Whether that segment is as it was written, its own part has checked.
    """
    found = reader.newest_of(RecordKind.SET_ACTIVATED, number)
    return next((each for each in found if activates(each, policy_set)), None)

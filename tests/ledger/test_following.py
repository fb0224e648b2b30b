"""A journal that is read on while it grows: each record once, whatever was written in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ledger.chain import BrokenChain
from engine.ledger.reader import JournalReader

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.ledger.conftest import FaultyDisk, WriteHistory

COUNT = 24


def _written(make_disk: Callable[[], FaultyDisk], write: WriteHistory, size: int) -> FaultyDisk:
    disk = make_disk()
    write(disk, COUNT, segment_bytes=size)
    return disk


@given(
    st.integers(300, 9000),
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 7000)), max_size=8),
)
def test_what_is_read_on_is_what_is_read_at_once(
    make_disk: Callable[[], FaultyDisk],
    write_history: WriteHistory,
    size: int,
    cuts: list[tuple[int, int]],
) -> None:
    """However a journal grows, byte by byte and segment by segment, each record comes once."""
    whole = _written(make_disk, write_history, size)
    names = whole.names("journal/")
    seen = make_disk()
    reader = JournalReader(seen)
    found = []
    for segment, length in sorted(cuts):
        # What a crash or a slow writer leaves: whole segments, and a part of the newest.
        newest = min(segment, len(names) - 1)
        for name in names[:newest]:
            seen.replace(name, whole.read(name))
        known = len(seen.read(names[newest])) if names[newest] in seen.names("journal/") else 0
        seen.replace(names[newest], whole.read(names[newest])[: max(known, length)])
        found += reader.more()
    for name in names:
        seen.replace(name, whole.read(name))
    found += reader.more()
    assert found == list(JournalReader(whole).records())
    assert list(reader.more()) == []


def test_a_journal_that_lost_what_was_read_is_broken(
    faulty_disk: FaultyDisk, write_history: WriteHistory
) -> None:
    """A journal that is shorter than it was, or lacks a segment, is told and never read on."""
    write_history(faulty_disk, COUNT, segment_bytes=1000)
    reader = JournalReader(faulty_disk)
    list(reader.more())
    newest = faulty_disk.names("journal/")[-1]
    faulty_disk.truncate(newest, 10)
    with pytest.raises(BrokenChain):
        list(reader.more())
    faulty_disk.remove(newest)
    with pytest.raises(BrokenChain, match="is missing"):
        list(reader.more())


def test_a_missing_segment_in_between_is_told(
    faulty_disk: FaultyDisk, write_history: WriteHistory
) -> None:
    """The segment that was being read may not vanish while later ones are written."""
    write_history(faulty_disk, 3, segment_bytes=1000)
    reader = JournalReader(faulty_disk)
    assert len(list(reader.more())) == 3
    faulty_disk.remove("journal/000001.jsonl")
    faulty_disk.append("journal/000002.jsonl", b"x\n")
    with pytest.raises(BrokenChain, match="segment 1"):
        list(reader.more())

"""A fenced disk: reads always, writes only while it is allowed to."""

from __future__ import annotations

import pytest

from engine.adapters.system.fenced_disk import FencedDisk
from engine.adapters.system.memory_disk import MemoryDisk
from engine.ledger.chain import LedgerUnavailable
from engine.ledger.journal import Journal
from engine.ledger.records import RecordKind, encode_body
from engine.model.times import UtcTime


def test_a_fence_that_is_closed_lets_nothing_be_written() -> None:
    """Whatever changes a file is refused; what is there can be read and made durable."""
    inner = MemoryDisk()
    fenced = FencedDisk(inner)
    fenced.append("a", b"one")
    fenced.replace("b", b"two")
    fenced.may_write = lambda: False
    for write in (
        lambda: fenced.append("a", b"x"),
        lambda: fenced.replace("b", b"x"),
        lambda: fenced.truncate("a", 0),
        lambda: fenced.remove("b"),
    ):
        with pytest.raises(PermissionError, match="not ours any more"):
            write()
    fenced.sync("a")
    assert (fenced.read("a"), fenced.read("b")) == (b"one", b"two")
    assert fenced.names("") == ["a", "b"]
    fenced.may_write = lambda: True
    fenced.truncate("a", 1)
    fenced.remove("b")
    assert inner.names("") == ["a"]


def test_a_journal_behind_a_closed_fence_is_broken_for_good() -> None:
    """The records that it could not write stop the loop, and no later one follows them."""
    fenced = FencedDisk(MemoryDisk())
    journal = Journal.open(fenced)
    journal.append(RecordKind.GENESIS, UtcTime(0), encode_body({}))
    fenced.may_write = lambda: False
    with pytest.raises(LedgerUnavailable, match="M411"):
        journal.sync()
    fenced.may_write = lambda: True
    with pytest.raises(LedgerUnavailable, match="M411"):
        journal.append(RecordKind.HALT, UtcTime(0), encode_body({}))
    assert fenced.names("journal/") == []

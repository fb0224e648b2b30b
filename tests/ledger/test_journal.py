"""The journal: what was synced is there, what was torn is told, what failed stays failed."""

from __future__ import annotations

import errno
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Severity
from engine.ledger.chain import BrokenChain, LedgerUnavailable
from engine.ledger.journal import Extent, Journal
from engine.ledger.reader import JournalReader
from engine.ledger.records import NO_PREVIOUS, RecordKind, encode_body
from engine.ledger.verify import verify
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.ledger.conftest import FaultyDisk, WriteHistory

FIRST = "journal/000001.jsonl"
EMPTY = encode_body({})
T0 = UtcTime.parse("2025-11-22T12:00:00Z")


def test_an_empty_disk_is_an_empty_journal(faulty_disk: FaultyDisk) -> None:
    """Nothing is written before the first record."""
    journal = Journal.open(faulty_disk)
    assert (journal.last, journal.durable_sequence, journal.diagnostics) == (None, 0, ())
    assert list(journal.records()) == []
    journal.sync()
    assert faulty_disk.names("") == []


def test_records_are_chained_from_the_genesis(faulty_disk: FaultyDisk) -> None:
    """Each record names the hash of the one before it, the first one names none."""
    journal = Journal.open(faulty_disk)
    genesis = journal.append(RecordKind.GENESIS, T0, encode_body({"nonce": "00"}))
    second = journal.append(RecordKind.CYCLE, T0, encode_body({"cycle": 1}))
    assert (genesis.sequence, genesis.previous) == (1, NO_PREVIOUS)
    assert (second.sequence, second.previous) == (2, genesis.hash)
    assert list(journal.records()) == [genesis, second]
    assert journal.last == second


def test_a_stream_begins_with_one_genesis(faulty_disk: FaultyDisk) -> None:
    """Neither another first record nor a second genesis can be appended."""
    journal = Journal.open(faulty_disk)
    with pytest.raises(ValueError, match="one genesis"):
        journal.append(RecordKind.CYCLE, T0, EMPTY)
    journal.append(RecordKind.GENESIS, T0, EMPTY)
    with pytest.raises(ValueError, match="one genesis"):
        journal.append(RecordKind.GENESIS, T0, EMPTY)
    assert journal.append(RecordKind.CYCLE, T0, EMPTY).sequence == 2


def test_time_does_not_run_back_with_the_wall_clock(faulty_disk: FaultyDisk) -> None:
    """A clock that is set back neither stops the ledger nor makes it look forged."""
    journal = Journal.open(faulty_disk)
    journal.append(RecordKind.GENESIS, T0, EMPTY)
    assert journal.append(RecordKind.CYCLE, T0.plus_s(-3600), EMPTY).time == T0
    assert journal.append(RecordKind.CYCLE, T0.plus_s(1), EMPTY).time == T0.plus_s(1)
    journal.sync()
    assert verify(faulty_disk).intact


def test_sync_is_what_makes_durable(faulty_disk: FaultyDisk) -> None:
    """Until sync a loss of power takes records; after it, none."""
    journal = Journal.open(faulty_disk)
    journal.append(RecordKind.GENESIS, T0, EMPTY)
    assert journal.durable_sequence == 0
    journal.sync()
    synced = journal.append(RecordKind.CYCLE, T0, EMPTY)
    journal.sync()
    assert journal.durable_sequence == 2
    journal.append(RecordKind.CYCLE, T0, EMPTY)
    assert len(list(journal.records())) == 3
    faulty_disk.crash()
    assert Journal.open(faulty_disk).last == synced


def test_sync_without_news_asks_nothing_of_the_disk(faulty_disk: FaultyDisk) -> None:
    """A cycle that recorded nothing costs no sync."""
    journal = Journal.open(faulty_disk)
    journal.append(RecordKind.GENESIS, T0, EMPTY)
    journal.sync()
    before = len(faulty_disk.done)
    journal.sync()
    assert len(faulty_disk.done) == before


def test_many_records_reach_the_disk_before_sync(faulty_disk: FaultyDisk) -> None:
    """The buffer has a limit."""
    journal = Journal.open(faulty_disk)
    journal.append(RecordKind.GENESIS, T0, encode_body({"text": "x" * 300_000}))
    assert faulty_disk.done[-1] == ("append", FIRST)


def test_segments_rotate_by_size_and_continue_the_chain(
    faulty_disk: FaultyDisk, write_history: WriteHistory
) -> None:
    """A segment is durable before the next begins, and each opens where the last one ended."""
    journal = write_history(faulty_disk, 20, segment_bytes=1000)
    names = faulty_disk.names("journal/")
    assert names == [f"journal/{number:06d}.jsonl" for number in range(1, len(names) + 1)]
    assert len(names) > 4
    assert all(len(faulty_disk.read(name)) <= 1000 for name in names)
    deeds = [each for each in faulty_disk.done if each[0] in {"append", "sync"}]
    for earlier, later in pairwise(names):
        assert deeds.index(("sync", earlier)) < deeds.index(("append", later))
    assert [each.sequence for each in journal.records()] == list(range(1, 21))


@pytest.mark.parametrize("extent", Extent)
@pytest.mark.parametrize("count", [1, 2, 7, 20])
def test_a_journal_is_continued_after_a_restart(
    faulty_disk: FaultyDisk, write_history: WriteHistory, extent: Extent, count: int
) -> None:
    """The next process stands where the last one stopped, however much it checks."""
    last = write_history(faulty_disk, count, segment_bytes=1000).last
    journal = Journal.open(faulty_disk, segment_bytes=1000, extent=extent)
    assert journal.last == last
    assert journal.durable_sequence == count
    for _ in range(5):
        journal.append(RecordKind.CYCLE, T0, EMPTY)
    journal.sync()
    assert verify(faulty_disk).records == count + 5


def test_opening_makes_durable_what_a_killed_process_had_written(
    faulty_disk: FaultyDisk, write_history: WriteHistory
) -> None:
    """Nothing is decided on records that a loss of power could still take."""
    journal = write_history(faulty_disk, 2)
    journal.append(RecordKind.CYCLE, T0, EMPTY)
    list(journal.records())
    assert faulty_disk.unsynced(FIRST) > 0
    assert Journal.open(faulty_disk).durable_sequence == 3
    assert faulty_disk.unsynced(FIRST) == 0


@settings(max_examples=60)
@given(st.integers(1, 9), st.integers(1, 6), st.integers(0, 2000), st.sampled_from([600, 1 << 20]))
def test_any_crash_leaves_a_beginning_that_holds_all_that_was_synced(
    make_disk: Callable[[], FaultyDisk],
    write_history: WriteHistory,
    synced: int,
    unsynced: int,
    kept: int,
    segment_bytes: int,
) -> None:
    """However much of the unsynced bytes is left, the journal is a beginning of what was told."""
    disk = make_disk()
    journal = write_history(disk, synced, segment_bytes=segment_bytes)
    for number in range(unsynced):
        journal.append(RecordKind.CYCLE, T0, encode_body({"cycle": number}))
    told = list(journal.records())
    durable = journal.durable_sequence
    disk.crash(lambda _name, _count: kept)
    again = Journal.open(disk, segment_bytes=segment_bytes)
    found = list(again.records())
    assert durable <= len(found)
    assert found == told[: len(found)]
    again.append(RecordKind.HALT, T0, EMPTY)
    again.sync()
    assert verify(disk).intact


TORN = [
    pytest.param(b'{"body":{"cyc', id="a part of a line"),
    pytest.param(b"\0" * 4096, id="zeros that never became a line"),
    pytest.param(b'{"body":\0\0\0\0"}\n', id="a line with a block of zeros"),
    pytest.param(b"\xff\xfe garbage", id="garbage"),
]


@pytest.mark.parametrize("torn", TORN)
@pytest.mark.parametrize("extent", Extent)
def test_a_torn_last_line_is_cut_and_kept(
    faulty_disk: FaultyDisk, write_history: WriteHistory, torn: bytes, extent: Extent
) -> None:
    """What a crash tore is reported once, kept beside the journal, and in nobody's way."""
    last = write_history(faulty_disk, 3).last
    whole = faulty_disk.read(FIRST)
    faulty_disk.append(FIRST, torn)
    journal = Journal.open(faulty_disk, extent=extent)
    (told,) = journal.diagnostics
    assert (told.code, told.severity, str(told.place)) == ("M400", Severity.WARNING, f"{FIRST}:4:1")
    assert f"{len(torn)} bytes of record 4" in told.message
    assert faulty_disk.read("journal/torn-000004.bin") == torn
    assert faulty_disk.read(FIRST) == whole
    assert (journal.last, faulty_disk.unsynced(FIRST)) == (last, 0)
    assert Journal.open(faulty_disk, extent=extent).diagnostics == ()


def test_torn_bytes_never_overwrite_earlier_ones(
    faulty_disk: FaultyDisk, write_history: WriteHistory
) -> None:
    """A second crash at the same record keeps its own bytes."""
    write_history(faulty_disk, 3)
    for torn in (b"one", b"two", b"three"):
        faulty_disk.append(FIRST, torn)
        Journal.open(faulty_disk)
    kept = [faulty_disk.read(f"journal/torn-000004{end}.bin") for end in ("", "-2", "-3")]
    assert kept == [b"one", b"two", b"three"]


def test_a_crash_in_the_first_line_of_a_segment_is_mended(
    faulty_disk: FaultyDisk, write_history: WriteHistory
) -> None:
    """A segment that holds nothing whole yet continues the one before it."""
    last = write_history(faulty_disk, 4, segment_bytes=500).last
    faulty_disk.append("journal/000005.jsonl", b'{"body"')
    for extent in (Extent.NEWEST_SEGMENT, Extent.ALL):
        journal = Journal.open(faulty_disk, segment_bytes=500, extent=extent)
        assert journal.last == last
    journal.append(RecordKind.CYCLE, T0, EMPTY)
    journal.sync()
    assert faulty_disk.read("journal/000005.jsonl").endswith(b"\n")
    assert verify(faulty_disk).records == 5


@pytest.mark.parametrize("deed", ["replace", "truncate", "sync"])
def test_a_torn_line_that_cannot_be_mended_refuses(
    faulty_disk: FaultyDisk, write_history: WriteHistory, deed: str
) -> None:
    """Without mending nothing is appended, and nothing torn is lost."""
    write_history(faulty_disk, 3)
    faulty_disk.append(FIRST, b"torn")
    faulty_disk.refused = {deed}
    with pytest.raises(LedgerUnavailable, match=r"M411: cannot mend"):
        Journal.open(faulty_disk)
    faulty_disk.refused = set()
    Journal.open(faulty_disk)
    assert faulty_disk.read("journal/torn-000004.bin") == b"torn"


@pytest.mark.parametrize("reason", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("deed", ["append", "sync"])
def test_a_failed_write_breaks_the_journal_for_good(
    faulty_disk: FaultyDisk, write_history: WriteHistory, deed: str, reason: int
) -> None:
    """After one failure nothing more is promised, even when the disk works again."""
    journal = write_history(faulty_disk, 3)
    faulty_disk.refused, faulty_disk.reason = {deed}, reason
    journal.append(RecordKind.INTENT, T0, EMPTY)
    with pytest.raises(LedgerUnavailable, match="M411"):
        journal.sync()
    faulty_disk.refused = set()
    for attempt in (
        lambda: journal.append(RecordKind.INTENT, T0, EMPTY),
        journal.sync,
        journal.records,
    ):
        with pytest.raises(LedgerUnavailable, match="M411"):
            attempt()
    assert journal.durable_sequence == 3
    faulty_disk.crash(lambda _name, count: count // 2)
    assert Journal.open(faulty_disk).durable_sequence == 3


def test_a_failed_rotation_breaks_the_journal(
    faulty_disk: FaultyDisk, write_history: WriteHistory
) -> None:
    """A record that needs a new segment is not taken when the old one cannot be made durable."""
    journal = write_history(faulty_disk, 1, segment_bytes=500)
    journal.append(RecordKind.CYCLE, T0, EMPTY)
    last = journal.last
    faulty_disk.refused = {"sync"}
    with pytest.raises(LedgerUnavailable, match="cannot sync"):
        journal.append(RecordKind.CYCLE, T0, EMPTY)
    assert journal.last == last


@pytest.mark.parametrize("deed", ["read", "names"])
def test_a_journal_that_cannot_be_read_is_not_opened(
    faulty_disk: FaultyDisk, write_history: WriteHistory, deed: str
) -> None:
    """An unreadable journal is not an empty one."""
    write_history(faulty_disk, 3)
    faulty_disk.refused = {deed}
    with pytest.raises(LedgerUnavailable, match="M411: cannot read"):
        Journal.open(faulty_disk)


@pytest.mark.parametrize("extent", Extent)
def test_anything_else_wrong_refuses(
    faulty_disk: FaultyDisk, write_history: WriteHistory, extent: Extent
) -> None:
    """A line that ended may have been confirmed, so damage to it is never cut away."""
    write_history(faulty_disk, 3)
    data = faulty_disk.read(FIRST)
    faulty_disk.replace(FIRST, data.replace(b'"number":3', b'"number":4'))
    with pytest.raises(BrokenChain, match="M403") as caught:
        Journal.open(faulty_disk, extent=extent)
    assert caught.value.bad.sequence == 3


def test_the_newest_segment_is_checked_against_the_one_before(
    faulty_disk: FaultyDisk, write_history: WriteHistory
) -> None:
    """A segment of another history does not pass, and the first bad record is still the right one.

    Where the record before cannot be trusted, the whole journal is read to find the first bad one.
    """
    write_history(faulty_disk, 4, segment_bytes=500)
    whole = faulty_disk.read("journal/000003.jsonl")
    faulty_disk.replace("journal/000003.jsonl", whole.replace(b'"a b"', b'"a c"'))
    with pytest.raises(BrokenChain) as caught:
        Journal.open(faulty_disk, extent=Extent.NEWEST_SEGMENT)
    assert caught.value.bad.sequence == 3
    faulty_disk.remove("journal/000003.jsonl")
    with pytest.raises(BrokenChain, match="M410: segment 3") as caught:
        Journal.open(faulty_disk, extent=Extent.NEWEST_SEGMENT)
    assert caught.value.bad.sequence == 3


@pytest.mark.parametrize("first", [-1, 0, 1, 2, 10, 19, 20, 21, 99])
def test_reading_begins_at_any_record(
    faulty_disk: FaultyDisk, write_history: WriteHistory, first: int
) -> None:
    """From a sequence on, every record comes, whatever segment it is in."""
    write_history(faulty_disk, 20, segment_bytes=1000)
    reader = JournalReader(faulty_disk)
    assert [each.sequence for each in reader.records(first)] == list(range(max(1, first), 21))
    assert reader.last is not None
    assert reader.last.sequence == 20


def test_reading_from_the_end_reads_few_segments(
    faulty_disk: FaultyDisk, write_history: WriteHistory
) -> None:
    """An index that is nearly up to date does not read the whole history."""
    write_history(faulty_disk, 20, segment_bytes=1000)
    faulty_disk.done.clear()
    list(JournalReader(faulty_disk).records(20))
    assert len({name for deed, name in faulty_disk.done if deed == "read"}) == 2


def test_a_reader_tolerates_a_torn_line_and_tells_of_it(
    faulty_disk: FaultyDisk, write_history: WriteHistory
) -> None:
    """While its owner writes, another process sees every whole record, and changes nothing."""
    write_history(faulty_disk, 3)
    faulty_disk.append(FIRST, b"half")
    before = faulty_disk.read(FIRST)
    reader = JournalReader(faulty_disk)
    assert reader.diagnostics == ()
    assert len(list(reader.records())) == 3
    assert [each.code for each in reader.diagnostics] == ["M400"]
    assert (faulty_disk.read(FIRST), faulty_disk.names("journal/")) == (before, [FIRST])


def test_other_files_beside_the_journal_are_no_segments(
    faulty_disk: FaultyDisk, write_history: WriteHistory
) -> None:
    """Only files that are named as segments are read as such."""
    write_history(faulty_disk, 3)
    for name in ("journal/notes.txt", "journal/2.jsonl", "journal/000002.jsonl.bak"):
        faulty_disk.append(name, b"x\n")
    assert len(list(JournalReader(faulty_disk).records())) == 3


def test_what_is_shown_is_read_by_others_before_it_is_durable(
    faulty_disk: FaultyDisk, write_history: WriteHistory
) -> None:
    """To show is to write and not to wait; a disk that refuses it is told as one that refuses."""
    journal = write_history(faulty_disk, 3)
    faulty_disk.done.clear()
    journal.append(RecordKind.CYCLE, T0, EMPTY)
    assert len(list(JournalReader(faulty_disk).records())) == 3
    journal.show()
    assert len(list(JournalReader(faulty_disk).records())) == 4
    assert (journal.durable_sequence, "sync" in {deed for deed, _ in faulty_disk.done}) == (
        3,
        False,
    )
    journal.append(RecordKind.CYCLE, T0, EMPTY)
    faulty_disk.refused = {"append"}
    with pytest.raises(LedgerUnavailable):
        journal.show()
    with pytest.raises(LedgerUnavailable):
        journal.show()

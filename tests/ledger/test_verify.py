"""Verify: every tampering is found, at the record where it begins."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ledger.chain import LedgerUnavailable
from engine.ledger.records import Body, RecordKind, encode_body, parse_line, seal
from engine.ledger.verify import Checkpoint, verify

if TYPE_CHECKING:
    from tests.ledger.conftest import FaultyDisk, WriteHistory

FIRST = "journal/000001.jsonl"
Lines = list[bytes]
Tamper = Callable[[Lines, Lines], Lines]


def _edit(index: int, old: bytes, new: bytes) -> Tamper:
    def tamper(lines: Lines, _other: Lines) -> Lines:
        assert old in lines[index]
        return [*lines[:index], lines[index].replace(old, new), *lines[index + 1 :]]

    return tamper


def _forge(index: int, change: Callable[[bytes], bytes], *, onward: bool = False) -> Tamper:
    """Exchange a body under a right hash of its own; `onward` writes the whole chain anew."""

    def tamper(lines: Lines, _other: Lines) -> Lines:
        forged = list(lines)
        previous = None
        for at in range(index, len(lines) if onward else index + 1):
            old = parse_line(lines[at][:-1])
            assert old is not None
            body = Body(change(old.body)) if at == index else old.body
            new = seal(old.sequence, old.time, old.kind, body, previous or old.previous)
            forged[at], previous = new.line(), new.hash
        return forged

    return tamper


def _retime(lines: Lines, _other: Lines) -> Lines:
    forged, previous = list(lines), ""
    for at in range(3, len(lines)):
        old = parse_line(lines[at][:-1])
        assert old is not None
        time = old.time.plus_s(-60) if at == 4 else old.time
        new = seal(old.sequence, time, old.kind, old.body, previous or old.previous)
        forged[at], previous = new.line(), new.hash
    return forged


def _respell(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(body: bytes) -> bytes:
        assert old in body
        return body.replace(old, new)

    return change


_OTHER_BODY = _respell(b'"a b"', b'"a c"')

# Eight records; index 4 is record 5. Each row: what is done, the first bad record, why.
TAMPERINGS: list[tuple[str, Tamper, int, str]] = [
    ("a value changed", _edit(4, b'"number":5', b'"number":6'), 5, "M403"),
    ("a time changed", _edit(4, b"10:00:05Z", b"10:00:06Z"), 5, "M403"),
    ("a kind changed", _edit(4, b'"decision"', b'"intent"'), 5, "M403"),
    ("a sequence changed", _edit(4, b'"sequence":5', b'"sequence":6'), 5, "M403"),
    ("a number re-spelt", _edit(4, b'"value":1.25', b'"value":1.250'), 5, "M403"),
    ("NaN injected", _edit(4, b'"value":1.25', b'"value":NaN'), 5, "M403"),
    ("spaces put in", _edit(4, b'"text":"a b"', b'"text": "a b"'), 5, "M403"),
    ("another layout", _edit(4, b'{"body":', b'{ "body":'), 5, "M401"),
    ("an empty line put in", lambda a, _: [*a[:4], b"\n", *a[4:]], 5, "M401"),
    ("text put in", lambda a, _: [*a[:4], b"hello\n", *a[4:]], 5, "M401"),
    ("a carriage return put in", lambda a, _: [*a[:4], a[4][:-1] + b"\r\n", *a[5:]], 5, "M401"),
    ("two lines run together", lambda a, _: [*a[:4], a[4][:-1] + a[5], *a[6:]], 5, "M403"),
    ("the genesis deleted", lambda a, _: a[1:], 1, "M405"),
    ("a middle record deleted", lambda a, _: [*a[:4], *a[5:]], 5, "M405"),
    ("two records deleted", lambda a, _: [*a[:2], *a[4:]], 3, "M405"),
    ("two records swapped", lambda a, _: [*a[:3], a[4], a[3], *a[5:]], 4, "M405"),
    ("a record repeated", lambda a, _: [*a[:5], a[4], *a[5:]], 6, "M405"),
    ("an old record put at the end", lambda a, _: [*a, a[2]], 9, "M405"),
    ("a forged record with a right hash", _forge(4, _OTHER_BODY), 6, "M404"),
    ("another genesis", lambda a, b: [b[0], *a[1:]], 2, "M404"),
    ("another stream put in", lambda a, b: [*a[:4], *b[4:]], 5, "M404"),
    ("another stream at the end", lambda a, b: [*a, *b], 9, "M405"),
    ("a second record of one sequence", lambda a, b: [*a[:5], b[4], *a[5:]], 6, "M405"),
    ("time running back", _retime, 5, "M406"),
    (
        "a number re-spelt in a chain written anew",
        _forge(4, _respell(b"1.25", b"1.250"), onward=True),
        5,
        "M402",
    ),
    ("NaN in a chain written anew", _forge(4, _respell(b"1.25", b"NaN"), onward=True), 5, "M402"),
    (
        "a key repeated in a chain written anew",
        _forge(4, _respell(b'"number":5', b'"number":5,"number":5'), onward=True),
        5,
        "M402",
    ),
    ("nothing but the last line changed", _edit(7, b'"a b"', b'"a c"'), 8, "M403"),
]


@pytest.mark.parametrize(
    ("tamper", "sequence", "code"),
    [pytest.param(*row[1:], id=row[0]) for row in TAMPERINGS],
)
@pytest.mark.parametrize("per_segment", [8, 3, 1], ids="{} records a segment".format)
def test_a_tampering_is_found_where_it_begins(
    make_disk: Callable[[], FaultyDisk],
    write_history: WriteHistory,
    tamper: Tamper,
    sequence: int,
    code: str,
    per_segment: int,
) -> None:
    """The report names the first bad record, why, and how many before it are whole."""
    lines, other = _history(make_disk, write_history, "a"), _history(make_disk, write_history, "b")
    disk = make_disk()
    tampered = tamper(lines, other)
    for at in range(0, len(tampered), per_segment):
        name = f"journal/{at // per_segment + 1:06d}.jsonl"
        disk.replace(name, b"".join(tampered[at : at + per_segment]))
    report = verify(disk)
    assert report.first_bad is not None
    assert (report.first_bad.sequence, report.first_bad.diagnostic.code) == (sequence, code)
    assert report.diagnostics == (report.first_bad.diagnostic,)
    assert (report.records, report.intact) == (sequence - 1, False)


def test_a_genesis_in_the_middle_is_another_stream(
    faulty_disk: FaultyDisk, write_history: WriteHistory
) -> None:
    """Even with a fitting sequence and link, a second beginning is refused, and a missing one."""
    last = write_history(faulty_disk, 3).last
    assert last is not None
    second = seal(4, last.time, RecordKind.GENESIS, encode_body({}), last.hash)
    faulty_disk.append(FIRST, second.line())
    report = verify(faulty_disk)
    assert report.first_bad is not None
    assert (report.first_bad.sequence, report.first_bad.diagnostic.code) == (4, "M407")
    headless = seal(1, last.time, RecordKind.CYCLE, encode_body({}), "0" * 64)
    faulty_disk.replace(FIRST, headless.line())
    assert [each.code for each in verify(faulty_disk).diagnostics] == ["M407"]


def test_a_missing_segment_is_named(faulty_disk: FaultyDisk, write_history: WriteHistory) -> None:
    """The first record of a missing file is the first bad one."""
    write_history(faulty_disk, 8, segment_bytes=1000)
    held = re.findall(rb'"sequence":(\d+)', faulty_disk.read("journal/000002.jsonl"))
    faulty_disk.remove("journal/000002.jsonl")
    report = verify(faulty_disk)
    assert report.first_bad is not None
    assert report.first_bad.diagnostic.code == "M410"
    assert report.first_bad.sequence == int(held[0])


def test_a_line_break_lost_at_the_end_of_a_segment_is_seen(
    faulty_disk: FaultyDisk, write_history: WriteHistory
) -> None:
    """Only the newest segment may end in the middle of a line."""
    write_history(faulty_disk, 8, segment_bytes=1000)
    whole = faulty_disk.read(FIRST)
    faulty_disk.replace(FIRST, whole + b"x")
    report = verify(faulty_disk)
    assert report.first_bad is not None
    assert report.first_bad.diagnostic.code == "M401"
    assert report.first_bad.sequence == whole.count(b"\n") + 1


@settings(max_examples=200)
@given(st.data())
def test_any_flipped_bit_is_found(
    make_disk: Callable[[], FaultyDisk], write_history: WriteHistory, data: st.DataObject
) -> None:
    """A bit flipped anywhere is found in its record; only the very last line break can hide it.

    A last line that does not end is what a crash leaves, so that one is a warning.
    """
    disk = make_disk()
    write_history(disk, 4)
    stored = bytearray(disk.read(FIRST))
    at = data.draw(st.integers(0, len(stored) - 2))
    sequence = stored.count(b"\n", 0, at) + 1
    stored[at] ^= 1 << data.draw(st.integers(0, 7))
    disk.replace(FIRST, bytes(stored))
    report = verify(disk)
    torn = sequence == 4 and stored[at] == 0
    assert torn or report.first_bad is not None
    assert (4 if report.first_bad is None else report.first_bad.sequence) == sequence


def test_a_whole_journal_is_intact(faulty_disk: FaultyDisk, write_history: WriteHistory) -> None:
    """Nothing is found where nothing is wrong, and the last record is the next checkpoint."""
    last = write_history(faulty_disk, 8, segment_bytes=1000).last
    assert last is not None
    report = verify(faulty_disk)
    assert report.intact
    assert (report.records, report.first_bad, report.diagnostics) == (8, None, ())
    assert report.last == Checkpoint(8, last.hash)


def test_an_empty_journal_is_intact(faulty_disk: FaultyDisk) -> None:
    """Before the genesis there is nothing to doubt."""
    report = verify(faulty_disk)
    assert (report.intact, report.records, report.last) == (True, 0, None)


def test_a_torn_line_is_a_warning(faulty_disk: FaultyDisk, write_history: WriteHistory) -> None:
    """What a crash leaves is told, and is no tampering."""
    write_history(faulty_disk, 3)
    faulty_disk.append(FIRST, b'{"body":')
    report = verify(faulty_disk)
    assert (report.intact, report.records) == (True, 3)
    assert [each.code for each in report.diagnostics] == ["M400"]


@pytest.mark.parametrize("held", [5, 6, 7, 8])
def test_a_chain_written_anew_is_found_by_a_checkpoint(
    make_disk: Callable[[], FaultyDisk], write_history: WriteHistory, held: int
) -> None:
    """Without a checkpoint a rewritten chain is whole; with one at or after its start it is not."""
    lines = _history(make_disk, write_history, "a")
    disk = make_disk()
    disk.replace(FIRST, b"".join(_forge(4, _OTHER_BODY, onward=True)(lines, [])))
    assert verify(disk).intact
    checkpoints = [_checkpoint(lines, sequence) for sequence in (2, 4, held)]
    assert verify(disk, checkpoints[:2]).intact
    report = verify(disk, checkpoints)
    assert report.first_bad is not None
    assert (report.first_bad.sequence, report.first_bad.diagnostic.code) == (held, "M408")
    assert report.records == held - 1


@pytest.mark.parametrize("kept", [0, 1, 7])
def test_records_cut_from_the_end_are_found_by_a_checkpoint(
    make_disk: Callable[[], FaultyDisk], write_history: WriteHistory, kept: int
) -> None:
    """The journal's own hashes cannot tell that it was longer; a checkpoint can."""
    lines = _history(make_disk, write_history, "a")
    disk = make_disk()
    disk.replace(FIRST, b"".join(lines[:kept]))
    assert verify(disk).intact
    report = verify(disk, [_checkpoint(lines, 8)])
    assert report.first_bad is not None
    assert (report.first_bad.sequence, report.first_bad.diagnostic.code) == (kept + 1, "M408")
    assert not report.intact


@pytest.mark.parametrize(
    ("checkpoints", "contradict"),
    [
        pytest.param([(8, "a"), (7, "a")], True, id="rolled back"),
        pytest.param([(8, "a"), (8, "b")], True, id="two of one size"),
        pytest.param([(8, "a"), (8, "a")], False, id="the same twice"),
        pytest.param([(7, "a"), (8, "a")], False, id="growing"),
    ],
)
def test_checkpoints_that_contradict_each_other_are_told(
    make_disk: Callable[[], FaultyDisk],
    write_history: WriteHistory,
    checkpoints: list[tuple[int, str]],
    contradict: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Whoever keeps the checkpoints is watched as well."""
    disk = make_disk()
    write_history(disk)
    histories = {name: _history(make_disk, write_history, name) for name in "ab"}
    given_points = [_checkpoint(histories[name], number) for number, name in checkpoints]
    codes = [each.code for each in verify(disk, given_points).diagnostics]
    assert ("M409" in codes) == contradict


def test_an_unreadable_disk_is_not_a_verdict(
    faulty_disk: FaultyDisk, write_history: WriteHistory
) -> None:
    """A journal that cannot be read is neither intact nor broken."""
    write_history(faulty_disk)
    faulty_disk.refused = {"read"}
    with pytest.raises(LedgerUnavailable):
        verify(faulty_disk)


def _history(
    make_disk: Callable[[], FaultyDisk], write_history: WriteHistory, stream: str
) -> Lines:
    disk = make_disk()
    write_history(disk, 8, stream=stream)
    return disk.read(FIRST).splitlines(keepends=True)


def _checkpoint(lines: Lines, sequence: int) -> Checkpoint:
    record = parse_line(lines[sequence - 1][:-1])
    assert record is not None
    return Checkpoint(sequence, record.hash)

"""Tampering with the shared ledger: every edit is found, at the record where it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

import pytest
from fakes.shared import SharedLedger, ship
from fakes.story import BTC, STORY, tell

from engine.adapters.system.memory_disk import MemoryDisk
from engine.ledger.chain import BrokenChain
from engine.ledger.journal import Journal
from engine.ledger.reader import JournalReader
from engine.ledger.records import encode_body, parse_line, seal
from engine.ledger.verify import Checkpoint, verify_records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.ledger.records import Record

END = len(STORY)


@pytest.fixture(scope="module")
def history() -> list[Record]:
    """The records of the story."""
    disk = MemoryDisk()
    tell(Journal.open(disk))
    return list(JournalReader(disk).records())


@pytest.fixture(scope="module")
def home(request: pytest.FixtureRequest, history: list[Record]) -> Iterator[SharedLedger]:
    """A database that holds the story."""
    with ship(request.getfixturevalue("postgres").database(), history) as made:
        yield made


@pytest.fixture
def ledger(home: SharedLedger) -> Iterator[SharedLedger]:
    """The story; what a test does to it is undone."""
    with home.connection.transaction(force_rollback=True):
        yield home


_LINE: LiteralString = "UPDATE mandate.records SET line = %s WHERE sequence = %s"
_ONE: LiteralString = "UPDATE mandate.records SET {} WHERE sequence = 5"
_SHIFT: LiteralString = "UPDATE mandate.records SET sequence = -sequence - {} WHERE sequence > {}"
_SWAP: LiteralString = (
    "UPDATE mandate.records a SET line = b.line FROM mandate.records b"
    " WHERE a.sequence IN (4, 5) AND b.sequence = 9 - a.sequence"
)
_LAST: LiteralString = "DELETE FROM mandate.records WHERE sequence = {}"
_CHOP = "line = substr(line, 1, length(line) - 1)"
_BACK: LiteralString = "UPDATE mandate.records SET sequence = -sequence WHERE sequence < 0"


def _replaced(old: str, new: str) -> LiteralString:
    return _ONE.format(
        f"line = convert_to(replace(convert_from(line, 'UTF8'), '{old}', '{new}'), 'UTF8')"
    )


TAMPERINGS: list[tuple[str, list[LiteralString], int, str]] = [
    ("a value changed", [_replaced('"verdict":"deny"', '"verdict":"allow"')], 5, "M403"),
    ("a kind changed", [_replaced('"decision"', '"intent"')], 5, "M403"),
    ("a number re-spelt", [_replaced('"intent":2', '"intent":2.0')], 5, "M403"),
    ("NaN injected", [_replaced('"intent":2', '"intent":NaN')], 5, "M403"),
    ("a time changed", [_replaced("10:00:04Z", "10:00:05Z")], 5, "M403"),
    ("a space put in", [_replaced('"intent":2', '"intent": 2')], 5, "M403"),
    (
        "the line break removed",
        [_ONE.format(_CHOP)],
        5,
        "M401",
    ),
    ("a line break added", [_ONE.format(r"line = line || '\x0a'::bytea")], 5, "M401"),
    ("no bytes", [_ONE.format("line = ''")], 5, "M401"),
    ("text", [_ONE.format("line = convert_to(E'hello\\n', 'UTF8')")], 5, "M401"),
    ("a column that finds it", [_ONE.format("symbol = 'BTC-USD'")], 5, "M476"),
    ("a column emptied", [_ONE.format("intent = NULL")], 5, "M476"),
    ("a verdict beside the line", [_ONE.format("verdict = 'allow'")], 5, "M476"),
    ("a time beside the line", [_ONE.format("time_ns = 7")], 5, "M476"),
    ("a kind beside the line", [_ONE.format("kind = 'intent'")], 5, "M476"),
    ("a record deleted", ["DELETE FROM mandate.records WHERE sequence = 5"], 5, "M405"),
    ("the genesis deleted", ["DELETE FROM mandate.records WHERE sequence = 1"], 1, "M405"),
    (
        "a record deleted and the rest moved up",
        ["DELETE FROM mandate.records WHERE sequence = 5", _SHIFT.format("-1", 5), _BACK],
        5,
        "M405",
    ),
    (
        "two lines swapped",
        [
            _SWAP,
        ],
        4,
        "M405",
    ),
    ("all deleted", ["DELETE FROM mandate.records"], 1, "M476"),
    ("the last one deleted", [_LAST.format(END)], END, "M476"),
    ("the head moved back", ["UPDATE mandate.streams SET head_sequence = 9"], END + 1, "M476"),
    ("the head moved on", ["UPDATE mandate.streams SET head_sequence = 99"], END + 1, "M476"),
    ("the head renamed", ["UPDATE mandate.streams SET head_hash = 'ab'"], END + 1, "M476"),
]


@pytest.mark.parametrize(
    ("edits", "sequence", "code"), [pytest.param(*row[1:], id=row[0]) for row in TAMPERINGS]
)
def test_an_edit_is_found_where_it_begins(
    ledger: SharedLedger, edits: list[LiteralString], sequence: int, code: str
) -> None:
    """The report names the first bad record, why, and how many before it are whole."""
    assert verify_records(ledger.reader()).intact
    for each in edits:
        assert ledger.connection.execute(each).rowcount
    report = verify_records(ledger.reader())
    assert report.first_bad is not None
    assert (report.first_bad.sequence, report.first_bad.diagnostic.code) == (sequence, code)
    assert (report.records, report.intact) == (sequence - 1, False)


def _forged(history: list[Record], at: int, *, onward: bool) -> list[Record]:
    """Another body under right hashes of its own, in one record or in all from it on."""
    changed, previous = [], history[at - 1].hash
    for old in history[at : None if onward else at + 1]:
        body = encode_body({**old.fields(), "intent": 77}) if old is history[at] else old.body
        changed.append(seal(old.sequence, old.time, old.kind, body, previous))
        previous = changed[-1].hash
    return changed


def _put(ledger: SharedLedger, records: list[Record]) -> None:
    for each in records:
        ledger.connection.execute(_LINE, [each.line(), each.sequence])
    ledger.connection.execute(
        "UPDATE mandate.records SET intent = 77 WHERE sequence = %s", [records[0].sequence]
    )


def test_a_forged_record_breaks_the_chain_behind_it(
    ledger: SharedLedger, history: list[Record]
) -> None:
    """Its own hash is right, and the next one does not follow it."""
    _put(ledger, _forged(history, 4, onward=False))
    report = verify_records(ledger.reader())
    assert report.first_bad is not None
    assert (report.first_bad.sequence, report.first_bad.diagnostic.code) == (6, "M404")


def test_a_chain_written_anew_is_found_by_its_head_and_by_a_checkpoint(
    ledger: SharedLedger, history: list[Record]
) -> None:
    """Whoever writes the head anew too is found by what somebody else wrote down."""
    forged = _forged(history, 4, onward=True)
    _put(ledger, forged)
    report = verify_records(ledger.reader())
    assert [each.code for each in report.diagnostics] == ["M476"]
    ledger.connection.execute("UPDATE mandate.streams SET head_hash = %s", [forged[-1].hash])
    assert verify_records(ledger.reader()).intact
    known = Checkpoint(END, history[-1].hash)
    report = verify_records(ledger.reader(), [known])
    assert [each.code for each in report.diagnostics] == ["M408"]


@pytest.mark.parametrize(
    "edit",
    [
        _replaced('"verdict":"deny"', '"verdict":"allow"'),
        _ONE.format("intent = 9"),
        _ONE.format("line = (SELECT line FROM mandate.records WHERE sequence = 4)"),
        _ONE.format("line = ''"),
    ],
)
def test_a_question_never_tells_an_edited_row(ledger: SharedLedger, edit: LiteralString) -> None:
    """Each record proves itself before it is told."""
    assert ledger.index().record(5) is not None
    ledger.connection.execute(edit)
    with pytest.raises(BrokenChain, match="M476"):
        ledger.index().record(5)


def test_reading_from_the_middle_trusts_only_a_genuine_record_before_it(
    ledger: SharedLedger, history: list[Record]
) -> None:
    """Where the one before proves nothing, all is read, and the first bad one is named."""
    assert list(ledger.reader().records(5)) == history[4:]
    assert list(ledger.reader().records(99)) == []
    ledger.connection.execute(_replaced("", "").replace("sequence = 5", "sequence = 4"))
    ledger.connection.execute("UPDATE mandate.records SET line = 'x' WHERE sequence = 4")
    with pytest.raises(BrokenChain, match="M401") as found:
        list(ledger.reader().records(5))
    assert found.value.bad.sequence == 4


def test_the_bytes_are_the_journals(ledger: SharedLedger, history: list[Record]) -> None:
    """Joined in order they are the journal's own file."""
    row = ledger.connection.execute(
        "SELECT string_agg(line, ''::bytea ORDER BY sequence) FROM mandate.records"
    ).fetchone()
    assert row == (b"".join(each.line() for each in history),)
    assert parse_line(history[0].line()[:-1]) == history[0]
    assert ledger.index().last_decision(BTC) == history[8]


def test_a_stream_without_records_is_whole(ledger: SharedLedger) -> None:
    """Before the genesis there is nothing to doubt."""
    ledger.connection.execute("DELETE FROM mandate.records")
    ledger.connection.execute(
        "UPDATE mandate.streams SET head_sequence = 0, head_hash = repeat('0', 64)"
    )
    assert verify_records(ledger.reader()).intact

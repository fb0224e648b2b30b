"""Shipping: whatever breaks, the server holds a beginning of the journal, exactly once."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from adapters.postgres.desk import LEASE_S, Line, Shipyard
from fakes.shared import CLAIM
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import OperationalError

from engine.adapters.postgres.address import parse_address
from engine.adapters.postgres.driver import unavailable
from engine.adapters.postgres.standing import SILENT_LOOKS
from engine.adapters.postgres.streams import Tenure, streams, take
from engine.adapters.postgres.writing import HeadMoved, LeaseLost, append
from engine.ledger.reader import JournalReader
from engine.ledger.verify import Checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.adapters.postgres.address import Address

STEPS = st.one_of(
    st.tuples(st.just("append"), st.integers(1, 12)),
    st.tuples(st.just("sync"), st.none()),
    st.tuples(st.just("ship"), st.none()),
    st.tuples(st.just("cut"), st.tuples(st.integers(1, 9), st.booleans())),
    st.tuples(st.just("down"), st.none()),
    st.tuples(st.just("kill"), st.none()),
    st.tuples(st.just("crash"), st.floats(0, 1)),
)


@pytest.fixture(scope="module")
def address(request: pytest.FixtureRequest) -> Address:
    """A database for all of this module; each test begins with empty tables."""
    return parse_address(request.getfixturevalue("postgres").database())


@pytest.fixture
def yard(address: Address, tmp_path: Path) -> Iterator[Shipyard]:
    """One stream, with the lease taken."""
    made = Shipyard(tmp_path, Line(address))
    yield made
    made.close()


def _take(yard: Shipyard, deed: str, how: object) -> None:
    match deed, how:
        case "append", int(records):
            yard.append(records)
        case "sync", _:
            yard.sync()
        case "cut", tuple(cut):
            yard.line.cut, yard.line.waits = cut, 0
            yard.shipping.attempt()
            yard.line.mend()
        case "down", _:
            yard.line.down = True
            yard.shipping._close()
            assert not yard.shipping.attempt()
            yard.line.mend()
        case "kill", _:
            yard.control.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
            yard.shipping.attempt()
        case "crash", float(share):
            yard.crash(share)
        case _:
            yard.shipping.attempt()


@pytest.mark.long
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(STEPS, min_size=1, max_size=16))
def test_the_server_holds_a_beginning_of_the_journal_whatever_happens(
    address: Address, steps: list[tuple[str, object]]
) -> None:
    """Appends, syncs, cuts before and after each message, kills and crashes, in any order."""
    with tempfile.TemporaryDirectory() as folder:
        yard = Shipyard(Path(folder), Line(address))
        try:
            for deed, how in steps:
                _take(yard, deed, how)
                yard.check()
            yard.append(1)
            yard.sync()
            while not yard.shipping.attempt():
                assert yard.standing.seen.lost is None
            yard.check()
            assert yard.at_server() == yard.here()
        finally:
            yard.close()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_line_cut_at_any_message_is_made_good_by_the_next_attempt(
    yard: Shipyard, *, after: bool
) -> None:
    """Each message of an attempt in turn: what was committed unheard is not sent again."""
    yard.append(3)
    yard.sync()
    assert yard.shipping.attempt()
    messages = 0
    for at in range(1, 40):
        yard.append(2)
        yard.sync()
        yard.line.cut, yard.line.waits = (at, after), 0
        cut = not yard.shipping.attempt()
        messages += cut
        assert (yard.standing.lag_s() > 0 or yard.standing.seen.failing is not None) == cut
        yard.line.mend()
        while not yard.shipping.attempt():
            pass
        yard.check()
        assert yard.at_server() == yard.here()
        if not cut:
            break
    # To ask, and to add: all the rest is the server's.
    assert messages == 2


def test_what_is_not_durable_here_is_not_shipped(yard: Shipyard) -> None:
    """A record that a loss of power could take is not the server's to have."""
    yard.append(5)
    list(yard.journal.records())
    assert yard.here().count(b"\n") == 5
    assert yard.shipping.attempt()
    assert yard.at_server() == b""
    yard.sync()
    assert yard.shipping.attempt()
    assert yard.at_server() == yard.here()


def test_a_stale_epoch_inserts_nothing(yard: Shipyard) -> None:
    """The old holder's next batch fails whole, and it learns that it lost."""
    yard.append(3)
    yard.sync()
    assert yard.shipping.attempt()
    held, old = yard.at_server(), yard.grant
    newer = take(yard.control, CLAIM, LEASE_S, over=False)
    yard.append(2)
    yard.sync()
    assert not yard.shipping.attempt()
    assert yard.standing.seen.lost is not None
    assert not yard.standing.held
    assert yard.at_server() == held
    records = list(JournalReader(yard.disk).records())[3:]
    known = Checkpoint(3, records[0].previous)
    with pytest.raises(LeaseLost):
        append(yard.control, old, known, records)
    with pytest.raises(HeadMoved):
        append(yard.control, newer, Checkpoint(2, "ab"), records)
    assert yard.at_server() == held
    append(yard.control, newer, known, records)
    assert yard.at_server() == yard.here()


def test_a_database_put_back_to_an_older_state_is_filled_again(yard: Shipyard) -> None:
    """The journal is the truth: what a restored server lacks is shipped once more."""
    yard.append(9)
    yard.sync()
    assert yard.shipping.attempt()
    fifth = list(JournalReader(yard.disk).records())[4]
    yard.control.execute("DELETE FROM mandate.records WHERE sequence > 5")
    yard.control.execute(
        "UPDATE mandate.streams SET head_sequence = 5, head_hash = %s", [fifth.hash]
    )
    assert yard.shipping.attempt()
    yard.check()
    assert yard.at_server() == yard.here()


def test_a_server_with_another_history_is_an_outage_until_it_is_mended(yard: Shipyard) -> None:
    """Nothing is written over it; the lag grows and says why."""
    yard.append(4)
    yard.sync()
    assert yard.shipping.attempt()
    yard.control.execute("UPDATE mandate.streams SET head_hash = repeat('ab', 32)")
    held = yard.at_server()
    for _ in range(2):
        assert not yard.shipping.attempt()
    yard.now_s += 7
    assert yard.standing.lag_s() == pytest.approx(7)
    assert "holds records that this journal does not" in str(yard.standing.seen.failing)
    assert yard.at_server() == held


def test_a_damaged_journal_is_shipped_no_further(yard: Shipyard) -> None:
    """The records before the damage are there, and the loop's own checks name it."""
    yard.append(2)
    yard.sync()
    assert yard.shipping.attempt()
    yard.append(2)
    yard.sync()
    path = yard.root / "journal" / "000001.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"cycle":3', b'"cycle":7'))
    assert not yard.shipping.attempt()
    assert "M403" in str(yard.standing.seen.failing)
    assert yard.at_server().count(b"\n") == 2


def test_a_long_backlog_is_shipped_in_parts(
    yard: Shipyard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lease is renewed between them: an attempt ends before all is shipped."""
    monkeypatch.setattr("engine.adapters.postgres.shipping.BATCH", 2)
    monkeypatch.setattr("engine.adapters.postgres.shipping._BATCHES", 3)
    yard.append(15)
    yard.sync()
    assert [yard.shipping.attempt() for _ in range(4)] == [False, False, True, True]
    assert yard.at_server() == yard.here()


def test_the_lease_is_renewed_before_it_runs_out(yard: Shipyard) -> None:
    """A third of it is used, then the server hears of us; other attempts only look."""
    before = _expires(yard)
    assert yard.shipping.attempt()
    assert _expires(yard) == before
    yard.now_s += LEASE_S / 3
    assert yard.shipping.attempt()
    assert _expires(yard) > before
    assert yard.standing.seen.renewed == yard.now_s


def test_a_head_that_moves_under_a_batch_is_asked_for_again(yard: Shipyard) -> None:
    """Whoever restores the database just then: nothing is added, the next attempt looks."""
    yard.append(4)
    yard.sync()
    assert yard.shipping.attempt()
    yard.append(2)
    yard.sync()
    moved = "UPDATE mandate.streams SET head_hash = %s"
    (fourth,) = [each.hash for each in JournalReader(yard.disk).records() if each.sequence == 4]

    def durable() -> int:
        yard.control.execute(moved, ["ab" * 32])
        return yard.journal.durable_sequence

    yard.shipping._durable = durable
    assert not yard.shipping.attempt()
    assert yard.at_server().count(b"\n") == 4
    assert "not the one that was shipped last" in str(yard.standing.seen.failing)
    yard.control.execute(moved, [fourth])
    yard.shipping._durable = lambda: yard.journal.durable_sequence
    assert yard.shipping.attempt()
    assert yard.at_server() == yard.here()


def test_a_stream_that_cannot_be_given_back_runs_out(yard: Shipyard) -> None:
    """The server is gone at the end: the lease stays as it was, and it is told."""
    assert yard.shipping.attempt()
    _take(yard, "kill", None)
    connection = yard.shipping._connection
    yard.shipping._connection = connection or yard.line.connect()
    yard.line.cut, yard.line.waits = (1, False), 0
    yard.shipping.release()
    assert yard.standing.seen.failing is not None
    assert streams(yard.control)[0].tenure is Tenure.HELD


def test_a_server_that_says_nothing_is_given_up(
    yard: Shipyard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stopped backend keeps its line open: the attempt ends all the same, and the next is new."""
    yard.append(2)
    yard.sync()
    assert yard.shipping.attempt()
    monkeypatch.setattr("engine.adapters.postgres.driver._ANSWER_S", 0.2)
    connection = yard.shipping._connection
    assert connection is not None
    backend = connection.info.backend_pid
    os.kill(backend, signal.SIGSTOP)
    try:
        assert not yard.shipping.attempt()
        assert "no answer within" in str(yard.standing.seen.failing)
        assert yard.standing.held
        monkeypatch.undo()
        assert yard.shipping.attempt()
    finally:
        os.kill(backend, signal.SIGCONT)


def test_a_server_that_hangs_is_behind_before_it_is_given_up(yard: Shipyard) -> None:
    """While the attempt still waits, the loop is told of a lag; an answer ends it."""
    yard.append(2)
    yard.sync()
    assert yard.shipping.attempt()
    connection = yard.shipping._connection
    assert connection is not None
    os.kill(connection.info.backend_pid, signal.SIGSTOP)
    behind: list[float] = []
    tell = yard.standing.silent

    def silent(looks: int) -> None:
        tell(looks)
        yard.now_s += 0.1
        behind.append(yard.standing.lag_s())
        if behind[-1] > 0:
            os.kill(connection.info.backend_pid, signal.SIGCONT)

    connection.on_silence = silent  # type: ignore[attr-defined] # of our own connections
    assert yard.shipping.attempt()
    assert behind[:SILENT_LOOKS] == [0] * (SILENT_LOOKS - 1) + [pytest.approx(0.1 * SILENT_LOOKS)]
    assert yard.standing.lag_s() == 0


def test_words_of_the_server_are_told_without_secrets(address: Address) -> None:
    """Whatever a library puts into its complaint, a credential in it is hidden."""
    failure = OperationalError('connection to "host=h password=hunter2-and-more" failed\n  FATAL')
    (finding,) = unavailable(address, failure).diagnostics
    assert "hunter2" not in f"{finding}"
    assert "\n" not in finding.message
    assert finding.message.endswith("failed FATAL")


def _expires(yard: Shipyard) -> object:
    row = yard.control.execute("SELECT expires FROM mandate.streams").fetchone()
    assert row is not None
    return row[0]

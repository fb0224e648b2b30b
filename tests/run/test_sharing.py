"""Runs whose journal a shared ledger follows: at rest both are the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.shared import CLAIM
from run.conftest import cut, records

from engine.adapters.postgres import companion as companions
from engine.adapters.postgres.address import parse_address
from engine.adapters.postgres.driver import connect
from engine.adapters.postgres.streams import Tenure, streams, take
from engine.adapters.system.lock import LockHeld
from engine.errors import MandateError
from engine.run import prepare
from engine.run.ledgers import LedgerView

if TYPE_CHECKING:
    from pathlib import Path

    from fakes.postgres import Server
    from run.conftest import Settings

    from engine.adapters.postgres.streams import Stream
    from engine.cycle.desk import Round
    from engine.policyset.policyset import PolicySet

pytestmark = pytest.mark.long


def at_server(database: str) -> bytes:
    """All lines of the one stream of a database."""
    return b"".join(each.line() for each in LedgerView.open(database).records())


def here(ledger: Path) -> bytes:
    """All lines of a journal."""
    return b"".join(each.line() for each in records(ledger))


def stream_of(database: str) -> Stream:
    """The one stream of a database."""
    with connect(parse_address(database)) as connection:
        (found,) = streams(connection)
    return found


def _silent(_this: Round) -> None:
    """Nobody listens."""


def test_a_shared_run_writes_what_a_run_alone_writes(
    settings: Settings, any_pair: PolicySet, database: str, tmp_path: Path
) -> None:
    """The same bytes here as without a server, and at the server as here; the lease is free."""
    alone = settings(ledger=tmp_path / "alone", cycles=30)
    prepare(alone, any_pair).run(_silent)
    shared = settings(cycles=20, shared=parse_address(database))
    session = prepare(shared, any_pair)
    assert stream_of(database).tenure is Tenure.HELD
    session.run(_silent)
    assert (session.left_over, session.lease.held) == ((), False)
    assert at_server(database) == here(shared.ledger)
    session = prepare(settings(cycles=10, shared=parse_address(database)), any_pair)
    session.run(_silent)
    assert at_server(database) == here(shared.ledger) == here(alone.ledger)
    assert stream_of(database).tenure is Tenure.FREE
    assert stream_of(database).epoch == 2


def test_a_journal_that_is_followed_stays_so(
    settings: Settings, any_pair: PolicySet, database: str, tmp_path: Path
) -> None:
    """Opened by its directory alone it is shipped all the same, and needs the same lease."""
    address = parse_address(database)
    prepare(settings(shared=address, cycles=5), any_pair).run(_silent)
    session = prepare(settings(cycles=5), any_pair)
    session.run(_silent)
    assert session.shared is not None
    assert session.shared.address.target == database
    assert at_server(database) == here(tmp_path / "ledger")
    with connect(address) as control:
        take(control, CLAIM, 3600, over=False)
    with pytest.raises(MandateError, match="M471"):
        prepare(settings(cycles=5), any_pair)
    (tmp_path / "ledger" / "SHARED").unlink()
    alone = prepare(settings(cycles=5), any_pair)
    alone.run(_silent)
    assert alone.shared is None
    assert here(tmp_path / "ledger").startswith(at_server(database))


def test_the_second_loop_is_told_who_the_first_is(
    settings: Settings, any_pair: PolicySet, database: str, tmp_path: Path
) -> None:
    """By the lock in the same directory, by the lease in another; the first goes on."""
    address = parse_address(database)
    first = prepare(settings(shared=address), any_pair)
    try:
        with pytest.raises(LockHeld, match="M413"):
            prepare(settings(shared=address), any_pair)
        with pytest.raises(MandateError, match="M471") as refused:
            prepare(settings(shared=address, ledger=tmp_path / "other"), any_pair)
        (finding,) = refused.value.diagnostics
        assert "is held by process" in finding.message
        assert str(tmp_path / "ledger") in finding.help
        assert first.lease.held
    finally:
        first.lease.release()
    assert not first.lease.held


def test_a_journal_that_lacks_what_the_server_has_is_refused(
    settings: Settings, any_pair: PolicySet, database: str, tmp_path: Path
) -> None:
    """A new directory, and an older copy: the message names where the right one lies."""
    address = parse_address(database)
    prepare(settings(shared=address, cycles=20), any_pair).run(_silent)
    cut(tmp_path / "ledger", tmp_path / "older", 9)
    for name in ("fresh", "older"):
        with pytest.raises(MandateError, match="M474") as refused:
            prepare(settings(shared=address, ledger=tmp_path / name), any_pair)
        assert str(tmp_path / "ledger") in refused.value.diagnostics[0].help
    assert stream_of(database).directory == str(tmp_path / "ledger")
    assert at_server(database) == here(tmp_path / "ledger")


def test_an_unreachable_server_refuses_a_start_and_not_an_end(
    settings: Settings,
    any_pair: PolicySet,
    database: str,
    postgres: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody trades without knowing that nobody else does; what was traded is kept for later."""
    monkeypatch.setattr(companions, "_LAST_WORDS_S", 0.5)
    address = parse_address(database)
    session = prepare(settings(shared=address, cycles=20), any_pair)
    postgres.stop()
    try:
        session.run(_silent)
        (finding,) = session.left_over
        assert (finding.code, "nothing is lost" in finding.help) == ("M477", True)
        with pytest.raises(MandateError, match="M477"):
            prepare(settings(shared=address), any_pair)
    finally:
        postgres.start()
    prepare(settings(shared=address, cycles=1), any_pair).run(_silent)
    assert at_server(database) == here(session.settings.ledger)


def test_a_lease_that_another_has_ends_the_run(
    settings: Settings, any_pair: PolicySet, database: str
) -> None:
    """Seen by the thread beside the loop within its next look; nothing more reaches the server."""
    address = parse_address(database)
    session = prepare(settings(shared=address, pace=5.0), any_pair)
    taken: list[bytes] = []

    def tell(this: Round) -> None:
        if this.number != 3:
            return
        with connect(address) as control:
            control.execute("UPDATE mandate.streams SET expires = clock_timestamp()")
            take(control, CLAIM, 3600, over=True)
        taken.append(at_server(database))

    with pytest.raises(MandateError, match=r"M472|M411"):
        session.run(tell)
    assert not session.lease.held
    assert [at_server(database)] == taken
    assert stream_of(database).holder is not None
    assert "another loop" in session.left_over[0].message


def test_what_fails_while_it_is_prepared_gives_the_lease_back(
    settings: Settings, any_pair: PolicySet, database: str
) -> None:
    """A run that is refused after the lease was taken leaves nobody waiting for it."""
    address = parse_address(database)
    prepare(settings(shared=address, cycles=3), any_pair).run(_silent)
    with pytest.raises(MandateError, match="M446"):
        prepare(settings(shared=address, quotes=()), any_pair)
    assert stream_of(database).tenure is Tenure.FREE

"""The lease of a stream: one holder, named to everybody else, and fenced by its epoch."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes.shared import CLAIM

from engine.adapters.postgres import schema
from engine.adapters.postgres.address import parse_address
from engine.adapters.postgres.driver import Connection, connect
from engine.adapters.postgres.streams import (
    LeaseHeld,
    Tenure,
    head,
    release,
    renew,
    streams,
    take,
)
from engine.ledger.verify import Checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG_S, SHORT_S = 3600.0, 0.0
ELSEWHERE = replace(CLAIM, host="desk-2", pid=7, place="desk-2 boot 8:9", directory="/srv/other")
_RACER = """
import sys
from engine.adapters.postgres import driver, schema, streams
from engine.adapters.postgres.address import parse_address
connection = driver.connect(parse_address(sys.argv[1]))
schema.migrate(connection)
number = int(sys.argv[2])
claim = streams.Claim("live", "main", f"desk-{number}", number, f"place-{number}", f"/srv/{number}")
print("ready", flush=True)
sys.stdin.readline()
try:
    print("won", streams.take(connection, claim, 3600, over=False).epoch, flush=True)
except streams.LeaseHeld as held:
    print(held.diagnostics[0].message, flush=True)
connection.close()
"""


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    """A connection to a database with tables and no stream."""
    with connect(parse_address(database)) as opened:
        schema.migrate(opened)
        yield opened


@pytest.mark.long
def test_eight_processes_race_and_one_wins(database: str) -> None:
    """All claim at the same moment; seven are told who it was."""
    command = [sys.executable, "-c", _RACER, database]
    racers = [
        subprocess.Popen(  # noqa: S603 - our own words
            [*command, str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
        )
        for number in range(8)
    ]
    try:
        for each in racers:
            assert each.stdout is not None
            assert each.stdout.readline() == "ready\n"
        told = [each.communicate("go\n", timeout=60)[0].strip() for each in racers]
    finally:
        for each in racers:
            each.kill()
            each.wait()
    (winner,) = (number for number, words in enumerate(told) if words == "won 1")
    held_by = f"process {winner} on desk-{winner} since "
    others = [words for number, words in enumerate(told) if number != winner]
    assert all(held_by in words for words in others), told


def test_a_holder_is_named_with_its_directory(connection: Connection) -> None:
    """Host, process, since when, where its journal is, and what to do."""
    take(connection, CLAIM, LONG_S, over=False)
    with pytest.raises(LeaseHeld, match="M471") as refused:
        take(connection, ELSEWHERE, LONG_S, over=True)
    (finding,) = refused.value.diagnostics
    assert "account `main` in mode paper" in finding.message
    assert f"process {CLAIM.pid} on {CLAIM.host} since 20" in finding.message
    assert CLAIM.directory in finding.help
    assert refused.value.holder is not None


def test_a_lease_that_ran_out_is_not_free(connection: Connection) -> None:
    """Its holder may trade on without the server: only a person says that it does not."""
    old = take(connection, CLAIM, SHORT_S, over=False)
    with pytest.raises(LeaseHeld, match="has not been heard of") as refused:
        take(connection, ELSEWHERE, LONG_S, over=False)
    assert "--take-over" in refused.value.diagnostics[0].help
    new = take(connection, ELSEWHERE, LONG_S, over=True)
    assert new.epoch == old.epoch + 1
    assert renew(connection, old, LONG_S) is None
    assert head(connection, old) is None
    assert renew(connection, new, LONG_S) == Checkpoint(0, "0" * 64)
    release(connection, old)
    (stream,) = streams(connection)
    assert (stream.tenure, stream.directory) == (Tenure.HELD, ELSEWHERE.directory)


def test_the_same_directory_gets_it_back_at_once(connection: Connection) -> None:
    """Whoever holds its lock has outlived the loop that held it: a restart waits for nothing."""
    old = take(connection, CLAIM, LONG_S, over=False)
    new = take(connection, replace(CLAIM, pid=4343), LONG_S, over=False)
    assert new.epoch == old.epoch + 1
    assert head(connection, old) is None


def test_a_lease_that_was_given_back_is_free(connection: Connection) -> None:
    """For anybody, at once; who held it last is still told."""
    release(connection, take(connection, CLAIM, LONG_S, over=False))
    (stream,) = streams(connection)
    assert (stream.tenure, stream.directory) == (Tenure.FREE, CLAIM.directory)
    assert take(connection, ELSEWHERE, LONG_S, over=False).epoch == 2


def test_accounts_and_modes_are_streams_of_their_own(connection: Connection) -> None:
    """Each has its holder; one does not wait for another."""
    for mode, account in (("paper", "main"), ("live", "main"), ("live", "second")):
        take(connection, replace(CLAIM, mode=mode, account=account), LONG_S, over=False)
    names = [each.name for each in streams(connection)]
    assert names == ["live/main", "live/second", "paper/main"]


def test_what_is_refused_at_the_last_moment_leaves_no_trace(connection: Connection) -> None:
    """Whoever may have the stream and does not want it, does not become its holder."""
    release(connection, take(connection, CLAIM, LONG_S, over=False))

    def refuse(stream: object) -> None:
        raise LookupError(stream)

    with pytest.raises(LookupError):
        take(connection, ELSEWHERE, LONG_S, over=False, accept=refuse)
    (stream,) = streams(connection)
    assert (stream.epoch, stream.directory) == (1, CLAIM.directory)

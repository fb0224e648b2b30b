"""The venue as a process of its own, by the real command: what can be killed and started again.

`venue_process(state)` starts `trader venue` on free ports (or on the ports of before) and gives a
`VenueProcess` once it answers. At the end of the block it is stopped; `kill` is kill -9.
"""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fakes.venue import KeyPair

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_S = 60.0
TRADER = Path(sys.executable).with_name("trader")


@dataclass(frozen=True, slots=True)
class VenueProcess:
    """A venue that answers, and the process that it is."""

    process: subprocess.Popen[str]
    rest: str
    websocket: str
    plain_websocket: str
    ca: Path
    key_files: dict[str, Path]

    @property
    def host(self) -> str:
        """`127.0.0.1:port`, the official client's `base_url`."""
        return self.rest.removeprefix("https://")

    @property
    def ports(self) -> tuple[int, int]:
        """The secure one and the plain one: for a restart on the same addresses."""
        return tuple(int(each.rpartition(":")[2]) for each in (self.rest, self.plain_websocket))  # type: ignore[return-value]  # two of them

    def tls(self) -> ssl.SSLContext:
        """A client's context that trusts this venue."""
        return ssl.create_default_context(cafile=str(self.ca))

    def key(self, label: str = "es256") -> KeyPair:
        """A key: es256 and ed25519 trade, view only looks, transfer may do everything."""
        told = json.loads(self.key_files[label].read_bytes())
        return KeyPair(told["name"], told["privateKey"], self.key_files[label])

    def kill(self) -> None:
        """End it without a warning."""
        self.process.kill()
        self.process.wait(PATIENCE_S)

    def stop(self) -> int:
        """Ask it to end; its exit status."""
        self.process.terminate()
        return self.process.wait(PATIENCE_S)


def started(state: Path, *options: str, ports: tuple[int, int] = (0, 0)) -> VenueProcess:
    """Start a venue and wait until it answers; raises RuntimeError with what it said instead."""
    secure, plain = map(str, ports)
    words = ["venue", "--state", str(state), "--port", secure, "--plain-port", plain]
    process = subprocess.Popen(  # noqa: S603 - our own command
        [str(TRADER), *words, "--format", "json", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    # A venue that says nothing is ended, so that nobody waits for its word for ever.
    patience = threading.Timer(PATIENCE_S, process.kill)
    patience.start()
    line = process.stdout.readline()
    patience.cancel()
    if not line:
        _, said = process.communicate(timeout=PATIENCE_S)
        raise RuntimeError(said)
    told = json.loads(line)
    files = {label: Path(file) for label, file in told["keys"].items()}
    return VenueProcess(
        process,
        told["rest"],
        told["websocket"],
        told["plain_websocket"],
        Path(told["certificate"]),
        files,
    )


@contextmanager
def venue_process(
    state: Path, *options: str, ports: tuple[int, int] = (0, 0)
) -> Iterator[VenueProcess]:
    """A venue for the length of a block."""
    running = started(state, *options, ports=ports)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.stop()
        for pipe in (running.process.stdout, running.process.stderr):
            if pipe is not None:
                pipe.close()

"""A process that comes to harm at a chosen moment: the real command, wrapped from outside.

In: a `Plan`. Out: doors of the product that count their calls, and kill, stop or terminate the
process at the n-th; and one order whose request or answer goes astray. The product knows nothing.
"""

from __future__ import annotations

import http.client
import os
import signal
import ssl
import time
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

from httpcore._backends.anyio import AnyIOStream

from engine.adapters.http import HttpClient, LostError
from engine.adapters.system.lock import FileLock
from engine.cycle import operator
from engine.ledger.journal import Journal
from engine.ledger.records import RecordKind

if TYPE_CHECKING:
    from engine.adapters.system.disk import DirectoryDisk

ORDERS = "/api/v3/brokerage/orders"
DEEDS = {"kill": signal.SIGKILL, "term": signal.SIGTERM, "stop": signal.SIGSTOP}
LATE_S = 0.7
LATE = "late"
TWICE = "delivered twice"
"""No fault of the matrix: nobody can do anything about it, so it shows that the matrix can see."""
_RECORDS = {
    "policy activated": (RecordKind.SET_ACTIVATED, 1),
    "intent appended": (RecordKind.INTENT, 1),
    "acknowledged": (RecordKind.ACKNOWLEDGED, 1),
    "first fill": (RecordKind.FILLED, 1),
    "second fill": (RecordKind.FILLED, 2),
    "checkpoint": (RecordKind.CYCLE, 2),
    "second intent": (RecordKind.INTENT, 2),
    "reconciled": (RecordKind.RECONCILE, 1),
}
POINTS = (
    "policy activated", "intent appended", "intent synced", "connecting", "half the request",
    "request written", "half the response", "acknowledged", "first fill", "second fill",
    "checkpoint", "lease asked", "command taken", "kill file seen", "shutdown",
)  # fmt: skip
LATER = ("ledger opened", "first answer")
"""Where a second process is killed, which finds what the first has left."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the process comes to harm, by what, and what becomes of its first order's request."""

    point: str
    deed: str
    fault: str


@dataclass(slots=True)
class Saboteur:
    """The counting doors of one process."""

    plan: Plan
    authority: str
    done: bool = False
    posts: int = 0
    on_the_wire: bool = False

    def install(self) -> None:
        """Wrap the doors; before the command runs."""
        self._records()
        self._wire()
        self._requests()
        self._switch()
        self._rest()

    def here(self, point: str) -> None:
        """The process is at this point; the first time at its own, it is its last."""
        if point == self.plan.point and not self.done:
            self.done = True
            self._note("reached")
            os.kill(os.getpid(), DEEDS[self.plan.deed])

    def _note(self, name: str) -> None:
        """Leave a file for whoever counts what happened."""
        Path(name).touch()

    def _records(self) -> None:
        seen: dict[RecordKind, int] = {}
        append, sync = Journal.append, Journal.sync

        @wraps(append)
        def appended(journal: Journal, kind: RecordKind, *rest: object) -> object:
            if kind is RecordKind.SET_ACTIVATED:
                self.here("set checked")
            record = append(journal, kind, *rest)  # type: ignore[arg-type] # as it came
            seen[kind] = seen.get(kind, 0) + 1
            for point, moment in _RECORDS.items():
                if moment == (kind, seen[kind]):
                    self.here(point)
            return record

        @wraps(sync)
        def synced(journal: Journal) -> None:
            sync(journal)
            if seen.get(RecordKind.INTENT):
                self.here("intent synced")

        Journal.append = appended  # type: ignore[method-assign,assignment] # from outside
        Journal.sync = synced  # type: ignore[method-assign] # from outside

    def _wire(self) -> None:
        read, write = AnyIOStream.read, AnyIOStream.write

        async def written(stream: AnyIOStream, buffer: bytes, **rest: float | None) -> None:
            if buffer.startswith(f"POST {ORDERS} HTTP".encode()):
                self.on_the_wire = True
            elif self.on_the_wire and self.plan.point == "half the request" and not self.done:
                await write(stream, buffer[: len(buffer) // 2], **rest)
                self.here("half the request")
                buffer = buffer[len(buffer) // 2 :]
            await write(stream, buffer, **rest)
            if self.on_the_wire and buffer.endswith(b"}"):
                self.here("request written")

        async def received(stream: AnyIOStream, most: int, **rest: float | None) -> bytes:
            half = self.on_the_wire and self.plan.point == "half the response" and not self.done
            data = await read(stream, 20 if half else most, **rest)
            if self.on_the_wire:
                self.on_the_wire = False
                self.here("half the response")
            return data

        AnyIOStream.read = received  # type: ignore[method-assign] # from outside
        AnyIOStream.write = written  # type: ignore[method-assign] # from outside

    def _requests(self) -> None:
        request = HttpClient.request

        async def asked(client: HttpClient, method: str, path: str, **rest: object) -> object:
            if (method, path) != ("POST", ORDERS):
                answer = await request(client, method, path, **rest)  # type: ignore[arg-type] # as it came
                self.here("first answer")
                return answer
            self.posts += 1
            self.here("connecting")
            astray = self.plan.fault if self.posts == 1 else "ok"
            if astray != "ok":
                self._note("astray")
            if astray in {"lost", LATE}:
                if astray == LATE:
                    self._deliver_late(client, rest)
                message = "the request went astray"
                raise LostError(message)
            answer = await request(client, method, path, **rest)  # type: ignore[arg-type] # as it came
            if astray == TWICE:
                await request(client, method, path, **rest)  # type: ignore[arg-type] # as it came
            if astray == "no response":
                message = "the answer went astray"
                raise LostError(message)
            return answer

        HttpClient.request = asked  # type: ignore[method-assign,assignment] # from outside

    def _deliver_late(self, client: HttpClient, rest: dict[str, object]) -> None:
        """Another process brings the request in, whatever becomes of this one."""
        if os.fork():
            return
        # Nothing of the process that dies may live on here: its lock above all.
        os.setsid()
        os.closerange(3, 1024)
        time.sleep(LATE_S)
        url = client._client.base_url
        context = ssl.create_default_context(cafile=self.authority)
        line = http.client.HTTPSConnection(url.host, url.port, timeout=20, context=context)
        line.request("POST", ORDERS, rest["body"], rest["headers"])  # type: ignore[arg-type] # as it came
        line.getresponse().read()
        Path("late.done").touch()
        os._exit(0)

    def _switch(self) -> None:
        read, take = operator.read_kill_switch, operator.take_commands

        def seen(disk: DirectoryDisk) -> str | None:
            if self.plan.point == "kill file seen" and self.posts:
                Path("ledger/KILL_SWITCH").touch()
            thrown = read(disk)
            if thrown is not None:
                self.here("kill file seen")
            return thrown

        def taken(disk: DirectoryDisk) -> object:
            for command in take(disk):
                self.here("command taken")
                yield command

        operator.read_kill_switch = seen  # type: ignore[assignment] # from outside
        operator.take_commands = taken  # type: ignore[assignment] # from outside

    def _rest(self) -> None:
        held, opened = FileLock.held, Journal.open
        release = FileLock.release

        def asked(lock: FileLock) -> bool:
            self.here("lease asked")
            return held.__get__(lock)  # type: ignore[no-any-return] # a property's own getter

        def stood(*rest: object, **named: object) -> Journal:
            journal = opened(*rest, **named)  # type: ignore[arg-type] # as it came
            self.here("ledger opened")
            return journal

        def released(lock: FileLock) -> None:
            self.here("shutdown")
            release(lock)

        FileLock.held = property(asked)  # type: ignore[assignment,method-assign] # from outside
        Journal.open = stood  # type: ignore[method-assign,assignment] # from outside
        FileLock.release = released  # type: ignore[method-assign] # from outside

"""Ending a run by a signal: between two steps, with a record of who stopped it.

In: SIGTERM or SIGINT. Out: a loop that ends, an operator's record, an exit status of 0. A second
signal ends the process at once, as if nobody had listened to the first.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.ledger.records import RecordKind

if TYPE_CHECKING:
    from engine.cycle.loop import Loop
    from engine.ledger.bodies import Body

SIGNALS = (signal.SIGTERM, signal.SIGINT)


@dataclass(slots=True)
class Stopping:
    """Listens for as long as the loop runs; `by` is the signal that ended it."""

    loop: Loop
    by: str | None = None

    async def watch(self) -> None:
        """Wait for a signal, and end the loop."""
        if threading.current_thread() is not threading.main_thread():
            return  # signals are the main thread's, and whoever runs us elsewhere stops us himself
        running, asked = asyncio.get_running_loop(), asyncio.Event()
        for each in SIGNALS:
            running.add_signal_handler(each, self._heard, each, asked)
        try:
            await asked.wait()
            await self.loop.stop()
            self._record()
        finally:
            for each in SIGNALS:
                running.remove_signal_handler(each)

    def _heard(self, number: signal.Signals, asked: asyncio.Event) -> None:
        if asked.is_set():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        self.by = number.name
        asked.set()

    def _record(self) -> None:
        desk = self.loop.desk
        working = len(desk.state.working)
        body: Body = {
            "command": "stop",
            "target": "",
            "who": f"signal {self.by}",
            "why": "the process was asked to end",
            "outcome": f"stopped after cycle {desk.state.cycle}, {working} orders still work",
        }
        desk.recorder.record(RecordKind.OPERATOR_COMMAND, desk.clock.now(), body)

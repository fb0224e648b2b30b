"""Signals: the first ends the run between two steps, and the ledger says which it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from run.conftest import records

from engine.ledger.records import RecordKind
from engine.model.orders import Mode
from engine.run import prepare

if TYPE_CHECKING:
    from run.real_time.conftest import Site

    from engine.cycle.desk import Round


@pytest.mark.long
@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_run_cleanly(site: Site, asked: signal.Signals) -> None:
    """The cycle that runs is finished, everything is durable, and who stopped it is recorded."""
    session = prepare(site.asked(mode=Mode.DRY_RUN), site.policy_set)
    before = signal.getsignal(asked)

    def tell(this: Round) -> None:
        if this.number == 2:
            os.kill(os.getpid(), asked)

    assert session.run(tell) == 2
    last = records(site.settings.ledger)[-1]
    assert last.kind is RecordKind.OPERATOR_COMMAND
    told = last.fields()
    assert (told["command"], told["who"]) == ("stop", f"signal {asked.name}")
    assert told["outcome"] == "stopped after cycle 2, 0 orders still work"
    assert not session.lease.held
    assert signal.getsignal(asked) == before


def test_elsewhere_than_in_the_main_thread_nobody_listens(site: Site) -> None:
    """Signals are the main thread's: a run in another one goes on until its cycles are over."""
    ran: list[int] = []
    session = prepare(site.asked(mode=Mode.DRY_RUN, cycles=1), site.policy_set)
    thread = threading.Thread(target=lambda: ran.append(session.run(lambda _this: None)))
    thread.start()
    thread.join(30)
    assert ran == [1]


_DEAF = """
import asyncio, os, signal
from engine.run.stopping import Stopping

class Loop:
    async def stop(self):
        print("asked", flush=True)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(60)

async def main():
    watching = asyncio.create_task(Stopping(Loop()).watch())
    await asyncio.sleep(0)
    os.kill(os.getpid(), signal.SIGTERM)
    await watching

asyncio.run(main())
"""


@pytest.mark.long
def test_a_second_signal_ends_the_process_at_once() -> None:
    """Whatever the loop is still busy with, as if nobody had listened to the first."""
    ended = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", _DEAF], capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == -signal.SIGTERM
    assert ended.stdout == "asked\n"

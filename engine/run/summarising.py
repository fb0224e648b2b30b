"""The summary of a day: told at a time of day that the Deployment names, once, also over restarts.

In: a desk in real time, a way to read its ledger. Out: a message, whose record says for which
instant it was. One that nobody told in time, since nobody ran, is told late and says so; of several
only the last, with how many were left out. A set that names no time sends none.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from multiprocessing import get_context
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.adapters.system.disk import DirectoryDisk
from engine.cycle.alerting.messages import tell
from engine.ledger.reader import JournalReader
from engine.model.times import UtcTime
from engine.observe.failing import ended, place_of
from engine.reporting.day import day_from
from engine.reporting.summary import summary_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from engine.cycle.desk import Desk
    from engine.kinds.deployment.notices import Summary

    Read = Callable[[UtcTime], Coroutine[object, object, tuple[str, ...]]]

LOOK_S = 1.0
"""How often it looks at the clock: the length of a wait, and no decision."""
_DAY_S = 86_400
_ABOUT = "summary"
_KINDNESS = 10


@dataclass(slots=True)
class Summaries:
    """The summaries of one run; `read` gives the lines of the day that begins at an instant."""

    desk: Desk
    read: Read
    began: UtcTime = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.desk.clock.now()

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await self.look()
            # Not by the wall clock: one that is set back must not end the summaries.
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Tell what is due and was not told."""
        alerting, now = self.desk.policy_set.deployment.alerting, self.desk.clock.now()
        spec = None if alerting is None else alerting.summary
        state = self.desk.state
        # A set that asks for its first summary asks for none of the time before it.
        since = state.telling.summarised or state.reload.since
        if spec is None or since is None:
            return
        due = due_before(spec, now)
        if due <= since:
            return
        left_out = sum(1 for _ in _between(spec, since, due))
        lines = await self._lines(due)
        text = "\n".join((*self._late(due, left_out), *lines))
        tell(self.desk, self.desk.clock.now(), _ABOUT, text, [spec.route], {"due": str(due)})

    async def _lines(self, due: UtcTime) -> tuple[str, ...]:
        task = await ended(self.read(due.plus_s(-_DAY_S)))
        error = task.exception()
        if error is None:
            return task.result()
        # That there is none is told too: silence would look like a day without news.
        why = f"{type(error).__name__} in {place_of(error)}"
        return (f"the day could not be summed up: {why}; `trader report day` may say more",)

    def _late(self, due: UtcTime, left_out: int) -> tuple[str, ...]:
        """What there is to say of a summary that nobody sent in time."""
        if due >= self.began:
            return ()
        more = f"; {left_out} before it were never told" if left_out else ""
        return (f"LATE: it was due at {due}, and nobody ran{more}",)


def due_before(spec: Summary, now: UtcTime) -> UtcTime:
    """The last instant, not after `now`, at which a summary is due."""
    local = now.datetime().replace(tzinfo=UTC).astimezone(ZoneInfo(spec.zone))
    due = _instant(spec, local)
    return due if due <= now else _instant(spec, local - timedelta(days=1))


def _between(spec: Summary, since: UtcTime, due: UtcTime) -> list[UtcTime]:
    """The instants after one and before another."""
    found, each = [], due_before(spec, UtcTime(due.ns - 1))
    while each > since:
        found.append(each)
        each = due_before(spec, UtcTime(each.ns - 1))
    return found


def _instant(spec: Summary, local: datetime) -> UtcTime:
    at = time.fromisoformat(spec.at)
    wanted = datetime.combine(local.date(), at, ZoneInfo(spec.zone))
    return UtcTime.from_datetime(wanted.astimezone(UTC))


def summaries_of(desk: Desk, ledger: Path) -> Summaries:
    """The summaries of a run; each is made by a process of its own, beside the loop."""

    async def read(begins: UtcTime) -> tuple[str, ...]:
        # A long ledger takes its time to read, and no cycle is to wait for it.
        pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        try:
            running = asyncio.get_running_loop()
            return await running.run_in_executor(pool, read_day, ledger, begins)
        finally:
            # A run that ends does not wait for it either.
            pool.shutdown(wait=False, cancel_futures=True)

    return Summaries(desk, read)


def read_day(ledger: Path, begins: UtcTime) -> tuple[str, ...]:
    """The lines of a day, read from its ledger in this process, which gives way to others."""
    os.nice(_KINDNESS)
    return summary_lines(day_from(JournalReader(DirectoryDisk(ledger)).records(), begins))

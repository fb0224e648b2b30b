"""A look between two cycles: breakers and alerts are asked again, and nothing else is decided.

In: a desk that has run a cycle. Out: trips, cancels of entries, alert records. A cycle may be a
minute away, and what wakes a person may not. It enters nothing, exits nothing and reads no account:
what it trips, the next cycle acts on, which finds the same latch in the ledger.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.cycle.desk import Round
from engine.cycle.orders import following
from engine.cycle.steps import alerts, breakers, snapshot

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from engine.cycle.desk import Desk

    Between = Callable[[Callable[[], Awaitable[None]]], Awaitable[None]]

_NONE_ASKED_S = 1.0
"""How soon a set that wants no looks is asked whether it is still the one in force."""


@dataclass(frozen=True, slots=True)
class Looking:
    """Looks as often as the Deployment says; `between` runs a step where no cycle runs."""

    desk: Desk
    between: Between

    async def run(self) -> None:
        """Look for ever."""
        while True:
            spec = self.desk.policy_set.deployment.alerting
            # Not by the wall clock: one that is set back must not silence anybody.
            await asyncio.sleep(_NONE_ASKED_S if spec is None else spec.look_every)
            # Before its first cycle a process has read no account, and its facts are of nothing.
            if spec is not None and self.desk.cycle_durations:
                await self.between(self._look)

    async def _look(self) -> None:
        await look(self.desk)


async def look(desk: Desk) -> Round:
    """Ask once; a failure is noted as that of a step, and ends no loop."""
    now = desk.clock.now()
    this = Round(desk.state.cycle + 1, now, killed=desk.kill_switch())
    this.universe = dict(desk.state.universe)
    await desk.guarded("look", this, _look(desk, this))
    return this


async def _look(desk: Desk, this: Round) -> None:
    snapshot.take(desk, this)
    breakers.run(desk, this)
    await following.cancel_for_breakers(desk, this.now)
    await alerts.run(desk, this)
    if this.tripped or this.fired:
        desk.recorder.sync()

"""Policy watch: is what runs still what the reviewed documents say?

In: the documents' place, the hash of the running set, a clock. Out: `drifted`, which the facts of
the next cycle tell. It never loads a set to run it, and it is no part of deciding: what it saw is
recorded with the facts of each decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.ports import Clock, PolicyFolder


@dataclass(slots=True)
class PolicyWatch:
    """Looks every `every_s`, and first after that: the running set was loaded just before."""

    folder: PolicyFolder
    running: str
    clock: Clock
    every_s: float
    drifted: bool = False

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await self.clock.sleep_until(self.clock.now().plus_s(self.every_s))
            await self.look()

    async def look(self) -> None:
        """Compare once; documents that make no set are another set too."""
        self.drifted = await self.folder.current_hash() != self.running

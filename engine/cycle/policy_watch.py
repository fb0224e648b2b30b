"""Policy watch: is what runs still what the reviewed documents say?

In: the documents' place, the hash of the running set, a clock. Out: `drifted`, which the facts of
the next cycle tell. It never loads a set to run it, and it is no part of deciding: what it saw is
recorded with the facts of each decision. Where a run follows its commits, another commit is handed
on to be checked, and is no drift once it will be taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from engine.policyset.policyset import PolicySet
    from engine.ports import Clock, PolicyFolder


class Told(Protocol):
    """Who is told what the watch found (`engine.cycle.reloading.reloads`)."""

    def same(self) -> None:
        """The documents make the set that runs."""
        ...

    async def other(self, commit: str) -> bool:
        """A commit makes another set; whether it is taken at the next boundary."""
        ...


@dataclass(slots=True)
class PolicyWatch:
    """Looks every `every_s`, and first after that: the running set was loaded just before.

    `told` is None where no set is ever taken in a run; `follows` says that commits are.
    """

    folder: PolicyFolder
    running: str
    clock: Clock
    every_s: float
    drifted: bool = False
    told: Told | None = None
    follows: bool = False

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await self.clock.sleep_until(self.clock.now().plus_s(self.every_s))
            await self.look()

    async def look(self) -> None:
        """Compare once; documents that make no set are another set too."""
        found = await self.folder.current_hash()
        if found == self.running:
            self.drifted = False
            if self.told is not None:
                self.told.same()
            return
        taken = await self._taken()
        # A set that was taken meanwhile is no drift from the one before.
        self.drifted = found != self.running and not taken

    def follow(self, policy_set: PolicySet) -> None:
        """Another set runs from now on: the one that the documents made a moment ago."""
        self.running, self.drifted = policy_set.hash, False

    async def _taken(self) -> bool:
        if self.told is None or not self.follows:
            return False
        commit = await self.folder.commit()
        return commit is not None and await self.told.other(commit)

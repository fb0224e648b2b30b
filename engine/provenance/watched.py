"""Signed policies as they lie on the host, looked at again beside the running loop.

In: where they lie, the host's trust, a clock. Out: the hash and the commit of the set that may be
believed now; None where there is none: a set whose signature is gone is another set.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.adapters.environment.policies import Reading, another
from engine.provenance.verified import verified

if TYPE_CHECKING:
    from pathlib import Path

    from engine.ports import Clock
    from engine.provenance.verified import Trust
    from engine.provenance.verifying import Verified


@dataclass(frozen=True, slots=True)
class SignedPolicies:
    """A bundle or a checkout, and whom the host believes."""

    policies: Path
    trust: Trust
    clock: Clock

    async def current_hash(self) -> str | None:
        """The hash of the set that may be believed."""
        found = (await self.look()).policy_set
        return None if found is None else found.hash

    async def commit(self) -> str | None:
        """Its commit, or what else names the approval."""
        approval = (await self.look()).approval
        return None if approval is None else approval.commit or f"sequence {approval.sequence}"

    async def reading(self, named: str) -> Reading:
        """Read it to be taken; `named` is the hash that it must have, empty for any.

        A signature says that the set is whole: what is half written does not fit it.
        """
        seen = await self.look()
        if seen.policy_set is None or seen.approval is None:
            return Reading(None, None, seen.diagnostics)
        found, commit = seen.policy_set.hash, seen.approval.commit
        wrong = another(named, found)
        if wrong is not None:
            return Reading(None, commit, (wrong,), found)
        return Reading(seen.policy_set, commit, seen.diagnostics, found, seen.approval)

    async def look(self) -> Verified:
        """Verify in a thread: it takes longer than a stop may wait."""
        return await asyncio.to_thread(verified, self.policies, self.trust, self.clock.now())

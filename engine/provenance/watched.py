"""Signed policies as they lie on the host, looked at again beside the running loop.

In: where they lie, the host's trust, a clock. Out: the hash and the commit of the set that may be
believed now; None where there is none: a set whose signature is gone is another set.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
        """Its commit, where a commit is what was signed."""
        approval = (await self.look()).approval
        return None if approval is None else approval.commit

    async def look(self) -> Verified:
        """Verify in a thread: it takes longer than a stop may wait."""
        return await asyncio.to_thread(verified, self.policies, self.trust, self.clock.now())

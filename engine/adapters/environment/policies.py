"""The policy directory as it stands on disk, read again beside the running loop.

In: a directory. Out: the hash of the set that it makes now. Refuses nothing: a directory that
makes no set has no hash.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class PolicyDirectory:
    """One set's directory."""

    directory: Path

    async def current_hash(self) -> str | None:
        """Read in a thread: a set takes longer to load than a stop may wait."""
        loaded = await asyncio.to_thread(load_policy_set, self.directory)
        return loaded.policy_set.hash if loaded.policy_set is not None else None

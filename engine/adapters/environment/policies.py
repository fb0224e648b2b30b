"""The policy directory as it stands on disk, read again beside the running loop.

In: a directory. Out: the hash of the set that it makes now; and for whoever wants to take it, the
set itself. Refuses to hand out what may be half written: a set that is not the one that was named
(M781), that changed while it was looked at (M782), or that its commit does not hold (M783).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.adapters.environment.revisions import as_of, commit_at
from engine.errors import Diagnostic
from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from pathlib import Path

    from engine.model.approvals import Approval
    from engine.policyset.opening import Loaded
    from engine.policyset.policyset import PolicySet
    from engine.ports import Clock

SETTLE_S = 2.0
"""How long documents outside of a repository must stay the same before anybody believes them."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The set that may be taken, or None; its commit, if it is one's; and all that was found.

    `found` is the hash of what lies there, whether it may be taken or not; `approval` is who
    signed it, where that is demanded.
    """

    policy_set: PolicySet | None
    commit: str | None
    diagnostics: tuple[Diagnostic, ...]
    found: str | None = None
    approval: Approval | None = None


@dataclass(frozen=True, slots=True)
class PolicyDirectory:
    """One set's directory."""

    directory: Path

    async def current_hash(self) -> str | None:
        """Read in a thread: a set takes longer to load than a stop may wait."""
        return _hash_of(await self._load())

    async def commit(self) -> str | None:
        """The commit that holds what lies here, to the last value; None while it is another's."""
        held = await asyncio.to_thread(_committed, self.directory)
        if held is None or held[1] is None or held[1] != await self.current_hash():
            return None
        return held[0]

    async def reading(self, clock: Clock, named: str) -> Reading:
        """Read it to be taken; `named` is the hash that it must have, empty for any.

        Nobody can tell from files that somebody is still writing them. A hash that was named says
        what is whole; so does a commit; without either they must stay as they are for a while.
        """
        loaded = await self._load()
        found = _hash_of(loaded)
        if found is None:
            return Reading(None, None, loaded.diagnostics)
        held = await asyncio.to_thread(_committed, self.directory)
        commit = held[0] if held is not None and held[1] == found else None
        if named:
            wrong = another(named, found)
        elif held is not None:
            wrong = None if commit is not None else _uncommitted(held[0])
        else:
            wrong = await self._settled(clock, found)
        if wrong is not None:
            return Reading(None, commit, (wrong,), found)
        return Reading(loaded.policy_set, commit, loaded.diagnostics, found)

    async def _settled(self, clock: Clock, found: str) -> Diagnostic | None:
        await clock.sleep_until(clock.now().plus_s(SETTLE_S))
        again = await self.current_hash()
        if again == found:
            return None
        message = f"the documents changed while they were read, from {found} to {again or 'no set'}"
        return Diagnostic("M782", message, None, "order it again when all of them are written")

    async def _load(self) -> Loaded:
        return await asyncio.to_thread(load_policy_set, self.directory)


def _hash_of(loaded: Loaded) -> str | None:
    return None if loaded.policy_set is None else loaded.policy_set.hash


def _committed(directory: Path) -> tuple[str, str | None] | None:
    """The commit of the checkout and the hash of its set; None outside of a repository."""
    commit = commit_at(directory)
    if commit is None:
        return None
    with as_of(commit, directory) as folder:
        return commit, _hash_of(load_policy_set(folder))


def another(named: str, found: str) -> Diagnostic | None:
    """What to say where a set was ordered by its hash, and another one lies there."""
    if named in {"", found}:
        return None
    mend = "check out the set that was meant, or name the one that lies there"
    message = f"the policy directory makes the set {found}, and {named} was ordered"
    return Diagnostic("M781", message, None, mend)


def _uncommitted(commit: str) -> Diagnostic:
    mend = "commit it, or name exactly this set: `trader reload --set $(policy hash DIR)`"
    message = f"the documents are not those of commit {commit}: they may be half written"
    return Diagnostic("M783", message, None, mend)

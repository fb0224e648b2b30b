"""How a loop stands with its shared ledger: what is behind, and whether the lease is ours.

In: what the shipping learnt, by a clock that never steps. Out: the lag, and the lease, asked by
other threads. A lease that was not renewed in time is ours only while the server is known to be
away and we have never been: a process that was stopped asks the server before it does anything.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SILENT_LOOKS = 5
"""So many looks in a row that found no answer, a tenth of a second each, are an outage.

Not a time: on a machine that is starved, or far from its server, shipping takes long in the best
of health. A look counts only where this process ran and the server had said nothing.
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known, in seconds of the monotonic clock.

    `whole` is when the server last held all that was durable here, `renewed` when the lease was
    last renewed, `tried` when the server was last asked, whatever came of it. `silent_looks` is
    how often it has been looked for an answer in vain; `backlog` that one attempt was not enough.
    """

    whole: float
    renewed: float
    tried: float
    failing: str | None = None
    lost: str | None = None
    unsure: bool = False
    silent_looks: int = 0
    backlog: bool = False

    @property
    def behind(self) -> bool:
        """Whether there is evidence that the server does not take what it is given."""
        return self.failing is not None or self.backlog or self.silent_looks >= SILENT_LOOKS


class Standing:
    """Written by the shipping, read by the loop."""

    def __init__(self, monotonic_s: Callable[[], float], lease_s: float) -> None:
        now = monotonic_s()
        self._monotonic_s = monotonic_s
        self._changed = threading.Condition()
        self.lease_s = lease_s
        self.seen = Seen(whole=now, renewed=now, tried=now)

    def now_s(self) -> float:
        """The monotonic clock."""
        return self._monotonic_s()

    def lag_s(self) -> float:
        """For how long the server has not held what the journal does; 0 when all is well."""
        seen = self.seen
        return max(self._monotonic_s() - seen.whole, 0.0) if seen.behind else 0.0

    @property
    def held(self) -> bool:
        """Whether the lease is ours at this moment."""
        seen, now = self.seen, self._monotonic_s()
        if seen.lost is not None or seen.unsure:
            return False
        if now - seen.renewed < self.lease_s:
            return True
        return seen.failing is not None and now - seen.tried < self.lease_s

    def settled(self, patience_s: float) -> bool:
        """Whether the lease is ours, after waiting for the server to say so."""
        with self._changed:
            self._changed.wait_for(
                lambda: self.held or self.seen.lost is not None, timeout=patience_s
            )
        return self.held

    def begin(self) -> float:
        """An attempt begins, now; after a pause as long as the lease nothing is sure."""
        now = self._monotonic_s()
        if now - max(self.seen.renewed, self.seen.tried) >= self.lease_s:
            self._note(replace(self.seen, unsure=True))
        return now

    def renewed(self, began: float) -> None:
        """The server took the renewal that began then."""
        self._note(replace(self.seen, renewed=began, unsure=False))

    def done(self, began: float, *, whole: bool) -> None:
        """The attempt that began then went through; `whole` if nothing was left."""
        since, tried = began if whole else self.seen.whole, self._monotonic_s()
        told = replace(self.seen, whole=since, tried=tried, failing=None)
        self._note(replace(told, backlog=not whole, silent_looks=0))

    def silent(self, looks: int) -> None:
        """The server was asked, and so many looks in a row found no answer."""
        self._note(replace(self.seen, silent_looks=looks))

    def failed(self, words: str) -> None:
        """The server could not be asked, or refused."""
        tried = self._monotonic_s()
        self._note(replace(self.seen, tried=tried, failing=words, silent_looks=0))

    def lost(self, words: str) -> None:
        """The lease is another's, for good."""
        self._note(replace(self.seen, lost=words))

    def _note(self, seen: Seen) -> None:
        with self._changed:
            self.seen = seen
            self._changed.notify_all()

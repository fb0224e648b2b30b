"""Reloads: orders for another set, checked beside the loop and settled at a cycle's boundary.

In: orders of a person, or of the watch of a run that follows its commits; a way to check what lies
there now. Out: a swap, or a record of why there is none. A failure of the check itself refuses
the set (M788): it must not stop a loop that trades by a good one.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.cycle.reloading.candidate import WATCH, Candidate, Order, Outcome, Refusal, Unchanged
from engine.cycle.reloading.swapping import swap
from engine.errors import Diagnostic, MandateError
from engine.ledger.folding import reloads as words
from engine.ledger.folding.guards import ORDERED
from engine.ledger.records import RecordKind
from engine.observe.failing import ended, place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from engine.cycle.desk import Desk
    from engine.ledger.bodies import Body
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet

    Check = Callable[[Order, PolicySet], Coroutine[object, object, Outcome]]
    Follower = Callable[[PolicySet], None]

_MOST_FINDINGS = 20
"""So many are kept of a refused set: `policy lint` shows all."""


@dataclass(slots=True)
class Reloads:
    """The tries of one run. `running` is the reviewed set in force, which tightenings may lie over.

    `followers` are told of each new set in force, `reviewers` of the reviewed one of it.
    """

    running: PolicySet
    check: Check
    followers: list[Follower] = field(default_factory=list)
    reviewers: list[Follower] = field(default_factory=list)
    _ordered: Order | None = field(default=None, init=False)
    _come: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _settling: tuple[Order, Outcome] | None = field(default=None, init=False)
    _refused: str | None = field(default=None, init=False)

    def order(self, order: Order) -> str:
        """Take what lies there now; an earlier order that was not settled is over."""
        self._ordered, self._settling = order, None
        self._come.set()
        return ORDERED

    async def run(self) -> None:
        """Check what is ordered, again and again, until cancelled; it goes on beside the loop."""
        while True:
            await self._come.wait()
            self._come.clear()
            order = self._ordered
            if order is not None:
                await self._try(order)

    async def other(self, commit: str) -> bool:
        """The watch found another commit; whether its set is taken at the next boundary.

        One that was refused is not tried again by itself.
        """
        if self._ordered is not None or self._settling is not None:
            return True
        if commit == self._refused:
            return False
        order = self._ordered = Order(WATCH, f"commit {commit}")
        await self._try(order)
        taken = self._settling is not None and isinstance(self._settling[1], Candidate)
        self._refused = None if taken else commit
        return taken

    def same(self) -> None:
        """The watch found the running set in its place: what was refused is mended."""
        if self._ordered is None and self._settling is None:
            self._refused = None
            self._settling = Order(WATCH, "the documents are those that run"), Unchanged()

    async def _try(self, order: Order) -> None:
        outcome = await _outcome_of(self.check(order, self.running))
        # Whoever ordered anew meanwhile gets an answer of his own.
        if order is self._ordered:
            self._ordered, self._settling = None, (order, outcome)

    def settle(self, desk: Desk, now: UtcTime) -> None:
        """At a cycle's boundary: take what was checked, or record why not."""
        if self._settling is None:
            return
        (order, outcome), self._settling = self._settling, None
        match outcome:
            case Candidate() if _stale(outcome, desk, now):
                # A tightening began or ended since it was made: it is made anew, with what holds.
                self.order(order)
            case Candidate():
                self.take(desk, outcome, order, now)
            case Refusal():
                _refuse(desk, outcome, order, now)
            case Unchanged():
                _mend(desk, order, now)

    def take(self, desk: Desk, candidate: Candidate, order: Order, now: UtcTime) -> None:
        """Swap, and tell it to whoever follows."""
        swap(desk, candidate, order, now)
        self.running = candidate.reviewed
        for follow in self.followers:
            follow(candidate.policy_set)
        for follow in self.reviewers:
            follow(candidate.reviewed)


def _stale(candidate: Candidate, desk: Desk, now: UtcTime) -> bool:
    """Whether other tightenings hold now than when it was made."""
    lasting = desk.state.tightenings.lasting(now)
    return [each.number for each in candidate.held] != [each.number for each in lasting]


async def _outcome_of(check: Coroutine[object, object, Outcome]) -> Outcome:
    """What the check comes to, however it ends."""
    task = await ended(check)
    match task.exception():
        case None:
            return task.result()
        case MandateError(diagnostics=diagnostics):
            return Refusal(None, diagnostics)
        case error:
            return Refusal(None, (_failed(error),))


def _failed(error: BaseException) -> Diagnostic:
    message = f"the check of the set failed: {type(error).__name__} in {place_of(error)}"
    mend = "this is a fault of ours; the last good set goes on"
    return Diagnostic("M788", message, None, mend)


def _refuse(desk: Desk, refusal: Refusal, order: Order, now: UtcTime) -> None:
    told = [str(each) for each in refusal.diagnostics]
    body: Body = {
        "outcome": words.REFUSED,
        "policy_set": refusal.policy_set,
        "findings": [*told[:_MOST_FINDINGS]],
        "more": max(0, len(told) - _MOST_FINDINGS),
        "ordered": order.body(),
    }
    desk.recorder.record(RecordKind.RELOAD, now, body)
    desk.recorder.sync()


def _mend(desk: Desk, order: Order, now: UtcTime) -> None:
    """Where nobody asked and nothing was refused there is nothing to say."""
    if desk.state.reload.refused is None and desk.state.reload.asked is None:
        return
    body: Body = {
        "outcome": words.UNCHANGED,
        "policy_set": desk.policy_set.hash,
        "ordered": order.body(),
    }
    desk.recorder.record(RecordKind.RELOAD, now, body)
    desk.recorder.sync()

"""Checking another set: read, refused for all its faults at once, tested, compared, made ready.

In: an order and the set that runs. Out: a `Candidate` with all that its first cycle needs, a
`Refusal` with every finding, or `Unchanged`. It runs beside the loop, in a thread, and changes
nothing. A reload asks more than a start: lint's errors and failing tests refuse the set too, since
there is a good one that goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from engine.adapters.environment.policies import PolicyDirectory
from engine.cycle.judge import Judge
from engine.cycle.judging.programme import Programme
from engine.cycle.reloading.candidate import Candidate, Provenance, Refusal, Unchanged
from engine.cycle.reloading.reloads import Reloads
from engine.errors import Diagnostic, MandateError, Severity, in_file_order
from engine.model.symbols import Symbol
from engine.policyset.lint import lint
from engine.provenance.verifying import rolled_back
from engine.provenance.watched import SignedPolicies
from engine.run.assembly.followed import check_sharing
from engine.run.refusals import allowed_mode, check_series
from engine.run.reloading.asked import compared, policy_tests
from engine.run.reloading.flips import flips
from engine.run.tightening import laid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.adapters.environment.policies import Reading
    from engine.cycle.desk import Desk
    from engine.cycle.reloading.candidate import Compared, Order, Outcome
    from engine.cycle.tightening.making import Unfit
    from engine.ledger.state import State
    from engine.model.orders import Mode
    from engine.policyset.policyset import PolicySet
    from engine.ports import Clock
    from engine.run.reloading.asked import Played
    from engine.run.settings import RunSettings

Source = Callable[[str], Coroutine[object, object, "Reading"]]


@dataclass(frozen=True, slots=True)
class Run:
    """What a run has settled: a set that does not fit it needs another run.

    `symbols` are the products that it hears, `bar_s` is the length of the bars that it has.
    """

    settings: RunSettings
    mode: Mode
    symbols: frozenset[Symbol]
    bar_s: int
    shared: bool


@dataclass(frozen=True, slots=True)
class Checking:
    """Everything that another set must pass.

    `state` is the ledger's, which knows the highest approval that it has seen. `read` takes the
    hash that was named, or none; `tested` and `compared` are `asked`'s.
    """

    run: Run
    clock: Clock
    state: Callable[[], State]
    read: Source
    tested: Callable[[PolicySet], Played]
    compared: Callable[[PolicySet, PolicySet], Compared]

    async def __call__(self, order: Order, running: PolicySet) -> Outcome:
        """Check what lies there now; raises MandateError, which refuses it too."""
        reading = await self.read(order.named)
        other = reading.policy_set
        if other is None:
            return Refusal(reading.found, reading.diagnostics)
        state = self.state()
        if other.hash == running.hash and reading.approval == state.approval:
            return Unchanged()
        older = reading.approval and rolled_back(
            other.hash, reading.approval, state.sequenced, state.sequence
        )
        if older:
            return Refusal(other.hash, (older,))
        return await asyncio.to_thread(self._judged, other, running, reading)

    def _judged(self, other: PolicySet, running: PolicySet, reading: Reading) -> Outcome:
        against = in_file_order(_errors(self._faults(other, running)))
        if against:
            return Refusal(other.hash, against)
        tested = self.tested(other)
        failed = tuple(_errors(tested.findings))
        if failed:
            return Refusal(other.hash, failed)
        found = laid(other, self.state().tightenings.lasting(self.clock.now()))
        if found.unfit:
            return Refusal(other.hash, tuple(map(_unfit, found.unfit)))
        policy_set = found.policy_set
        programme = Programme(policy_set, self.run.mode)
        check_series(programme.series, self.run.bar_s)
        compared = self.compared(running, other)
        return Candidate(
            policy_set=policy_set,
            programme=programme,
            judge=Judge(policy_set, self.run.mode).prepare(),
            provenance=Provenance(reading.commit, reading.approval, tested.cases, compared),
            lies_over=other,
            held=tuple(found.held),
        )

    def _faults(self, other: PolicySet, running: PolicySet) -> Iterator[Diagnostic]:
        yield from lint(other, now=self.clock.now())
        yield from flips(running.deployment, other.deployment)
        yield from self._start(other)
        yield from self._not_heard(other)

    def _start(self, other: PolicySet) -> Iterator[Diagnostic]:
        """What would refuse a run under it refuses the reload."""
        try:
            allowed_mode(self.run.settings, other.deployment)
            if self.run.shared:
                check_sharing(other.deployment)
        except MandateError as error:
            yield from error.diagnostics

    def _not_heard(self, other: PolicySet) -> Iterator[Diagnostic]:
        """The regime is told by one product; without it no regime would ever be known."""
        needed = Symbol.parse(other.deployment.regime.reference)
        if needed not in self.run.symbols:
            message = f"the set tells the regime by `{needed}`, which this run does not hear"
            mend = "stop the run, and start another one under the new set"
            yield Diagnostic("M787", message, None, mend)


def _unfit(found: Unfit) -> Diagnostic:
    each, why = found.tightening, "; ".join(told.message for told in found.why)
    message = f"tightening {each.number}, {each.wanted.words}, cannot be laid over it: {why}"
    mend = f"it ends at {each.until}; or review a set that is as tight by itself"
    return Diagnostic("M934", message, None, mend)


def _errors(found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    return (each for each in found if each.severity is Severity.ERROR)


def reloads_of(run: Run, desk: Desk, reviewed: PolicySet) -> Reloads:
    """How a run takes another set in place of the reviewed one of its desk."""
    policies, trust = run.settings.policies, run.settings.trust
    if trust is None:
        read: Source = partial(PolicyDirectory(policies).reading, desk.clock)
    else:
        read = SignedPolicies(policies, trust, desk.clock).reading
    tested = partial(policy_tests, policies)
    checking = Checking(run, desk.clock, lambda: desk.state, read, tested, compared)
    return Reloads(reviewed, checking)

"""Laying tightened values over a set, each proved to be one: at an order, an end, and a start.

In: a reviewed set, the tightenings that lie over it and those that are to. Out: the set with them.
One after the other each must allow no order more and protect no less than the set before it, so
that all of them are tighter than the reviewed one, whichever end first. Nothing is raised: what
nobody can say is a finding, which refuses an order, and is kept of what was in force.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from engine.cycle.judge import Judge
from engine.cycle.judging.programme import Programme
from engine.cycle.reloading.candidate import Candidate, Provenance
from engine.cycle.tightening.making import Made, Unfit, Wish
from engine.errors import Diagnostic, MandateError
from engine.policyset.laying import laid_over
from engine.run.reloading.asked import compared
from engine.run.reloading.flips import flips

if TYPE_CHECKING:
    from engine.cycle.desk import Desk
    from engine.cycle.tightening.making import Make
    from engine.ledger.state import State
    from engine.ledger.tightenings import Tightening, Wanted
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet

RESTS = "the reviewed set is as tight by itself"


@dataclass(slots=True)
class Laid:
    """A reviewed set, the set with what lies over it, and what became of each value."""

    reviewed: PolicySet
    policy_set: PolicySet
    held: list[Tightening] = field(default_factory=list)
    unfit: list[Unfit] = field(default_factory=list)
    refused: dict[int, tuple[Diagnostic, ...]] = field(default_factory=dict)


def laid(reviewed: PolicySet, held: tuple[Tightening, ...]) -> Laid:
    """A reviewed set under what was in force over another one, or over itself."""
    found = Laid(reviewed, reviewed)
    for each in held:
        _lay_held(found, each)
    return found


def laid_again(reviewed: PolicySet, state: State, now: UtcTime) -> Laid:
    """What a process finds in its ledger; what was proved before is not proved again."""
    held, own = state.tightenings.lasting(now), state.tightenings
    if (reviewed.hash, held) == (state.reviewed, own.held):
        found = Laid(reviewed, reviewed, [*held])
        for each in held:
            _lay_proved(found, each)
        if found.policy_set.hash == state.policy_set:
            return found
    return laid(reviewed, held)


def _lay_proved(found: Laid, each: Tightening) -> None:
    wanted = each.wanted
    if each.rests is None:
        head = laid_over(found.policy_set, wanted.document, wanted.path, wanted.value)
        found.policy_set = head.policy_set or found.policy_set


def tightened(base: PolicySet, wanted: Wanted) -> PolicySet:
    """The set with one value more; raises MandateError with why that is no tightening.

    Lint is not asked: that another limit can no longer bind is what a tighter one is for.
    """
    head = laid_over(base, wanted.document, wanted.path, wanted.value).required()
    why = _why_not(base, head)
    refused = [why] if why is not None else [*flips(base.deployment, head.deployment)]
    if refused:
        raise MandateError(refused)
    return head


def changes(base: PolicySet, head: PolicySet) -> list[str]:
    """What leads from one to the other, a sentence a value."""
    from engine.comparison.edits import edits_of  # noqa: PLC0415 - see `_why_not`
    from engine.comparison.telling import edit_sentence  # noqa: PLC0415 - see `_why_not`

    return [edit_sentence(each) for each in edits_of(base, head)]


def make_of(desk: Desk) -> Make:
    """How a run makes the set that there should be."""

    def make(wish: Wish) -> Made:
        found = laid(wish.reviewed, wish.held)
        for each in wish.asked:
            try:
                found.policy_set = tightened(found.policy_set, each.wanted)
            except MandateError as error:
                found.refused[each.number] = error.diagnostics
            else:
                found.held.append(each)
        return Made(_candidate(desk, wish, found), found.refused, tuple(found.unfit))

    return make


def _candidate(desk: Desk, wish: Wish, found: Laid) -> Candidate:
    policy_set, approval = found.policy_set, desk.state.approval
    programme = Programme(policy_set, desk.mode)
    commit = None if approval is None else approval.commit
    change = compared(wish.running, policy_set)
    return Candidate(
        policy_set=policy_set,
        programme=programme,
        judge=Judge(policy_set, desk.mode).prepare(),
        provenance=Provenance(commit, approval, None, change),
        lies_over=wish.reviewed,
        held=tuple(found.held),
    )


def _lay_held(found: Laid, each: Tightening) -> None:
    """One that was in force: it lies, or rests where the set is as tight, or fits no more."""
    wanted = each.wanted
    try:
        head = laid_over(found.policy_set, wanted.document, wanted.path, wanted.value).required()
        rests, why = _rests(found.policy_set, head)
    except MandateError as error:
        found.unfit.append(Unfit(each, error.diagnostics))
        return
    if why is not None:
        found.unfit.append(Unfit(each, (why,)))
        return
    found.held.append(replace(each, rests=RESTS if rests else None))
    found.policy_set = found.policy_set if rests else head


def _rests(base: PolicySet, head: PolicySet) -> tuple[bool, Diagnostic | None]:
    """Whether the base is as tight as the head by itself; or why neither is the tighter one."""
    from engine.comparison.tightening import Way, tightness  # noqa: PLC0415 - see `_why_not`

    found = tightness(base, head)
    if found.way in {Way.TIGHTER, Way.SAME}:
        return found.way is Way.SAME, None
    # Looser in one respect may be tighter in another: then the value cannot simply be left out.
    back = tightness(head, base).way if found.way is Way.LOOSER else found.way
    return (True, None) if back is Way.TIGHTER else (False, found.why)


def _why_not(base: PolicySet, head: PolicySet) -> Diagnostic | None:
    # Comparing is imported when it is asked for: a run that nobody tightens does without.
    from engine.comparison.tightening import tightness  # noqa: PLC0415 - see above

    return tightness(base, head).why

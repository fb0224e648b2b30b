"""The mutation score of a set's tests, and of each survivor a proof or a test that would notice it.

In: a policy set with its tests, and somebody who can prove things. Out: `MutationReport`. A
survivor that is proved to answer alike is no gap; for any other there is a test case to take, which
was played: it passes on the set and fails on the mutant. What is neither is told with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from engine.checks.mutation.killing import Killing
from engine.checks.mutation.mutants import mutants_of
from engine.checks.mutation.watching import watch
from engine.checks.mutation.witness import Witnesses
from engine.checks.naming import Names
from engine.checks.reading import read_tests
from engine.checks.running import gather

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from engine.checks.mutation.mutants import Mutant
    from engine.checks.mutation.proof import Prover
    from engine.errors import Diagnostic, Place
    from engine.policyset.policyset import PolicySet


class Verdict(Enum):
    """What is known of a survivor."""

    EQUIVALENT = "equivalent"
    GAP = "gap"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that no case noticed; `told` is a test case as YAML, or why there is none."""

    words: str
    place: Place
    verdict: Verdict
    told: str


@dataclass(frozen=True, slots=True)
class MutationReport:
    """How many there were, how many were noticed, and what became of the others.

    Of a set whose own tests fail nothing is measured: `failing` counts them.
    """

    policy_set: str
    cases: int
    mutants: int
    killed: int
    survivors: tuple[Survivor, ...]
    failing: int
    findings: tuple[Diagnostic, ...]

    @property
    def equivalent(self) -> int:
        """The survivors that are proved to answer alike: nothing could notice them."""
        return sum(each.verdict is Verdict.EQUIVALENT for each in self.survivors)

    @property
    def score_pct(self) -> float:
        """The noticed ones of those that could be, in per cent."""
        could = self.mutants - self.equivalent
        return 100.0 * self.killed / could if could else 100.0


def mutate(
    policy_set: PolicySet,
    directory: Path,
    prover: Prover | None,
    *,
    told: Callable[[int, int], None] | None = None,
) -> MutationReport:
    """Try every mutant on the tests of the set in `directory`."""
    gathered = gather(policy_set, directory)
    watched = watch(policy_set, gathered.cases, Names(policy_set))
    failing = watched.passing.count(False)
    measured = gathered.cases and not failing and not gathered.findings
    mutants = [*mutants_of(policy_set)] if measured else []
    survivors = [*_survivors(Killing(watched), mutants, told)]
    witnesses = Witnesses(policy_set, read_tests(directory))
    return MutationReport(
        policy_set.hash,
        len(gathered.cases),
        len(mutants),
        len(mutants) - len(survivors),
        tuple(_told(each, prover, witnesses) for each in survivors),
        failing,
        gathered.findings,
    )


def _survivors(
    killing: Killing, mutants: list[Mutant], told: Callable[[int, int], None] | None
) -> Iterator[Mutant]:
    for number, mutant in enumerate(mutants, 1):
        if killing.killer(mutant) is None:
            yield mutant
        if told is not None:
            told(number, len(mutants))


def _told(mutant: Mutant, prover: Prover | None, witnesses: Witnesses) -> Survivor:
    """A survivor with what can be said of it."""
    if prover is None:
        return Survivor(mutant.words, mutant.place, Verdict.OPEN, "nobody was asked for a proof")
    found = prover(mutant.policy_set)
    if found.proved:
        return Survivor(mutant.words, mutant.place, Verdict.EQUIVALENT, "it answers alike")
    if found.facts is None or found.rule is None:
        why = "; ".join(found.open_) or "nothing was found"
        return Survivor(mutant.words, mutant.place, Verdict.OPEN, why)
    text = witnesses.test(mutant, found)
    if text is None:
        rule = f"`{found.rule}` answers otherwise in a state that no test can state"
        return Survivor(mutant.words, mutant.place, Verdict.OPEN, rule)
    return Survivor(mutant.words, mutant.place, Verdict.GAP, text)

"""What the tests of a set would not notice, and what would."""

from __future__ import annotations

from itertools import count
from textwrap import indent
from typing import TYPE_CHECKING

import pytest
from checks.suites import folder, one, sample
from profiles import at_night

from cli.policy_verbs.mutating import prover_for
from engine.checks.mutation.mutants import mutants_of
from engine.checks.mutation.proof import Sameness
from engine.checks.mutation.scoring import MutationReport, Verdict, mutate

if TYPE_CHECKING:
    from pathlib import Path

    from engine.policyset.policyset import PolicySet

FEW = "  tests:\n" + one("{verdict: allow}", "a small order leaves")
FAILING = "  tests:\n" + one("{verdict: deny}", "a small order is denied")


def test_mutants_are_sets_of_their_own() -> None:
    """Each says another thing, and none has the hash of a set that somebody reviewed."""
    mutants = [*mutants_of(sample())]
    assert len({each.words for each in mutants}) == len(mutants)
    hashes = {each.policy_set.hash for each in mutants}
    assert len(hashes) == len(mutants)
    assert sample().hash not in hashes


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> MutationReport:
    """The report on one small test; by day every eighth survivor is asked about."""
    where = folder(tmp_path_factory.mktemp("few"), FEW)
    every = 1 if at_night() else 8
    prove, number = prover_for(sample()), count()
    assert prove is not None

    def some(changed: PolicySet) -> Sameness:
        asked = next(number) % every == 0
        return prove(changed) if asked else Sameness(proved=False, open_=("not asked",))

    return mutate(sample(), where, some)


@pytest.mark.long
def test_a_gap_comes_with_the_case_that_closes_it(few: MutationReport, tmp_path: Path) -> None:
    """Whoever takes all the cases that are offered notices every one of those mutants."""
    gaps = [each for each in few.survivors if each.verdict is Verdict.GAP]
    assert len(gaps) > 4
    taken = FEW + "".join(indent(each.told, "  ") for each in gaps)
    again = mutate(sample(), folder(tmp_path, taken), None)
    assert (again.failing, again.findings) == (0, ())
    assert {each.words for each in gaps} & {each.words for each in again.survivors} == set()


def test_what_is_proved_is_no_gap(few: MutationReport) -> None:
    """A mutant that answers alike counts against nobody; what is open is told with its reason."""
    could = few.mutants - few.equivalent
    assert few.score_pct == pytest.approx(100 * few.killed / could)
    assert all(each.told for each in few.survivors)


def test_nothing_is_measured_with_tests_that_fail(tmp_path: Path) -> None:
    """A test that fails anyway notices everything, and says nothing."""
    report = mutate(sample(), folder(tmp_path, FAILING), None)
    assert (report.failing, report.mutants, report.survivors) == (1, 0, ())


def test_without_a_proof_a_survivor_is_open(tmp_path: Path) -> None:
    """Nobody guesses that a mutant is harmless."""
    where = folder(tmp_path, FEW)
    asked: list[str] = []

    def unsure(changed: object) -> Sameness:
        asked.append(str(changed))
        return Sameness(proved=False, open_=("too hard",))

    report = mutate(sample(), where, unsure)
    assert len(asked) == len(report.survivors)
    assert {(each.verdict, each.told) for each in report.survivors} == {(Verdict.OPEN, "too hard")}

"""Running the tests of a policy set.

In: a policy set and the folder that it lies in. Out: `TestReport`. Every case is played and every
difference told, whatever failed before it. Refuses nothing by raising: a file that cannot be read
is a finding, and then the report has not passed.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from engine.checks.bench import Bench
from engine.checks.cases import cases_of
from engine.checks.coverage.covering import coverage_of
from engine.checks.coverage.sights import Sights, telling
from engine.checks.expecting import Comparer
from engine.checks.naming import Names
from engine.checks.ordering import order_findings
from engine.checks.playing import play
from engine.checks.reading import read_tests
from engine.checks.report import CaseResult, TestReport
from engine.errors import Diagnostic, Place, in_file_order
from engine.policyset.reading.files import TESTS, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from engine.checks.cases import Case, Expected
    from engine.checks.coverage.covering import Coverage
    from engine.checks.coverage.sights import Hear
    from engine.checks.playing import Seen
    from engine.model.orders import Mode
    from engine.policyset.policyset import PolicySet

_OF_ORDERS = ("verdict", "quantity", "reasons", "missing", "resized_by", "headroom")


@dataclass(frozen=True, slots=True)
class Gathered:
    """Every case of a set that can be played, and what is wrong with the others."""

    cases: tuple[Case, ...]
    findings: tuple[Diagnostic, ...]

    def chosen(self, pattern: str | None) -> Gathered:
        """Only the cases whose `file::name` the pattern is part of, or matches with `*`."""
        if pattern is None:
            return self
        kept = tuple(each for each in self.cases if _matches(each, pattern))
        return Gathered(kept, self.findings)


def run_policy_tests(
    policy_set: PolicySet,
    directory: Path,
    *,
    pattern: str | None = None,
    told: Callable[[int, int], None] | None = None,
) -> TestReport:
    """Play every test of the set in `directory`; `told` hears how many of how many are done.

    `policy_set` is the set of that directory, loaded. A set without tests passes.
    """
    gathered = gather(policy_set, directory).chosen(pattern)
    results = tuple(played(policy_set, gathered.cases, Benches(policy_set), told=told))
    return TestReport(policy_set.hash, results, gathered.findings)


def run_covered(
    policy_set: PolicySet, directory: Path, *, told: Callable[[int, int], None] | None = None
) -> tuple[TestReport, Coverage]:
    """The same of all tests, and what they cover of the set."""
    gathered = gather(policy_set, directory)
    sights = Sights(policy_set)
    benches = Benches(policy_set, sights.asked)
    results = tuple(played(policy_set, gathered.cases, benches, sights=sights, told=told))
    report = TestReport(policy_set.hash, results, gathered.findings)
    return report, coverage_of(sights)


def played(
    policy_set: PolicySet,
    cases: Sequence[Case],
    benches: Benches,
    *,
    sights: Sights | None = None,
    told: Callable[[int, int], None] | None = None,
) -> Iterator[CaseResult]:
    """Play cases one after another."""
    hear = None if sights is None else sights.asked
    comparer = Comparer(policy_set, Names(policy_set), hear)
    if told is not None:
        told(0, len(cases))
    for number, case in enumerate(cases, 1):
        seen = play(case, benches.of(case.mode))
        if sights is not None:
            for each in seen:
                sights.judged(each, case.mode)
        yield result_of(case, seen, comparer)
        if told is not None:
            told(number, len(cases))


class Benches:
    """The set on a bench for each mode that a test asks for."""

    def __init__(self, policy_set: PolicySet, hear: Hear | None = None) -> None:
        self._set = policy_set
        self._hear = hear
        self._made: dict[Mode, Bench] = {}

    def of(self, mode: Mode) -> Bench:
        """The bench of one mode."""
        if mode not in self._made:
            bench = Bench(self._set, mode)
            self._made[mode] = bench if self._hear is None else telling(bench, self._hear)
        return self._made[mode]


def gather(policy_set: PolicySet, directory: Path) -> Gathered:
    """Read the test files of a set and make their cases."""
    files = read_tests(directory)
    found = [*files.findings]
    names = Names(policy_set)
    playable: list[Case] = []
    for suite in files.suites:
        cases, findings = cases_of(suite, files.bases, policy_set)
        found += findings
        for case in cases:
            wrong = [*_findings(case, policy_set, names)]
            found += wrong
            playable += [] if wrong else [case]
    return Gathered(tuple(playable), in_file_order(dict.fromkeys(found)))


def no_tests(directory: Path) -> Diagnostic:
    """What is to be said to somebody who wanted tests of a set that has none."""
    folder = shown(directory / TESTS)
    mend = "write a file into it; `policy init` writes one to begin with"
    return Diagnostic("M724", "the set has no tests", Place(folder, 1, 1), mend)


def result_of(case: Case, seen: Sequence[Seen], comparer: Comparer) -> CaseResult:
    """What came of one case."""
    disbelieved = dict.fromkeys(text for each in seen for text in each.disbelieved)
    details = tuple(f"not believed, since it does not hold: {each}" for each in disbelieved)
    mismatches = comparer.mismatches(case, seen)
    return CaseResult(case.file, case.suite, case.name, case.place, mismatches, details)


def _matches(case: Case, pattern: str) -> bool:
    told = f"{case.file}::{case.name}"
    return pattern in told or fnmatchcase(told, pattern)


def _findings(case: Case, policy_set: PolicySet, names: Names) -> Iterator[Diagnostic]:
    """What is wrong with a case as a whole."""
    yield from order_findings(case, policy_set)
    yield from names.findings(case)
    said = [part for expected in case.expected for part in expected.places if part != "exact"]
    if not said:
        mend = "write what must come out under `expect`"
        yield Diagnostic("M717", "nothing is expected of this case", case.place, mend)
    for expected in case.expected:
        yield from _impossible(case, expected)


def _impossible(case: Case, expected: Expected) -> Iterator[Diagnostic]:
    """Expectations that no run of the case could meet or miss."""
    for part in expected.places:
        if part in _OF_ORDERS and case.order is None:
            message = f"`{part}` is expected, and no order is proposed"
            mend = "write an `order`, or take this away"
            yield Diagnostic("M717", message, expected.place(part), mend)
    if expected.cycle >= case.cycles:
        message = f"something is expected after cycle {expected.cycle + 1} of {case.cycles}"
        place = next(iter(expected.places), None)
        at = case.place if place is None else expected.place(place)
        yield Diagnostic("M717", message, at, "series tell how many cycles there are")
    for name, phases in (expected.wanted.alerts or {}).items():
        if isinstance(phases, list | tuple) and len(phases) != case.cycles:
            message = f"{len(phases)} states are expected of {case.cycles} cycles"
            place_of = expected.place("alerts", name)
            yield Diagnostic("M717", message, place_of, "write one for each cycle")

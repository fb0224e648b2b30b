"""`policy test [DIR]`: the tests of a policy set, played.

In: the directory of a set. Out: every case with what it expected and got, as text, JSON, TAP,
annotations, or JUnit XML in a file. Exit status 1 where a case failed, where a file of tests is
wrong, or where there is no test.
"""

from __future__ import annotations

import sys
import time
from enum import Enum
from pathlib import Path  # noqa: TC003 - Typer reads the annotations
from typing import TYPE_CHECKING, Annotated, assert_never

import typer

from cli.exit_codes import ExitCode
from cli.policy_verbs.sets import Directory, chosen, misuse, now
from engine.checks.running import no_tests, run_covered, run_policy_tests
from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from engine.checks.coverage.covering import Coverage
    from engine.checks.report import TestReport
    from engine.policyset.policyset import PolicySet


class TestFormat(Enum):
    """How the outcome is written."""

    TEXT = "text"
    JSON = "json"
    TAP = "tap"
    GITHUB = "github"


_OF_ALL = (TestFormat.TEXT, TestFormat.JSON)


def test(
    directory: Directory = None,
    *,
    run: Annotated[
        str | None,
        typer.Option(
            metavar="PATTERN",
            help="Only cases whose FILE::NAME has this in it, or matches it with `*`.",
            show_default=False,
        ),
    ] = None,
    junit: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write JUnit XML there too.", show_default=False),
    ] = None,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Say what the tests cover, and of the rest why not.")
    ] = False,
    mutate: Annotated[
        bool,
        typer.Option("--mutate", help="Say which small changes of the set no test would notice."),
    ] = False,
    output: Annotated[
        TestFormat, typer.Option("--format", help="Text to read, or for programs.")
    ] = TestFormat.TEXT,
) -> ExitCode:
    """Play the tests of a policy set: facts in, verdict out, from `tests/*.yaml` beside it.

    Steps and judge are those that trade. All failures are shown at once.
    """
    where = chosen(directory)
    policy_set = load_policy_set(where).required()
    if mutate:
        if coverage or run is not None or junit is not None or output not in _OF_ALL:
            return misuse("test", "`--mutate` goes by itself, as text or JSON")
        return _mutated(policy_set, where, output)
    if coverage and (run is not None or output not in _OF_ALL):
        return misuse("test", "`--coverage` is of all tests, as text or JSON")
    watch = Stopwatch()
    covered = None
    if coverage:
        report, covered = run_covered(policy_set, where, told=watch.told)
    else:
        report = run_policy_tests(policy_set, where, pattern=run, told=watch.told)
    if run is not None and not report.cases and not report.findings:
        return misuse("test", f"no case matches `{run}`")
    if junit is not None and not _wrote(junit, report, watch):
        return misuse("test", f"cannot write to `{junit}`")
    report = report if report.cases or report.findings else _without(report, where)
    _write(report, covered, output)
    return ExitCode.FINE if report.passed else ExitCode.FINDINGS


def _mutated(policy_set: PolicySet, where: Path, output: TestFormat) -> ExitCode:
    from cli.policy_verbs.mutating import run_mutation  # noqa: PLC0415 - only where it is asked for

    return run_mutation(policy_set, where, as_json=output is TestFormat.JSON)


class Stopwatch:
    """How long each case took, by when it was told of."""

    def __init__(self) -> None:
        self._last = time.monotonic()
        self._took: list[float] = []

    def told(self, done: int, _of: int) -> None:
        """One more is done; before the first nothing is, and reading the files is no case's."""
        before, self._last = self._last, time.monotonic()
        if done:
            self._took.append(self._last - before)

    def by_case(self, report: TestReport) -> dict[str, float]:
        """Seconds by the id of the case."""
        return {case.id: s for case, s in zip(report.cases, self._took, strict=True)}


def _without(report: TestReport, where: Path) -> TestReport:
    from dataclasses import replace  # noqa: PLC0415 - only a set without tests pays for it

    return replace(report, findings=(no_tests(where),))


def _wrote(path: Path, report: TestReport, watch: Stopwatch) -> bool:
    from cli.output.junit import render_junit  # noqa: PLC0415 - only where it is asked for

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render_junit(report, watch.by_case(report), now()), encoding="utf-8")
    except OSError:
        return False
    return True


def _write(report: TestReport, covered: Coverage | None, output: TestFormat) -> None:
    match output:
        case TestFormat.TEXT:
            from cli.policy_verbs.test_page import write_page  # noqa: PLC0415 - the one asked for

            write_page(report, covered, sys.stdout)
        case TestFormat.JSON:
            from cli.policy_verbs.test_page import as_json  # noqa: PLC0415 - the one asked for

            sys.stdout.write(as_json(report, covered))
        case TestFormat.TAP:
            from cli.output.tap import render_tap  # noqa: PLC0415 - the one asked for

            sys.stdout.write(render_tap(report))
        case TestFormat.GITHUB:
            from cli.output.github import render_github  # noqa: PLC0415 - the one asked for

            sys.stdout.write(render_github(report.diagnostics))
        case _:
            assert_never(output)

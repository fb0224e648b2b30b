"""What came of testing a policy set: every case, and what it expected and got where it failed.

In: built by `running.run_policy_tests`. Out: frozen values; `passed` is all that a reload asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Severity

if TYPE_CHECKING:
    from engine.errors import Place


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing that was expected and did not come; `place` is the expectation's."""

    what: str
    expected: str
    got: str
    place: Place
    cycle: int | None = None

    def __str__(self) -> str:
        when = "" if self.cycle is None else f" after cycle {self.cycle}"
        return f"{self.what}{when}: expected {self.expected}, got {self.got}"


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case: where it stands, and what did not come out; `details` tells how it came out."""

    file: str
    suite: str
    name: str
    place: Place
    mismatches: tuple[Mismatch, ...]
    details: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether all that was expected came."""
        return not self.mismatches

    @property
    def id(self) -> str:
        """`file::name`, as `--run` takes it."""
        return f"{self.file}::{self.name}"


@dataclass(frozen=True, slots=True)
class TestReport:
    """All cases in the order of the files, and what was wrong with the files themselves."""

    __test__ = False  # no test of ours, though pytest would think so by its name

    policy_set: str
    cases: tuple[CaseResult, ...]
    findings: tuple[Diagnostic, ...]

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        """The cases in which something did not come out."""
        return tuple(each for each in self.cases if not each.passed)

    @property
    def passed(self) -> bool:
        """Whether the files could all be read and every case came out; no test at all passes."""
        return not self.failed and not any(e.severity is Severity.ERROR for e in self.findings)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What is wrong with the files, and each thing that did not come, as findings."""
        told = (
            Diagnostic("M721", f"{quoted_name(case.name)}: {each}", each.place)
            for case in self.failed
            for each in case.mismatches
        )
        return (*self.findings, *told)


def quoted_name(name: str) -> str:
    """The name of a case inside a message."""
    return f"`{name}`"

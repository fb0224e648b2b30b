"""What came of policy tests, as a page to read and as one JSON object.

In: a report. Out: a line a file, then every failure with its place, then the count.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, TextIO

from cli.output.text import write_text
from cli.policy_verbs.coverage_page import coverage_json, coverage_page
from cli.trader_verbs.shown import counted

if TYPE_CHECKING:
    from engine.checks.coverage.covering import Coverage
    from engine.checks.report import CaseResult, Mismatch, TestReport
    from engine.errors import Place

VERSION = 1


def write_page(report: TestReport, covered: Coverage | None, stream: TextIO) -> None:
    """A line a file, the failures, what is covered, the count."""
    files = Counter(case.file for case in report.cases)
    failed = Counter(case.file for case in report.failed)
    width = max(map(len, files), default=0)
    for file, count in files.items():
        wrong = f", {failed[file]} failed" if failed[file] else ""
        stream.write(f"{file:<{width}}  {count - failed[file]:>4} passed{wrong}\n")
    if report.diagnostics:
        stream.write("\n" if files else "")
        write_text(report.diagnostics, stream)
    for case in report.failed:
        stream.writelines(f"{case.id}: {each}\n" for each in case.details)
    if covered is not None:
        stream.write(coverage_page(covered))
    stream.write(("\n" if files or report.diagnostics else "") + _count(report))


def _count(report: TestReport) -> str:
    passed, failed = len(report.cases) - len(report.failed), len(report.failed)
    wrong = f", {counted(len(report.findings), 'finding')} in the files" if report.findings else ""
    return f"{report.policy_set}: {passed} passed, {failed} failed{wrong}\n"


def as_json(report: TestReport, covered: Coverage | None) -> str:
    """The same for programs."""
    document: dict[str, object] = {
        "version": VERSION,
        "policy_set": report.policy_set,
        "passed": report.passed,
        "cases": [_case(each) for each in report.cases],
        "findings": [
            {"code": each.code, "message": each.message, "help": each.help, **_place(each.place)}
            for each in report.findings
        ],
    }
    if covered is not None:
        document["coverage"] = coverage_json(covered)
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _case(case: CaseResult) -> dict[str, object]:
    return {
        "id": case.id,
        "suite": case.suite,
        "name": case.name,
        "passed": case.passed,
        **_place(case.place),
        "mismatches": [_mismatch(each) for each in case.mismatches],
        "details": list(case.details),
    }


def _mismatch(each: Mismatch) -> dict[str, object]:
    return {
        "what": each.what,
        "expected": each.expected,
        "got": each.got,
        "cycle": each.cycle,
        **_place(each.place),
    }


def _place(place: Place | None) -> dict[str, object]:
    if place is None:
        return {}
    return {"file": place.file, "line": place.line, "column": place.column}

"""Policy tests in the Test Anything Protocol, version 14.

In: a report. Out: a plan, and a line a case, with what did not come out as YAML below it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.checks.report import CaseResult, TestReport


def render_tap(report: TestReport) -> str:
    """The whole stream; a file that cannot be read bails out at its end."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: TestReport) -> Iterator[str]:
    yield "TAP version 14"
    yield f"1..{len(report.cases)}"
    for number, case in enumerate(report.cases, 1):
        verdict = "ok" if case.passed else "not ok"
        yield f"{verdict} {number} - {_escaped(case.id)}"
        yield from () if case.passed else _details(case)
    for each in report.findings:
        yield f"Bail out! {_escaped(str(each))}"


def _details(case: CaseResult) -> Iterator[str]:
    yield "  ---"
    yield f"  at: {json.dumps(str(case.mismatches[0].place), ensure_ascii=False)}"
    yield "  mismatches:"
    for each in case.mismatches:
        yield f"    - {json.dumps(str(each), ensure_ascii=False)}"
    yield "  ..."


def _escaped(text: str) -> str:
    r"""A description, in which `#` would begin a directive and `\` an escape."""
    return " ".join(text.replace("\\", "\\\\").replace("#", "\\#").split())

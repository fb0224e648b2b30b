"""Policy tests as JUnit XML, which every CI server reads.

In: a report, how long each case took, and when. Out: one `testsuites` element with a suite for
each file, as the schemas of Ant and Jenkins both have it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from cli.output.text import render_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.checks.report import CaseResult, TestReport
    from engine.errors import Diagnostic
    from engine.model.times import UtcTime

_FILES = "the files themselves"


def render_junit(report: TestReport, seconds: Mapping[str, float], now: UtcTime) -> str:
    """The report as XML; `seconds` are by the id of the case."""
    suites: dict[str, list[CaseResult]] = defaultdict(list)
    for case in report.cases:
        suites[case.file].append(case)
    root = ET.Element("testsuites")
    for number, (file, cases) in enumerate(suites.items()):
        root.append(_suite(number, file, cases, seconds, now))
    if report.findings:
        root.append(_unread(len(suites), report.findings, now))
    ET.indent(root)
    return f"{ET.tostring(root, encoding='unicode', xml_declaration=True)}\n"


def _suite(
    number: int,
    file: str,
    cases: Sequence[CaseResult],
    seconds: Mapping[str, float],
    now: UtcTime,
) -> ET.Element:
    took = {each.id: seconds.get(each.id, 0.0) for each in cases}
    failed = sum(not each.passed for each in cases)
    suite = _head(number, file, now, tests=len(cases), failures=failed, errors=0)
    suite.set("time", f"{sum(took.values()):.3f}")
    for case in cases:
        element = _case(suite, case.suite, case.name, took[case.id])
        if not case.passed:
            told = "\n".join((*(f"{m.place}: {m}" for m in case.mismatches), *case.details))
            message = str(case.mismatches[0])
            failure = ET.SubElement(element, "failure", message=_legal(message), type="M721")
            failure.text = _legal(told)
    _tail(suite)
    return suite


def _unread(number: int, findings: Sequence[Diagnostic], now: UtcTime) -> ET.Element:
    """What is wrong with the files, as errors: no case of theirs could be played."""
    count = len(findings)
    suite = _head(number, _FILES, now, tests=count, failures=0, errors=count)
    for each in findings:
        name = str(each.place) if each.place else each.code
        element = _case(suite, _FILES, name, 0.0)
        error = ET.SubElement(element, "error", message=_legal(each.message), type=each.code)
        error.text = _legal(render_text([each]))
    _tail(suite)
    return suite


def _head(
    number: int, name: str, now: UtcTime, *, tests: int, failures: int, errors: int
) -> ET.Element:
    suite = ET.Element(
        "testsuite",
        id=str(number),
        name=_legal(name),
        package="policy test",
        timestamp=str(now)[:19],
        # Which machine it was is nobody's business, and the schema wants a name.
        hostname="localhost",
        tests=str(tests),
        failures=str(failures),
        errors=str(errors),
        skipped="0",
        time="0.000",
    )
    ET.SubElement(suite, "properties")
    return suite


def _tail(suite: ET.Element) -> None:
    ET.SubElement(suite, "system-out")
    ET.SubElement(suite, "system-err")


def _case(suite: ET.Element, of: str, name: str, seconds: float) -> ET.Element:
    return ET.SubElement(
        suite, "testcase", classname=_legal(of), name=_legal(name), time=f"{seconds:.3f}"
    )


def _legal(text: str) -> str:
    """The text without the characters that XML cannot hold at all."""
    return "".join(each if each in "\t\n" or each >= " " else "�" for each in text)

"""Findings as one JSON object, for scripts.

In: diagnostics. Out: `{"version", "errors", "warnings", "findings"}`; a finding without a place
has none of `file`, `line`, `column`, `width`. Fields are added, never renamed or removed,
without a new `version`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from engine.errors import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.errors import Diagnostic, Place

VERSION = 1


def render_json(diagnostics: Iterable[Diagnostic]) -> str:
    """The findings as indented JSON with a line break at its end."""
    findings = tuple(diagnostics)
    document = {
        "version": VERSION,
        "errors": _count(findings, Severity.ERROR),
        "warnings": _count(findings, Severity.WARNING),
        "findings": [_finding(each) for each in findings],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _count(findings: tuple[Diagnostic, ...], severity: Severity) -> int:
    return sum(each.severity is severity for each in findings)


def _finding(diagnostic: Diagnostic) -> dict[str, object]:
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        **(_place(diagnostic.place) if diagnostic.place else {}),
        "help": diagnostic.help,
        "related": [{**_place(place), "message": words} for place, words in diagnostic.related],
    }


def _place(place: Place) -> dict[str, object]:
    return {
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "width": place.width,
    }

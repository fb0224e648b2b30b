"""Findings as SARIF 2.1.0 (OASIS, 2020), for code scanning and editors.

In: diagnostics, and the catalogue of codes. Out: one run with one result a finding.
Rule ids are the catalogue's codes and never change; a fingerprint over code, file and source
line keeps a finding the same one when lines above it move.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote

from engine.codes import CODES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.codes import Code
    from engine.errors import Diagnostic, Place

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def render_sarif(diagnostics: Iterable[Diagnostic], release: str) -> str:
    """The findings as one SARIF log; `release` is the version of the tool that found them."""
    findings = tuple(diagnostics)
    rules = sorted({each.code for each in findings})
    driver = {"name": "mandate", "version": release, "rules": [_rule(code) for code in rules]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, rules.index(each.code)) for each in findings],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(code: str) -> dict[str, object]:
    entry: Code = CODES[code]
    return {
        "id": code,
        "shortDescription": {"text": entry.title},
        "fullDescription": {"text": entry.why},
        "help": {"text": f"For example:\n{entry.example}"},
    }


def _result(diagnostic: Diagnostic, rule_index: int) -> dict[str, object]:
    mend = f"\nhelp: {diagnostic.help}" if diagnostic.help else ""
    result: dict[str, object] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule_index,
        "level": diagnostic.severity.value,
        "message": {"text": f"{diagnostic.message}{mend}"},
    }
    if diagnostic.place:
        result["locations"] = [_location(diagnostic.place)]
        result["partialFingerprints"] = {"finding/v1": _fingerprint(diagnostic, diagnostic.place)}
    if diagnostic.related:
        result["relatedLocations"] = [
            {**_location(place), "message": {"text": words}} for place, words in diagnostic.related
        ]
    return result


def _location(place: Place) -> dict[str, object]:
    region = {
        "startLine": place.line,
        "startColumn": place.column,
        "endColumn": place.column + place.width,
    }
    artifact = {"uri": quote(place.file.replace("\\", "/"))}
    return {"physicalLocation": {"artifactLocation": artifact, "region": region}}


def _fingerprint(diagnostic: Diagnostic, place: Place) -> str:
    parts = (diagnostic.code, place.file, place.source_line.strip())
    return sha256("\0".join(parts).encode()).hexdigest()

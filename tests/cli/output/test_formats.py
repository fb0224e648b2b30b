"""Findings as machines read them."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from official.sarif import faults

from cli.output.format import Format, write_findings
from cli.output.github import render_github
from cli.output.json import render_json
from cli.output.sarif import render_sarif
from engine.errors import Diagnostic, Place

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

pytestmark = pytest.mark.usefixtures("catalogue")


def test_github(findings: tuple[Diagnostic, ...], snapshot: SnapshotAssertion) -> None:
    """Every finding is one workflow command, with its place where it has one."""
    assert render_github(findings) == snapshot


@given(st.text(), st.text())
def test_github_commands_cannot_be_smuggled_in(message: str, file: str) -> None:
    """Whatever a user wrote, one finding is one line, and its properties end where they end."""
    finding = Diagnostic("M203", message, Place(file, 1, 1), help=message)
    line = render_github([finding])
    assert line.count("\n") == 1
    assert "\r" not in line
    properties, _, _ = line.removeprefix("::error ").partition("::")
    assert properties.count(",") == 5
    assert ":" not in properties


def test_json(findings: tuple[Diagnostic, ...]) -> None:
    """The JSON object holds the counts, and each finding with its place and related places."""
    document = json.loads(render_json(findings))
    assert (document["version"], document["errors"], document["warnings"]) == (1, 2, 1)
    first, second, third = document["findings"]
    assert first == {
        "code": "M203",
        "severity": "error",
        "message": "unknown fact `quote.spred_bps`",
        "file": "policies/execution/max-spread.yaml",
        "line": 9,
        "column": 12,
        "width": 15,
        "help": "did you mean `quote.spread_bps`? quote has: age_s, ask, bid, mid, spread_bps",
        "related": [],
    }
    assert second["related"] == [
        {
            "file": "policies/risk/base.yaml",
            "line": 12,
            "column": 3,
            "width": 4,
            "message": "it was here",
        }
    ]
    assert "file" not in third


def test_sarif(findings: tuple[Diagnostic, ...], snapshot: SnapshotAssertion) -> None:
    """The log names each rule once, by its code, and each result points to its rule."""
    assert render_sarif(findings, "1.2.3") == snapshot


@given(
    st.lists(st.tuples(st.sampled_from(["M101", "M203", "M310"]), st.text(), st.text(min_size=1)))
)
@settings(max_examples=30)
def test_sarif_is_what_its_standard_asks_for(told: list[tuple[str, str, str]]) -> None:
    """Whatever is found, and whatever the files are called, code scanning takes the log."""
    found = [
        Diagnostic(code, message, Place(file, 4, 3, 7, message), help=message)
        for code, message, file in told
    ]
    found += [replace(each, place=None, related=((Place(each.code, 1, 1), "x"),)) for each in found]
    assert faults(render_sarif(found, "1.2.3")) == []


def test_the_standard_refuses_what_is_none_of_it(findings: tuple[Diagnostic, ...]) -> None:
    """A result without a message, a line 0, a word that is no level: none of them passes."""
    log = render_sarif(findings, "1.2.3")
    assert faults(log) == []
    for old, new in (
        ('"level": "error"', '"level": "fatal"'),
        ('"startLine": ', '"startLine": -'),
        ('"ruleId"', '"rule_id"'),
        ('"version": "2.1.0"', '"version": "2.1"'),
    ):
        assert old in log
        assert faults(log.replace(old, new, 1)) != [], new


def test_sarif_fingerprint_survives_a_move() -> None:
    """A finding is the same one when lines above it come or go, and another in another file."""

    def fingerprint(file: str, line: int) -> str:
        finding = Diagnostic("M203", "m", Place(file, line, 3, 1, "  a: b"))
        log = json.loads(render_sarif([finding], "1"))
        found: str = log["runs"][0]["results"][0]["partialFingerprints"]["finding/v1"]
        return found

    assert fingerprint("a.yaml", 4) == fingerprint("a.yaml", 40)
    assert fingerprint("a.yaml", 4) != fingerprint("b.yaml", 4)


@pytest.mark.parametrize("chosen", list(Format))
def test_every_format_can_be_chosen(chosen: Format, findings: tuple[Diagnostic, ...]) -> None:
    """Each name of `--format` writes the findings, and each says all the messages."""
    stream = io.StringIO()
    write_findings(iter(findings), chosen, stream)
    text = stream.getvalue()
    assert "unknown fact `quote.spred_bps`" in text
    assert "the set has no kill switch" in text
    assert text.endswith("\n")


@pytest.mark.parametrize("chosen", list(Format))
def test_no_findings_is_said_well_formed(chosen: Format) -> None:
    """A clean run gives valid JSON where JSON is asked for, and no line otherwise."""
    stream = io.StringIO()
    write_findings((), chosen, stream)
    if chosen in {Format.JSON, Format.SARIF}:
        assert json.loads(stream.getvalue())
    else:
        assert stream.getvalue() == ""

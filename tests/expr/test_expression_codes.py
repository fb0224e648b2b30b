"""Every M2xx entry of the catalogue earns its place."""

from __future__ import annotations

import pytest
from expr.sets import SET

from engine.codes import CODES
from engine.codes.expression import EXPRESSION_CODES
from engine.errors import Snippet
from engine.expr.check import Expectation, check
from engine.expr.grammar import parse
from engine.expr.vocabulary import FactScope

EXPRESSIONS = [entry for entry in EXPRESSION_CODES if entry.code < "M280"]
ELSEWHERE = {"M228": Expectation(scopes=frozenset({FactScope.ACCOUNT, FactScope.VENUE}))}


@pytest.mark.parametrize("entry", EXPRESSIONS, ids=lambda entry: f"{entry.code} {entry.title}")
def test_example_earns_its_code(entry: object) -> None:
    """The example of a code is text that is answered with this code first, and with a mend."""
    code = CODES[entry.code]
    snippet = Snippet.of(code.example)
    parsed = parse(snippet)
    findings = list(parsed.diagnostics)
    if parsed.tree is not None:
        expect = ELSEWHERE.get(code.code, Expectation())
        findings.extend(check(parsed.tree, snippet, SET, expect=expect))
    assert code.code in {finding.code for finding in findings}
    assert all(finding.help for finding in findings)

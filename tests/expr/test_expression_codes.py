"""Every M2xx entry of the catalogue earns its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from expr.sets import SET

from engine.codes.expression import EXPRESSION_CODES
from engine.errors import Snippet
from engine.expr.check import Expectation, check
from engine.expr.grammar import parse
from engine.expr.vocabulary import FactScope

if TYPE_CHECKING:
    from engine.codes.code import Code

EXPRESSIONS = [entry for entry in EXPRESSION_CODES if entry.code < "M280"]
ELSEWHERE = {"M228": Expectation(scopes=frozenset({FactScope.ACCOUNT, FactScope.VENUE}))}


@pytest.mark.parametrize("entry", EXPRESSIONS, ids=lambda entry: f"{entry.code} {entry.title}")
def test_example_earns_its_code(entry: Code) -> None:
    """The example of a code is an expression that is answered with this code, and with a mend."""
    snippet = Snippet.of(entry.example)
    parsed = parse(snippet)
    findings = list(parsed.diagnostics)
    if parsed.tree is not None:
        expect = ELSEWHERE.get(entry.code, Expectation())
        findings.extend(check(parsed.tree, snippet, SET, expect=expect))
    assert entry.code in {finding.code for finding in findings}
    assert all(finding.help for finding in findings)

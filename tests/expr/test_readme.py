"""The page about the language is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from expr.sets import SET

import engine.expr
from engine.errors import Diagnostic, Snippet
from engine.expr.check import Expectation, check
from engine.expr.functions import FUNCTIONS, SERIES_FUNCTIONS
from engine.expr.grammar import WRITTEN, parse
from engine.expr.parsing.scan import MAX_DIGITS
from engine.expr.units import Unit

PAGE = (Path(engine.expr.__file__).parent / "README.md").read_text(encoding="utf-8")


def _block(kind: str) -> list[str]:
    blocks = re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def _findings(text: str) -> tuple[Diagnostic, ...]:
    snippet = Snippet.of(text)
    parsed = parse(snippet)
    if parsed.tree is None:
        return parsed.diagnostics
    return check(parsed.tree, snippet, SET, expect=Expectation())


@pytest.mark.parametrize("text", _block("mandate"))
def test_examples_are_sound(text: str) -> None:
    """Each example of the page is a rule without a finding."""
    assert _findings(text) == ()


@pytest.mark.parametrize("line", _block("refused"))
def test_refusals_are_refused(line: str) -> None:
    """Each refused example is refused with the code that stands beside it."""
    code, _, text = line.partition("  ")
    assert code in {finding.code for finding in _findings(text)}


def test_everything_callable_is_on_the_page() -> None:
    """No function, unit or bound is missing from the page."""
    assert [f.signature for f in FUNCTIONS.values() if f"`{f.signature}`" not in PAGE] == []
    assert [name for name in SERIES_FUNCTIONS if f"`{name}`" not in PAGE] == []
    units = re.search(r"`(usd price [a-z ]+)`", PAGE)
    assert units is not None
    assert set(units[1].split()) == {unit.value for unit in Unit}
    bounds = (WRITTEN.characters, WRITTEN.nodes, WRITTEN.depth)
    assert "{} characters (also of the canonical text), {} parts, {} levels".format(*bounds) in PAGE
    assert f"at most {MAX_DIGITS} digits" in PAGE

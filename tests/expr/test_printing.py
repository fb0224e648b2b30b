"""Printing and reading undo each other."""

from __future__ import annotations

import pytest
from expr.trees import trees
from hypothesis import given, settings

from engine.errors import Snippet
from engine.expr.grammar import parse
from engine.expr.nodes import Node, Text
from engine.expr.printing import print_tree

CANONICAL = {
    "spaces are single": ("a<=1", "a <= 1"),
    "line breaks are spaces": ("a\n  and b", "a and b"),
    "numbers have one spelling": ("a <= 1.500", "a <= 1.5"),
    "a zero has no sign": ("a <= -0.0", "a <= 0"),
    "text stands in double quotes": ("a == 'x'", 'a == "x"'),
    "quotes in text are escaped": ("a == 'say \"x\"'", 'a == "say \\"x\\""'),
    "needless brackets go": ("((a)) and (b < (c))", "a and b < c"),
    "brackets that keep the shape stay": ("(a + b) * c - (d - e)", "(a + b) * c - (d - e)"),
    "a nested conjunction keeps its shape": ("(a and b) and c", "(a and b) and c"),
    "or inside and needs brackets": ("(a or b) and c", "(a or b) and c"),
    "not of a comparison needs none": ("not (a < b)", "not a < b"),
    "not inside a comparison does": ("(not a) == b", "(not a) == b"),
    "a membership is negated in place": ("not (a in (1, 2))", "a not in (1, 2)"),
    "one choice keeps its brackets": ("a in (1,)", "a in (1)"),
    "a set of text has none": ("a in (asset.groups)", "a in asset.groups"),
    "a signed number is a literal": ("- 5 * a", "-5 * a"),
    "a negated literal is not": ("-(5)", "-(5)"),
    "signs pile up": ("- - a", "--a"),
    "an else branch needs no brackets": (
        "a if b else (c if d else e)",
        "a if b else c if d else e",
    ),
    "a test branch does": ("a if (b if c else d) else e", "a if (b if c else d) else e"),
    "calls lose a last comma": ("min(a,b ,)", "min(a, b)"),
    "series calls are one name": ('ema( 20,"1m" ) < a', 'ema(20, "1m") < a'),
}


@pytest.mark.parametrize(("text", "canonical"), CANONICAL.values(), ids=CANONICAL)
def test_canonical(text: str, canonical: str) -> None:
    """Every spelling of an expression has the same canonical text."""
    tree = parse(Snippet.of(text)).tree
    assert tree is not None
    assert print_tree(tree) == canonical


@settings(deadline=None, max_examples=100)
@given(trees())
def test_round_trip(tree: Node) -> None:
    """Reading what was printed gives the tree back, whatever the tree."""
    parsed = parse(Snippet.of(print_tree(tree)))
    assert parsed.diagnostics == ()
    assert parsed.tree == tree


@settings(deadline=None, max_examples=100)
@given(trees())
def test_idempotent(tree: Node) -> None:
    """Canonical text is the canonical text of itself."""
    text = print_tree(tree)
    again = parse(Snippet.of(text)).tree
    assert again is not None
    assert print_tree(again) == text


def test_text_is_ascii_and_on_one_line() -> None:
    """Quotes and backslashes survive as text."""
    tree = Text("a\\\"b'")
    assert parse(Snippet.of(print_tree(tree))).tree == tree

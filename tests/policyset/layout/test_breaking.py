"""Long expressions are broken where they are loosest, and say the same."""

from __future__ import annotations

import pytest
from expr.trees import trees
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Snippet
from engine.expr.grammar import parse
from engine.expr.printing import print_tree
from engine.policyset.layout.breaking import broken

ROWS = {
    "what fits stays on one line": ("quote.age_s <= 5", 20, ["quote.age_s <= 5"]),
    "an or before an and": (
        "quote.age_s <= 5 and quote.crossed or quote.one_sided",
        40,
        ["quote.age_s <= 5 and quote.crossed", "  or quote.one_sided"],
    ),
    "a choice before both": (
        "quote.age_s <= 5 if quote.crossed else quote.age_s <= 9",
        30,
        ["quote.age_s <= 5", "  if quote.crossed", "  else quote.age_s <= 9"],
    ),
    "brackets are left whole where they fit": (
        "(quote.crossed or quote.one_sided) and quote.age_s <= 5",
        40,
        ["(quote.crossed or quote.one_sided)", "  and quote.age_s <= 5"],
    ),
    "a comparison at its links": (
        'mean("15m") * 0.95 <= quote.mid <= mean("15m") * 1.05',
        30,
        ['mean("15m") * 0.95', "  <= quote.mid", '  <= mean("15m") * 1.05'],
    ),
    "a call at its arguments": (
        "clamp(quote.age_s + quote.spread_bps, quote.bid, 1)",
        30,
        ["clamp(", "  quote.age_s", "    + quote.spread_bps,", "  quote.bid,", "  1", ")"],
    ),
    "a series is one name": ('volume_ratio("15m", "4h")', 10, ['volume_ratio("15m", "4h")']),
    "a word in quotes is no joint": (
        'order.strategy == "this or that"',
        20,
        ["order.strategy", '  == "this or that"'],
    ),
}


@pytest.mark.parametrize(("text", "width", "lines"), ROWS.values(), ids=ROWS)
def test_where_it_is_broken(text: str, width: int, lines: list[str]) -> None:
    """The loosest joint goes first, and each line begins with its word."""
    assert broken(text, width) == lines


@settings(deadline=None, max_examples=120)
@given(trees(), st.integers(1, 100))
def test_lines_say_the_same(tree: object, width: int) -> None:
    """However narrow it is made, the lines parse to the tree that was printed."""
    text = print_tree(tree)  # type: ignore[arg-type]  # any tree of the language
    whole = parse(Snippet.of(text))
    if whole.tree is None:
        return
    lines = broken(text, width)
    again = parse(Snippet.of("\n".join(lines) + "\n")).tree
    assert again is not None
    assert print_tree(again) == text


def test_what_would_become_too_long_is_left_alone() -> None:
    """An expression has 512 characters, and indents count: then one line is better than none."""
    text = " and ".join(["quote.age_s <= 5"] * 24)
    assert len(text) < 512
    assert broken(text, 20) == [text]

"""Small changes of expressions."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.checks.mutation.trees import changes_of, numbers_of, with_number
from engine.errors import Snippet
from engine.expr.grammar import parse
from engine.expr.printing import print_tree

CHANGES = {
    "a.b <= 1": ["a.b < 1", "a.b > 1"],
    'a.b == "x"': ['a.b != "x"'],
    "0 <= a.b < 1": ["0 < a.b < 1", "0 > a.b < 1", "0 <= a.b <= 1", "0 <= a.b >= 1"],
    "a.f and not a.g": ["a.f or not a.g", "not a.g", "a.f", "a.f and a.g"],
    "a.f or a.g or a.h": ["a.f and a.g and a.h", "a.g or a.h", "a.f or a.h", "a.f or a.g"],
    "a.b * 2 > 1": ["a.b * 2 >= 1", "a.b * 2 <= 1", "a.b / 2 > 1"],
    'a.b in ("x", "y")': ['not a.b in ("x", "y")'],
    "a.f if a.g else a.h": ["a.h if a.g else a.f"],
    "at_least(2, a.f, not a.g)": ["at_least(2, a.f, a.g)"],
    "-a.b < 1": ["-a.b <= 1", "-a.b >= 1"],
    "a.f": [],
}


def _tree(text: str):  # noqa: ANN202 - a node of the language
    tree = parse(Snippet.of(text)).tree
    assert tree is not None
    return tree


@pytest.mark.parametrize("text", CHANGES)
def test_each_change_is_in_one_place(text: str) -> None:
    """Every operator is flipped once and every condition left out once, and nothing else."""
    changed = [print_tree(tree) for _, tree in changes_of(_tree(text))]
    assert changed == [print_tree(_tree(each)) for each in CHANGES[text]]


def test_a_number_is_changed_by_its_place() -> None:
    """Two numbers of one value are two numbers."""
    tree = _tree("1.8 if a.f else 1.8 if a.g else 3")
    values = [str(number.value) for number in numbers_of(tree)]
    changed = {print_tree(with_number(tree, place, Decimal(9))) for place in range(len(values))}
    assert sorted(values) == ["1.8", "1.8", "3"]
    assert len(changed) == len(values)
    with pytest.raises(IndexError):
        with_number(tree, len(values), Decimal(9))

"""The type of a name that nobody states, from its use."""

from __future__ import annotations

import pytest

from engine.errors import Snippet
from engine.expr.grammar import parse
from engine.expr.stating.usage import types_by_use
from engine.expr.vocabulary import FactType

KNOWN = {"known.n": FactType.NUMBER, "known.e": FactType.ENUM, "known.f": FactType.FLAG}

N, T, F, S = FactType.NUMBER, FactType.TEXT, FactType.FLAG, FactType.TEXT_SET

USES: dict[str, dict[str, FactType]] = {
    "x": {"x": F},
    "not x": {"x": F},
    "x and y or z": {"x": F, "y": F, "z": F},
    "-x": {"x": N},
    "x + y * 2": {"x": N, "y": N},
    "abs(x) < min(y, z)": {"x": N, "y": N, "z": N},
    "at_least(1, x, y)": {"x": F, "y": F},
    "has(x)": {"x": N},
    "x < y": {"x": N, "y": N},
    "x == 'a'": {"x": T},
    "'a' != x": {"x": T},
    "x == known.e": {"x": T},
    "x == known.f": {"x": F},
    "x == abs(known.n)": {"x": N},
    "x == has(known.n)": {"x": F},
    "x == (y < 1)": {"x": F, "y": N},
    "x == (y if z else 'a')": {"x": T, "y": T, "z": F},
    "x == default(y, 'a')": {"x": T, "y": T},
    "default(x, 'a') == y": {"x": T, "y": T},
    "default(x, true)": {"x": F},
    "x if y else 'a'": {"x": T, "y": F},
    "known.n if y else x": {"x": N, "y": F},
    "x in ('a', 'b')": {"x": T},
    "x in (1, 2)": {"x": N},
    "x in y": {"x": T, "y": S},
    "'a' in x": {"x": S},
    "known.n < 5": {},
}


@pytest.mark.parametrize("text", USES)
def test_use_tells_the_type(text: str) -> None:
    """Operators, functions and the other side of a comparison tell; else it is a number."""
    tree = parse(Snippet.of(text)).tree
    assert tree is not None
    assert types_by_use(tree, KNOWN) == USES[text]

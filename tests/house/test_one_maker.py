"""Who may make an order: the judge, and nobody else in the engine."""

from __future__ import annotations

import ast
from pathlib import Path

ENGINE = Path(__file__).parents[2] / "engine"


def test_only_the_judge_makes_an_approved_order() -> None:
    """An `ApprovedOrder` is constructed in one place, from a decision that allows it."""
    makers = {
        str(path.relative_to(ENGINE))
        for path in ENGINE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "ApprovedOrder"
    }
    assert makers == {"cycle/judge.py"}

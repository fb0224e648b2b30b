"""The table of accidents: every one has its row, and every test that a row names is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "tests" / "scenarios" / "README.md"
ROW = re.compile(r"^\| (A\d+) \| (.+?) \| (.*) \|$", re.MULTILINE)
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
ACCIDENTS = [f"A{number}" for number in range(1, 29)]


def rows() -> dict[str, str]:
    """What stands in the last column, by accident."""
    return {found[1]: found[3] for found in ROW.finditer(TABLE.read_text(encoding="utf-8"))}


def functions(file: Path) -> set[str]:
    """The names of the test functions in a file."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}


def test_every_accident_has_its_row() -> None:
    """In their order, each once."""
    found = [each[1] for each in ROW.finditer(TABLE.read_text(encoding="utf-8"))]
    assert found == ACCIDENTS


@pytest.mark.parametrize("accident", ACCIDENTS)
def test_the_tests_of_an_accident_are_there(accident: str) -> None:
    """A row names tests that exist, or says what carries it later; most do both or the first."""
    told = rows()[accident]
    named = NAMED.findall(told)
    assert named or "later: " in told
    for file, function in named:
        assert function in functions(ROOT / file), (file, function)

"""The catalogue of codes and the engine agree."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Protocol

import pytest

from engine.codes import CODES, Code
from engine.codes.accounts import ACCOUNT_CODES
from engine.codes.adapters import ADAPTER_CODES
from engine.codes.checks import CHECK_CODES
from engine.codes.comparison import COMPARISON_CODES
from engine.codes.console import CONSOLE_CODES
from engine.codes.cycle import CYCLE_CODES
from engine.codes.expression import EXPRESSION_CODES
from engine.codes.faults import FAULT_CODES
from engine.codes.going_live import GOING_LIVE_CODES
from engine.codes.operations import OPERATIONS_CODES
from engine.codes.policy import POLICY_CODES
from engine.codes.provenance import PROVENANCE_CODES
from engine.codes.read import READ_CODES
from engine.codes.real_time import REAL_TIME_CODES
from engine.codes.reloading import RELOAD_CODES
from engine.codes.simulation import SIMULATION_CODES
from engine.codes.sweeping import SWEEP_CODES
from engine.codes.venue import VENUE_CODES

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = re.compile(r"M[1-9]\d\d")
STAGES = {
    "1": READ_CODES,
    "2": EXPRESSION_CODES,
    "3": POLICY_CODES,
    "4": (*CYCLE_CODES, *ACCOUNT_CODES, *REAL_TIME_CODES),
    "5": ADAPTER_CODES,
    "6": (*VENUE_CODES, *FAULT_CODES),
    "7": (*COMPARISON_CODES, *CHECK_CODES, *PROVENANCE_CODES, *RELOAD_CODES),
    "8": (*SIMULATION_CODES, *SWEEP_CODES),
    "9": (*OPERATIONS_CODES, *CONSOLE_CODES, *GOING_LIVE_CODES),
}


class _Source(Protocol):
    name: str
    tree: ast.Module


def _codes_in(source: _Source) -> Iterator[tuple[str, str]]:
    for node in ast.walk(source.tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and CODE.fullmatch(text):
            yield text, f"{source.name}:{node.lineno}"


@pytest.fixture(scope="module")
def raised(engine_sources: tuple[_Source, ...]) -> dict[str, str]:
    """Every code that the engine names outside the catalogue, with a place where it does."""
    users = [each for each in engine_sources if not each.name.startswith("engine/codes/")]
    return dict(found for source in users for found in _codes_in(source))


def test_every_raised_code_is_explained(raised: dict[str, str]) -> None:
    """Whatever code a user may meet, `policy explain` has a page for it."""
    assert {code: place for code, place in raised.items() if code not in CODES} == {}


def test_every_entry_is_raised(raised: dict[str, str]) -> None:
    """The catalogue holds no code that nothing raises."""
    assert sorted(set(CODES) - set(raised)) == []


@pytest.mark.parametrize(("stage", "codes"), STAGES.items(), ids=lambda value: str(value)[:12])
def test_codes_stand_in_their_range(stage: str, codes: tuple[Code, ...]) -> None:
    """A code's first digit is the stage that finds it, and no code is given twice."""
    numbers = [entry.code for entry in codes]
    assert [code for code in numbers if not code.startswith(f"M{stage}")] == []
    assert len(set(numbers)) == len(numbers)


def test_entries_are_complete() -> None:
    """Each entry has a title in the style of a message, a reason, and an example."""
    assert [
        entry.code
        for entry in CODES.values()
        if not (CODE.fullmatch(entry.code) and entry.title and entry.why and entry.example.strip())
        or entry.title.endswith(".")
        or "\n" in entry.title
    ] == []

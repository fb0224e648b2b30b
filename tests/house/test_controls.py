"""The evidence that `policy controls` names is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from engine.policyset.controls.artefacts import ARTEFACTS
from engine.policyset.controls.carriers import CARRIERS, STATEMENTS
from engine.policyset.controls.catalogue import CONTROLS
from engine.policyset.controls.invariants import INVARIANTS, OF_RULES

if TYPE_CHECKING:
    from pathlib import Path


class _Source(Protocol):
    name: str
    text: str


def test_every_test_that_shows_an_invariant_is_there(all_sources: tuple[_Source, ...]) -> None:
    """An invariant is shown by tests that exist under the names that it gives."""
    named = [test for each in INVARIANTS for test in each.shown_by]
    named += [test for tests in OF_RULES.values() for test in tests]
    texts = {source.name: source.text for source in all_sources}
    missing = {
        test
        for test in named
        if f"def {test.partition('::')[2]}(" not in texts[test.split("::")[0]]
    }
    assert missing == set()


def test_every_artefact_is_there(root: Path) -> None:
    """What carries a process today lies where the table says."""
    named = [path for each in ARTEFACTS for path in each.paths]
    assert [path for path in named if not (root / path).exists()] == []


def test_every_control_has_something_that_carries_it() -> None:
    """No control of the thirty is a name alone, and nothing is carried that is none of them."""
    tables = (CARRIERS, STATEMENTS, INVARIANTS, ARTEFACTS)
    carried = {each.control for table in tables for each in table}
    assert carried == {each.id for each in CONTROLS}


def test_what_is_a_process_decides_no_order() -> None:
    """Artefacts carry the processes, rules and invariants the rest."""
    processes = {each.id for each in CONTROLS if each.process}
    assert {each.control for each in ARTEFACTS} == processes
    assert not {each.control for each in (*CARRIERS, *INVARIANTS)} & processes

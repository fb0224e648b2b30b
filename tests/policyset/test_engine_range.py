"""Sets that ask for an engine: what they accept runs, and the range is no part of the seal."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.errors import Place
from engine.policyset.engine_range import check_engine, engine_version
from engine.policyset.opening import load_policy_set

SAMPLE = Path(__file__).parents[1] / "cli/trader/policies"
PLACE = Place("policyset.yaml", 5, 3)


@pytest.mark.parametrize(
    ("wanted", "engine", "refused"),
    [
        (">=0.1,<2", "0.1.0", False),
        ("==0.1.*", "0.1.7", False),
        (">=0.2", "0.1.0", True),
        ("<0.1", "0.1.0", True),
        (">=0.1", "0.2.0.dev1", False),
        ("at least one", "0.1.0", True),
        (">=0.1", None, True),
    ],
)
def test_a_set_names_its_engines(wanted: str, engine: str | None, *, refused: bool) -> None:
    """Only an engine in the range, which knows its own version, takes the set."""
    found = check_engine(wanted, PLACE, engine)
    assert (found is not None) is refused
    if found is not None:
        assert (found.code, found.place) == ("M772", PLACE)


def _asking(folder: Path, wanted: str) -> Path:
    shutil.copytree(SAMPLE, folder)
    file = folder / "policyset.yaml"
    text = file.read_text()
    file.write_text(text.replace("spec:\n", f'spec:\n  requires_engine: "{wanted}"\n'))
    return folder


def test_the_range_is_read_with_the_set(tmp_path: Path) -> None:
    """A set for another engine does not load, and says where it asks for it."""
    (found,) = load_policy_set(_asking(tmp_path / "other", ">=99")).diagnostics
    assert found.code == "M772"
    assert found.place is not None
    assert found.place.source_line.strip() == 'requires_engine: ">=99"'


def test_the_range_is_no_part_of_the_hash(tmp_path: Path) -> None:
    """Where a set may run is not what it means."""
    asking = load_policy_set(_asking(tmp_path / "own", f"=={engine_version()}")).required()
    assert asking.hash == load_policy_set(SAMPLE).required().hash

"""What the tests of simulation share: the shipped paper set, and a short market."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.adapters.recorded import Recording, open_recording
from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from engine.policyset.policyset import PolicySet

ROOT = Path(__file__).parents[2]
PARTS = ("quotes", "bars", "history")


@pytest.fixture(scope="session")
def paper() -> PolicySet:
    """The shipped set for paper trading."""
    return load_policy_set(ROOT / "policies/paper").required()


@pytest.fixture(scope="session")
def demo() -> Recording:
    """The market that ships with the project."""
    found = open_recording([ROOT / f"demo/synthetic_{name}.csv" for name in PARTS])
    assert isinstance(found, Recording)
    return found

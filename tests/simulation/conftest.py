"""What the tests of simulation share: two sets, a market, and one simulation to ask about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine import Simulation, Terms, simulate
from engine.adapters.recorded import Recording, open_recording
from engine.model.times import UtcTime
from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from engine.policyset.policyset import PolicySet

ROOT = Path(__file__).parents[2]
START = UtcTime.parse("2026-01-05T08:00:00Z")


@pytest.fixture(scope="session")
def paper() -> PolicySet:
    """The shipped set for paper trading."""
    return load_policy_set(ROOT / "policies/paper").required()


@pytest.fixture(scope="session")
def tiny() -> PolicySet:
    """A set of a few rules that trades within minutes."""
    return load_policy_set(ROOT / "tests/cli/trader/policies").required()


@pytest.fixture(scope="session")
def demo() -> Recording:
    """The quotes of the market that ships with the project."""
    found = open_recording([ROOT / "demo/synthetic_quotes.csv"])
    assert isinstance(found, Recording)
    return found


@pytest.fixture(scope="session")
def afternoon(tiny: PolicySet, demo: Recording) -> Simulation:
    """The tiny set through rally, crash and calm."""
    return simulate(tiny, demo, Terms(since=START.plus_s(5400)))

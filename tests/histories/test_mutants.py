"""The histories see mistakes: every mutant's text still stands, and a mutant dies of a history."""

from __future__ import annotations

import pytest
from histories.mutants import planting
from histories.mutants.table import MUTANTS

QUICK = ("id of the product", "intent logged after the send")
"""Killed in every run of the tests; the nightly run kills them all."""
PARTS = 4


def test_every_mutant_can_be_planted() -> None:
    """Each mutant's text stands in its file exactly once, and its name in the table."""
    lost = {each.name: planting.count(each) for each in MUTANTS if planting.count(each) != 1}
    assert lost == {}
    assert len({each.name for each in MUTANTS}) == len(MUTANTS)
    assert len(MUTANTS) >= 60


@pytest.mark.parametrize("part", range(PARTS))
def test_mutants_die(part: int, request: pytest.FixtureRequest) -> None:
    """Histories on a copy with the mistake break an invariant within 2,000 seeds."""
    nightly = request.config.getoption("--hypothesis-profile") == "nightly"
    chosen = [each for each in MUTANTS if nightly or each.name in QUICK]
    alive = [each.name for each in chosen[part::PARTS] if planting.hunt(each).seed is None]
    assert alive == []

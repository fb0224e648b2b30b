"""The histories see mistakes: every mutant's text still stands, and a mutant dies of a history."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from histories.mutants import planting
from histories.mutants.table import MUTANTS

TESTS = Path(__file__).parents[1]
QUICK = ("id of the product", "intent logged after the send")
"""Killed in every run of the tests; `make mutants` kills them all."""


def test_every_mutant_can_be_planted() -> None:
    """Its text stands in its file exactly once, what it puts there is Python, its name its own."""
    lost = {each.name: planting.count(each) for each in MUTANTS if planting.count(each) != 1}
    assert lost == {}
    for each in MUTANTS:
        # A mistake that nobody could even import is none that a history finds.
        compile(planting.planted(each), each.file, "exec")
    assert len({each.name for each in MUTANTS}) == len(MUTANTS)
    assert len(MUTANTS) >= 60


def test_mutants_die() -> None:
    """Histories of an engine with the mistake in it break an invariant within 2,000 seeds."""
    finished = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", "histories.mutants", *QUICK],
        cwd=TESTS.parent,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr

"""Whole histories hold their invariants; the same seed is the same history in every process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from histories.history import play
from histories.story import told

TESTS = Path(__file__).parents[1]
SEEDS = 200
PARTS = 8
"""Workers share the seeds."""
FOUND = {
    "a sleep with a rest below a nanosecond": 2368,
    "another sleep with such a rest": 3472,
    "the rest of an entry bought back what a stop sold": 6838,
    "a request in its handshake had not heard the venue": 12294,
}
"""Among the first twenty thousand."""


@pytest.mark.parametrize("part", range(PARTS))
def test_histories_hold(part: int) -> None:
    """Whatever fails, on its way, at the venue, on the disk or around us: I1 to I14 hold.

    `make histories` plays twenty thousand, and can be stopped and go on.
    """
    for seed in range(part, SEEDS, PARTS):
        outcome = play(seed)
        assert outcome.broken is None, told(outcome)


@pytest.mark.parametrize("seed", FOUND.values(), ids=FOUND)
def test_what_was_found_once_holds(seed: int) -> None:
    """Each of these was broken, or never ended, before its mend."""
    assert play(seed).broken is None


def test_a_seed_is_one_history_in_every_process() -> None:
    """Another process with another hash seed plays the same bytes, and this one does it twice."""
    code = "from histories.history import play; print(*(play(s).digest for s in (5, 6)))"
    printed = [
        subprocess.run(  # noqa: S603 - our own words
            [sys.executable, "-c", code],
            env={"PYTHONPATH": str(TESTS), "PYTHONHASHSEED": seed},
            cwd=TESTS.parent,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for seed in ("1", "2")
    ]
    assert printed[0] == printed[1] == [play(5).digest, play(6).digest]

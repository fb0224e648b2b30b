"""Days of paper trading with faults: memory stays flat, nothing escapes, the ledger is whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from run.conftest import quotes
from soak.soaking import Soaked, quantile, soak

from engine.adapters.recorded.files.writing import write_recording
from engine.run import RunSettings

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
HOURS = 8 * 24
SEED = 20261123
FLAT_MB_A_DAY = 1.0
"""0.01 was measured (2026-11-23: 101.8 MB at the first midnight, 122.0 from the fourth on)."""


def whole(soaked: Soaked) -> None:
    """What must be true of every soak."""
    assert soaked.failures == 0
    assert soaked.failed_steps == []
    assert soaked.logged_errors == []
    assert soaked.intact
    assert soaked.agrees
    assert soaked.rejudged > 0
    assert soaked.differences_left == 0
    assert soaked.struck
    assert 0 < soaked.cycle_p50_s <= soaked.cycle_p99_s


@pytest.mark.long
def test_a_busy_minute_with_faults(tmp_path: Path) -> None:
    """The same in little: what strikes is met, no step fails, the ledger verifies and re-judges."""
    path = tmp_path / "quotes.csv"
    assert write_recording(path, quotes()) == ()
    settings = RunSettings(ROOT / "policies" / "any_pair", tmp_path / "ledger", (path,))
    soaked = soak(settings, 0, SEED)
    whole(soaked)
    assert soaked.cycles > 60
    assert soaked.records["sent"] > 0


@pytest.mark.nightly
def test_eight_days_with_faults(tmp_path: Path) -> None:
    """Eight virtual days in a process of its own: memory is flat over them."""
    words = [sys.executable, "-m", "soak.soaking", str(HOURS), str(SEED), str(tmp_path)]
    around = {**os.environ, "PYTHONPATH": str(TESTS)}
    ran = subprocess.run(words, env=around, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    slope = told.pop("slope_mb_a_day")
    soaked = Soaked(**told)
    whole(soaked)
    assert soaked.cycles > 11_000
    assert len(soaked.rss_mb) >= 8
    assert slope < FLAT_MB_A_DAY, soaked.rss_mb
    assert set(soaked.struck) >= {"unreachable", "limited", "failure", "outage", "unanswered"}
    assert soaked.records["filled"] > 0


def test_a_quantile_is_read_off_the_page() -> None:
    """As Prometheus works it out: straight lines between the bounds of the buckets."""
    page = "".join(
        f'mandate_cycle_duration_seconds_bucket{{otel_scope_name="x",le="{bound}"}} {count}\n'
        for bound, count in (("0.1", 50.0), ("0.2", 100.0), ("+Inf", 100.0))
    )
    assert quantile(page, 0.5) == pytest.approx(0.1)
    assert quantile(page, 0.75) == pytest.approx(0.15)

"""`policy sweep`: its table, its JSON, and what it says of slips."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[3]
DEMO = ",".join(str(ROOT / f"demo/synthetic_{name}.csv") for name in ("quotes", "bars", "history"))
WORDS = (
    "sweep", str(ROOT / "policies/paper"), "--quotes", DEMO, "--to", "2026-01-05T08:10:00Z",
    "--jobs", "1",
)  # fmt: skip
AXIS = "RiskLimit/max_open_positions:params.max_positions_count=2,many"


@pytest.mark.long
def test_a_table_and_the_same_as_json(tmp_path: Path, policy: Callable) -> None:
    """One row a variant, one that is no set among them; asked again, nothing is worked anew."""
    out = str(tmp_path / "kept")
    told = policy(*WORDS, "--grid", AXIS, "--out", out)
    lines = told.out.splitlines()
    assert told.status == 1
    assert lines[0].split()[:2] == ["variant", "result"]
    assert [line.split()[0] for line in lines[1:3]] == ["2", "many"]
    assert "no set" in lines[2]
    assert lines[3].startswith("2 units, 0 known already; sweep ")
    again = json.loads(policy(*WORDS, "--grid", AXIS, "--out", out, "--format", "json").out)
    assert lines[3].endswith(again["sweep"])
    assert [sorted(unit["values"].values()) for unit in again["units"]] == [["2"], ["many"]]


def test_slips_are_told(policy: Callable) -> None:
    """An axis that is none is a finding with its mend; an unknown format is a misuse."""
    slip = policy(*WORDS, "--grid", "max_open_positions=2")
    assert slip.status == 1
    assert "M830" in slip.err
    assert policy(*WORDS, "--format", "xml").status == 2

"""`policy controls`: the thirty rows as text, as a table, and for a program."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion


@pytest.mark.usefixtures("sample")
def test_the_page_fits_a_terminal(policy: Callable, snapshot: SnapshotAssertion) -> None:
    """Thirty controls in eighty columns, absent parts and waivers named."""
    outcome = policy("controls", "--at", "2026-06-01T00:00:00Z")
    assert (outcome.status, outcome.err) == (0, "")
    page = re.sub(r"^(sample) [0-9a-f]{64}", r"\1 HASH", outcome.out)
    assert max(len(line) for line in page.splitlines()) <= 80
    assert page == snapshot


@pytest.mark.usefixtures("sample")
def test_json_has_a_row_a_control(policy: Callable) -> None:
    """The JSON is a list of thirty rows with id, name, status and evidence."""
    rows = json.loads(policy("controls", "--format", "json").out)
    assert [row["id"] for row in rows] == [f"C{number:02}" for number in range(1, 31)]
    assert {row["status"] for row in rows} <= {"enforced", "process", "absent", "waived"}
    by = [each for row in rows for each in row["by"]]
    assert {tuple(each) for each in by} == {("kind", "name", "says", "shown_by")}


@pytest.mark.usefixtures("sample")
def test_markdown_is_one_table(policy: Callable) -> None:
    """Each row of the table has its four cells, whatever the rules say."""
    lines = policy("controls", "--format", "markdown").out.splitlines()
    assert len(lines) == 32
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {5}


@pytest.mark.usefixtures("sample")
def test_a_time_that_is_none_is_refused(policy: Callable) -> None:
    """`--at` takes an instant in UTC or `now`, and says so."""
    outcome = policy("controls", "--at", "tomorrow")
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith("policy controls: `--at tomorrow`: write `now`")


def test_a_set_that_does_not_load_has_no_controls(sample: Path, policy: Callable) -> None:
    """Findings go to stderr, and nothing is claimed of a broken set."""
    (sample / "breaker.yaml").write_text("kind: CircuitBreaker\n")
    outcome = policy("controls")
    assert (outcome.status, outcome.out) == (1, "")
    assert "breaker.yaml" in outcome.err

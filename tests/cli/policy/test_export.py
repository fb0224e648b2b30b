"""`policy export`: to a terminal or into a file, and only of a set that loads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize("watcher", ["prometheus", "grafana"])
def test_a_file_holds_what_the_terminal_shows(
    sample: Path, policy: Callable, tmp_path: Path, watcher: str
) -> None:
    """Whether piped or written, it is the same file under review."""
    shown = policy("export", watcher, str(sample))
    assert (shown.status, shown.err) == (0, "")
    out = tmp_path / "out"
    written = policy("export", watcher, "--out", str(out))
    assert (written.status, written.out) == (0, f"written {out}\n")
    assert out.read_text(encoding="utf-8") == shown.out
    assert policy("hash", str(sample)).out.strip() in shown.out


@pytest.mark.usefixtures("sample")
def test_a_dashboard_is_json(policy: Callable) -> None:
    """It can be imported as it is, and no two of its panels are one."""
    told = json.loads(policy("export", "grafana").out)
    ids = [each["id"] for each in told["panels"]]
    assert len(ids) == len(set(ids)) > 0
    places = {(each["gridPos"]["x"], each["gridPos"]["y"]) for each in told["panels"]}
    assert len(places) == len(ids)


def test_a_set_that_does_not_load_is_watched_by_nobody(sample: Path, policy: Callable) -> None:
    """Rules about half a set would be silent about the other half."""
    (sample / "deployment.yaml").unlink()
    told = policy("export", "prometheus", str(sample))
    assert (told.status, told.out) == (1, "")
    assert "M" in told.err


@pytest.mark.usefixtures("sample")
def test_a_file_that_cannot_be_written_is_told(policy: Callable, tmp_path: Path) -> None:
    """It is a mistake in what was typed, and no fault of ours."""
    told = policy("export", "grafana", "--out", str(tmp_path / "absent" / "out"))
    assert (told.status, told.out) == (1, "")
    assert "M807" in told.err


def test_nobody_else_watches(policy: Callable) -> None:
    """What it is made for is named where it is not known."""
    told = policy("export", "nagios")
    assert told.status == 2
    assert "prometheus" in told.err

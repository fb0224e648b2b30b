"""The nightly profile reaches every property, those that state a number of examples too."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PROPERTIES = """
from hypothesis import given, settings, strategies as st

counts = {"unstated": settings().max_examples, "stated": 0}

@settings(max_examples=3)
@given(st.integers())
def test_stated(number):
    counts["stated"] += 1

def test_counts():
    print(counts)
"""


def test_nightly_profile(root: Path, tmp_path: Path) -> None:
    """Ten times the examples at night, whether the test states a number or not."""
    (tmp_path / "test_it.py").write_text(PROPERTIES, encoding="utf-8")
    for each in ("conftest.py", "measuring.py", "no_skips.py", "profiles.py"):
        (tmp_path / each).write_bytes((root / "tests" / each).read_bytes())
    options = ["-q", "-s", "-p", "no:cacheprovider", "--hypothesis-profile=nightly"]
    finished = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", "pytest", *options, f"--rootdir={tmp_path}", str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "{'unstated': 500, 'stated': 30}" in finished.stdout
    assert finished.returncode == 0

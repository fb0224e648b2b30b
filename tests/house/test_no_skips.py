"""A run that may not skip fails when it does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
OURS = "import pytest\n\n\ndef test_ours():\n    pytest.skip({0!r})\n"


@pytest.mark.parametrize(
    ("reason", "options", "status"),
    [
        pytest.param("strace is not installed", ["--no-skips"], 1, id="what CI installs"),
        pytest.param("strace is not installed", [], 0, id="on a plain machine"),
        pytest.param("no recorded data there", ["--no-skips"], 0, id="what nobody can install"),
    ],
)
def test_a_skip_is_a_failure_where_all_is_installed(
    reason: str, options: list[str], status: int, tmp_path: Path
) -> None:
    """The run ends with 1 and names the skip; without the option, or excused, it passes."""
    (tmp_path / "test_ours.py").write_text(OURS.format(reason), "utf-8")
    words = ["-p", "no_skips", "-p", "no:cacheprovider", "-c", "/dev/null", "-q", *options]
    ran = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", "pytest", *words, str(tmp_path)],
        env={"PYTHONPATH": str(TESTS), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == status, ran.stdout + ran.stderr
    assert (f"test_ours.py::test_ours: {reason}" in ran.stdout) == bool(status)

"""What the tests of the verbs share: a small set of their own, and the command in this process."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cli.main import run
from cli.policy import POLICY

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLE = Path(__file__).parent / "sample"


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and what it wrote."""

    status: int
    out: str
    err: str


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the sample set in `policies` of a directory that is the current one."""
    shutil.copytree(SAMPLE, tmp_path / "policies")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "policies"


@pytest.fixture
def policy(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """`policy("hash", "policies")`: the real command, in this process."""

    def call(*words: str) -> Outcome:
        status = run(POLICY, words)
        written = capsys.readouterr()
        return Outcome(int(status), written.out, written.err)

    return call

"""Planting: a mutant in a copy of the engine, and histories on the copy until one breaks.

In: a mutant. Out: which seed killed it, by which invariant, and how many histories that took. Our
own sources are never touched.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from histories.mutants.mutant import Mutant

ROOT = Path(__file__).parents[3]
MOST_SEEDS = 2_000
_LONGEST_S = 1_800


@dataclass(frozen=True, slots=True)
class Killed:
    """What became of a mutant: `seed` None means that it lives."""

    mutant: Mutant
    seed: int | None
    histories: int
    by: str


def count(mutant: Mutant) -> int:
    """How often the mutant's text stands in its file."""
    return (ROOT / mutant.file).read_text("utf-8").count(mutant.text)


def hunt(mutant: Mutant, seeds: int = MOST_SEEDS, first: int = 0) -> Killed:
    """Play histories on a copy with the mutant until one breaks."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        shutil.copytree(ROOT / "engine", copy / "engine")
        shutil.copytree(ROOT / "schemas", copy / "schemas")
        _plant(mutant, copy / mutant.file)
        finished = subprocess.run(  # noqa: S603 - our own words
            [sys.executable, "-m", "histories", "hunt", str(first), str(seeds)],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": os.pathsep.join((folder, str(ROOT / "tests")))},
            capture_output=True,
            text=True,
            timeout=_LONGEST_S,
            check=False,
        )
    if finished.returncode:
        # What cannot even begin is dead as well: nobody would run it.
        return Killed(mutant, first, 0, finished.stderr.strip().splitlines()[-1][:100])
    told = json.loads(finished.stdout.splitlines()[-1])
    return Killed(mutant, told["seed"], told["histories"], told["by"])


def _plant(mutant: Mutant, file: Path) -> None:
    text = file.read_text("utf-8")
    if text.count(mutant.text) != 1:
        message = f"the text of mutant `{mutant.name}` does not stand once in {mutant.file}"
        raise ValueError(message)
    file.write_text(text.replace(mutant.text, mutant.instead), "utf-8")

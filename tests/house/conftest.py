"""The project's own sources, read once for all rules."""

from __future__ import annotations

import ast
import subprocess
from dataclasses import dataclass
from pathlib import Path
from shutil import which

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file: its name from the root, its text and its syntax tree."""

    name: str
    text: str
    tree: ast.Module


def _sources(folder: str) -> tuple[Source, ...]:
    found = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found.append(Source(path.relative_to(ROOT).as_posix(), text, ast.parse(text)))
    return tuple(found)


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def engine_sources() -> tuple[Source, ...]:
    """Every module of the engine."""
    return _sources("engine")


@pytest.fixture(scope="session")
def all_sources(engine_sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """Every Python file of the project, tests included."""
    return (*engine_sources, *_sources("cli"), *_sources("tests"))


@pytest.fixture(scope="session")
def tracked_files() -> tuple[Path, ...]:
    """Every text file that git tracks; skips where there is no repository (an unpacked archive)."""
    git = which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("no git, or an unpacked archive: the tracked files cannot be listed")
    listed = subprocess.run(  # noqa: S603 - our own words
        [git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return tuple(path for path in paths if path.is_file() and b"\0" not in path.read_bytes())

"""The guard at the door."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cli.guard import find_stranger

if TYPE_CHECKING:
    from pathlib import Path


def _install(folder: Path, name: str, record: str) -> None:
    info = folder / f"{name}.dist-info"
    info.mkdir()
    (info / "RECORD").write_text(record, encoding="utf-8")
    for line in record.splitlines():
        (folder / line.partition(",")[0]).parent.mkdir(parents=True, exist_ok=True)


@pytest.mark.parametrize(
    ("record", "package"),
    [
        pytest.param("engine/__init__.py,,\n", "engine", id="engine in the first line"),
        pytest.param("a.py,,\ncli/main.py,,\n", "cli", id="cli further down"),
    ],
)
def test_stranger_is_named(tmp_path: Path, record: str, package: str) -> None:
    """Another installed package that ships `engine` or `cli` is named, with the way out."""
    _install(tmp_path, "fast_bot-2.0", record)
    assert find_stranger([str(tmp_path)]) == (
        f"another installed package, `fast-bot`, also provides `{package}`; "
        "install mandate-trader in an environment of its own"
    )


@pytest.mark.parametrize(
    ("name", "record"),
    [
        pytest.param("mandate_trader-0.1.0", "engine/a.py,,\ncli/b.py,,\n", id="it is ourselves"),
        pytest.param("game-1.0", "game/engine/a.py,,\n", id="an engine inside another package"),
        pytest.param("game-1.0", "engineering/a.py,,\n", id="a name that only begins alike"),
        pytest.param("game-1.0", "", id="an empty record"),
    ],
)
def test_no_stranger(tmp_path: Path, name: str, record: str) -> None:
    """Our own record, and names that are merely alike, are nobody else's claim."""
    _install(tmp_path, name, record)
    assert find_stranger([str(tmp_path), str(tmp_path / "absent")]) is None


def test_environment_of_the_tests_is_clean() -> None:
    """The environment that runs the tests holds no other `engine` or `cli`."""
    assert find_stranger() is None

"""The public face of the library."""

from __future__ import annotations

import subprocess
import sys

import pytest

import engine


@pytest.mark.parametrize("name", engine.__all__)
def test_every_public_name_is_there(name: str) -> None:
    """Each name that the package promises can be imported from it."""
    assert getattr(engine, name) is not None


def test_an_unknown_name_is_refused() -> None:
    """A name that is not promised is an AttributeError, as for any module."""
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = engine.nothing


def test_importing_the_package_loads_nothing_else() -> None:
    """Importing `engine` alone costs none of its parts, so that `--help` stays quick."""
    code = "import engine, sys; print(sorted(m for m in sys.modules if m.startswith('engine.')))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter
    assert done.stdout.strip() == "[]"

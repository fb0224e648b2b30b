"""Who runs the process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from engine.adapters.environment import user_name

if TYPE_CHECKING:
    import pytest


def test_the_name_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's user is the one who acts."""
    monkeypatch.setenv("LOGNAME", "ann")
    assert user_name() == "ann"


def test_a_user_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system knows no name, as in a container, the number is one."""

    def nobody() -> str:
        raise KeyError("uid not found")  # noqa: EM101, TRY003 - as getpwuid says it

    monkeypatch.setattr("getpass.getuser", nobody)
    assert user_name() == f"uid {os.getuid()}"

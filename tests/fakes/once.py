"""What all worker processes of a test run need, made once: the first makes it, the others wait."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest


def once(temporary: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name` of this test run, filled by `make` in whichever process asks first.

    A process that dies while making it gives the lock back, and the next one begins anew beside
    what is left; `make` must bear that.
    """
    base = temporary.getbasetemp()
    # Each worker of pytest-xdist has a folder of its own within that of the run.
    common = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = common / name
    with (common / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "MADE").exists():
            folder.mkdir(exist_ok=True)
            make(folder)
            (folder / "MADE").touch()
    return folder

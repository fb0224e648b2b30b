"""How much room is left where a ledger lies."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def free_bytes(path: Path) -> int | None:
    """The bytes that a user may still write there; None where the system does not say."""
    try:
        return shutil.disk_usage(path).free
    except OSError:
        return None

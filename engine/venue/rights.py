"""What a key may do at the venue."""

from __future__ import annotations

from enum import Enum


class Right(Enum):
    """One permission of a key."""

    VIEW = "view"
    TRADE = "trade"
    TRANSFER = "transfer"

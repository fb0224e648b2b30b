"""One request that may do what it asks, as the answers see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.venue.passage import Asked
    from engine.venue.rights import Right


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked, the names in its path, and what its key may do (nothing without one)."""

    asked: Asked
    named: Mapping[str, str]
    rights: frozenset[Right]

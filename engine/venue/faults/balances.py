"""Balances that are behind: an account as an earlier request was told of it.

In: answers of `/accounts`, page by page. Out: the newest that is as old as the lag; the oldest
where none is. Balances have no time of their own, so what was told is remembered.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.model.times import UtcTime
    from engine.venue.passage import Asked, Reply

ACCOUNTS = "/accounts"
_KEPT = 200
_Query = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Balances:
    """What was told, newest last, by the query that asked for it."""

    _told: dict[_Query, deque[tuple[UtcTime, Reply]]] = field(default_factory=dict)

    def note(self, asked: Asked, told: Reply, now: UtcTime) -> None:
        """Remember an answer."""
        self._told.setdefault(asked.query, deque(maxlen=_KEPT)).append((now, told))

    def before(self, asked: Asked, moment: UtcTime) -> Reply:
        """What was told at `moment` or last before it; else the oldest that is known.

        Raises KeyError where nothing was noted yet.
        """
        known = self._told[asked.query]
        older = [reply for time, reply in known if time <= moment]
        return older[-1] if older else known[0][1]

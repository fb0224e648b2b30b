"""Looks at a ledger that grows, for whoever shows it again and again.

In: a `LedgerView`, a clock. Out: a `Look`: the panel, and what went wrong where it could not be
read. After trouble the ledger is read from its beginning: it may be another one by then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.trader_verbs.console.gathering import panel_of
from engine.errors import MandateError
from engine.run.status import StatusFollower

if TYPE_CHECKING:
    from cli.trader_verbs.console.panel import Panel
    from engine.ports import Clock
    from engine.run.ledgers import LedgerView


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found: the panel as last seen, and what there is to say against it."""

    panel: Panel | None
    trouble: str = ""


class Source:
    """One ledger, looked at again and again."""

    def __init__(self, view: LedgerView, clock: Clock) -> None:
        self.view = view
        self._clock = clock
        self._follower = StatusFollower(view)
        self._panel: Panel | None = None
        self._last = 0
        self._news_s = clock.monotonic_s()

    def look(self) -> Look:
        """Read on, and gather what there is to show."""
        try:
            self._panel = self._gathered()
        except MandateError as error:
            self._follower = StatusFollower(self.view)
            return Look(self._panel, "; ".join(each.message for each in error.diagnostics))
        return Look(self._panel)

    def _gathered(self) -> Panel:
        status, now_s = self._follower.now(), self._clock.monotonic_s()
        last = status.last.sequence if status.last else 0
        if last != self._last:
            self._last, self._news_s = last, now_s
        return panel_of(status, self._clock.now(), now_s - self._news_s)

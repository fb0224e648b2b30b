"""What the records of alerts add up to: where each stands, what was told, and what still waits.

In: only the fold writes here. Out: the alerts' part of `State`. A notice waits from the record
that made it until the record of what became of it, over restarts and other sets.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.model.notices import News, Notice
    from engine.model.times import UtcTime

_DEAD_KEPT = 100
"""Dead letters that are kept to be shown; every one is counted, and in the ledger."""

AlertKey = tuple[str, str]
"""A rule, and what it is about: a product, or nothing for the account."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A person has seen it."""

    time: UtcTime
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class AlertState:
    """Where one alert stands: inactive alerts are absent."""

    phase: str
    since: UtcTime
    last_true: UtcTime
    escalated: bool = False
    severity: str = ""
    text: str = ""
    acknowledged: Acknowledged | None = None

    @property
    def fires(self) -> bool:
        """Whether a person has to know."""
        return self.phase == "firing"


@dataclass(frozen=True, slots=True)
class ToldAlert:
    """What was last told of an alert: when, what, and on which routes while it fires."""

    time: UtcTime
    news: News
    since: UtcTime
    severity: str
    text: str
    routes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Silence:
    """A person wants to hear nothing of a rule, or of one product's part of it, for a while."""

    number: int
    rule: str
    key: str
    since: UtcTime
    until: UtcTime
    who: str
    why: str

    def covers(self, alert: AlertKey, now: UtcTime) -> bool:
        """Whether this alert is not told now; without a key it is the whole rule."""
        rule, key = alert
        return rule == self.rule and self.key in {"", key} and self.since <= now < self.until


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A notice that no attempt delivered, since when, and why the last one failed."""

    notice: Notice
    time: UtcTime
    tries: int
    why: str


@dataclass(frozen=True, slots=True)
class RouteTest:
    """What came of the last message or test on a route; `refused` is None where it arrived."""

    time: UtcTime
    refused: str | None


@dataclass(slots=True)
class Telling:
    """What was told, what waits to be, what was not to be, and what never arrived."""

    told: dict[AlertKey, ToldAlert] = field(default_factory=dict)
    waiting: dict[tuple[int, str], Notice] = field(default_factory=dict)
    dead: deque[DeadLetter] = field(default_factory=lambda: deque(maxlen=_DEAD_KEPT))
    dead_count: int = 0
    delivered_count: int = 0
    silences: dict[int, Silence] = field(default_factory=dict)
    tests: dict[str, RouteTest] = field(default_factory=dict)
    summarised: UtcTime | None = None
    next_notice: int = 1
    next_silence: int = 1

    def silenced(self, alert: AlertKey, now: UtcTime) -> Silence | None:
        """The silence that covers an alert now."""
        return next((each for each in self.silences.values() if each.covers(alert, now)), None)

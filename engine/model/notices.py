"""What a person is told of an alert: one notice, for one route.

In: an alert that began, went on too long, or ended. Out: values that the ledger keeps until a
route took them, and that the adapters put into words.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.model.times import UtcTime


class News(Enum):
    """What happened to the alert; what is only told is about none."""

    FIRING = "firing"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    TEST = "test"
    ASKED = "asked"
    EXECUTED = "executed"
    TOLD = "told"

    @property
    def over(self) -> bool:
        """Whether nothing is left to be done about it."""
        return self is News.RESOLVED


@dataclass(frozen=True, slots=True)
class Notice:
    """One piece of news for one route; `number` is the ledger's, and `key` what it is about.

    `since` is when the alert began to fire, `time` when the news was recorded.
    """

    number: int
    route: str
    news: News
    rule: str
    key: str
    severity: str
    text: str
    since: UtcTime
    time: UtcTime

    @property
    def name(self) -> str:
        """`daily_stop_hit`, or `data_stale:BTC-USD` where it is about one product."""
        return f"{self.rule}:{self.key}" if self.key else self.rule


@dataclass(frozen=True, slots=True)
class Sender:
    """Who tells: an account in a mode, under a policy set."""

    account: str
    mode: str
    policy_set_name: str
    policy_set: str

"""What this process knows of its comparisons: when the next scan is due, what has not settled yet.

In: moments and differences. Out: which of them count. It lives with the desk and not in the
ledger: a process that begins scans first and lets everything settle anew, which takes longer and
overlooks nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from decimal import Decimal

    from engine.model.account import Transfer
    from engine.model.times import UtcTime


@dataclass(frozen=True, slots=True)
class Proposal:
    """A difference that the venue's own transfers explain; a person has to confirm it.

    `asked` is when the venue was asked. Without transfers it was asked, and knew of none.
    """

    amount: Decimal
    transfers: tuple[Transfer, ...]
    asked: UtcTime


@dataclass(slots=True)
class Comparing:
    """`scanned` is when this process last read all orders; `orders` what they differ in, by id.

    `covered` is the last scan that the ledger is to know of: the one at a start is of this process
    alone, so that a run that was interrupted leaves the records of one that was not.

    `since` says from when on something differs, `settling` what has not done so for long enough;
    `proposals` are flows that wait, by currency; `told` is what the venue last said it holds.
    """

    scanned: UtcTime | None = None
    covered: UtcTime | None = None
    orders: dict[str, str] = field(default_factory=dict)
    since: dict[str, UtcTime] = field(default_factory=dict)
    settling: frozenset[str] = frozenset()
    proposals: dict[str, Proposal] = field(default_factory=dict)
    told: dict[str, Decimal] = field(default_factory=dict)

    def scan_due(self, recorded: UtcTime | None, now: UtcTime, every_s: int) -> bool:
        """Whether all orders are to be read now: at the start, and so long after the last time."""
        return self.scanned is None or _due(recorded, now, every_s)

    def note_scan(self, recorded: UtcTime | None, now: UtcTime, every_s: int) -> None:
        """All orders were read; `recorded` is the last scan that the ledger knows of."""
        self.scanned = now
        if _due(recorded, now, every_s):
            self.covered = now

    def settle(self, different: Collection[str], now: UtcTime, within_s: float) -> None:
        """Take in what differs now; what agrees again begins anew when it differs again."""
        self.since = {name: self.since.get(name, now) for name in different}
        young = (name for name, since in self.since.items() if now.since_s(since) < within_s)
        self.settling = frozenset(young)
        self.proposals = {name: p for name, p in self.proposals.items() if name in different}


def _due(recorded: UtcTime | None, now: UtcTime, every_s: int) -> bool:
    return recorded is None or now.since_s(recorded) >= every_s

"""What came of judging again: flips by direction, the money that they are about, the first.

In: one decision after the other, or what came of parts of a ledger, in the order of its records.
Out: `Rejudged`. Parts put together are what one pass over all of them would have counted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from engine.model.numbers import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from engine.cycle.records.story import DecisionRecord
    from engine.model.decisions import Decision


class Turn(Enum):
    """How a decision came out otherwise; `looser` says that more may leave than did."""

    ALLOWED = "allowed"
    LARGER = "larger"
    SMALLER = "smaller"
    DENIED = "denied"

    @property
    def looser(self) -> bool:
        """Whether the candidate lets more leave."""
        return self in {Turn.ALLOWED, Turn.LARGER}


@dataclass(frozen=True, slots=True)
class Flip:
    """One decision that comes out otherwise; `notional` is the difference in the numeraire.

    None where nobody stated what the quote currency was worth.
    """

    recorded: DecisionRecord
    judged: Decision
    turn: Turn
    notional: Decimal | None


@dataclass(frozen=True, slots=True)
class Total:
    """How many decisions turned in one way, and the money that they are about."""

    count: int = 0
    notional: Decimal = ZERO

    def __add__(self, other: Total) -> Total:
        return Total(self.count + other.count, self.notional + other.notional)


@dataclass(slots=True)
class Rejudged:
    """What came of it; `first` is the earliest flip, `by` counts the reasons of the new denials.

    `untold` counts the decisions that turn on each fact that was not recorded.
    """

    candidate: str
    decisions: int = 0
    sets: set[str] = field(default_factory=set)
    turns: dict[Turn, Total] = field(default_factory=dict)
    by: Counter[str] = field(default_factory=Counter)
    untold: Counter[str] = field(default_factory=Counter)
    doubtful: int = 0
    first: Flip | None = None

    @property
    def flips(self) -> int:
        """How many come out otherwise."""
        return sum(each.count for each in self.turns.values())

    def take(self, turn: Turn, notional: Decimal | None, rules: Iterable[str]) -> None:
        """Count a flip, and once each what it turns on."""
        self._add(turn, Total(1, notional or ZERO))
        self.by.update(dict.fromkeys(rules, 1))

    def extend(self, later: Rejudged) -> None:
        """Count what came of the records that follow."""
        self.decisions += later.decisions
        self.sets |= later.sets
        for turn, total in later.turns.items():
            self._add(turn, total)
        self.by.update(later.by)
        self.untold.update(later.untold)
        self.doubtful += later.doubtful
        self.first = self.first or later.first

    def _add(self, turn: Turn, total: Total) -> None:
        self.turns[turn] = self.turns.get(turn, Total()) + total

"""An order that a person is asked about: what it is, until when, and what he said.

In: what the judge would allow. Out: `Ask`, a frozen value that the ledger keeps. Refuses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.model.orders import Intent
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime


class Answer(Enum):
    """What came of asking; silence is a no that nobody spoke."""

    YES = "yes"
    NO = "no"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Answered:
    """What was said, by whom, why; a no holds until `holds_until`, a yes as long as its ask."""

    answer: Answer
    time: UtcTime
    who: str
    why: str
    holds_until: UtcTime


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: may so much of a product be bought, no dearer than this, under this set?

    `orders` are the intents that a yes has let go: one, and those that went on with what was left
    of it.
    """

    number: int
    symbol: Symbol
    intent: Intent
    strategy: str
    reason: str
    quantity: Decimal
    worst_price: Decimal
    policy_set: str
    since: UtcTime
    until: UtcTime
    answered: Answered | None = None
    orders: tuple[int, ...] = ()

    @property
    def open(self) -> bool:
        """Whether nobody has said anything yet."""
        return self.answered is None

    @property
    def agreed(self) -> bool:
        """Whether a person said yes."""
        return self.answered is not None and self.answered.answer is Answer.YES

    @property
    def over(self) -> UtcTime:
        """From when on it means nothing any more, once it is answered."""
        return self.until if self.answered is None else self.answered.holds_until

    @property
    def most(self) -> Decimal:
        """What it may cost at worst, in the quote currency, fees apart."""
        return self.quantity * self.worst_price

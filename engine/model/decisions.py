"""What the judge answers: a verdict with every rule's evaluation and a closed list of reasons.

*Denied* is ours; *rejected* is the venue's word and does not occur here. A reason is a code and
`name=value` pairs, so that it can be counted, compared and told.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from decimal import Decimal


Told = float | str | bool | None
"""A value as a decision tells it."""


class Verdict(Enum):
    """May the order leave, and if so as asked or smaller."""

    ALLOW = "allow"
    RESIZE = "resize"
    DENY = "deny"

    @property
    def allowed(self) -> bool:
        """Whether an order leaves."""
        return self is not Verdict.DENY


class Outcome(Enum):
    """One rule's answer about one order."""

    PASS = "pass"  # noqa: S105 - the verdict's word, no password
    BREACH = "breach"
    UNDECIDED = "undecided"


class ReasonCode(Enum):
    """Why an order was denied, or nothing was proposed: a closed list."""

    HALTED = "HALTED"
    REDUCING = "REDUCING"
    BREAKER_TRIPPED = "BREAKER_TRIPPED"
    BREAKER_UNDECIDED = "BREAKER_UNDECIDED"
    LEDGER_NOT_DURABLE = "LEDGER_NOT_DURABLE"
    LEDGER_BEHIND = "LEDGER_BEHIND"
    KEY_REFUSED = "KEY_REFUSED"
    ACCOUNT_UNREAD = "ACCOUNT_UNREAD"
    PRODUCT_UNCONFIRMED = "PRODUCT_UNCONFIRMED"
    PRODUCT_UNKNOWN = "PRODUCT_UNKNOWN"
    PRODUCT_NOT_TRADABLE = "PRODUCT_NOT_TRADABLE"
    LIMIT_BREACHED = "LIMIT_BREACHED"
    LIMIT_UNDECIDED = "LIMIT_UNDECIDED"
    GUARD_BREACHED = "GUARD_BREACHED"
    GUARD_UNDECIDED = "GUARD_UNDECIDED"
    NOTHING_LEFT = "NOTHING_LEFT"
    BELOW_VENUE_MINIMUM = "BELOW_VENUE_MINIMUM"
    EXIT_BELOW_MINIMUM = "EXIT_BELOW_MINIMUM"
    NOTHING_TO_SELL = "NOTHING_TO_SELL"
    NO_PRICE = "NO_PRICE"
    NO_RATE = "NO_RATE"
    NO_EQUITY = "NO_EQUITY"
    NOT_IN_UNIVERSE = "NOT_IN_UNIVERSE"
    UNIVERSE_UNDECIDED = "UNIVERSE_UNDECIDED"
    EXCLUDED = "EXCLUDED"
    NO_STRATEGY = "NO_STRATEGY"
    NO_SIGNAL = "NO_SIGNAL"
    SIGNAL_UNDECIDED = "SIGNAL_UNDECIDED"
    LOW_CONVICTION = "LOW_CONVICTION"
    NOT_PROPOSED = "NOT_PROPOSED"
    STRATEGY_FAILED = "STRATEGY_FAILED"
    ALREADY_HELD = "ALREADY_HELD"
    ORDER_WORKING = "ORDER_WORKING"
    MAINTENANCE = "MAINTENANCE"
    LIQUIDATING = "LIQUIDATING"
    WIRE_GATE = "WIRE_GATE"
    NOT_AGREED = "NOT_AGREED"


@dataclass(frozen=True, slots=True)
class Reason:
    """A code and its values, in a fixed order."""

    code: ReasonCode
    values: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return " ".join((self.code.value, *(f"{name}={value}" for name, value in self.values)))


class Comparison(NamedTuple):
    """One comparison inside a rule: `left op right`; headroom is what is left before a breach.

    Headroom is right - left for `<` and `<=`, left - right for `>` and `>=`, in the fact's unit;
    None where a side is undecided or has no order. A named tuple, as `Evaluation` is: a decision
    makes a hundred of the two, and a frozen dataclass takes four times as long to make.
    """

    left: Told
    op: str
    right: Told
    headroom: float | None


class Evaluation(NamedTuple):
    """One rule's answer, with the numbers that it compared and the facts that it missed."""

    rule: str
    group: str | None
    stage: str
    outcome: Outcome
    comparisons: tuple[Comparison, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """The judge's answer about one intent; `quantity` is approved base units (0 when denied)."""

    verdict: Verdict
    asked: Decimal
    quantity: Decimal
    reasons: tuple[Reason, ...]
    resized_by: tuple[str, ...]
    evaluations: tuple[Evaluation, ...]

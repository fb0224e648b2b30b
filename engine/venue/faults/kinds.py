"""The closed set of what may go wrong with one request, and what each of them needs to be told.

In: nothing. Out: `FaultKind`, `Fault`, and the parameters that belong to each kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

Span = tuple[float, float]
"""The least and the most of something that chance decides."""


class FaultKind(Enum):
    """What goes wrong."""

    REQUEST_LOST = "request_lost"  # never arrives, and is never answered
    RESPONSE_LOST = "response_lost"  # arrives, and is never answered
    LATE_ARRIVAL = "late_arrival"  # arrives after the connection has ended
    DUPLICATE_DELIVERY = "duplicate_delivery"  # arrives twice, and is answered once
    STATUS = "status"  # answered with a status of trouble, before or after its effect
    SUCCESS_FALSE = "success_false"  # answered with 200 and a refusal, before or after its effect
    OTHER_ORDER = "other_order"  # answered with the id of another order that exists
    GARBAGE_BODY = "garbage_body"  # takes effect; the answer is no JSON
    TRUNCATED_BODY = "truncated_body"  # takes effect; the answer's JSON ends in the middle
    HTML_BODY = "html_body"  # takes effect; the answer is a web page
    CUT_OFF = "cut_off"  # takes effect; the connection ends in the middle of the answer
    SLOW_DRIP = "slow_drip"  # takes effect; the answer comes a few bytes at a time
    LIST_LAG = "list_lag"  # a list does not show what is new yet; balances are those of before
    PAGE_REORDERED = "page_reordered"  # the entries of a page in another order
    PAGE_REPEATED = "page_repeated"  # the entries of a page twice
    PAGE_MISSING = "page_missing"  # a page without its entries, its cursor in place
    PRODUCT_HALTED = "product_halted"  # a product cannot be traded for some time
    PRECISION_CHANGED = "precision_changed"  # a product's increments are ten times as coarse


class Effect(Enum):
    """Whether the venue acts on a request that it then does not answer as it should."""

    BEFORE = "before"  # the trouble comes before the effect: nothing happens
    AFTER = "after"  # the effect is there all the same


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong. Seconds are real time; None means that the kind has no such part.

    `hold_s` is how long a connection stays silent before it is closed: 0 resets it at once.
    """

    kind: FaultKind
    hold_s: float = 0.0
    delay_s: float = 0.0
    lag_s: float = 0.0
    lasts_s: float = 0.0
    status: int = 0
    effect: Effect = Effect.BEFORE
    retry_after_s: int | None = None
    reset_s: int | None = None
    word: str = ""
    product: str = ""

    @property
    def delivered(self) -> bool:
        """Whether the venue acts on the request before the answer is spoilt."""
        if self.kind in {FaultKind.STATUS, FaultKind.SUCCESS_FALSE}:
            return self.effect is Effect.AFTER
        return self.kind not in _UNDELIVERED


_UNDELIVERED = frozenset({FaultKind.REQUEST_LOST, FaultKind.LATE_ARRIVAL, FaultKind.OTHER_ORDER})

STATUSES = (400, 401, 403, 404, 429, 500, 502, 503, 504)
"""The statuses of trouble that the plan may ask for."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The parameters that a kind must be given, and those that it may be given."""

    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()


def _parts(*required: str, may: tuple[str, ...] = ()) -> Parts:
    return Parts(frozenset(required), frozenset(may))


PARTS: dict[FaultKind, Parts] = {
    FaultKind.REQUEST_LOST: _parts(may=("hold_s",)),
    FaultKind.RESPONSE_LOST: _parts(may=("hold_s",)),
    FaultKind.LATE_ARRIVAL: _parts("delay_s", may=("hold_s",)),
    FaultKind.DUPLICATE_DELIVERY: _parts(may=("delay_s",)),
    FaultKind.STATUS: _parts("status", "effect", may=("retry_after_s", "reset_s")),
    FaultKind.SUCCESS_FALSE: _parts("word", "effect"),
    FaultKind.OTHER_ORDER: _parts(),
    FaultKind.GARBAGE_BODY: _parts(),
    FaultKind.TRUNCATED_BODY: _parts(),
    FaultKind.HTML_BODY: _parts(),
    FaultKind.CUT_OFF: _parts(),
    FaultKind.SLOW_DRIP: _parts("delay_s"),
    FaultKind.LIST_LAG: _parts("lag_s"),
    FaultKind.PAGE_REORDERED: _parts(),
    FaultKind.PAGE_REPEATED: _parts(),
    FaultKind.PAGE_MISSING: _parts(),
    FaultKind.PRODUCT_HALTED: _parts("lasts_s", may=("product",)),
    FaultKind.PRECISION_CHANGED: _parts("lasts_s", may=("product",)),
}

"""The probe of repeated order ids: an order that cannot hurt, and what the venue did with it.

A `ProbeOrder` is not an `ApprovedOrder`, and no exchange takes it. Its side, form, size and price
are no fields: they follow from the product, the bid and the terms of the policy, so nobody can
build one that buys at the market, sells, or is large. Refuses (ValueError) terms under which the
venue's own minimums would be too much.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from engine.model.numbers import ceil_to, floor_to

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.model.market import Product
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime

PARTS = ("same", "other_size", "after_cancel")
"""What is repeated: the order as it was, with another size, and after it was cancelled."""


class Repeated(Enum):
    """What the venue did with a client order id that it had seen before."""

    RETURNS_OLD = "returns_old"
    REJECTS = "rejects"
    CREATES_SECOND = "creates_second"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class ProbeTerms:
    """What a policy allows of a probe: its value, its distance from the market, its life."""

    max_notional: Decimal
    below_bid_pct: Decimal
    time_to_live_s: int


@dataclass(frozen=True, slots=True)
class ProbeOrder:
    """A post-only buy of the smallest size, far below the bid, that ends by itself at `expires`.

    `steps` makes it larger by so many increments: the same order with another size.
    """

    product: Product
    bid: Decimal
    terms: ProbeTerms
    expires: UtcTime
    steps: int = 0

    def __post_init__(self) -> None:
        if not self.bid > 0 or not 0 < self.terms.below_bid_pct < 100 or self.steps < 0:  # noqa: PLR2004 - of a hundred
            message = "a probe lies below a bid that is there"
            raise ValueError(message)
        if self.limit_price <= 0 or self.quantity * self.limit_price > self.terms.max_notional:
            message = (
                f"the smallest order in {self.symbol} is {self.quantity} at {self.limit_price}, "
                f"and a probe may be worth {self.terms.max_notional} at most"
            )
            raise ValueError(message)

    @property
    def symbol(self) -> Symbol:
        """The product."""
        return self.product.symbol

    @property
    def limit_price(self) -> Decimal:
        """As far below the bid as the terms say, on the grid."""
        far = self.bid * (100 - self.terms.below_bid_pct) / 100
        return floor_to(far, self.product.price_increment)

    @property
    def quantity(self) -> Decimal:
        """The least that the venue takes at that price, and `steps` increments more."""
        grid = self.product.base_increment
        worth = self.product.quote_min_size / self.limit_price if self.limit_price > 0 else grid
        least = max(self.product.base_min_size, worth)
        return ceil_to(least, grid) + self.steps * grid


@dataclass(frozen=True, slots=True)
class ProbeFindings:
    """What came of it; `list_lag_s` None where the list never showed the first order.

    `plain_id` says whether an id that is no UUID was taken, `left` are orders that are still open.
    """

    same: Repeated
    other_size: Repeated
    after_cancel: Repeated
    plain_id: bool | None
    list_lag_s: float | None
    left: tuple[str, ...] = ()

    @property
    def returns_old(self) -> bool:
        """Whether a repeated id never made a second order: only then may a person send again."""
        told = (self.same, self.other_size, self.after_cancel)
        return all(each is Repeated.RETURNS_OLD for each in told)

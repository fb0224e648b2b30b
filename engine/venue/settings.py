"""What a venue is told: what it lists, what the account begins with, its fees and rules.

In: values. Out: `VenueSettings`. Refuses nothing here: `Venue` collects what is wrong with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.adapters.paper import DuplicateIds, PaperFees

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.venue.listing import Listing

FEES = PaperFees(maker_bps=Decimal(60), taker_bps=Decimal(120))
"""The lowest tier as the venue published it in 2026: 0.6 % for who rests, 1.2 % for who takes."""

PORTFOLIO_ID = "5f1c1a52-7d2e-4d0b-9c55-6b1f0d0c0a01"


@dataclass(frozen=True, slots=True)
class VenueSettings:
    """One account at a venue of our own.

    `cash` is what the account begins with, by currency, coins included. A quote or book older
    than `shown_for_s` shows nothing: a market that stopped must not go on filling orders.
    """

    listings: tuple[Listing, ...]
    cash: Mapping[str, Decimal]
    fees: PaperFees = FEES
    duplicate_ids: DuplicateIds = DuplicateIds.RETURNS_OLD
    shown_for_s: float = 300.0
    portfolio_id: str = PORTFOLIO_ID

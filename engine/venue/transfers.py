"""Money that comes and goes: deposits and withdrawals, as a reconciling trader has to find them.

In: a currency and units, negative for a withdrawal. Out: `Transfer`. Refuses nothing here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.model.times import UtcTime


@dataclass(frozen=True, slots=True)
class Transfer:
    """Units of one currency that came from outside, or left (negative)."""

    transfer_id: str
    currency: str
    units: Decimal
    time: UtcTime

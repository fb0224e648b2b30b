"""What a venue says of the account itself: what its key may do, what trading costs, what moved.

Frozen values; amounts are units of a currency, fees basis points of notional.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.model.times import UtcTime


@dataclass(frozen=True, slots=True)
class KeyPermissions:
    """What the key in use may do; `portfolio_id` is where, None where the venue has no portfolios.

    A key that can transfer can empty the account, whatever a policy says.
    """

    can_view: bool
    can_trade: bool
    can_transfer: bool
    portfolio_id: str | None = None


@dataclass(frozen=True, slots=True)
class FeeRates:
    """What the venue takes of each notional at the account's present tier."""

    maker_bps: Decimal
    taker_bps: Decimal


@dataclass(frozen=True, slots=True)
class Transfer:
    """A movement of units that is no execution of an order, as the venue tells it.

    `amount` is above 0 for what came in; `what` is the venue's own word, such as `fiat_deposit`.
    """

    transfer_id: str
    currency: str
    amount: Decimal
    time: UtcTime
    what: str

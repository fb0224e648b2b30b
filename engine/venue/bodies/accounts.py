"""The account in the venue's words: balances, fees, permissions, the time.

In: values of the venue. Out: the fields of `/accounts`, `/transaction_summary`,
`/key_permissions`, `/time`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.paper.money import exactly
from engine.model.numbers import ZERO
from engine.model.times import NS_PER_S
from engine.venue.bodies.words import Fields, amount, number
from engine.venue.rights import Right

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.adapters.paper import PaperFees
    from engine.model.times import UtcTime
    from engine.venue.orders import Balance, Execution

_FIAT = frozenset({"USD", "EUR", "GBP"})
_OPENED = "2023-01-01T00:00:00Z"


def account_fields(balance: Balance, uuid: str, portfolio_id: str) -> Fields:
    """One entry of `/accounts`."""
    fiat = balance.currency in _FIAT
    return {
        "uuid": uuid,
        "name": f"{balance.currency} Wallet",
        "currency": balance.currency,
        "available_balance": amount(balance.available, balance.currency),
        "default": True,
        "active": True,
        "created_at": _OPENED,
        "updated_at": _OPENED,
        "deleted_at": None,
        "type": "ACCOUNT_TYPE_FIAT" if fiat else "ACCOUNT_TYPE_CRYPTO",
        "ready": True,
        "hold": amount(balance.held, balance.currency),
        "retail_portfolio_id": portfolio_id,
        "platform": "ACCOUNT_PLATFORM_CONSUMER",
    }


def summary_fields(fees: PaperFees, executions: Sequence[Execution]) -> Fields:
    """`/transaction_summary`: the tier that the account pays, and what it traded."""
    with exactly():
        volume = sum((each.size * each.price for each in executions), ZERO)
        paid = sum((each.fee for each in executions), ZERO)
        maker, taker = fees.maker_bps.scaleb(-4), fees.taker_bps.scaleb(-4)
    return {
        "total_volume": number(volume),
        "total_fees": number(paid),
        "fee_tier": {
            "pricing_tier": "Advanced 1",
            "usd_from": "0",
            "usd_to": "1000",
            "taker_fee_rate": number(taker),
            "maker_fee_rate": number(maker),
            "aop_from": "",
            "aop_to": "",
        },
        "margin_rate": None,
        "goods_and_services_tax": None,
        "advanced_trade_only_volume": number(volume),
        "advanced_trade_only_fees": number(paid),
        "coinbase_pro_volume": "0",
        "coinbase_pro_fees": "0",
        "total_balance": "",
    }


def time_fields(now: UtcTime) -> Fields:
    """`/time`."""
    return {
        "iso": str(now),
        "epochSeconds": str(now.ns // NS_PER_S),
        "epochMillis": str(now.ns // 1_000_000),
    }


def permission_fields(rights: frozenset[Right], portfolio_id: str) -> Fields:
    """`/key_permissions`."""
    return {
        "can_view": Right.VIEW in rights,
        "can_trade": Right.TRADE in rights,
        "can_transfer": Right.TRANSFER in rights,
        "portfolio_uuid": portfolio_id,
        "portfolio_type": "DEFAULT",
    }

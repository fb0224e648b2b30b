"""Values in the words of the older interface.

In: balances, transfers, executions, currency names. Out: the entries of `data` under `/v2/…`. An
amount that leaves is negative, as there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.paper.money import exactly
from engine.model.orders import Side
from engine.model.times import NS_PER_S
from engine.venue.bodies.words import Fields, moment, number

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.model.times import UtcTime
    from engine.venue.orders import Balance, Execution
    from engine.venue.transfers import Transfer

FIAT = frozenset({"USD", "EUR", "GBP"})
_OPENED = "2023-01-01T00:00:00Z"


def time_fields(now: UtcTime) -> Fields:
    """`/v2/time`."""
    return {"iso": str(now), "epoch": now.ns // NS_PER_S}


def fiat_fields(code: str) -> Fields:
    """One currency of a state."""
    return {"id": code, "name": code, "min_size": "0.01"}


def crypto_fields(code: str, asset_id: str, at: int) -> Fields:
    """One other currency."""
    return {
        "asset_id": asset_id,
        "code": code,
        "name": code,
        "color": "#808080",
        "sort_index": at,
        "exponent": 8,
        "type": "crypto",
        "address_regex": "",
    }


def account_fields(balance: Balance, identity: str) -> Fields:
    """One account."""
    fiat = balance.currency in FIAT
    return {
        "id": identity,
        "name": f"{balance.currency} Wallet",
        "primary": False,
        "type": "fiat" if fiat else "wallet",
        "currency": {
            "code": balance.currency,
            "name": balance.currency,
            "type": "fiat" if fiat else "crypto",
            "exponent": 2 if fiat else 8,
        },
        "balance": {"amount": number(balance.available), "currency": balance.currency},
        "created_at": _OPENED,
        "updated_at": _OPENED,
        "resource": "account",
        "resource_path": f"/v2/accounts/{identity}",
        "allow_deposits": True,
        "allow_withdrawals": True,
    }


def transfer_fields(transfer: Transfer) -> Fields:
    """A deposit or a withdrawal."""
    kind = "deposit" if transfer.units > 0 else "withdrawal"
    fiat = transfer.currency in FIAT
    word = f"fiat_{kind}" if fiat else ("receive" if transfer.units > 0 else "send")
    return _move(transfer.transfer_id, word, transfer.units, transfer.currency, transfer.time)


def execution_fields(execution: Execution, currency: str, identity: str) -> Fields:
    """One currency's part of an execution."""
    bought = execution.side is Side.BUY
    with exactly():
        notional = execution.size * execution.price
        if currency == execution.symbol.base:
            units = execution.size if bought else -execution.size
        else:
            units = -notional - execution.fee if bought else notional - execution.fee
    fields = _move(identity, "advanced_trade_fill", units, currency, execution.time)
    told: Fields = {
        "fill_price": number(execution.price),
        "product_id": str(execution.symbol),
        "order_id": execution.order_id,
        "commission": number(execution.fee),
        "order_side": execution.side.value.lower(),
    }
    return {**fields, "advanced_trade_fill": told}


def _move(identity: str, word: str, units: Decimal, currency: str, time: UtcTime) -> Fields:
    return {
        "id": identity,
        "type": word,
        "status": "completed",
        "amount": {"amount": number(units), "currency": currency},
        "native_amount": {"amount": number(units), "currency": currency},
        "description": None,
        "created_at": moment(time),
        "updated_at": moment(time),
        "resource": "transaction",
    }

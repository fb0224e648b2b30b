"""The account in the venue's words: what is held, what moved, what the key may do, what it costs.

In: the REST interface. Out: values of our model. Raises `VenueError`. Whether a key can transfer
must be said: a missing word is no permission to go on. Movements come from the older interface
(`/v2/accounts/{id}/transactions`), the only one that lists them; executions are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.coinbase import wire
from engine.adapters.coinbase.rest import reading
from engine.model.account import FeeRates, KeyPermissions, Transfer
from engine.model.numbers import ZERO
from engine.ports import VenueError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from decimal import Decimal

    from engine.adapters.coinbase.rest import Rest
    from engine.adapters.coinbase.wire import Wire
    from engine.model.times import UtcTime

_PAGE = "250"
_MOVES_PAGE = "100"
_MOST_PAGES = 100
_BPS = 10_000
_EXECUTION = "advanced_trade_fill"
_DONE = "completed"


async def balances(rest: Rest) -> dict[str, Decimal]:
    """Units held by currency, what working orders hold included."""
    held: dict[str, Decimal] = {}
    async for fields in _accounts(rest):
        with reading():
            currency = wire.text(fields, "currency")
            held[currency] = held.get(currency, ZERO) + _units(fields)
    return {currency: units for currency, units in held.items() if units}


def _accounts(rest: Rest) -> AsyncIterator[dict[str, Wire]]:
    return rest.pages("/accounts", "accounts", (("limit", _PAGE),))


def _units(fields: dict[str, Wire]) -> Decimal:
    """What an account holds: available, and held for working orders."""
    parts = (wire.part(fields, key) for key in ("available_balance", "hold") if fields.get(key))
    return sum((wire.optional_number(each, "value") or ZERO for each in parts), ZERO)


async def transfers(rest: Rest, currency: str, since: UtcTime) -> Sequence[Transfer]:
    """Every finished movement of one currency since then that is no execution, oldest first."""
    found: dict[str, Transfer] = {}
    async for fields in _accounts(rest):
        with reading():
            ours = wire.text(fields, "currency") == currency
            account = wire.text(fields, "uuid") if ours else ""
        if ours:
            found |= {each.transfer_id: each for each in await _moves(rest, account, since)}
    return sorted(found.values(), key=lambda each: (each.time, each.transfer_id))


async def _moves(rest: Rest, account: str, since: UtcTime) -> list[Transfer]:
    """The movements of one account, read from the newest back to the first that is too old."""
    found: list[Transfer] = []
    after = ""
    for _ in range(_MOST_PAGES):
        query = (("limit", _MOVES_PAGE), ("order", "desc"))
        asked = (*query, ("starting_after", after)) if after else query
        fields = await rest.get_v2(f"/accounts/{account}/transactions", asked)
        with reading():
            page = wire.objects(fields, "data")
            more = wire.optional_text(wire.part(fields, "pagination"), "next_uri")
            moves = [_transfer(each) for each in page]
            last = wire.text(page[-1], "id") if page else ""
            done = [wire.optional_text(each, "status") == _DONE for each in page]
        finished = (each for each, over in zip(moves, done, strict=True) if over)
        found += [each for each in finished if each.time >= since and each.what != _EXECUTION]
        if not page or not more or moves[-1].time < since:
            return found
        if last == after:
            break
        after = last
    message = "the pages of an account's movements have no end"
    raise VenueError(message)


def _transfer(fields: dict[str, Wire]) -> Transfer:
    amount = wire.part(fields, "amount")
    return Transfer(
        transfer_id=wire.text(fields, "id"),
        currency=wire.text(amount, "currency"),
        amount=wire.number(amount, "amount"),
        time=wire.moment(fields, "created_at"),
        what=wire.text(fields, "type"),
    )


async def key_permissions(rest: Rest) -> KeyPermissions:
    """What the key in use may do."""
    fields = await rest.get("/key_permissions")
    with reading():
        view, trade, transfer = (
            _stated(fields, key) for key in ("can_view", "can_trade", "can_transfer")
        )
        portfolio = wire.optional_text(fields, "portfolio_uuid")
    return KeyPermissions(view, trade, transfer, portfolio or None)


def _stated(fields: dict[str, Wire], key: str) -> bool:
    if fields.get(key) is None:
        message = f"`{key}` is not said"
        raise wire.WireError(message)
    return wire.flag(fields, key)


async def fee_rates(rest: Rest) -> FeeRates:
    """What the present tier takes, in basis points."""
    fields = await rest.get("/transaction_summary")
    with reading():
        tier = wire.part(fields, "fee_tier")
        rates = [wire.number(tier, key) * _BPS for key in ("maker_fee_rate", "taker_fee_rate")]
    return FeeRates(*rates)

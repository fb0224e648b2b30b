"""The older interface (`/v2/…`), as far as clients of the newer one still ask it.

In: requests. Out: the time, currencies, accounts, and what moved them: transfers and executions,
newest first, in pages that name the next one. ccxt reads times, currencies and accounts here, and
whoever reconciles finds deposits and withdrawals nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.venue.bodies.older import (
    FIAT,
    account_fields,
    crypto_fields,
    execution_fields,
    fiat_fields,
    time_fields,
    transfer_fields,
)
from engine.venue.bodies.words import BAD, NOT_FOUND, reply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.model.times import UtcTime
    from engine.venue.bodies.words import Fields
    from engine.venue.endpoints.call import Call
    from engine.venue.orders import Balance
    from engine.venue.passage import Reply
    from engine.venue.venue import Venue

_PAGE, _MOST = 25, 300


async def server_time(venue: Venue, _: Call) -> Reply:
    """`GET /v2/time`."""
    venue.refresh()
    return reply({"data": time_fields(venue.fate.now)})


async def currencies(venue: Venue, _: Call) -> Reply:
    """`GET /v2/currencies`: those that a state issues."""
    return reply({"data": [fiat_fields(each) for each in _listed(venue) if each in FIAT]})


async def cryptos(venue: Venue, _: Call) -> Reply:
    """`GET /v2/currencies/crypto`: the others."""
    found = [each for each in _listed(venue) if each not in FIAT]
    return reply(
        {
            "data": [
                crypto_fields(each, venue.identity("asset", each), at)
                for at, each in enumerate(found)
            ]
        }
    )


def _listed(venue: Venue) -> Sequence[str]:
    pairs = [(each.symbol.base, each.symbol.quote) for each in venue.listings]
    return sorted({name for pair in pairs for name in pair})


async def exchange_rates(venue: Venue, call: Call) -> Reply:
    """`GET /v2/exchange-rates`: units of each coin for one US dollar."""
    base = call.asked.one("currency") or "USD"
    rates = {base: "1"}
    for each in venue.listings:
        price = venue.market.of(each.market).price
        if each.symbol.quote == base and price:
            rates[each.symbol.base] = format(round(1 / price, 18), "f")
    return reply({"data": {"currency": base, "rates": rates}})


async def list_accounts(venue: Venue, call: Call) -> Reply:
    """`GET /v2/accounts`."""
    venue.refresh()
    found = [account_fields(each, _account_id(venue, each)) for each in venue.fate.balances()]
    return _paged(found, call)


def _account_id(venue: Venue, balance: Balance) -> str:
    return venue.identity("account", balance.currency)


def _of(venue: Venue, call: Call) -> Balance | None:
    """The account that the path names, by its id or its currency."""
    named = call.named["account"]
    for each in venue.fate.balances():
        if named in {_account_id(venue, each), each.currency}:
            return each
    return None


async def get_account(venue: Venue, call: Call) -> Reply:
    """`GET /v2/accounts/{account}`."""
    venue.refresh()
    balance = _of(venue, call)
    if balance is None:
        return _refused(NOT_FOUND, "not_found", "account not found")
    return reply({"data": account_fields(balance, _account_id(venue, balance))})


async def transactions(venue: Venue, call: Call) -> Reply:
    """`GET /v2/accounts/{account}/transactions`: transfers, and the account's part of each fill."""
    venue.refresh()
    balance = _of(venue, call)
    if balance is None:
        return _refused(NOT_FOUND, "not_found", "account not found")
    # Stable, so that of one instant too, what happened later comes first when it is turned round.
    oldest_first = sorted(_moves(venue, balance.currency), key=_time_of)
    return _paged([fields for _, fields in oldest_first[::-1]], call)


def _moves(venue: Venue, currency: str) -> list[tuple[UtcTime, Fields]]:
    """Everything that moved a currency, with its time."""
    moved = [
        (each.time, transfer_fields(each)) for each in venue.transfers if each.currency == currency
    ]
    for each in venue.fate.executions():
        if currency in {each.symbol.base, each.symbol.quote}:
            identity = venue.identity(f"move {currency}", each.number)
            moved.append((each.time, execution_fields(each, currency, identity)))
    return moved


def _time_of(move: tuple[UtcTime, Fields]) -> UtcTime:
    return move[0]


def _paged(found: Sequence[Fields], call: Call) -> Reply:
    """One page, and where the next one is; 400 for a page that does not exist."""
    limit_text, after = call.asked.one("limit") or str(_PAGE), call.asked.one("starting_after")
    ids = [each["id"] for each in found]
    if not limit_text.isdecimal() or (after and after not in ids):
        return _refused(BAD, "invalid_request", "limit or starting_after is invalid")
    limit = min(max(int(limit_text), 1), _MOST)
    begin = ids.index(after) + 1 if after else 0
    page = found[begin : begin + limit]
    more = begin + limit < len(found)
    following = f"{call.asked.path}?limit={limit}&starting_after={page[-1]['id']}" if more else None
    pagination: Fields = {
        "ending_before": None,
        "starting_after": after or None,
        "previous_ending_before": None,
        "next_starting_after": page[-1]["id"] if more else None,
        "limit": limit,
        "order": "desc",
        "previous_uri": None,
        "next_uri": following,
    }
    return reply({"pagination": pagination, "data": list(page)})


def _refused(status: int, word: str, message: str) -> Reply:
    return reply({"errors": [{"id": word, "message": message}]}, status)

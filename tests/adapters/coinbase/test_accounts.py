"""What the venue says of the account: over real sockets, and nothing that it did not say."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

import pytest
from fakes.clock import START, ManualClock
from fakes.http_server import Reply, serving

from engine.adapters.coinbase.credentials import credentials_of
from engine.adapters.coinbase.exchange import CoinbaseExchange
from engine.adapters.coinbase.pacing import TokenBucket
from engine.adapters.coinbase.rest import Rest
from engine.adapters.http import HttpClient
from engine.adapters.system.rng import SeededRng
from engine.model.account import FeeRates, KeyPermissions, Transfer
from engine.ports import VenueError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fakes.http_server import ScriptedServer

T = TypeVar("T")
KEY = credentials_of("organizations/1/apiKeys/2", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
ACCOUNTS = Reply(
    {
        "accounts": [
            {"uuid": "a-usd", "currency": "USD", "available_balance": {"value": "1"}},
            {"uuid": "a-btc", "currency": "BTC", "available_balance": {"value": "2"}},
        ],
        "has_next": False,
        "cursor": "",
    }
)


def asked(
    script: tuple[Reply, ...], ask: Callable[[CoinbaseExchange], Awaitable[T]]
) -> tuple[T, ScriptedServer]:
    """The answer to one question over this script, and what the venue was asked."""

    async def answered() -> tuple[T, ScriptedServer]:
        async with serving(*script) as server:
            clock, http = ManualClock(), HttpClient(server.url)
            bucket = TokenBucket(clock, 1000.0, 1000.0)
            rest = Rest(http, server.url, clock, SeededRng(b"1"), bucket, KEY)
            answer = await ask(CoinbaseExchange(rest))
            await http.close()
            assert server.script == [], "the script was not asked to its end"
            return answer, server

    return asyncio.run(answered())


def move(number: int, amount: str, **other: object) -> dict[str, object]:
    """A movement as the older interface lists it, newest first."""
    return {
        "id": f"t{number}",
        "type": "fiat_deposit",
        "status": "completed",
        "amount": {"amount": amount, "currency": "USD"},
        "created_at": str(START.plus_s(number)),
        **other,
    }


def moves(*listed: dict[str, object], more: str | None = None) -> Reply:
    """A page of movements."""
    return Reply({"data": list(listed), "pagination": {"next_uri": more}})


def test_transfers_are_finished_movements_that_are_no_fills() -> None:
    """Over all pages, oldest first: no execution, nothing pending, nothing too old."""
    first = moves(
        move(9, "500"),
        move(8, "-20", type="fiat_withdrawal"),
        move(7, "3", type="advanced_trade_fill"),
        move(6, "70", status="pending"),
        more="/v2/accounts/a-usd/transactions?starting_after=t6",
    )
    second = moves(move(5, "0.10", type="interest"), move(1, "1000"))
    found, server = asked((ACCOUNTS, first, second), lambda v: v.transfers("USD", START.plus_s(2)))
    assert found == [
        Transfer("t5", "USD", Decimal("0.10"), START.plus_s(5), "interest"),
        Transfer("t8", "USD", Decimal(-20), START.plus_s(8), "fiat_withdrawal"),
        Transfer("t9", "USD", Decimal(500), START.plus_s(9), "fiat_deposit"),
    ]
    assert [each.path for each in server.asked] == [
        "/api/v3/brokerage/accounts",
        "/v2/accounts/a-usd/transactions",
        "/v2/accounts/a-usd/transactions",
    ]
    assert server.asked[2].query.endswith("starting_after=t6")


def test_a_currency_without_an_account_has_no_transfers() -> None:
    """Only the account of the currency that was asked about is read."""
    assert asked((ACCOUNTS,), lambda v: v.transfers("ETH", START))[0] == []


def test_movements_without_end_are_no_list() -> None:
    """A page that comes back is a failure: half a list must not be taken for the whole."""
    again = moves(move(9, "1"), more="/again")
    with pytest.raises(VenueError, match="no end"):
        asked((ACCOUNTS, again, again), lambda v: v.transfers("USD", START))


def test_a_movement_that_cannot_be_read_is_no_list() -> None:
    """One without an amount would leave a difference that nobody can explain."""
    page = moves(move(9, ""))
    with pytest.raises(VenueError, match="no number"):
        asked((ACCOUNTS, page), lambda v: v.transfers("USD", START))


MAY = {"can_view": True, "can_trade": True, "can_transfer": False, "portfolio_uuid": "p-1"}


def test_what_the_key_may_do_is_told_with_its_portfolio() -> None:
    """Three rights and where they hold; a venue without portfolios names none."""
    told, _ = asked((Reply(MAY),), lambda v: v.key_permissions())
    assert told == KeyPermissions(True, True, False, "p-1")  # noqa: FBT003 - the order of the model
    told, _ = asked((Reply({**MAY, "portfolio_uuid": ""}),), lambda v: v.key_permissions())
    assert told.portfolio_id is None


@pytest.mark.parametrize("right", ["can_view", "can_trade", "can_transfer"])
def test_a_right_that_is_not_said_is_no_answer(right: str) -> None:
    """A missing `can_transfer` is not false: whoever asks must not go on as if it were."""
    with pytest.raises(VenueError, match=right):
        asked((Reply({**MAY, right: None}),), lambda v: v.key_permissions())


def test_fees_are_those_of_the_tier_of_now() -> None:
    """Decimal text of a share becomes basis points, exactly."""
    tier = {"fee_tier": {"maker_fee_rate": "0.0035", "taker_fee_rate": "0.0075"}}
    told, _ = asked((Reply(tier),), lambda v: v.fee_rates())
    assert told == FeeRates(Decimal("35.0000"), Decimal("75.0000"))


def test_fees_that_are_not_said_are_unknown() -> None:
    """An empty rate is how this venue says that it has no number."""
    with pytest.raises(VenueError):
        asked((Reply({"fee_tier": {"maker_fee_rate": ""}}),), lambda v: v.fee_rates())

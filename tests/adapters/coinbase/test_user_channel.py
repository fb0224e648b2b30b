"""What is told of our orders is news once: no fill is lost, and none counted twice."""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import aclosing
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from fakes.clock import START, ManualClock
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.asyncio.server import serve

from engine.adapters.coinbase import wire
from engine.adapters.coinbase.credentials import credentials_of
from engine.adapters.coinbase.stream.messages import Message
from engine.adapters.coinbase.stream.user import CoinbaseOrderChannel, KnownOrders, UserReader
from engine.adapters.system.rng import SeededRng
from engine.model.orders import MissedNews, OrderChange, OrderStatus, Side
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection

    from engine.adapters.coinbase.wire import Wire
    from engine.model.orders import OrderNews


def told(
    quantity: object = "0", average: object = "0", status: str = "OPEN", name: str = "o1"
) -> dict[str, Wire]:
    """An order as the channel tells it, by its totals."""
    return {
        "order_id": name,
        "client_order_id": f"c-{name}",
        "product_id": "BTC-USD",
        "order_side": "BUY",
        "status": status,
        "cumulative_quantity": str(quantity),
        "avg_price": str(average),
    }


FILLS = st.lists(st.tuples(st.integers(1, 9), st.integers(90, 110)), min_size=1, max_size=8)


@settings(max_examples=100, deadline=None)
@given(FILLS, st.randoms(use_true_random=False))
def test_differences_add_up_to_what_was_filled_however_it_is_told(
    fills: list[tuple[int, int]], chance: object
) -> None:
    """Repeated, replayed from the start, out of order, zeroed at the end: the sums are exact."""
    states, quantity, value = [], 0, 0
    for size, price in fills:
        quantity, value = quantity + size, value + size * price
        states.append({**told(quantity), "filled_value": str(value)})
    heard = [state for state in states for _ in range(2)] + states + [told(status="CANCELLED")]
    chance.shuffle(heard)  # type: ignore[attr-defined]  # hypothesis types it as an object
    known = KnownOrders()
    changes = [change for each in heard if (change := known.take(each)) is not None]
    assert sum(change.fresh_quantity for change in changes) == quantity
    assert sum(change.fresh_notional for change in changes) == value
    assert all(change.fresh_quantity >= 0 for change in changes)
    assert changes[-1].filled_quantity == quantity
    ends = [place for place, change in enumerate(changes) if change.status.final]
    assert ends == list(range(ends[0], len(changes)))


def test_a_change_names_its_order_and_what_is_new() -> None:
    """Without a value filled, the average price tells it; a word that is new is UNKNOWN."""
    known = KnownOrders()
    first = known.take(told("0.5", "100"))
    second = known.take(told("2", "110", status="FILLED"))
    assert first == OrderChange(
        "o1", "c-o1", Symbol("BTC", "USD"), Side.BUY, OrderStatus.OPEN,
        Decimal("0.5"), Decimal("0.5"), Decimal("50.0"),
    )  # fmt: skip
    assert second is not None
    assert (second.fresh_quantity, second.fresh_notional) == (Decimal("1.5"), Decimal("170.0"))
    assert known.take(told("2", "110", status="FILLED")) is None
    strange = known.take(told(name="o2", status="SOMETHING_NEW"))
    assert strange is not None
    assert strange.status is OrderStatus.UNKNOWN


def test_an_order_without_its_names_is_refused() -> None:
    """A piece of news that cannot be read ends the connection, and the account is read again."""
    for broken in ({"order_id": "x"}, {**told(), "order_side": "HOLD"}, {**told(), "status": None}):
        with pytest.raises(wire.WireError):
            KnownOrders().take(broken)


def test_what_ended_is_forgotten_before_what_works() -> None:
    """Of very many orders the oldest that ended goes first; a working one is not told anew."""
    known = KnownOrders()
    known.take(told(name="working"))
    for number in range(10_001):
        known.take(told("1", "100", status="FILLED", name=str(number)))
    assert known.take(told(name="working")) is None
    assert known.take(told("1", "100", status="FILLED", name="0")) is not None
    for number in range(10_001):
        known.take(told(name=f"w{number}"))
    assert known.take(told(name="w10000")) is None


def message(channel: str, *events: dict[str, Wire]) -> Message:
    """A message of one connection."""
    return Message(channel, START, 0, events)


def test_the_first_word_of_a_connection_is_that_something_may_be_missing() -> None:
    """Once it is known that orders are told from here on: by the first of them, or by a word."""
    heartbeat = message("heartbeats", {"heartbeat_counter": "1"})
    other = message("subscriptions", {"subscriptions": {"heartbeats": []}})
    confirmed = message("subscriptions", {"subscriptions": {"user": []}})
    orders = message("user", {"type": "snapshot", "orders": [told()]})
    reader = UserReader(KnownOrders())
    assert [*reader.read(heartbeat, START), *reader.read(other, START)] == []
    assert [*reader.read(confirmed, START)] == [MissedNews()]
    assert [type(each) for each in reader.read(orders, START)] == [OrderChange]
    again = UserReader(reader.known)
    assert [*again.read(orders, START)] == [MissedNews()]


def test_news_goes_on_after_a_break_with_a_fresh_token() -> None:
    """Over a real socket: what was told before is not told again, what is missing is said."""
    tokens: list[str] = []

    async def venue(socket: ServerConnection) -> None:
        asked = [json.loads(await socket.recv()) for _ in range(2)]
        assert [each["channel"] for each in asked] == ["heartbeats", "user"]
        tokens.extend(each["jwt"] for each in asked)
        quantity = len(tokens) // 2
        event = {"type": "snapshot", "orders": [told(quantity, "100"), told(name="quiet")]}
        body = {"channel": "user", "timestamp": str(START), "sequence_num": 0, "events": [event]}
        await socket.send(json.dumps(body))

    async def listened() -> list[OrderNews]:
        async with serve(venue, "127.0.0.1", 0) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            key = credentials_of("key", base64.b64encode(bytes(range(32))).decode())
            channel = CoinbaseOrderChannel(
                f"ws://127.0.0.1:{port}", ManualClock(), SeededRng(b"1"), key
            )
            found: list[OrderNews] = []
            async with aclosing(channel.news()) as news:
                async for each in news:
                    found.append(each)
                    if len(found) == 5:
                        break
            assert channel.losses == 1
        return found

    found = asyncio.run(listened())
    changes = [each for each in found if isinstance(each, OrderChange)]
    assert [type(each) for each in found[::3]] == [MissedNews, MissedNews]
    assert [(each.venue_order_id, each.fresh_quantity) for each in changes] == [
        ("o1", 1), ("quiet", 0), ("o1", 1),
    ]  # fmt: skip
    assert len(set(tokens)) == 4

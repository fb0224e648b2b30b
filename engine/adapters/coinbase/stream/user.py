"""The user channel: what the venue tells of our orders without being asked.

In: messages of the channel `user`. Out: `OrderChange` for each order that is not as it was last
told, and `MissedNews` whenever a connection begins. Orders are told as totals without the price of
a fill, so fills are the differences between totals. Totals are zeroed on some final states and
repeated after a reconnect: they never shrink here, and nothing is told twice. This wakes whoever
reads the account; what is true of fills and fees stands in the account alone.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from engine.adapters.coinbase import wire
from engine.adapters.coinbase.orders import side_of, status_of
from engine.adapters.coinbase.stream.listening import Subscription
from engine.model.numbers import ZERO
from engine.model.orders import MissedNews, OrderChange, OrderStatus

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Iterator
    from decimal import Decimal

    from engine.adapters.coinbase.credentials import Credentials
    from engine.adapters.coinbase.stream.messages import Message
    from engine.adapters.coinbase.wire import Wire
    from engine.model.orders import OrderNews
    from engine.model.times import UtcTime
    from engine.ports import Clock, Rng

CHANNEL = "user"
_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class _Told:
    """What is known of one order: the largest totals that were told, and its state."""

    status: OrderStatus = OrderStatus.SENT
    quantity: Decimal = ZERO
    notional: Decimal = ZERO


@dataclass(slots=True)
class KnownOrders:
    """Each order as it was last told; kept over connections, since the venue repeats itself."""

    _told: OrderedDict[str, _Told] = field(default_factory=OrderedDict)

    def take(self, fields: dict[str, Wire]) -> OrderChange | None:
        """What is new of an order; None when nothing is. Raises `WireError`."""
        name = wire.text(fields, "order_id")
        before = self._told.get(name, _Told())
        told = _told(fields, before)
        if told == before:
            return None
        self._keep(name, told)
        return OrderChange(
            venue_order_id=name,
            client_order_id=wire.optional_text(fields, "client_order_id"),
            symbol=wire.product_name(fields),
            side=side_of(fields, "order_side"),
            status=told.status,
            filled_quantity=told.quantity,
            fresh_quantity=told.quantity - before.quantity,
            fresh_notional=told.notional - before.notional,
        )

    def _keep(self, name: str, told: _Told) -> None:
        self._told[name] = told
        self._told.move_to_end(name)
        if len(self._told) > _KEPT:
            self._forget()

    def _forget(self) -> None:
        """The order that was silent for longest among those that ended; else among all."""
        ended = (name for name, told in self._told.items() if told.status.final)
        del self._told[next(ended, next(iter(self._told)))]


def _told(fields: dict[str, Wire], before: _Told) -> _Told:
    """The order after one more word of it: totals never shrink, and an end is the last state."""
    status = before.status if before.status.final else status_of(fields)
    quantity = wire.optional_number(fields, "cumulative_quantity") or ZERO
    if quantity <= before.quantity:
        return _Told(status, before.quantity, before.notional)
    average = wire.optional_number(fields, "avg_price") or ZERO
    notional = wire.optional_number(fields, "filled_value") or quantity * average
    return _Told(status, quantity, max(before.notional, notional))


@dataclass(slots=True)
class UserReader:
    """Reads the messages of one connection; its first word is that something may be missing."""

    known: KnownOrders
    _begun: bool = False

    def read(self, message: Message, received: UtcTime) -> Iterator[OrderNews]:  # noqa: ARG002 - the venue's orders carry no time of ours
        """The news in one message; raises `WireError`."""
        if not self._begun and (message.channel == CHANNEL or _confirms(message)):
            self._begun = True
            yield MissedNews()
        if message.channel == CHANNEL:
            for event in message.events:
                for each in wire.objects(event, "orders"):
                    change = self.known.take(each)
                    if change is not None:
                        yield change


def _confirms(message: Message) -> bool:
    """Whether the venue says that it tells us of orders from here on."""
    confirmed = [e for e in message.events if message.channel == "subscriptions"]
    return any(CHANNEL in wire.part(each, "subscriptions") for each in confirmed)


class CoinbaseOrderChannel:
    """The port `OrderChannel` over the venue's websocket."""

    def __init__(
        self,
        url: str,
        clock: Clock,
        rng: Rng,
        credentials: Credentials,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._known = KnownOrders()
        # Without products the venue tells of all, and one cannot be forgotten in the list.
        self._subscription = Subscription(url, (CHANNEL,), (), clock, rng, credentials, tls)

    @property
    def losses(self) -> int:
        """How many connections were lost."""
        return self._subscription.losses

    async def news(self) -> AsyncIterator[OrderNews]:
        """Each piece of news as it is heard, for ever."""
        reader = partial(UserReader, self._known)
        async with aclosing(self._subscription.heard(reader)) as heard:
            async for each in heard:
                yield each

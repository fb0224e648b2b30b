"""One subscribed connection after another, for as long as somebody listens.

In: an address, channels, and a reader for each connection. Out: what the readers make of its
messages. Heartbeats are asked for, so that silence means a dead connection. After a gap, silence,
an error or a message that cannot be read, the connection is made anew with full jitter, and its
reader begins again: what was known by the old one is not believed any more.
"""

from __future__ import annotations

import json
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from engine.adapters.coinbase.pacing import delay_s
from engine.adapters.coinbase.stream.messages import GapError, Message, Numbering, message_of
from engine.adapters.coinbase.wire import WireError
from engine.adapters.websocket import Connection, ConnectionLostError, connected
from engine.observe.log import Log

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator, Callable, Iterator, Sequence

    from engine.adapters.coinbase.credentials import Credentials
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime
    from engine.ports import Clock, Rng

HEARTBEATS = "heartbeats"
_SILENCE_S = 10.0
_LOG = Log("feed")
T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class Reader(Protocol[T_co]):
    """Makes something of the messages of one connection."""

    def read(self, message: Message, received: UtcTime) -> Iterator[T_co]:
        """What one message tells; raises `WireError` where it cannot be read."""
        ...


@dataclass(slots=True)
class Subscription:
    """Where to listen, and to what; `losses` counts the connections that were lost."""

    url: str
    channels: Sequence[str]
    symbols: Sequence[Symbol]
    clock: Clock
    rng: Rng
    credentials: Credentials | None = None
    tls: ssl.SSLContext | None = None
    losses: int = 0
    _failures: int = field(default=0, init=False)

    async def heard(
        self, begin: Callable[[], Reader[T]], lost: Callable[[str], None] | None = None
    ) -> AsyncGenerator[T, None]:
        """What a fresh reader makes of each connection, for ever; `lost` hears why one ended."""
        while True:
            try:
                async with connected(self.url, self.tls) as connection:
                    await self._subscribe(connection)
                    async with aclosing(self._read(connection, begin())) as told:
                        async for each in told:
                            yield each
            except (ConnectionLostError, GapError, WireError) as error:
                self.losses += 1
                _LOG.warning("connection_lost", reason=str(error), failures=self._failures)
                if lost is not None:
                    lost(str(error))
            wait_s = delay_s(self._failures, self.rng)
            self._failures += 1
            await self.clock.sleep_until(self.clock.now().plus_s(wait_s))

    async def _subscribe(self, connection: Connection) -> None:
        """One channel a message, within the five seconds that the venue gives."""
        for channel in (HEARTBEATS, *self.channels):
            asked = {
                "type": "subscribe",
                "channel": channel,
                "product_ids": [str(symbol) for symbol in self.symbols],
            }
            if self.credentials is not None:
                # A fresh token for each subscription (COINBASE.md), without a request's name.
                asked["jwt"] = self.credentials.token(self.clock.now(), self.rng, None)
            await connection.send(json.dumps(asked))

    async def _read(self, connection: Connection, reader: Reader[T]) -> AsyncGenerator[T, None]:
        numbering = Numbering()
        while True:
            message = message_of(await connection.receive(_SILENCE_S))
            numbering.check(message)
            # A connection that carries messages is a good one: the next loss waits little again.
            self._failures = 0
            for each in reader.read(message, self.clock.now()):
                yield each

"""The feed port over the venue's websocket: connected for as long as somebody listens.

In: products. Out: market events. Heartbeats are asked for, so that silence means a dead
connection. After a gap, silence, an error or a message that cannot be read, the connection is
made anew with full jitter, and every book begins again with its snapshot: meanwhile quotes
only grow older, and nothing is invented.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.adapters.coinbase.pacing import delay_s
from engine.adapters.coinbase.stream.events import EventReader
from engine.adapters.coinbase.stream.messages import GapError, Numbering, message_of
from engine.adapters.coinbase.wire import WireError
from engine.adapters.websocket import Connection, ConnectionLostError, connected
from engine.observe.log import Log

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Sequence

    from engine.adapters.coinbase.credentials import Credentials
    from engine.model.market import MarketEvent
    from engine.model.symbols import Symbol
    from engine.ports import Clock, Rng

CHANNELS = ("heartbeats", "level2", "market_trades")
_SILENCE_S = 10.0
_LOG = Log("feed")


@dataclass(slots=True)
class CoinbaseFeed:
    """Market data of some products; `losses` counts the connections that were lost."""

    url: str
    symbols: Sequence[Symbol]
    clock: Clock
    rng: Rng
    credentials: Credentials | None = None
    tls: ssl.SSLContext | None = None
    losses: int = 0
    _failures: int = field(default=0, init=False)

    async def events(self) -> AsyncIterator[MarketEvent]:
        """Each event at its time of receipt, for ever."""
        while True:
            try:
                async with connected(self.url, self.tls) as connection:
                    await self._subscribe(connection)
                    async for event in self._heard(connection):
                        yield event
            except (ConnectionLostError, GapError, WireError) as error:
                self.losses += 1
                _LOG.warning("connection_lost", reason=str(error), failures=self._failures)
            wait_s = delay_s(self._failures, self.rng)
            self._failures += 1
            await self.clock.sleep_until(self.clock.now().plus_s(wait_s))

    async def _subscribe(self, connection: Connection) -> None:
        """One channel a message, within the five seconds that the venue gives."""
        for channel in CHANNELS:
            asked = {
                "type": "subscribe",
                "channel": channel,
                "product_ids": [str(symbol) for symbol in self.symbols],
            }
            if self.credentials is not None:
                # A fresh token for each subscription (COINBASE.md), without a request's name.
                asked["jwt"] = self.credentials.token(self.clock.now(), self.rng, None)
            await connection.send(json.dumps(asked))

    async def _heard(self, connection: Connection) -> AsyncIterator[MarketEvent]:
        numbering, reader = Numbering(), EventReader()
        while True:
            message = message_of(await connection.receive(_SILENCE_S))
            numbering.check(message)
            # A connection that carries messages is a good one: the next loss waits little again.
            self._failures = 0
            for event in reader.read(message, self.clock.now()):
                yield event

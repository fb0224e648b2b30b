"""The feed port over the venue's websocket: quotes, books and trades of some products.

In: products. Out: market events. After a lost connection every book begins again with its
snapshot: meanwhile quotes only grow older, and nothing is invented.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.adapters.coinbase.stream.events import EventReader
from engine.adapters.coinbase.stream.listening import Subscription

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Iterator, Sequence

    from engine.adapters.coinbase.credentials import Credentials
    from engine.adapters.coinbase.stream.messages import Message
    from engine.model.market import MarketEvent
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime
    from engine.ports import Clock, Rng

TAPE = "market_trades"
CHANNELS = ("level2", TAPE)


class CoinbaseFeed:
    """Market data of some products; without credentials only what the venue shows everybody.

    `tape_since` is the first word of this connection's trades: from then on none was missed. None
    while there is no connection.
    """

    def __init__(
        self,
        url: str,
        symbols: Sequence[Symbol],
        clock: Clock,
        rng: Rng,
        credentials: Credentials | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._subscription = Subscription(url, CHANNELS, symbols, clock, rng, credentials, tls)
        self.tape_since: UtcTime | None = None

    @property
    def losses(self) -> int:
        """How many connections were lost."""
        return self._subscription.losses

    async def events(self) -> AsyncIterator[MarketEvent]:
        """Each event at its time of receipt, for ever."""
        listening = self._subscription.heard(lambda: _TapeReader(self), self._lost)
        async with aclosing(listening) as heard:
            async for event in heard:
                yield event

    def _lost(self, _why: str) -> None:
        self.tape_since = None


@dataclass(slots=True)
class _TapeReader:
    """Reads the messages of one connection, and notes when its tape begins."""

    feed: CoinbaseFeed
    _events: EventReader = field(default_factory=EventReader)

    def read(self, message: Message, received: UtcTime) -> Iterator[MarketEvent]:
        """The market events in one message; raises `WireError`."""
        if message.channel == TAPE and self.feed.tape_since is None:
            self.feed.tape_since = received
        return self._events.read(message, received)

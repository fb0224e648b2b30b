"""The feed port over the venue's websocket: quotes, books and trades of some products.

In: products. Out: market events. After a lost connection every book begins again with its
snapshot: meanwhile quotes only grow older, and nothing is invented.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from engine.adapters.coinbase.stream.events import EventReader
from engine.adapters.coinbase.stream.listening import Subscription

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Sequence

    from engine.adapters.coinbase.credentials import Credentials
    from engine.model.market import MarketEvent
    from engine.model.symbols import Symbol
    from engine.ports import Clock, Rng

CHANNELS = ("level2", "market_trades")


class CoinbaseFeed:
    """Market data of some products; without credentials only what the venue shows everybody."""

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

    @property
    def losses(self) -> int:
        """How many connections were lost."""
        return self._subscription.losses

    async def events(self) -> AsyncIterator[MarketEvent]:
        """Each event at its time of receipt, for ever."""
        async with aclosing(self._subscription.heard(EventReader)) as heard:
            async for event in heard:
                yield event

"""The door to a venue: connections that are made when they are needed, and closed at the end.

In: an address, a clock, chance, perhaps a key. Out: the public market, the exchange, the feed.
Each half has a quota of its own (COINBASE.md), so that candles never make an order wait.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.adapters.coinbase.exchange import CoinbaseExchange
from engine.adapters.coinbase.market import PublicMarket
from engine.adapters.coinbase.pacing import TokenBucket
from engine.adapters.coinbase.rest import Rest
from engine.adapters.coinbase.stream.feed import CoinbaseFeed
from engine.adapters.coinbase.stream.user import CoinbaseOrderChannel
from engine.adapters.http import HttpClient

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.adapters.coinbase.credentials import Credentials
    from engine.model.symbols import Symbol
    from engine.ports import Clock, Rng
    from engine.run.real_time.address import Address
    from engine.run.real_time.keys import KeyFound

_PUBLIC_PER_S, _KEYED_PER_S = 10.0, 30.0


@dataclass(slots=True)
class VenueDoor:
    """One venue, for one event loop."""

    address: Address
    clock: Clock
    rng: Rng
    key: KeyFound | None = None
    _clients: list[HttpClient] = field(default_factory=list, init=False)

    def market(self) -> PublicMarket:
        """What the venue tells anybody."""
        return PublicMarket(self._rest(_PUBLIC_PER_S))

    def exchange(self) -> CoinbaseExchange:
        """The account of the key."""
        credentials = None if self.key is None else self.key.credentials
        return CoinbaseExchange(self._rest(_KEYED_PER_S, credentials))

    def feed(self, symbols: Sequence[Symbol]) -> CoinbaseFeed:
        """The market's own stream; it needs no key."""
        address = self.address
        return CoinbaseFeed(address.stream, symbols, self.clock, self.rng, tls=address.tls)

    def channel(self) -> CoinbaseOrderChannel | None:
        """News of our orders; None without a key, whose orders they would be."""
        if self.key is None:
            return None
        return CoinbaseOrderChannel(
            self.address.stream, self.clock, self.rng, self.key.credentials, self.address.tls
        )

    async def close(self) -> None:
        """Close every connection."""
        for each in self._clients:
            await each.close()

    def _rest(self, per_s: float, credentials: Credentials | None = None) -> Rest:
        hidden = () if self.key is None else self.key.hidden
        client = HttpClient(self.address.rest, self.address.verify, hidden)
        self._clients.append(client)
        bucket = TokenBucket(self.clock, per_s, per_s)
        return Rest(client, self.address.rest, self.clock, self.rng, bucket, credentials)

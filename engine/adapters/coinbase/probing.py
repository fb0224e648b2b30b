"""The probe's own door at the venue: it takes a `ProbeOrder` and an id, and nothing else.

In: an order that follows from a policy's terms. Out: the venue's order id, or None where the venue
refused in a documented word. Raises `VenueError` where nobody can say. It posts once and repeats
nothing, like the door of approved orders, and knows no other form than a resting buy that ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.adapters.coinbase import wire
from engine.adapters.coinbase.failures import failure_word
from engine.adapters.coinbase.rest import raise_for, reading
from engine.adapters.http import LostError, NotSentError
from engine.model.numbers import canonical_number
from engine.ports import AuthRefusedError, RateLimitedError, UnreachableError, VenueError

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.adapters.coinbase.rest import Rest
    from engine.adapters.coinbase.wire import Wire
    from engine.model.probing import ProbeOrder
    from engine.model.symbols import Symbol
    from engine.ports import Gate

_REFUSED = range(400, 500)


@dataclass(frozen=True, slots=True)
class CoinbaseProbeDoor:
    """Where probes leave; `gate` is the kill switch, asked right before the first byte."""

    rest: Rest
    gate: Gate

    async def post(self, order: ProbeOrder, client_order_id: str) -> str | None:
        """Post one probe under this id."""
        try:
            answer = await self.rest.post_once("/orders", _body(order, client_order_id), self.gate)
        except (NotSentError, LostError) as error:
            raise UnreachableError(str(error)) from error
        try:
            raise_for(answer)
        except (AuthRefusedError, RateLimitedError):
            # Of the key, or of the quota: neither says anything of an id that repeats.
            raise
        except VenueError:
            if answer.status in _REFUSED:
                return None
            raise
        with reading():
            fields = wire.decode(answer.body)
            if wire.flag(fields, "success"):
                return wire.text(wire.part(fields, "success_response"), "order_id")
            word = failure_word(fields)
        if not word:
            message = "refused without a word"
            raise VenueError(message)
        return None

    async def bid(self, symbol: Symbol) -> Decimal:
        """The best bid of now."""
        fields = await self.rest.get("/best_bid_ask", (("product_ids", str(symbol)),))
        with reading():
            for book in wire.objects(fields, "pricebooks"):
                bids = wire.objects(book, "bids")
                if bids:
                    return wire.number(bids[0], "price")
        message = f"{symbol} shows no bid"
        raise VenueError(message)


def _body(order: ProbeOrder, client_order_id: str) -> dict[str, Wire]:
    return {
        "client_order_id": client_order_id,
        "product_id": str(order.symbol),
        "side": "BUY",
        "order_configuration": {
            "limit_limit_gtd": {
                "base_size": canonical_number(order.quantity),
                "limit_price": canonical_number(order.limit_price),
                "post_only": True,
                "end_time": str(order.expires),
            }
        },
    }

"""The least that a passage can lead to: orders that are taken, listed, and counted."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fakes.clock import START

from engine.venue.faults.routes import PREFIX
from engine.venue.passage import Asked, Reply

if TYPE_CHECKING:
    from engine.model.times import UtcTime

PRODUCT = {"product_id": "BTC-USD", "price_increment": "0.01", "base_increment": "0.0001"}


def asked(method: str, path: str, body: object = None) -> Asked:
    """A request under the API's prefix."""
    data = b"" if body is None else json.dumps(body).encode()
    return Asked(method, PREFIX + path, body=data)


def order(name: str, price: str = "100.00", product: str = "BTC-USD") -> Asked:
    """A request for a small limit order."""
    limit = {"base_size": "0.0010", "limit_price": price, "post_only": True}
    fields = {"client_order_id": name, "product_id": product, "side": "BUY"}
    return asked("POST", "/orders", {**fields, "order_configuration": {"limit_limit_gtc": limit}})


LIST = asked("GET", "/orders/historical/batch")


@dataclass(slots=True)
class LittleVenue:
    """Remembers what arrived, in the order of its arrival."""

    arrived: list[Asked] = field(default_factory=list)
    created: list[tuple[str, UtcTime]] = field(default_factory=list)

    async def onward(self, request: Asked) -> Reply:
        """Answer as the venue would."""
        self.arrived.append(request)
        if request.method == "POST":
            return self._placed(json.loads(request.body))
        if request.path.endswith("/products/BTC-USD"):
            return Reply(body=json.dumps(PRODUCT).encode())
        if request.path.endswith("/products"):
            return Reply(body=json.dumps({"products": [PRODUCT]}).encode())
        return Reply(body=json.dumps(self._listed()).encode())

    @property
    def writes(self) -> int:
        """How many orders were asked for, as the venue saw it."""
        return sum(each.method == "POST" for each in self.arrived)

    def _placed(self, body: dict[str, object]) -> Reply:
        name = str(body.get("client_order_id", ""))
        self.created.append((name, START))
        told = {"success": True, "success_response": {"order_id": f"venue-{len(self.created)}"}}
        return Reply(body=json.dumps(told).encode())

    def _listed(self) -> dict[str, object]:
        entries = [{"order_id": name, "created_time": str(time)} for name, time in self.created]
        return {"orders": entries, "has_next": True, "cursor": "c1"}

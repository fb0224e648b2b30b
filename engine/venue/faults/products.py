"""Products that change in the middle of a run: halted, or with coarser increments, for some time.

In: faults, and the time. Out: what the venue says of such a product, and its refusal of an order
for it. The venue itself goes on as before: resting orders stay, cancels work.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

import orjson

from engine.model.numbers import canonical_number
from engine.venue.faults.kinds import FaultKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.model.times import UtcTime
    from engine.venue.faults.kinds import Fault
    from engine.venue.passage import Reply

_COARSER = 10
_INCREMENTS = ("price_increment", "base_increment")
_GRIDS = (
    ("base_size", "base_increment", "INVALID_SIZE_PRECISION"),
    ("limit_price", "price_increment", "INVALID_PRICE_PRECISION"),
)
_OK = 200


@dataclass(slots=True)
class Disturbed:
    """Which products are disturbed, how, and until when."""

    _until: dict[tuple[str, FaultKind], UtcTime] = field(default_factory=dict)

    def begin(self, product: str, fault: Fault, now: UtcTime) -> None:
        """A product is halted or coarse from now on, for as long as the fault lasts."""
        self._until[product, fault.kind] = now.plus_s(fault.lasts_s)

    def now(self, product: str, kind: FaultKind, now: UtcTime) -> bool:
        """Whether a product is disturbed in this way."""
        until = self._until.get((product, kind))
        return until is not None and now < until

    def any(self, now: UtcTime) -> bool:
        """Whether any product is."""
        return any(now < until for until in self._until.values())

    def in_reply(self, reply: Reply, path: str, now: UtcTime) -> Reply:
        """An answer about products, with those that are disturbed as they stand now."""
        if reply.status != _OK or not path.startswith("/products"):
            return reply
        body = orjson.loads(reply.body)
        if "products" in body:
            body["products"] = [self._shown(each, now) for each in body["products"]]
        else:
            body = self._shown(body, now)
        return replace(reply, body=orjson.dumps(body))

    def _shown(self, fields: dict[str, object], now: UtcTime) -> dict[str, object]:
        product = str(fields.get("product_id", ""))
        told = dict(fields)
        if self.now(product, FaultKind.PRODUCT_HALTED, now):
            told |= {"trading_disabled": True, "status": "offline"}
        if self.now(product, FaultKind.PRECISION_CHANGED, now):
            told |= {key: _coarser(fields[key]) for key in _INCREMENTS if key in fields}
        return told

    def refuses(
        self, request: dict[str, object], product: dict[str, object], now: UtcTime
    ) -> str | None:
        """The word with which an order is refused; None when it passes.

        `product` is what the venue itself says of it, with its own increments.
        """
        name = str(request.get("product_id", ""))
        if self.now(name, FaultKind.PRODUCT_HALTED, now):
            return "UNTRADABLE_PRODUCT"
        if not self.now(name, FaultKind.PRECISION_CHANGED, now):
            return None
        return next((word for part in _parts(request) for word in _misfits(part, product)), None)


def _parts(request: dict[str, object]) -> Iterator[dict[str, object]]:
    configurations = request.get("order_configuration")
    parts = configurations.values() if isinstance(configurations, dict) else ()
    yield from (each for each in parts if isinstance(each, dict))


def _misfits(part: dict[str, object], product: dict[str, object]) -> Iterator[str]:
    """The words for numbers that do not lie on the coarser grid."""
    for key, increment, word in _GRIDS:
        if key in part and increment in product and not _fits(part[key], product[increment]):
            yield word


def _coarser(increment: object) -> str:
    return canonical_number(Decimal(str(increment)) * _COARSER)


def _fits(number: object, increment: object) -> bool:
    """Whether a number lies on the coarser grid; for what is none the venue has its own words."""
    try:
        return Decimal(str(number)) % (Decimal(str(increment)) * _COARSER) == 0
    except ArithmeticError:
        return True

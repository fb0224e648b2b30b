"""Recovery: what a stopped process left behind, from its records alone.

In: the records of one stream. Out: the folded state; and what its venue must be told to go on:
orders, fills and deadlines as the ledger knows them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from engine.ledger import bodies, fold
from engine.ledger.records import RecordKind
from engine.ledger.state import State
from engine.model.numbers import ZERO
from engine.model.orders import Fill, Intent, OrderForm, OrderStatus, Side, VenueOrder
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.ledger.bodies import Json
    from engine.ledger.records import Record
    from engine.model.times import UtcTime


@dataclass(slots=True)
class VenueMemory:
    """What a venue of ours has to know again; orders by client order id, as the ledger saw them."""

    orders: dict[str, VenueOrder] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)
    deadlines: dict[str, UtcTime] = field(default_factory=dict)
    intents: dict[str, Mapping[str, Json]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recovered:
    """The state of a stream, and its venue's memory."""

    state: State
    venue: VenueMemory


def recover(records: Iterable[Record]) -> Recovered:
    """Fold every record once."""
    state, venue = State(), VenueMemory()
    for record in records:
        body = bodies.of_record(record)
        fold.apply(state, record.kind, record.time, body)
        _remember(venue, record, body)
    return Recovered(state, venue)


def _remember(venue: VenueMemory, record: Record, body: Mapping[str, Json]) -> None:
    match record.kind:
        case RecordKind.INTENT:
            venue.intents[bodies.text(body, "client_order_id")] = body
            expires = bodies.optional_moment(body, "expires")
            if expires is not None:
                venue.deadlines[bodies.text(body, "client_order_id")] = expires
        case RecordKind.ACKNOWLEDGED:
            _acknowledged(venue, record, body)
        case RecordKind.FILLED:
            _filled(venue, body)
        case RecordKind.CANCELLED:
            _cancelled(venue, body)
        case _:
            pass


def _acknowledged(venue: VenueMemory, record: Record, body: Mapping[str, Json]) -> None:
    order_id = bodies.text(body, "client_order_id")
    wish = venue.intents[order_id]
    venue.orders[order_id] = VenueOrder(
        venue_order_id=bodies.text(body, "venue_order_id"),
        client_order_id=order_id,
        symbol=Symbol.parse(bodies.text(wish, "symbol")),
        side=Intent(bodies.text(wish, "why")).side,
        form=OrderForm(bodies.text(wish, "form")),
        quantity=bodies.number(wish, "quantity"),
        limit_price=bodies.optional_number(wish, "limit_price"),
        status=OrderStatus.OPEN,
        filled_quantity=ZERO,
        filled_notional=ZERO,
        created=record.time,
    )


def _filled(venue: VenueMemory, body: Mapping[str, Json]) -> None:
    fill = _fill_of(body)
    venue.fills.append(fill)
    order = venue.orders.get(fill.client_order_id)
    if order is None:
        return
    quantity = order.filled_quantity + fill.quantity
    venue.orders[fill.client_order_id] = replace(
        order,
        filled_quantity=quantity,
        filled_notional=order.filled_notional + fill.quantity * fill.price,
        status=OrderStatus.FILLED if quantity >= order.quantity else order.status,
    )


def _fill_of(body: Mapping[str, Json]) -> Fill:
    return Fill(
        fill_id=bodies.text(body, "fill_id"),
        venue_order_id=bodies.text(body, "venue_order_id"),
        client_order_id=bodies.text(body, "client_order_id"),
        symbol=Symbol.parse(bodies.text(body, "symbol")),
        side=Side(bodies.text(body, "side")),
        quantity=bodies.number(body, "quantity"),
        price=bodies.number(body, "price"),
        fee=bodies.number(body, "fee"),
        maker=bodies.flag(body, "maker"),
        time=bodies.moment(body, "time"),
    )


def _cancelled(venue: VenueMemory, body: Mapping[str, Json]) -> None:
    order = venue.orders.get(bodies.text(body, "client_order_id"))
    if order is not None:
        reason = bodies.text(body, "reason")
        ended = replace(order, status=OrderStatus.CANCELLED, reason=reason)
        venue.orders[order.client_order_id] = ended

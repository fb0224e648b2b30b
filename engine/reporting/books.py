"""The books of one ledger: every fill, and the lots that they opened and closed.

In: records, the method of lots, until when. Out: `Books`. What comes in and goes out is read off
the ledger's own positions, before and after each record that may move them: by average cost the
results are those of the ledger, to the last digit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.ledger import bodies, fold
from engine.ledger.records import RecordKind
from engine.ledger.state import State
from engine.model.numbers import ZERO
from engine.model.orders import Side
from engine.model.symbols import Symbol
from engine.reporting.lots import Closed, Lot, Lots, Method, closed_by_sale, withdrawn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from engine.ledger.bodies import Body
    from engine.ledger.records import Record
    from engine.model.portfolio import Position
    from engine.model.times import UtcTime

_MOVING = frozenset({RecordKind.FILLED, RecordKind.CASH_FLOW, RecordKind.ORDER_ADOPTED})
BY_HAND = "by hand"
"""The strategy of a fill that was of no order of ours."""


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution; `fee` in the quote currency, `intent` why the order was sent."""

    time: UtcTime
    symbol: Symbol
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    maker: bool
    strategy: str
    intent: str
    fill_id: str
    client_order_id: str
    policy_set: str

    @property
    def notional(self) -> Decimal:
        """Quantity times price, in the quote currency."""
        return self.quantity * self.price


@dataclass(slots=True)
class Books:
    """What a ledger says up to a moment: `closed` and `fills` in their order, `open` by product."""

    method: Method
    fills: list[Fill] = field(default_factory=list)
    closed: list[Closed] = field(default_factory=list)
    realised: Decimal = ZERO
    _lots: dict[Symbol, Lots] = field(default_factory=dict)

    @property
    def open(self) -> list[Lot]:
        """The lots that are held, by product, the oldest first."""
        return [lot for symbol in sorted(self._lots, key=str) for lot in self._lots[symbol].open]

    def of(self, symbol: Symbol) -> Lots:
        """The lots of one product."""
        return self._lots.setdefault(symbol, Lots(self.method))


def booked(records: Iterable[Record], method: Method, until: UtcTime | None = None) -> Books:
    """Go through the records, to the last one that was written before `until`."""
    state, books, orders = State(), Books(method), _Orders()
    for record in records:
        if until is not None and record.time >= until:
            break
        body = bodies.of_record(record)
        orders.note(record.kind, body)
        if record.kind in _MOVING:
            _book(state, books, orders, record, body)
        else:
            fold.apply(state, record.kind, record.time, body)
    books.realised = state.realised
    return books


@dataclass(slots=True)
class _Orders:
    """What is known of the orders that fills belong to."""

    _known: dict[int, tuple[str, str, str]] = field(default_factory=dict)

    def note(self, kind: RecordKind, body: Body) -> None:
        if kind is RecordKind.INTENT:
            words = tuple(bodies.text(body, name) for name in ("strategy", "why", "policy_set"))
            self._known[bodies.whole(body, "intent")] = (words[0], words[1], words[2])

    def of(self, number: int) -> tuple[str, str, str]:
        return self._known.get(number, (BY_HAND, "", ""))


def _book(state: State, books: Books, orders: _Orders, record: Record, body: Body) -> None:
    """Fold one record, and put what it did to the positions into the books."""
    fill = None
    if record.kind is RecordKind.FILLED and bodies.text(body, "fill_id") not in state.fills_seen:
        fill = _fill(body, orders)
        books.fills.append(fill)
    before = dict(state.positions)
    fold.apply(state, record.kind, record.time, body)
    for symbol in sorted({*before, *state.positions}, key=str):
        _moved(books, before, state.positions, symbol, fill or record.time)


def _moved(
    books: Books,
    before: Mapping[Symbol, Position],
    after: Mapping[Symbol, Position],
    symbol: Symbol,
    cause: Fill | UtcTime,
) -> None:
    """One product's position before and after: a lot that opened, or lots that closed."""
    old, new = before.get(symbol), after.get(symbol)
    units, cost, fees = _difference(old, new)
    time = cause.time if isinstance(cause, Fill) else cause
    if units > 0:
        books.of(symbol).add(Lot(symbol, time, units, cost, fees))
    elif units < 0:
        parts = books.of(symbol).take(-units)
        if isinstance(cause, Fill) and cause.symbol == symbol and cause.strategy != BY_HAND:
            books.closed += closed_by_sale(parts, time, -units * cause.price, cause.fee)
        else:
            books.closed += withdrawn(parts, time)


def _difference(old: Position | None, new: Position | None) -> tuple[Decimal, Decimal, Decimal]:
    """Units, cost and fees that a position grew by."""
    sides = [(ZERO, ZERO, ZERO) if e is None else (e.quantity, e.cost, e.fees) for e in (new, old)]
    units, cost, fees = (after - before for after, before in zip(*sides, strict=True))
    return units, cost, fees


def _fill(body: Body, orders: _Orders) -> Fill:
    strategy, why, policy_set = orders.of(bodies.whole(body, "intent"))
    return Fill(
        time=bodies.moment(body, "time"),
        symbol=Symbol.parse(bodies.text(body, "symbol")),
        side=Side(bodies.text(body, "side")),
        quantity=bodies.number(body, "quantity"),
        price=bodies.number(body, "price"),
        fee=bodies.number(body, "fee"),
        maker=bodies.flag(body, "maker"),
        strategy=strategy,
        intent=why,
        fill_id=bodies.text(body, "fill_id"),
        client_order_id=bodies.optional_text(body, "client_order_id") or "",
        policy_set=policy_set,
    )

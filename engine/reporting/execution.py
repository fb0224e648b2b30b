"""What was intended against what was done: each order's price and size against its fills.

In: records. Out: `Execution`s, in the order in which they were intended. The price that was
intended is the middle of the market at the decision; slippage is what the fills cost beyond it,
fees apart, and below 0 where they were better. All of it is in the ledger, so sums are exact.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.model.numbers import ZERO
from engine.model.orders import Intent, Side
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from decimal import Decimal

    from engine.ledger.bodies import Body
    from engine.ledger.records import Record
    from engine.model.times import UtcTime

_BPS = 10_000
_PCT = 100
NEVER_LEFT = "never left"
"""What became of an order of a dry run, and of one that was stopped at the wire."""
_ENDS = {
    RecordKind.REJECTED: "rejected",
    RecordKind.UNKNOWN: "unknown",
    RecordKind.NOT_SEEN: "not seen",
    RecordKind.ACKNOWLEDGED: "working",
}


@dataclass(slots=True)
class Execution:
    """One order; `arrival` is the middle of the market when its wish began, rungs before it.

    `worst` is what it counted at against limits: its own limit, or what was assumed.
    """

    time: UtcTime
    symbol: Symbol
    intent: Intent
    strategy: str
    ladder: str
    rung: int
    form: str
    client_order_id: str
    policy_set: str
    quantity: Decimal
    reference: Decimal
    arrival: Decimal
    worst: Decimal
    outcome: str = NEVER_LEFT
    filled: Decimal = ZERO
    notional: Decimal = ZERO
    fee: Decimal = ZERO
    fills: int = 0
    first_fill: UtcTime | None = None

    @property
    def side(self) -> Side:
        """Bought or sold."""
        return self.intent.side

    @property
    def price(self) -> Decimal | None:
        """The average of its fills."""
        return self.notional / self.filled if self.filled else None

    @property
    def filled_pct(self) -> Decimal:
        """The share of its quantity that was done."""
        return _PCT * self.filled / self.quantity if self.quantity else ZERO

    @property
    def slippage(self) -> Decimal:
        """What its fills cost beyond the intended price, in the quote currency."""
        return self._beyond(self.reference)

    @property
    def slippage_bps(self) -> Decimal | None:
        """The same, of what was done at the intended price."""
        return share(self.slippage, self.filled * self.reference)

    @property
    def shortfall(self) -> Decimal:
        """What its fills cost beyond the price at which the wish began, fees included."""
        return self._beyond(self.arrival) + self.fee

    @property
    def shortfall_bps(self) -> Decimal | None:
        """The same, of what was done at that price."""
        return share(self.shortfall, self.filled * self.arrival)

    @property
    def waited_s(self) -> float | None:
        """From the intent to the first fill."""
        return None if self.first_fill is None else self.first_fill.since_s(self.time)

    def _beyond(self, price: Decimal) -> Decimal:
        paid = self.notional - self.filled * price
        return paid if self.side is Side.BUY else -paid


@dataclass(frozen=True, slots=True)
class Executed:
    """The orders of one strategy in one sort of intent: what they cost together."""

    strategy: str
    intent: Intent
    currency: str
    orders: int
    filled: int
    notional: Decimal
    slippage: Decimal
    shortfall: Decimal
    fee: Decimal

    @property
    def slippage_bps(self) -> Decimal | None:
        """Of what was traded."""
        return share(self.slippage, self.notional)

    @property
    def shortfall_bps(self) -> Decimal | None:
        """Of what was traded."""
        return share(self.shortfall, self.notional)

    @property
    def fee_bps(self) -> Decimal | None:
        """Of what was traded."""
        return share(self.fee, self.notional)


def share(amount: Decimal, whole: Decimal) -> Decimal | None:
    """Basis points of a whole; None of nothing."""
    return _BPS * amount / whole if whole else None


@dataclass(slots=True)
class _Fold:
    """What is known while the records are read."""

    found: dict[int, Execution] = field(default_factory=dict)
    dry: list[Execution] = field(default_factory=list)
    fills: set[str] = field(default_factory=set)


def executions(records: Iterable[Record], until: UtcTime | None = None) -> list[Execution]:
    """Every order that was allowed, to the last record that was written before `until`."""
    fold = _Fold()
    for record in records:
        if until is not None and record.time >= until:
            break
        note = _NOTED.get(record.kind)
        if note is not None:
            note(fold, record, bodies.of_record(record))
    return sorted((*fold.found.values(), *fold.dry), key=lambda each: each.time)


def _decision(fold: _Fold, record: Record, body: Body) -> None:
    """A dry run intends, and leaves no intent."""
    if body.get("client_order_id") is None or bodies.text(body, "mode") != "dry_run":
        return
    wish = bodies.mapping(body, "wish")
    fold.dry.append(_execution(record.time, wish, body, bodies.number(body, "quantity"), None))


def _intent(fold: _Fold, record: Record, body: Body) -> None:
    parent = body.get("parent")
    before = fold.found.get(parent) if isinstance(parent, int) else None
    quantity = bodies.number(body, "quantity")
    found = _execution(record.time, body, body, quantity, before)
    fold.found[bodies.whole(body, "intent")] = found


def _execution(
    time: UtcTime,
    wish: Mapping[str, bodies.Json],
    body: Body,
    quantity: Decimal,
    before: Execution | None,
) -> Execution:
    reference = bodies.number(wish, "reference_price")
    return Execution(
        time=time,
        symbol=Symbol.parse(bodies.text(wish, "symbol")),
        intent=Intent(bodies.text(wish, "why")),
        strategy=bodies.text(wish, "strategy"),
        ladder=bodies.text(wish, "ladder"),
        rung=bodies.whole(wish, "rung"),
        form=bodies.text(wish, "form"),
        client_order_id=bodies.text(body, "client_order_id"),
        policy_set=bodies.text(body, "policy_set"),
        quantity=quantity,
        reference=reference,
        arrival=reference if before is None else before.arrival,
        worst=bodies.number(wish, "worst_price"),
    )


def _filled(fold: _Fold, _record: Record, body: Body) -> None:
    found = fold.found.get(bodies.whole(body, "intent"))
    fill_id = bodies.text(body, "fill_id")
    if found is None or fill_id in fold.fills:
        return
    fold.fills.add(fill_id)
    quantity = bodies.number(body, "quantity")
    found.filled += quantity
    found.notional += quantity * bodies.number(body, "price")
    found.fee += bodies.number(body, "fee")
    found.fills += 1
    found.first_fill = found.first_fill or bodies.moment(body, "time")
    found.outcome = "filled" if found.filled >= found.quantity else "in part"


def _ended(fold: _Fold, record: Record, body: Body) -> None:
    found = fold.found.get(bodies.whole(body, "intent"))
    if found is not None and not found.filled:
        found.outcome = _ENDS[record.kind]


def _cancelled(fold: _Fold, _record: Record, body: Body) -> None:
    found = fold.found.get(bodies.whole(body, "intent"))
    if found is not None and not found.filled:
        found.outcome = NEVER_LEFT if body.get("sent") is False else "cancelled"


_NOTED: Mapping[RecordKind, Callable[[_Fold, Record, Body], None]] = {
    RecordKind.DECISION: _decision,
    RecordKind.INTENT: _intent,
    RecordKind.FILLED: _filled,
    RecordKind.CANCELLED: _cancelled,
    **dict.fromkeys(_ENDS, _ended),
}


def by_strategy(orders: Iterable[Execution]) -> list[Executed]:
    """Summed up by strategy, intent and currency: no two currencies are added."""

    def key(each: Execution) -> tuple[str, str, str]:
        return each.strategy, each.intent.value, each.symbol.quote

    return [_summed(name, list(group)) for name, group in groupby(sorted(orders, key=key), key=key)]


def _summed(name: tuple[str, str, str], orders: list[Execution]) -> Executed:
    strategy, intent, currency = name
    return Executed(
        strategy=strategy,
        intent=Intent(intent),
        currency=currency,
        orders=len(orders),
        filled=sum(bool(each.filled) for each in orders),
        notional=sum((each.notional for each in orders), ZERO),
        slippage=sum((each.slippage for each in orders), ZERO),
        shortfall=sum((each.shortfall for each in orders), ZERO),
        fee=sum((each.fee for each in orders), ZERO),
    )

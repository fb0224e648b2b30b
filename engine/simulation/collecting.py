"""The collector: listens to a run, and keeps what a simulation tells of it.

In: every record as it is written, and every round as it ends. Out: the parts of `Simulation`.
Its size grows with what happens, and by a few numbers a cycle; records are hashed and let go.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from dataclasses import dataclass, field
from math import nan
from typing import TYPE_CHECKING

from engine.cycle.desk import Round
from engine.cycle.facts.universe import limit_groups
from engine.cycle.firing import Firing
from engine.cycle.records.order_bodies import wish_of
from engine.cycle.records.telling import cause
from engine.cycle.steps.breakers import trading_state
from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.model.orders import Side
from engine.model.symbols import Symbol
from engine.model.times import UtcTime
from engine.simulation.result import Event, FillTold, OrderTold, Series, Silence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from engine.cycle.desk import Desk, Told
    from engine.ledger.bodies import Body
    from engine.ledger.records import Record
    from engine.model.decisions import Reason
    from engine.model.orders import OrderIntent
    from engine.simulation.stepping import Passed

STATES = ("ACTIVE", "REDUCING", "HALTED")
_EVENTS = frozenset(
    {
        RecordKind.BREAKER_TRIPPED,
        RecordKind.BREAKER_RESET,
        RecordKind.ALERT,
        RecordKind.HALT,
        RecordKind.REJECTED,
        RecordKind.WAIVER_USED,
        RecordKind.PLAN_CHANGED,
    }
)


@dataclass(slots=True)
class _Still:
    """A silence that goes on."""

    reason: Reason
    first: UtcTime
    last: UtcTime
    cycles: int


@dataclass(slots=True)
class Collector:
    """Hears one run from its first record to its last; `hear` is told every record as well."""

    desk: Desk
    hear: Callable[[Record, Body], None]
    firing: Firing = field(init=False)
    orders: list[OrderTold] = field(default_factory=list, init=False)
    fills: list[FillTold] = field(default_factory=list, init=False)
    events: list[Event] = field(default_factory=list, init=False)
    silences: list[Silence] = field(default_factory=list, init=False)
    records: Counter[RecordKind] = field(default_factory=Counter, init=False)
    stepped: int = field(default=0, init=False)
    left_out: int = field(default=0, init=False)
    _stream: hashlib._Hash = field(default_factory=hashlib.sha256, init=False)
    _still: dict[Symbol, _Still] = field(default_factory=dict, init=False)
    _times: array[int] = field(default_factory=lambda: array("q"), init=False)
    _equity: array[float] = field(default_factory=lambda: array("d"), init=False)
    _cash: array[float] = field(default_factory=lambda: array("d"), init=False)
    _states: array[int] = field(default_factory=lambda: array("b"), init=False)
    _held: dict[str, array[float]] = field(default_factory=dict, init=False)
    _grouped: dict[str, array[float]] = field(default_factory=dict, init=False)
    _wishes: dict[str, OrderIntent] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Begin to listen; nothing of the run must have happened yet."""
        self.firing = Firing(self.desk.policy_set, self.desk.programme)
        self.desk.recorder.hearers.append(self._on_record)

    @property
    def stream_hash(self) -> str:
        """The hash of the decision stream so far."""
        return self._stream.hexdigest()

    @property
    def series(self) -> Series:
        """The series so far."""
        return Series(
            times=self._times,
            equity=self._equity,
            cash=self._cash,
            exposure=_filled(self._held, len(self._times)),
            groups=_filled(self._grouped, len(self._times)),
            states=self._states,
        )

    def on_round(self, this: Round) -> None:
        """Take in a cycle that has ended."""
        for told in this.orders:
            self._on_order(this, told)
        self.firing.add(this)
        self._on_blockers(this)
        self._measure(this)
        self.stepped += 1

    def on_quiet(self, now: UtcTime) -> None:
        """Take in a cycle that was left out: what stood in a product's way stands there still."""
        self._leave_out(now, 1)
        self._measure(Round(self.desk.state.cycle, now))

    def on_passed(self, passed: Passed) -> None:
        """Take in several cycles in a row that were left out."""
        now, before = UtcTime(passed.times[-1]), len(self._times)
        self._leave_out(now, len(passed.times))
        self._times.extend(passed.times)
        self._equity.extend(passed.equity)
        self._cash.extend([passed.cash] * len(passed.times))
        state = STATES.index(trading_state(self.desk, Round(self.desk.state.cycle, now)))
        self._states.extend([state] * len(passed.times))
        grouped: dict[str, list[float]] = {}
        for symbol, values in passed.held.items():
            self._put_all(self._held, str(symbol), values, before)
            for group in limit_groups(self.desk.policy_set.universe, symbol):
                sums = grouped.get(group) or [0.0] * len(values)
                grouped[group] = [one + more for one, more in zip(sums, values, strict=True)]
        for group, sums in grouped.items():
            self._put_all(self._grouped, group, sums, before)

    def _leave_out(self, now: UtcTime, cycles: int) -> None:
        self.left_out += cycles
        for still in self._still.values():
            still.last = now
            still.cycles += cycles

    def finish(self) -> None:
        """The run is over: what was silent at the end was silent until then."""
        for symbol in sorted(self._still):
            self._end_silence(symbol)

    def _on_record(self, record: Record, body: Body) -> None:
        kind = record.kind
        self.records[kind] += 1
        if kind is not RecordKind.CYCLE:
            self._stream.update(stream_line(record))
        if kind is RecordKind.INTENT:
            wish = wish_of(body, bodies.whole(body, "intent"))
            self._wishes[bodies.text(body, "client_order_id")] = wish
        elif kind is RecordKind.FILLED:
            self.fills.append(self._fill(record.time, body))
        elif kind in _EVENTS:
            self.events.append(Event(record.time, kind, body))
        self.hear(record, body)

    def _fill(self, time: UtcTime, body: Body) -> FillTold:
        order_id = bodies.text(body, "client_order_id")
        symbol = Symbol.parse(bodies.text(body, "symbol"))
        held = symbol in self.desk.state.positions
        return FillTold(
            time=time,
            wish=self._wishes[order_id],
            client_order_id=order_id,
            symbol=symbol,
            bought=bodies.text(body, "side") == Side.BUY.value,
            quantity=bodies.number(body, "quantity"),
            price=bodies.number(body, "price"),
            fee=bodies.number(body, "fee"),
            maker=bool(body["maker"]),
            flat=not held or symbol in self.desk.dust(),
            rate=self.desk.valuation.rate(symbol.quote),
        )

    def _on_order(self, this: Round, told: Told) -> None:
        quote = self.desk.market.quotes.get(told.intent.symbol)
        mid = None
        if quote is not None and quote.bid is not None and quote.ask is not None:
            mid = (quote.bid + quote.ask) / 2
        self.orders.append(
            OrderTold(
                time=this.now,
                cycle=this.number,
                intent=told.intent,
                decision=told.decision,
                client_order_id=told.client_order_id,
                outcome=told.outcome,
                mid=mid,
                rate=self.desk.valuation.rate(told.intent.symbol.quote),
                fee_bps=self.desk.valuation.fee_bps(told.intent.form),
            )
        )

    def _on_blockers(self, this: Round) -> None:
        for symbol, reason in this.blockers.items():
            still = self._still.get(symbol)
            if still is not None and _same(still.reason, reason):
                still.last = this.now
                still.cycles += 1
                continue
            if still is not None:
                self._end_silence(symbol)
            self._still[symbol] = _Still(reason, this.now, this.now, 1)
        for symbol in [each for each in self._still if each not in this.blockers]:
            if symbol in this.resting:
                self._still[symbol].last = this.now
                self._still[symbol].cycles += 1
            else:
                self._end_silence(symbol)

    def _end_silence(self, symbol: Symbol) -> None:
        still = self._still.pop(symbol)
        self.silences.append(Silence(symbol, still.reason, still.first, still.last, still.cycles))

    def _measure(self, this: Round) -> None:
        desk, state = self.desk, self.desk.state
        equity = desk.valuation.equity(state)
        self._times.append(this.now.ns)
        self._equity.append(nan if equity is None else float(equity))
        self._cash.append(float(desk.valuation.cash(state)))
        self._states.append(STATES.index(trading_state(desk, this)))
        grouped: Counter[str] = Counter()
        for symbol in state.positions:
            worth = desk.valuation.position(state, symbol)
            value = nan if worth is None else float(worth)
            self._put(self._held, str(symbol), value)
            for group in limit_groups(desk.policy_set.universe, symbol):
                grouped[group] += value  # type: ignore[assignment]  # a sum of floats
        for group, value in grouped.items():
            self._put(self._grouped, group, value)

    def _put(self, into: dict[str, array[float]], name: str, value: float) -> None:
        """Put this cycle's value."""
        self._put_all(into, name, (value,), len(self._times) - 1)

    def _put_all(
        self, into: dict[str, array[float]], name: str, told: Sequence[float], before: int
    ) -> None:
        """Put values after so many cycles; in those that did not put one there was nothing."""
        values = into.setdefault(name, array("d"))
        values.extend(_zeros(before - len(values)))
        values.extend(told)


def stream_line(record: Record) -> bytes:
    """One record of the decision stream, as it is hashed and compared."""
    return b"%b\0%b\0%b\n" % (record.kind.value.encode(), str(record.time).encode(), record.body)


def _zeros(count: int) -> Iterator[float]:
    return (0.0 for _ in range(count))


def _filled(held: dict[str, array[float]], length: int) -> dict[str, array[float]]:
    for values in held.values():
        values.extend(_zeros(length - len(values)))
    return dict(sorted(held.items()))


def _same(one: Reason, other: Reason) -> bool:
    """The numbers in a reason move every cycle; what refuses, and by which rule, is the reason."""
    return one is other or cause(one) == cause(other)

"""What a simulation found: orders, executions, events and series, as frozen values.

In: what the collector gathered. Out: `Simulation`. Money is Decimal as the ledger has it; series
are floats, one value a cycle, for charts and statistics. Nothing here is an estimate.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from engine.adapters.recorded import Recording
    from engine.cycle.firing import RuleCount
    from engine.ledger.bodies import Body
    from engine.ledger.records import RecordKind
    from engine.model.decisions import Decision, Reason
    from engine.model.orders import Mode, OrderIntent
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet
    from engine.simulation.terms import Terms

DENIED = "denied"


@dataclass(frozen=True, slots=True)
class OrderTold:
    """One decision of the judge: what was wanted, what was answered, what became of it.

    `outcome` is `denied`, `sent`, `rejected: …`, or what stopped it at the wire. `mid` is the
    middle of the quote that it was decided on, None where a side was missing; `rate` is what one
    unit of its quote currency is worth, None where nobody states it; `fee_bps` its assumed fee.
    """

    time: UtcTime
    cycle: int
    intent: OrderIntent
    decision: Decision
    client_order_id: str | None
    outcome: str
    mid: Decimal | None
    rate: Decimal | None
    fee_bps: Decimal

    @property
    def asked_usd(self) -> Decimal | None:
        """What was asked for, at its worst price, in the numeraire."""
        worst = self.intent.worst_price
        return None if self.rate is None else self.decision.asked * worst * self.rate

    @property
    def denied(self) -> bool:
        """Whether we refused it."""
        return self.outcome == DENIED


@dataclass(frozen=True, slots=True)
class FillTold:
    """One execution of the order `wish`, whose reference price is what was expected.

    `flat` says that nothing is held after it but dust. Prices and fees are in the quote currency,
    of which one unit is worth `rate`.
    """

    time: UtcTime
    wish: OrderIntent
    client_order_id: str
    symbol: Symbol
    bought: bool
    quantity: Decimal
    price: Decimal
    fee: Decimal
    maker: bool
    flat: bool
    rate: Decimal | None

    @property
    def slippage(self) -> Decimal:
        """What the price cost against the reference, in the quote currency; below 0 it gained."""
        worse = self.price - self.wish.reference_price
        return self.quantity * (worse if self.bought else -worse)


@dataclass(frozen=True, slots=True)
class Event:
    """A breaker that trips or resets, an alert that fires or resolves, a halt: as recorded."""

    time: UtcTime
    kind: RecordKind
    body: Body = field(repr=False)


@dataclass(frozen=True, slots=True)
class Silence:
    """A stretch of cycles in which nothing was proposed for a product, for one reason."""

    symbol: Symbol
    reason: Reason
    first: UtcTime
    last: UtcTime
    cycles: int


@dataclass(frozen=True, slots=True)
class Series:
    """One value a cycle, stepped or not, NaN where it is not known; `exposure` and `groups` in USD.

    `times` are nanoseconds. A product or group that was never held has no series.
    """

    times: Sequence[int] = field(repr=False)
    equity: Sequence[float] = field(repr=False)
    cash: Sequence[float] = field(repr=False)
    exposure: Mapping[str, Sequence[float]] = field(repr=False)
    groups: Mapping[str, Sequence[float]] = field(repr=False)
    states: Sequence[int] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Simulation:
    """One policy set over one recording: the same terms give the same value, on any machine.

    `stream_hash` is the SHA-256 over the decision stream: every record but those of cycles, by
    kind, time and body. `cycles` counts the instants of the timetable, `stepped` those at which
    the cycle ran; `skipped_s` is silence of every product that no cycle was due in.
    """

    policy_set: PolicySet = field(repr=False)
    terms: Terms
    mode: Mode
    recording: Recording = field(repr=False)
    first: UtcTime
    last: UtcTime
    cycles: int
    stepped: int
    skipped_s: float
    stream_hash: str
    records: Mapping[RecordKind, int] = field(repr=False)
    orders: tuple[OrderTold, ...] = field(repr=False)
    fills: tuple[FillTold, ...] = field(repr=False)
    events: tuple[Event, ...] = field(repr=False)
    silences: tuple[Silence, ...] = field(repr=False)
    rules: tuple[RuleCount, ...] = field(repr=False)
    series: Series = field(repr=False)
    begun_with: Decimal | None
    ended_with: Decimal | None
    realised: Decimal
    fees: Decimal

    @property
    def quotes_are(self) -> str:
        """Where the quotes come from: that they were recorded, or the model that they follow."""
        derived = self.recording.derived
        return "recorded" if derived is None else derived.words

    @property
    def denied(self) -> tuple[OrderTold, ...]:
        """Orders that we refused."""
        return tuple(each for each in self.orders if each.denied)

    @property
    def sent(self) -> tuple[OrderTold, ...]:
        """Orders that were allowed, whatever became of them."""
        return tuple(each for each in self.orders if not each.denied)

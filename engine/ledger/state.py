"""The state of one stream (mode and account): what the fold of its records has become.

In: only `fold.apply` writes here. Out: the cycle reads it. It holds nothing that the records do
not say; deleting it loses nothing. The one mutable value of the core, because a fold that
copied every mapping at every record would cost more than the decisions.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from engine.ledger.alerts import Telling
from engine.ledger.tightenings import Tightenings
from engine.model.numbers import ZERO

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from engine.ledger.alerts import AlertKey, AlertState
    from engine.ledger.bodies import Json
    from engine.model.approvals import Approval
    from engine.model.orders import Intent
    from engine.model.portfolio import ForeignOrder, Position, WorkingOrder
    from engine.model.probing import ProbeFindings
    from engine.model.supervision import Ask
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime


_COMMANDS_KEPT = 100
"""Ids of the last commands: only that of a file that a crash left behind is ever asked for."""


@dataclass(frozen=True, slots=True)
class Latch:
    """A tripped breaker; its reset is kept here, so it outlives the document that set it."""

    breaker: str
    key: str
    scope: str
    while_tripped: str
    tripped: UtcTime
    resets_at: UtcTime | None
    rearm_not_before: UtcTime | None
    high_water_mark: str | None
    text: str
    cancel: str
    on_trip: str


@dataclass(frozen=True, slots=True)
class Membership:
    """A product's tier, and since when it has missed what the tier asks."""

    tier: str
    failing_since: UtcTime | None = None


@dataclass(frozen=True, slots=True)
class Liquidation:
    """A person's order to sell all of a product."""

    since: UtcTime
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Overdue:
    """A holding that a rule wants less of: since when, how much it was, when a slice was sold."""

    since: UtcTime
    quantity: Decimal
    sliced: UtcTime | None = None


@dataclass(frozen=True, slots=True)
class FeePaid:
    """What one fill cost: `notional` and `fee` in `currency`, the product's quote currency."""

    time: UtcTime
    maker: bool
    currency: str
    notional: Decimal
    fee: Decimal


@dataclass(slots=True)
class NavMarks:
    """Net asset value per unit: the units change with cash flows, so the value does not.

    `flowed` is what came in (or went out, below 0) and is not settled: units of a currency, or
    of our position in a product. `valued_before` are the terms by which the marks were made, while
    those of a new set have not been settled.
    """

    units: float = 0.0
    latest: float = 1.0
    high_water: float = 1.0
    day: UtcTime | None = None
    day_start: float = 1.0
    samples: deque[tuple[UtcTime, float]] = field(default_factory=deque)
    flowed: dict[str | Symbol, Decimal] = field(default_factory=dict)
    valued_before: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class Probed:
    """What the venue does with repeated order ids, as it was last found out."""

    time: UtcTime
    symbol: Symbol
    findings: ProbeFindings


@dataclass(frozen=True, slots=True)
class RefusedSet:
    """A set that was to be taken and was not; `policy_set` is None where it made none."""

    policy_set: str | None
    since: UtcTime
    findings: tuple[str, ...]


@dataclass(slots=True)
class Reload:
    """Which set is in force since when, and what became of tries to take another."""

    since: UtcTime | None = None
    asked: UtcTime | None = None
    refused: RefusedSet | None = None


class Deed(Enum):
    """What a pause can be counted from: the last time that it happened.

    A win or a loss is a position that is closed; a stop is an execution on the stop's ladder.
    """

    TRADE = "trade"
    ENTRY = "entry"
    WIN = "win"
    LOSS = "loss"
    STOP = "stop"
    FAILURE = "failure"


@dataclass(slots=True)
class Pace:
    """Times of what was done, pruned to the windows that facts ask for."""

    orders: deque[UtcTime] = field(default_factory=deque)
    entries: deque[UtcTime] = field(default_factory=deque)
    messages: deque[UtcTime] = field(default_factory=deque)
    acknowledged: deque[UtcTime] = field(default_factory=deque)
    rejected: deque[UtcTime] = field(default_factory=deque)
    adds: deque[tuple[UtcTime, Symbol]] = field(default_factory=deque)
    last: dict[Deed, UtcTime] = field(default_factory=dict)
    last_of: dict[Symbol, dict[Deed, UtcTime]] = field(default_factory=dict)
    executions_since_arm: dict[str, int] = field(default_factory=dict)
    losses_in_a_row: int = 0
    last_like: dict[tuple[Symbol, str, str], UtcTime] = field(default_factory=dict)
    fees: deque[FeePaid] = field(default_factory=deque)
    late: deque[UtcTime] = field(default_factory=deque)
    by_hand: deque[UtcTime] = field(default_factory=deque)

    def note(self, deed: Deed, symbol: Symbol, time: UtcTime) -> None:
        """It happened, in this product and so in the account."""
        self.last[deed] = time
        self.last_of.setdefault(symbol, {})[deed] = time


@dataclass(slots=True)
class State:
    """Everything that the records of one stream add up to.

    `policy_set` is the set in force; `reviewed` the one that people approved, another one where
    tightenings lie over it.
    """

    mode: str = ""
    account: str = ""
    nonce: bytes = b""
    genesis: UtcTime | None = None
    genesis_cash: dict[str, Decimal] = field(default_factory=dict)
    policy_set: str | None = None
    reviewed: str | None = None
    ceilings: str | None = None
    approval: Approval | None = None
    sequence: int | None = None
    sequenced: str | None = None
    activated: list[str] = field(default_factory=list)
    deployment: str | None = None
    reload: Reload = field(default_factory=Reload)
    tightenings: Tightenings = field(default_factory=Tightenings)
    next_intent: int = 1
    cycle: int = 0
    last_cycle: UtcTime | None = None
    cash: dict[str, Decimal] = field(default_factory=dict)
    positions: dict[Symbol, Position] = field(default_factory=dict)
    working: dict[int, WorkingOrder] = field(default_factory=dict)
    ended: dict[int, WorkingOrder] = field(default_factory=dict)
    watched: dict[int, tuple[UtcTime, WorkingOrder]] = field(default_factory=dict)
    closed: dict[int, tuple[UtcTime, WorkingOrder]] = field(default_factory=dict)
    foreign: dict[str, ForeignOrder] = field(default_factory=dict)
    scanned: UtcTime | None = None
    transfers_seen: set[str] = field(default_factory=set)
    probe_ids: set[str] = field(default_factory=set)
    probed: Probed | None = None
    intents: dict[str, int] = field(default_factory=dict)
    fills_seen: set[str] = field(default_factory=set)
    last_fill: UtcTime | None = None
    latches: dict[tuple[str, str], Latch] = field(default_factory=dict)
    universe: dict[Symbol, Membership] = field(default_factory=dict)
    liquidating: dict[Symbol, Liquidation] = field(default_factory=dict)
    overdue: dict[str, Overdue] = field(default_factory=dict)
    refused: dict[tuple[Symbol, Intent], tuple[str, ...]] = field(default_factory=dict)
    alerts: dict[AlertKey, AlertState] = field(default_factory=dict)
    telling: Telling = field(default_factory=Telling)
    asks: dict[int, Ask] = field(default_factory=dict)
    next_ask: int = 1
    nav: NavMarks = field(default_factory=NavMarks)
    pace: Pace = field(default_factory=Pace)
    differences: dict[str, str] = field(default_factory=dict)
    away: dict[str, Decimal] = field(default_factory=dict)
    halted: str | None = None
    commands: deque[str] = field(default_factory=lambda: deque(maxlen=_COMMANDS_KEPT))
    realised: Decimal = ZERO
    fees: Decimal = ZERO
    orders_sent: int = 0
    decisions: int = 0

    @property
    def mismatches(self) -> int:
        """How many balances differ between venue and ledger."""
        return len(self.differences)

    def intent_of(self, client_order_id: str) -> int:
        """The number of the intent that was given this id; 0 for an id that is not ours."""
        return self.intents.get(client_order_id, 0)

    def order(self, number: int) -> WorkingOrder | None:
        """An order that works, or that ended within the last day."""
        ended = self.closed.get(number)
        return self.working.get(number) or (None if ended is None else ended[1])

    def held(self) -> tuple[Position, ...]:
        """Every position, sorted by product."""
        return tuple(self.positions[symbol] for symbol in sorted(self.positions))

    def exposed(self, target: str) -> tuple[Symbol, ...]:
        """Products that are held, or may be by a working buy: of this name, or all without one."""
        buys = {order.symbol for order in self.working.values() if order.intent.adds_risk}
        found = sorted({*self.positions, *buys})
        return tuple(symbol for symbol in found if target in {"", str(symbol)})

    def working_for(self, symbol: Symbol) -> tuple[WorkingOrder, ...]:
        """Orders of one product that may still change what is held, oldest first."""
        if not self.working:
            return ()
        return tuple([order for order in self.working.values() if order.symbol == symbol])

    def pending_sell(self, symbol: Symbol) -> Decimal:
        """Base units that working sells, unknown ones too, could still take."""
        sells = (o.remaining for o in self.working_for(symbol) if not o.intent.adds_risk)
        return sum(sells, ZERO)

"""One cycle as it is told: the round, what the ledger recorded in it, and where it left us.

In: a session and its rounds. Out: `ToldCycle`, which the text and the JSON are made of. The
records are the ledger's own, so what is shown is what was written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.cycle.facts.rules import ACCOUNT_KEY
from engine.cycle.steps.breakers import trading_state
from engine.ledger.records import RecordKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from engine.cycle.desk import Round, Told
    from engine.ledger.bodies import Body
    from engine.ledger.records import Record
    from engine.run import Session

# Kinds that a person reads as they happen; a decision stands for its order in the round.
_HEARD = frozenset(
    {
        RecordKind.DECISION,
        RecordKind.FILLED,
        RecordKind.CANCELLED,
        RecordKind.BREAKER_TRIPPED,
        RecordKind.BREAKER_RESET,
        RecordKind.ALERT,
        RecordKind.HALT,
        RecordKind.RESUME,
        RecordKind.OPERATOR_COMMAND,
        RecordKind.SET_ACTIVATED,
        RecordKind.RELOAD,
    }
)
DENIED = "denied"
_PCT = 100


@dataclass(frozen=True, slots=True)
class ToldCycle:
    """One cycle: `records` since the one before it, by kind in their order.

    `day_pct` is the result since midnight UTC, flows of cash apart.
    """

    this: Round
    state: str
    regime: str
    equity: Decimal | None
    day_pct: float
    open_positions: int
    records: tuple[tuple[RecordKind, Body], ...]

    @property
    def sent(self) -> list[Told]:
        """Orders that were allowed, whatever became of them."""
        return [each for each in self.this.orders if each.outcome != DENIED]

    @property
    def denied(self) -> list[Told]:
        """Orders that we refused."""
        return [each for each in self.this.orders if each.outcome == DENIED]

    def of(self, *kinds: RecordKind) -> list[Body]:
        """The bodies of the records of these kinds."""
        return [body for kind, body in self.records if kind in kinds]


@dataclass(slots=True)
class Listening:
    """Hears a session's records, and puts each round together with its own."""

    session: Session
    tell: Callable[[ToldCycle], None]
    _heard: list[tuple[RecordKind, Body]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin to listen."""
        self.session.desk.recorder.hearers.append(self._hear)

    def __call__(self, this: Round) -> None:
        """Tell one round."""
        desk, records = self.session.desk, tuple(self._heard)
        nav = desk.state.nav
        self._heard.clear()
        told = ToldCycle(
            this=this,
            state=trading_state(desk, this),
            regime=str(this.account.get("regime.name", "unknown")),
            equity=desk.valuation.equity(desk.state),
            day_pct=_PCT * (nav.latest / nav.day_start - 1),
            open_positions=len(desk.state.positions),
            records=records,
        )
        self.tell(told)

    def _hear(self, record: Record, body: Body) -> None:
        if record.kind in _HEARD:
            self._heard.append((record.kind, body))


def keyed(name: object, key: object) -> str:
    """`daily_stop`, or `quote_stop:BTC-USD` where it is about one product."""
    return str(name) if key == ACCOUNT_KEY else f"{name}:{key}"

"""Where a trader stands: everything a person asks first, from one reading of the ledger.

In: a `LedgerView`. Out: `Status`, of the newest record, once or followed as the ledger grows. The
limits' headroom is that of the last decision that asked each of them; a limit that no decision has
asked yet is not shown as passed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.cycle.records.story import decision_of
from engine.errors import Diagnostic, MandateError
from engine.ledger import bodies, fold
from engine.ledger.records import RecordKind
from engine.ledger.state import State
from engine.run.questions import set_of

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.adapters.system.lock import Holder
    from engine.cycle.records.story import DecisionRecord
    from engine.ledger.bodies import Body
    from engine.ledger.records import Record
    from engine.ledger.state import Latch
    from engine.model.decisions import Evaluation
    from engine.model.portfolio import ForeignOrder, Position
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime
    from engine.run.ledgers import LedgerView
    from engine.run.questions import NamedSet

_PCT = 100
_DECISIONS_KEPT = 50
"""How many of the newest decisions a person may want to see at once."""


@dataclass(frozen=True, slots=True)
class AskedRule:
    """A rule's last answer: when, and about which product."""

    time: UtcTime
    symbol: Symbol
    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class HeldPosition:
    """A position with its last bid; `stop_price` is the nearer of stop and trailing stop."""

    position: Position
    bid: Decimal | None

    @property
    def stop_price(self) -> Decimal:
        """The bid at which it is sold, as of now."""
        plan = self.position.plan
        stop = self.position.entry_price * (1 - plan.stop_pct / _PCT)
        if plan.trailing_pct is None:
            return stop
        return max(stop, self.position.peak_price * (1 - plan.trailing_pct / _PCT))

    @property
    def result_pct(self) -> Decimal | None:
        """The bid against the average entry, fees apart."""
        if self.bid is None:
            return None
        return _PCT * (self.bid / self.position.entry_price - 1)

    @property
    def to_stop_pct(self) -> Decimal | None:
        """How far the bid may still fall before it is sold."""
        return None if self.bid is None else _PCT * (1 - self.stop_price / self.bid)


@dataclass(slots=True)
class Status:
    """The state, and what of the records the state does not keep."""

    state: State = field(default_factory=State)
    named: NamedSet | None = None
    trading: str = "NOT STARTED"
    regime: str = "unknown"
    equity: Decimal | None = None
    bids: dict[str, Decimal] = field(default_factory=dict)
    rules: dict[tuple[str, str], AskedRule] = field(default_factory=dict)
    last: Record | None = None
    killed: str | None = None
    holder: Holder | None = None
    undecided_breakers: tuple[str, ...] = ()
    broken_invariants: tuple[str, ...] = ()
    decisions: deque[DecisionRecord] = field(default_factory=lambda: deque(maxlen=_DECISIONS_KEPT))
    blockers: dict[str, str] = field(default_factory=dict)

    @property
    def positions(self) -> tuple[HeldPosition, ...]:
        """What is held, with the last bids."""
        held = self.state.held()
        return tuple(HeldPosition(each, self.bids.get(str(each.symbol))) for each in held)

    @property
    def foreign(self) -> tuple[ForeignOrder, ...]:
        """Orders at the account that no record of ours made and that were open when last seen."""
        return tuple(o for o in self.state.foreign.values() if not o.status.final)


def status_of(view: LedgerView) -> Status:
    """Read the whole ledger once."""
    return StatusFollower(view).now()


class StatusFollower:
    """A status that is kept up to date: each look reads what was written since the one before."""

    def __init__(self, view: LedgerView) -> None:
        self.view = view
        self._source = view.follow()
        self._status = Status()

    def now(self) -> Status:
        """Where it stands now; the same value each time, moved on. Raises as `view.records`."""
        activation: Body | None = None
        for record in self._source.more():
            body = bodies.of_record(record)
            _note(self._status, record, body)
            if record.kind is RecordKind.SET_ACTIVATED:
                activation = body
        # Only the last of them is in force, and to build one takes longer than many records.
        if activation is not None:
            self._status.named = set_of(activation)
        self._status.killed = self.view.kill_switch()
        self._status.holder = self.view.holder()
        return self._status


def _note(status: Status, record: Record, body: Body) -> None:
    fold.apply(status.state, record.kind, record.time, body)
    status.last = record
    match record.kind:
        case RecordKind.CYCLE:
            _note_cycle(status, body)
        case RecordKind.DECISION:
            _note_decision(status, record)
        case _:
            pass


def rearmable(view: LedgerView, target: str) -> str:
    """What `rearm` will let go, in words; raises MandateError (M456) when it may not.

    A tripped breaker whose document leaves that to a person, or a strategy that has executed.
    """
    state = status_of(view).state
    executed = state.pace.executions_since_arm
    names = {
        f"{name}:{key}" if key else name: latch for (name, key), latch in state.latches.items()
    }
    if target in names:
        return _waits_for_a_person(target, names[target])
    if target in executed:
        return f"it has executed {executed[target]} times since it was armed"
    message = f"`{target}` is not tripped, and no strategy that has executed"
    shown = ", ".join(sorted({*names, *executed})) or "nothing"
    raise MandateError([Diagnostic("M456", message, None, f"to be re-armed: {shown}")])


def _waits_for_a_person(target: str, latch: Latch) -> str:
    if latch.rearm_not_before is None:
        message = f"`{target}` is not re-armed by hand"
        mend = f"it resets by itself at {latch.resets_at}"
        raise MandateError([Diagnostic("M456", message, None, mend)])
    return f"its document allows it from {latch.rearm_not_before} on"


def _note_cycle(status: Status, body: Body) -> None:
    status.trading = bodies.text(body, "state")
    status.regime = bodies.text(body, "regime")
    status.equity = bodies.optional_number(body, "equity_usd")
    status.blockers = {name: str(why) for name, why in bodies.mapping(body, "blockers").items()}
    undecided = body["undecided_breakers"]
    status.undecided_breakers = tuple(map(str, undecided)) if isinstance(undecided, list) else ()
    status.broken_invariants = tuple(sorted(bodies.mapping(body, "broken_invariants")))
    for name, mark in bodies.mapping(body, "marks").items():
        bid = bodies.optional_number(mark, "bid") if isinstance(mark, dict) else None
        if bid is not None:
            status.bids[name] = bid


def _note_decision(status: Status, record: Record) -> None:
    decided = decision_of(record)
    status.decisions.append(decided)
    for each in decided.decision.evaluations:
        asked = AskedRule(record.time, decided.intent.symbol, each)
        status.rules[each.rule, each.group or ""] = asked

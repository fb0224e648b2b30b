"""One day of a trader, as a person reads it in the morning: what it did, and what it came to.

In: records, a day in UTC. Out: `Day`, counted from the records of that day and from where the fold
of all records before it stood. Results are those of the ledger's own marks, flows of cash apart.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.cycle.records.story import decision_of
from engine.cycle.records.telling import cause
from engine.ledger import bodies, fold
from engine.ledger.records import RecordKind
from engine.ledger.state import State
from engine.model.numbers import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from engine.ledger.bodies import Body
    from engine.ledger.records import Record
    from engine.model.times import UtcTime

_DAY_S = 86_400
_PCT = 100.0


@dataclass(slots=True)
class Day:
    """What one day came to; equities are those of its first and last cycle that knew one.

    It begins at midnight UTC, or whenever somebody wants to know of a day.
    """

    begins: UtcTime
    cycles: int = 0
    states: Counter[str] = field(default_factory=Counter)
    first_equity: Decimal | None = None
    last_equity: Decimal | None = None
    result_pct: float = 0.0
    realised: Decimal = ZERO
    fees: Decimal = ZERO
    fills: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    happened: Counter[str] = field(default_factory=Counter)
    sets: list[str] = field(default_factory=list)
    tripped: list[str] = field(default_factory=list)
    fired: list[str] = field(default_factory=list)
    commands: list[tuple[str, str]] = field(default_factory=list)
    held: tuple[str, ...] = ()
    unknown: int = 0

    @property
    def ends(self) -> UtcTime:
        """Twenty-four hours later."""
        return self.begins.plus_s(_DAY_S)


_COUNTED = {
    RecordKind.SENT: "orders sent",
    RecordKind.REJECTED: "orders rejected by the venue",
    RecordKind.UNKNOWN: "orders of unknown fate",
    RecordKind.CASH_FLOW: "flows of cash",
}


def day_of(records: Iterable[Record], within: UtcTime | None = None) -> Day | None:
    """The day of an instant, else the last one that has a record; None of an empty ledger."""
    return _counted(records, None if within is None else Day(within.day_start()))


def day_from(records: Iterable[Record], begins: UtcTime) -> Day:
    """The twenty-four hours from an instant on, whenever midnight is."""
    asked = Day(begins)
    return _counted(records, asked) or asked


def _counted(records: Iterable[Record], asked: Day | None) -> Day | None:
    state, day = State(), asked
    before = (1.0, ZERO, ZERO)
    for record in records:
        if asked is not None and record.time >= asked.ends:
            break
        if asked is None and (day is None or record.time >= day.ends):
            day = Day(record.time.day_start())
            before = (state.nav.latest, state.realised, state.fees)
        body = bodies.of_record(record)
        fires = _begins_to_fire(state, record, body)
        fold.apply(state, record.kind, record.time, body)
        if fires and day is not None and record.time >= day.begins:
            day.fired.append(fires)
        if day is not None and record.time < day.begins:
            before = (state.nav.latest, state.realised, state.fees)
        elif day is not None:
            _note(day, record, body)
    return None if day is None else _summed(day, state, before)


def _summed(day: Day, state: State, before: tuple[float, Decimal, Decimal]) -> Day:
    """The day, with what it moved; `before` is where it found the ledger."""
    start, realised, fees = before
    day.result_pct = _PCT * (state.nav.latest / start - 1)
    day.realised, day.fees = state.realised - realised, state.fees - fees
    day.held = tuple(str(each.symbol) for each in state.held())
    day.unknown = sum(order.status.value == "unknown" for order in state.working.values())
    return day


def _note(day: Day, record: Record, body: Body) -> None:
    match record.kind:
        case RecordKind.CYCLE:
            _cycle(day, body)
        case RecordKind.DECISION:
            _decision(day, record)
        case RecordKind.FILLED:
            day.fills += 1
        case RecordKind.SET_ACTIVATED:
            day.sets.append(f"{bodies.text(body, 'name')} {bodies.text(body, 'policy_set')}")
        case RecordKind.BREAKER_TRIPPED:
            day.tripped.append(_about(bodies.text(body, "breaker"), bodies.text(body, "key")))
        case RecordKind.OPERATOR_COMMAND:
            day.commands.append(_command(body))
        case _:
            if record.kind in _COUNTED:
                day.happened[_COUNTED[record.kind]] += 1


def _begins_to_fire(state: State, record: Record, body: Body) -> str:
    """The alert that this record lets fire; none where it fired before, and is told again."""
    if record.kind is not RecordKind.ALERT or body.get("phase") != "firing":
        return ""
    key = bodies.text(body, "rule"), bodies.text(body, "key")
    before = state.alerts.get(key)
    return "" if before is not None and before.fires else _about(*key)


def _cycle(day: Day, body: Body) -> None:
    day.cycles += 1
    day.states[bodies.text(body, "state")] += 1
    equity = bodies.optional_number(body, "equity_usd")
    day.first_equity = equity if day.first_equity is None else day.first_equity
    day.last_equity = day.last_equity if equity is None else equity


def _decision(day: Day, record: Record) -> None:
    decision = decision_of(record).decision
    day.verdicts[decision.verdict.value] += 1
    for each in decision.reasons:
        code, subject = cause(each)
        day.refusals[subject or code] += 1


def _about(name: str, key: str) -> str:
    return f"{name}:{key}" if key else name


def _command(body: Body) -> tuple[str, str]:
    """What a person ordered; and of what, who, and why."""
    of = " ".join(bodies.text(body, "target").split())
    told = f"{bodies.text(body, 'who')}: {bodies.text(body, 'why')}"
    return bodies.text(body, "command"), f"{of} by {told}" if of else f"by {told}"

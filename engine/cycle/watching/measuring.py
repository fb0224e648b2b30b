"""The numbers of a running loop: what its records tell, and where each cycle leaves it.

In: every record as it is written, every request to the venue, every round. Out: measurements.
It only listens: what it makes of a record is never read by anything that decides.
"""

from __future__ import annotations

from collections import Counter as Tally
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypedDict, cast

from engine.cycle.steps.breakers import trading_state
from engine.ledger import bodies
from engine.ledger.folding.alerts import DELIVERED
from engine.ledger.records import RecordKind
from engine.model.times import NS_PER_S
from engine.observe import instruments as table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from contextlib import AbstractContextManager

    from engine.cycle.desk import Desk, Round
    from engine.cycle.health import Call
    from engine.expr.nodes import Value
    from engine.ledger.bodies import Body
    from engine.ledger.records import Record
    from engine.model.times import UtcTime
    from engine.observe.instruments import Gauge
    from engine.observe.metrics import Metrics
    from engine.ports import Clock

_SHARE = 0.01
"""Facts tell percent, and instruments shares of one, as OpenTelemetry has them."""
FACTS: tuple[tuple[str, Gauge, float], ...] = (
    ("portfolio.equity_usd", table.EQUITY, 1),
    ("portfolio.at_risk_usd", table.AT_RISK, 1),
    ("portfolio.gross_usd", table.GROSS, 1),
    ("portfolio.drawdown_pct", table.DRAWDOWN, _SHARE),
    ("portfolio.pnl_day_pct", table.DAY_RESULT, _SHARE),
    ("portfolio.pnl_week_pct", table.WEEK_RESULT, _SHARE),
    ("portfolio.open_positions_count", table.POSITIONS, 1),
    ("venue.unknown_orders_count", table.ORDERS_UNKNOWN, 1),
    ("data.reconcile_mismatch_count", table.RECONCILE_DIFFERENCES, 1),
    ("engine.exceptions_10m_count", table.EXCEPTIONS, 1),
)
_POSITION = "position.value_usd"
_ORDERS = {
    RecordKind.ACKNOWLEDGED: "acknowledged",
    RecordKind.REJECTED: "rejected",
    RecordKind.UNKNOWN: "unknown",
    RecordKind.NOT_SEEN: "not_seen",
}
_CANCELS = {RecordKind.CANCEL: "asked", RecordKind.CANCELLED: "ended"}


class _Asked(TypedDict):
    """One rule of a decision, as its record keeps it."""

    rule: str
    outcome: str
    compared: list[list[float | str | None]]


@dataclass(slots=True)
class Measuring:
    """Measures one desk: `attach` makes it listen, `told` takes each round.

    `clock` is the machine's own: over a recording the desk's is not.
    """

    metrics: Metrics
    desk: Desk
    clock: Clock
    _shown: dict[Gauge, set[tuple[str, ...]]] = field(default_factory=dict)
    _rules: Tally[tuple[str, str]] = field(default_factory=Tally)
    _headroom: dict[str, float] = field(default_factory=dict)

    def attach(self) -> None:
        """Hear the records, the requests and the syncs of the desk from now on."""
        self.desk.recorder.hearers.append(self.heard)
        self.desk.recorder.synced = self._synced
        self.desk.health.hearers.append(self.asked)

    def heard(self, record: Record, body: Body) -> None:
        """One record was written."""
        kind = record.kind
        self.metrics.count(table.LEDGER_RECORDS, kind=kind.value)
        if kind is RecordKind.DECISION:
            self._decision(body)
        elif kind is RecordKind.FILLED:
            self._fill(body)
        elif kind is RecordKind.NOTICE:
            self._notice(body)
        elif kind in _ORDERS:
            self.metrics.count(table.ORDERS, outcome=_ORDERS[kind])
        elif kind in _CANCELS:
            self.metrics.count(table.CANCELS, outcome=_CANCELS[kind])

    def asked(self, call: Call) -> None:
        """One request to the venue came back, or did not."""
        outcome = "limited" if call.limited else "failed" if call.failed else "answered"
        self.metrics.record(
            table.VENUE_REQUEST_DURATION, call.seconds, operation=call.operation, outcome=outcome
        )

    def told(self, this: Round) -> None:
        """One cycle is over."""
        state = trading_state(self.desk, this)
        self.metrics.count(table.CYCLES, state=state)
        self.metrics.set(table.CYCLE_LAST_TIME, this.now.ns / NS_PER_S)
        self._tell_rules()
        self._facts(this.account)
        # Of three hundred products a handful is held.
        held_now = [(each, this.symbols.get(each, {})) for each in self.desk.state.positions]
        values = ((str(symbol), facts.get(_POSITION)) for symbol, facts in held_now)
        held: dict[tuple[str, ...], float] = {
            (name,): value for name, value in values if isinstance(value, float) and value
        }
        self._levels(table.POSITION, held)
        self._standing()
        self._waiting(this.now)

    def _synced(self) -> AbstractContextManager[None]:
        return self.metrics.timed(table.LEDGER_SYNC_DURATION, self.clock)

    def _decision(self, body: Body) -> None:
        why = bodies.text(bodies.mapping(body, "wish"), "why")
        self.metrics.count(table.DECISIONS, verdict=bodies.text(body, "verdict"), intent=why)
        # By place and not by checked access: forty rules a decision, and many decisions a cycle.
        for each in cast("list[_Asked]", body["rules"]):
            rule = each["rule"]
            self._rules[rule, each["outcome"]] += 1
            left = _headroom(each["compared"])
            if left is not None:
                self._headroom[rule] = left

    def _notice(self, body: Body) -> None:
        outcome = "delivered" if body["outcome"] == DELIVERED else "failed"
        numbers = body["notices"]
        count = len(numbers) if isinstance(numbers, list) else 0
        self.metrics.count(table.NOTIFICATIONS, count, outcome=outcome)

    def _tell_rules(self) -> None:
        for (rule, outcome), count in self._rules.items():
            self.metrics.count(table.RULES, count, rule=rule, outcome=outcome)
        for rule, left in self._headroom.items():
            self.metrics.set(table.HEADROOM, left, rule=rule)
        self._rules.clear()
        self._headroom.clear()

    def _fill(self, body: Body) -> None:
        symbol, fee = bodies.text(body, "symbol"), bodies.number(body, "fee")
        self.metrics.count(table.FILLS, symbol=symbol, side=bodies.text(body, "side"))
        self.metrics.count(table.FEES, float(fee), currency=symbol.rpartition("-")[2])

    def _facts(self, account: Mapping[str, Value]) -> None:
        for name, gauge, factor in FACTS:
            value = account.get(name)
            if isinstance(value, int | float):
                self.metrics.set(gauge, value * factor)

    def _standing(self) -> None:
        """What stands until something ends it: the set, breakers, alerts."""
        state, policy_set = self.desk.state, self.desk.policy_set
        self._levels(table.POLICY_SET, {(policy_set.name, policy_set.hash): 1})
        self._levels(table.BREAKERS_TRIPPED, Tally((name,) for name, _ in state.latches))
        firing = (name for (name, _), each in state.alerts.items() if each.phase == "firing")
        specs = self.desk.programme.alert_specs
        self._levels(
            table.ALERTS, Tally((name, specs[name].severity) for name in firing if name in specs)
        )

    def _waiting(self, now: UtcTime) -> None:
        """What a person does not have yet; a wall clock that was set back makes nothing younger."""
        since = [each.time for each in self.desk.state.telling.waiting.values()]
        oldest_s = max(0.0, now.since_s(min(since))) if since else 0.0
        self.metrics.set(table.NOTIFICATIONS_WAITING, len(since))
        self.metrics.set(table.NOTIFICATIONS_WAITING_AGE, oldest_s)

    def _levels(self, gauge: Gauge, now: Mapping[tuple[str, ...], float]) -> None:
        """Show these levels, and zero for what was shown before and is over."""
        shown = self._shown.setdefault(gauge, set())
        over: Iterable[tuple[str, ...]] = shown - now.keys()
        for key, value in (*now.items(), *((key, 0) for key in over)):
            labels = {label.name: each for label, each in zip(gauge.labels, key, strict=True)}
            self.metrics.set(gauge, value, **labels)
        shown.update(now)


def _headroom(compared: list[list[float | str | None]]) -> float | None:
    """The least share of a limit that is left; None without numbers, or with limits of 0 alone."""
    least = None
    for _left, _op, limit, headroom in compared:
        if isinstance(headroom, float) and isinstance(limit, float) and limit:
            share = headroom / abs(limit)
            if least is None or share < least:
                least = share
    return least

"""The fold: one record after another becomes the state; there is no other way to change it.

In: a record's kind, time and body. Out: the same `State`, moved on. Refuses a record kind that
has no handler (a program error). What each kind moves is told by topic in `folding/`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ledger import bodies
from engine.ledger.folding import (
    alerts,
    asks,
    fills,
    guards,
    money,
    nav,
    orders,
    positions,
    probes,
    refusals,
    reloads,
    tightenings,
)
from engine.ledger.records import RecordKind
from engine.ledger.state import Membership
from engine.model.numbers import decimal_of
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.ledger.bodies import Json
    from engine.ledger.state import State
    from engine.model.times import UtcTime

    Handler = Callable[[State, UtcTime, Mapping[str, Json]], None]


def apply(state: State, kind: RecordKind, time: UtcTime, body: Mapping[str, Json]) -> None:
    """Move `state` on by one record."""
    _HANDLERS[kind](state, time, body)


def _genesis(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    state.mode = bodies.text(body, "mode")
    state.account = bodies.text(body, "account")
    state.nonce = bytes.fromhex(bodies.text(body, "nonce"))
    state.genesis = time
    cash = {name: decimal_of(str(value)) for name, value in bodies.mapping(body, "cash").items()}
    state.genesis_cash = cash
    state.cash = dict(cash)


def _set_activated(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    reloads.activated(state, time, body)
    tightenings.activated(state, body)
    state.policy_set = bodies.text(body, "policy_set")
    state.reviewed = bodies.optional_text(body, "reviewed") or state.policy_set
    state.approval = bodies.approval_of(body)
    # Approvals only ever go up: the highest counts, whatever ran unsigned in between.
    if state.approval is not None and state.approval.sequence >= (state.sequence or 0):
        state.sequence, state.sequenced = state.approval.sequence, state.reviewed
    ceilings = body.get("ceilings")
    state.ceilings = bodies.text(ceilings, "hash") if isinstance(ceilings, dict) else None
    state.deployment = _deployment(body)
    before = body.get("valued_before")
    # What was never settled was marked by the terms before: the oldest of them count.
    if isinstance(before, dict) and state.nav.units and state.nav.valued_before is None:
        state.nav.valued_before = before
    if state.policy_set not in state.activated:
        state.activated.append(state.policy_set)


def _deployment(body: Mapping[str, Json]) -> str | None:
    """The Deployment as it was sealed."""
    documents = body.get("documents")
    for each in documents if isinstance(documents, list) else ():
        if isinstance(each, dict) and bodies.text(each, "id").startswith("Deployment/"):
            return bodies.text(each, "canonical")
    return None


def _cycle(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    state.cycle = bodies.whole(body, "cycle")
    state.last_cycle = time
    equity = bodies.optional_number(body, "equity_usd")
    if equity is not None:
        nav.mark(state.nav, time, equity, bodies.optional_number(body, "flowed_usd"))
    # Whatever ended before the cycle's end has had its chance to go on in it.
    state.ended.clear()
    for name, tier in bodies.mapping(body, "universe").items():
        _member(state, Symbol.parse(name), tier)
    state.scanned = bodies.optional_moment(body, "scanned") or state.scanned
    flat = body.get("liquidated")
    if isinstance(flat, list):
        guards.liquidated(state, flat)
    if "overdue" in body:
        positions.mark_overdue(state, bodies.mapping(body, "overdue"))
        refusals.forget(state)
    for name, mark in bodies.mapping(body, "marks").items():
        positions.mark(state, Symbol.parse(name), mark)


def _member(state: State, symbol: Symbol, entry: Json) -> None:
    if not isinstance(entry, dict):
        state.universe.pop(symbol, None)
        return
    since = bodies.optional_moment(entry, "failing_since")
    state.universe[symbol] = Membership(bodies.text(entry, "tier"), since)


def _nothing(_state: State, _time: UtcTime, _body: Mapping[str, Json]) -> None:
    """Records that tell a story and move no state."""


_HANDLERS: dict[RecordKind, Handler] = {
    RecordKind.GENESIS: _genesis,
    RecordKind.SET_ACTIVATED: _set_activated,
    RecordKind.CYCLE: _cycle,
    RecordKind.DECISION: refusals.decision,
    RecordKind.INTENT: orders.intent,
    RecordKind.SENT: orders.sent,
    RecordKind.ACKNOWLEDGED: orders.acknowledged,
    RecordKind.REJECTED: orders.rejected,
    RecordKind.UNKNOWN: orders.unknown,
    RecordKind.NOT_SEEN: orders.not_seen,
    RecordKind.CANCEL: orders.cancel,
    RecordKind.CANCELLED: orders.cancelled,
    RecordKind.FILLED: fills.filled,
    RecordKind.BREAKER_TRIPPED: guards.breaker_tripped,
    RecordKind.BREAKER_RESET: guards.breaker_reset,
    RecordKind.ALERT: alerts.alert,
    RecordKind.HALT: guards.halt,
    RecordKind.RESUME: guards.resume,
    RecordKind.PLAN_CHANGED: positions.plan_changed,
    RecordKind.OPERATOR_COMMAND: guards.operator_command,
    RecordKind.WAIVER_USED: _nothing,
    RecordKind.CASH_FLOW: money.cash_flow,
    RecordKind.RECONCILE: money.reconcile,
    RecordKind.ORDER_ADOPTED: money.adopted,
    RecordKind.FOREIGN_ORDER: orders.foreign,
    RecordKind.PROBE: probes.probe,
    RecordKind.RELOAD: reloads.reload,
    RecordKind.NOTICE: alerts.notice,
    RecordKind.ALERT_SEEN: alerts.acknowledged,
    RecordKind.SILENCE: alerts.silence,
    RecordKind.ROUTE_TEST: alerts.route_test,
    RecordKind.ASKED: asks.asked,
    RecordKind.ANSWERED: asks.answered,
    RecordKind.TIGHTENING: tightenings.tightening,
    RecordKind.MESSAGE: alerts.message,
}

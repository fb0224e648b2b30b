"""A trader's status as one JSON object, for programs and panels.

In: a `Status`. Out: text; decimals are text as in the ledger, shares and headroom are numbers.
Fields are added, never renamed, without a new `version`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from cli.trader_verbs.alerts_json import alerts_json
from cli.trader_verbs.tightened_page import tightened_json
from engine.ledger.bodies import approval_body, plan_body, written
from engine.run.standing import standing_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from engine.expr.nodes import Value
    from engine.ledger.bodies import Body, Json
    from engine.ledger.state import Latch, Liquidation, Overdue, Reload
    from engine.model.portfolio import ForeignOrder, WorkingOrder
    from engine.model.supervision import Ask
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime
    from engine.run.status import AskedRule, HeldPosition, Status

VERSION = 1


def status_json(status: Status) -> str:
    """The object, indented, with a line break at its end."""
    return orjson.dumps(status_body(status), option=orjson.OPT_INDENT_2).decode() + "\n"


def status_body(status: Status) -> Body:
    """The object."""
    state, named, facts = status.state, status.named, standing_of(status)
    return {
        "version": VERSION,
        "state": _state(status),
        "halted": status.killed or state.halted,
        "policy_set": named.hash if named else None,
        "policy_set_name": named.name if named else None,
        "policy_set_since": _time(state.reload.since),
        "reload": _reload(state.reload),
        "reviewed": state.reviewed,
        "tightened": tightened_json(status),
        "approval": approval_body(state.approval) or None,
        "mode": state.mode,
        "account": state.account,
        "cycle": state.cycle,
        "time": _time(state.last_cycle),
        "regime": status.regime,
        "run_by": str(status.holder) if status.holder else None,
        "last_record": status.last.sequence if status.last else None,
        "last_hash": status.last.hash if status.last else None,
        "money": _money(status),
        "positions": [_position(each) for each in status.positions],
        "working": [_working(each) for each in state.working.values()],
        "asks": [_ask(each) for each in state.asks.values()],
        "liquidating": [_liquidating(*each) for each in sorted(state.liquidating.items())],
        "overdue": [_overdue(*each) for each in sorted(state.overdue.items())],
        "tripped": [_latch(each) for each in state.latches.values()],
        "differences": {**state.differences},
        "away": {name: written(units) for name, units in sorted(state.away.items())},
        "foreign": [_foreign(each) for each in status.foreign],
        **alerts_json(status),
        "facts": {
            "account": _facts(facts.account),
            "products": {product: _facts(own) for product, own in facts.products.items()},
        },
        "limits": [_limit(each) for _, each in sorted(status.rules.items())],
    }


def _ask(ask: Ask) -> Json:
    """An order that a person was asked about, and what he said."""
    said = ask.answered
    return {
        "ask": ask.number,
        "symbol": str(ask.symbol),
        "intent": ask.intent.value,
        "strategy": ask.strategy,
        "quantity": written(ask.quantity),
        "worst_price": written(ask.worst_price),
        "since": str(ask.since),
        "until": str(ask.until),
        "answer": None if said is None else said.answer.value,
        "who": None if said is None else said.who,
        "orders": [*ask.orders],
    }


def _reload(reload: Reload) -> Json:
    """Another set that was ordered and is being checked, or that was refused."""
    refused: Json = None
    if reload.refused is not None:
        refused = {
            "policy_set": reload.refused.policy_set,
            "since": str(reload.refused.since),
            "findings": [*reload.refused.findings],
        }
    return {"asked": _time(reload.asked), "refused": refused}


def _facts(facts: Mapping[str, Value]) -> Json:
    # INVARIANT: no fact that a ledger tells is a set of texts; those are the policies' own.
    return {name: each for name, each in facts.items() if not isinstance(each, frozenset)}


def _state(status: Status) -> str:
    stopped = status.killed is not None or status.state.halted is not None
    return "HALTED" if stopped else status.trading


def _money(status: Status) -> Body:
    state = status.state
    return {
        "cash": {name: written(units) for name, units in sorted(state.cash.items())},
        "equity_usd": written(status.equity),
        "result_pct": 100 * (state.nav.latest - 1),
        "drawdown_pct": 100 * (1 - state.nav.latest / state.nav.high_water),
        "realised": written(state.realised),
        "fees": written(state.fees),
    }


def _position(held: HeldPosition) -> Json:
    position = held.position
    return {
        "symbol": str(position.symbol),
        "quantity": written(position.quantity),
        "entry_price": written(position.entry_price),
        "peak_price": written(position.peak_price),
        "bid": written(held.bid),
        "result_pct": _share(held.result_pct),
        "stop_price": written(held.stop_price),
        "to_stop_pct": _share(held.to_stop_pct),
        "opened": str(position.opened),
        "strategy": position.strategy,
        "plan": plan_body(position.plan),
    }


def _working(order: WorkingOrder) -> Json:
    return {
        "client_order_id": order.client_order_id,
        "status": order.status.value,
        "symbol": str(order.symbol),
        "side": order.side.value,
        "intent": order.intent.value,
        "quantity": written(order.quantity),
        "filled_quantity": written(order.filled_quantity),
        "limit_price": written(order.limit_price),
        "worst_price": written(order.worst_price),
        "expires": _time(order.expires),
    }


def _liquidating(symbol: Symbol, ordered: Liquidation) -> Json:
    since = str(ordered.since)
    return {"symbol": str(symbol), "since": since, "who": ordered.who, "why": ordered.why}


def _overdue(name: str, overdue: Overdue) -> Json:
    rule, symbol = name.rsplit(" ", 1)
    return {
        "rule": rule,
        "symbol": symbol,
        "since": str(overdue.since),
        "quantity": written(overdue.quantity),
        "sliced": _time(overdue.sliced),
    }


def _foreign(order: ForeignOrder) -> Json:
    return {
        "venue_order_id": order.venue_order_id,
        "client_order_id": order.client_order_id,
        "orphan": order.ours,
        "status": order.status.value,
        "symbol": str(order.symbol),
        "side": order.side.value,
        "quantity": written(order.quantity),
        "filled_quantity": written(order.filled_quantity),
        "limit_price": written(order.limit_price),
    }


def _latch(latch: Latch) -> Json:
    return {
        "breaker": latch.breaker,
        "key": latch.key,
        "while_tripped": latch.while_tripped,
        "since": str(latch.tripped),
        "resets_at": _time(latch.resets_at),
        "rearm_not_before": _time(latch.rearm_not_before),
        "rule": latch.text,
    }


def _limit(asked: AskedRule) -> Json:
    evaluation = asked.evaluation
    return {
        "rule": evaluation.rule,
        "group": evaluation.group,
        "stage": evaluation.stage,
        "outcome": evaluation.outcome.value,
        "time": str(asked.time),
        "symbol": str(asked.symbol),
        "compared": [[e.left, e.op, e.right, e.headroom] for e in evaluation.comparisons],
        "missing": [*evaluation.missing],
    }


def _time(moment: UtcTime | None) -> str | None:
    return None if moment is None else str(moment)


def _share(value: Decimal | None) -> float | None:
    return None if value is None else float(value)

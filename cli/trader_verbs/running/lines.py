"""A run as JSON lines: one object a cycle, for programs.

In: told cycles. Out: text lines with a fixed order of keys; the same run gives the same bytes.
Decimals are text, as in the ledger; times are UTC instants. Fields are added, never renamed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from cli.trader_verbs.running.told import keyed
from engine.cycle.records.telling import reason_words
from engine.ledger.bodies import written
from engine.ledger.records import RecordKind

if TYPE_CHECKING:
    from cli.trader_verbs.running.told import ToldCycle
    from engine.cycle.desk import Told
    from engine.ledger.bodies import Body, Json
    from engine.model.decisions import Reason
    from engine.policyset.policyset import PolicySet

_FILL = ("client_order_id", "symbol", "side", "quantity", "price", "fee", "maker")


def cycle_line(told: ToldCycle, policy_set: PolicySet) -> str:
    """The line of one cycle, with its line break."""
    this = told.this
    line: Body = {
        "cycle": this.number,
        "time": str(this.now),
        "policy_set": policy_set.hash,
        "state": told.state,
        "equity_usd": written(told.equity),
        "regime": told.regime,
        "orders": [_order(each, policy_set) for each in told.sent],
        "denied": [_order(each, policy_set) for each in told.denied],
        "fills": [{name: body[name] for name in _FILL} for body in told.of(RecordKind.FILLED)],
        "tripped": [keyed(b["breaker"], b["key"]) for b in told.of(RecordKind.BREAKER_TRIPPED)],
        "reset": [keyed(b["breaker"], b["key"]) for b in told.of(RecordKind.BREAKER_RESET)],
        "alerts": _fired(told),
        "notes": [*this.notes],
    }
    return orjson.dumps(line).decode() + "\n"


def _fired(told: ToldCycle) -> list[Json]:
    """What began to fire in this cycle, or since the one before it."""
    bodies = [each for each in told.of(RecordKind.ALERT) if each["phase"] == "firing"]
    since = [
        keyed(b["rule"], b["key"])
        for b in bodies
        if b.get("news") == "firing" and "held_back" not in b
    ]
    return [*dict.fromkeys((*told.this.fired, *since))]


def _order(told: Told, policy_set: PolicySet) -> Body:
    intent, decision = told.intent, told.decision
    return {
        "client_order_id": told.client_order_id,
        "policy_set": policy_set.hash,
        "symbol": str(intent.symbol),
        "side": intent.side.value,
        "intent": intent.intent.value,
        "strategy": intent.strategy,
        "why": intent.reason,
        "form": intent.form.value,
        "verdict": decision.verdict.value,
        "quantity": written(decision.quantity),
        "asked": written(decision.asked),
        "limit_price": written(intent.limit_price),
        "outcome": told.outcome,
        "resized_by": [*decision.resized_by],
        "reasons": [_reason(each, policy_set) for each in decision.reasons],
    }


def _reason(reason: Reason, policy_set: PolicySet) -> Json:
    values: Body = dict(reason.values)
    return {"code": reason.code.value, **values, "words": reason_words(reason, policy_set)}

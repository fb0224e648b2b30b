"""Clockwork: what cannot wait for a cycle: the kill switch, times to live, operators' commands.

In: the desk, and the commands that operators dropped. Out: cancels and records. It runs between
cycles, under the same lock, several times a second when live.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.cycle.alerting import hands, telling
from engine.cycle.facts.rules import ACCOUNT_KEY
from engine.cycle.orders import (
    cancelling,
    following,
    lookups,
    resending,
    supervising,
    tightening,
)
from engine.cycle.reconciling import flows, reading
from engine.cycle.reloading.candidate import Order
from engine.ledger.folding.guards import REARMED
from engine.ledger.records import RecordKind
from engine.ledger.tightenings import wanted_of
from engine.model.supervision import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.cycle.desk import Desk
    from engine.ledger.bodies import Body
    from engine.ledger.state import Latch
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime

REBUILD = "rebuild"
"""What `reconcile` is about when every fill is to be read again."""
_NOTHING = "refused: nothing is held"
_ONE_SET = "refused: a run over a recording has one set from its first cycle to its last"


@dataclass(frozen=True, slots=True)
class Command:
    """What a person ordered: a verb, what it is about, who and why.

    `id` is that of the file that it came in; two orders of the same words are two.
    """

    verb: str
    target: str
    who: str
    why: str
    id: str = field(default="", compare=False)


async def run(desk: Desk, now: UtcTime, commands: Iterable[Command]) -> None:
    """One tick. A command that a process died over is in its file still, and perhaps on record."""
    for command in commands:
        if command.id not in desk.state.commands:
            await obey(desk, now, command)
    telling.keep_up(desk, now)
    supervising.keep_up(desk, now)
    await lookups.run(desk, now)
    await following.cancel_expired(desk, now)
    await following.cancel_in_outage(desk, now)
    if desk.kill_switch() is not None:
        await following.cancel_for_breakers(desk, now)


async def obey(desk: Desk, now: UtcTime, command: Command) -> str:
    """Carry out one command, and record it with who, why and what came of it; the latter."""
    outcome = await _OBEDIENCE[command.verb](desk, now, command)
    body: Body = {
        "command": command.verb,
        "target": command.target,
        "who": command.who,
        "why": command.why,
        "outcome": outcome,
    }
    if command.id:
        body["id"] = command.id
    desk.recorder.record(RecordKind.OPERATOR_COMMAND, now, body)
    desk.recorder.sync()
    return outcome


async def _halt(desk: Desk, now: UtcTime, command: Command) -> str:
    body: Body = {"reason": command.why, "who": command.who}
    desk.recorder.record(RecordKind.HALT, now, body)
    await following.cancel_for_breakers(desk, now)
    return "halted"


async def _resume(desk: Desk, now: UtcTime, command: Command) -> str:
    """End a halt and the kill switch's latch; other latches wait for their own reset."""
    killed = desk.kill_switch()
    if killed is not None:
        return f"refused: the kill switch is still thrown ({killed})"
    desk.recorder.record(RecordKind.RESUME, now, {"who": command.who, "reason": command.why})
    thrown = [each for each in desk.state.latches.values() if "engine.kill_switch" in each.text]
    for latch in thrown:
        _reset(desk, now, latch, command)
    return "resumed"


async def _rearm(desk: Desk, now: UtcTime, command: Command) -> str:
    name, _, key = command.target.partition(":")
    latch = desk.state.latches.get((name, key or ACCOUNT_KEY))
    if latch is None:
        return _rearm_strategy(desk, command)
    if latch.rearm_not_before is None:
        return f"refused: `{command.target}` resets by itself at {latch.resets_at}"
    if now < latch.rearm_not_before:
        return f"refused: `{command.target}` may be re-armed from {latch.rearm_not_before}"
    _reset(desk, now, latch, command)
    return REARMED


def _rearm_strategy(desk: Desk, command: Command) -> str:
    """The record of the command is what sets back the count, of this strategy and no other."""
    if command.target not in desk.state.pace.executions_since_arm:
        return f"refused: `{command.target}` is not tripped, and has executed nothing since armed"
    return REARMED


async def _cancel_all(desk: Desk, now: UtcTime, command: Command) -> str:
    orders = list(desk.state.working.values())
    await cancelling.cancel(desk, now, orders, command.why, for_good=True)
    return f"asked to cancel {len(orders)}"


async def _liquidate(desk: Desk, now: UtcTime, command: Command) -> str:
    """Cancel what would buy more; without a target also halt, so that nothing is bought back.

    The record of the command is what begins the sale.
    """
    scope = desk.state.exposed(command.target)
    if not scope:
        return f"refused: nothing of `{command.target}` is held" if command.target else _NOTHING
    if not command.target and desk.state.halted is None:
        reason = f"everything is liquidated by {command.who}: {command.why}"
        desk.recorder.record(RecordKind.HALT, now, {"reason": reason, "who": command.who})
    buys = [o for s in scope for o in desk.state.working_for(s) if o.intent.adds_risk]
    await cancelling.cancel(desk, now, buys, "it is liquidated")
    return f"liquidating {', '.join(_sold_into(desk, symbol) for symbol in scope)}"


async def _tighten(desk: Desk, now: UtcTime, command: Command) -> str:
    """No new risk for a while, at once; or one value tighter, once it was checked."""
    if wanted_of(command.target) is not None:
        return _ONE_SET if desk.tightened is None else desk.tightened.order()
    words = f"tightened by {command.who}: {command.why}"
    outcome = tightening.tighten(desk, now, command.target, words)
    await following.cancel_for_breakers(desk, now)
    return outcome


async def _flow(desk: Desk, now: UtcTime, command: Command) -> str:
    """Book what a person says was paid in or out, if the venue shows it."""
    return flows.confirm(desk, now, command.target, who=command.who, why=command.why)


async def _reconcile(desk: Desk, now: UtcTime, command: Command) -> str:
    """Read the whole account now; with `rebuild` every fill since the genesis as well."""
    return await reading.full(desk, now, who=command.who, rebuild=command.target == REBUILD)


async def _reload(desk: Desk, _now: UtcTime, command: Command) -> str:
    """Have what lies in the policy directory checked, to be taken at a cycle's boundary."""
    if desk.reloads is None:
        return _ONE_SET
    return desk.reloads.order(Order(command.who, command.why, command.target))


async def _resend(desk: Desk, now: UtcTime, command: Command) -> str:
    """Send an order of unknown fate once more, where the venue was seen to allow it."""
    return await resending.resend(desk, now, command.target, who=command.who, why=command.why)


async def _approve(desk: Desk, now: UtcTime, command: Command) -> str:
    """Let an order go that a person was asked about."""
    who, why = command.who, command.why
    return supervising.answer(desk, now, command.target, Answer.YES, who=who, why=why)


async def _refuse(desk: Desk, now: UtcTime, command: Command) -> str:
    who, why = command.who, command.why
    return supervising.answer(desk, now, command.target, Answer.NO, who=who, why=why)


async def _ack(desk: Desk, now: UtcTime, command: Command) -> str:
    return hands.acknowledge(desk, now, command.target, who=command.who, why=command.why)


async def _silence(desk: Desk, now: UtcTime, command: Command) -> str:
    return hands.silence(desk, now, command.target, who=command.who, why=command.why)


async def _unsilence(desk: Desk, now: UtcTime, command: Command) -> str:
    return hands.unsilence(desk, now, command.target, who=command.who, why=command.why)


async def _alert_test(desk: Desk, now: UtcTime, command: Command) -> str:
    return hands.try_routes(desk, now, command.target, who=command.who, why=command.why)


def _sold_into(desk: Desk, symbol: Symbol) -> str:
    """A product; and what it is sold into, where that is not what the Deployment names."""
    into = desk.policy_set.deployment.liquidate_into
    return str(symbol) if symbol.quote == into else f"{symbol} (into {symbol.quote}, not {into})"


def _reset(desk: Desk, now: UtcTime, latch: Latch, command: Command) -> None:
    body: Body = {
        "breaker": latch.breaker,
        "key": latch.key,
        "why": command.why,
        "who": command.who,
    }
    desk.recorder.record(RecordKind.BREAKER_RESET, now, body)


_OBEDIENCE = {
    "halt": _halt,
    "resume": _resume,
    "rearm": _rearm,
    "cancel-all": _cancel_all,
    "liquidate": _liquidate,
    "tighten": _tighten,
    "flow": _flow,
    "reconcile": _reconcile,
    "resend": _resend,
    "reload": _reload,
    "approve": _approve,
    "refuse": _refuse,
    "ack": _ack,
    "silence": _silence,
    "unsilence": _unsilence,
    "alert-test": _alert_test,
}
VERBS = frozenset(_OBEDIENCE)

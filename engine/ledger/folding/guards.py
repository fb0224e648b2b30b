"""What stands guard: breaker latches, halts and what a person commands.

In: the records of trips, resets, halts and operator commands. Out: the latches; a latch outlives
the document that set it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ledger import bodies
from engine.ledger.folding import nav, tightenings
from engine.ledger.state import Latch, Liquidation
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.ledger.bodies import Json
    from engine.ledger.state import State
    from engine.model.times import UtcTime

ORDERED = "ordered"
"""What an operator's `reload`, or `tighten` of a value, came to, when not refused at once."""
REARMED = "re-armed"
"""What an operator's `rearm` came to, when it was not refused."""
LOSSES = "pace.losses_consecutive_count"


def breaker_tripped(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """Latch a breaker."""
    latch = Latch(
        breaker=bodies.text(body, "breaker"),
        key=bodies.text(body, "key"),
        scope=bodies.text(body, "scope"),
        while_tripped=bodies.text(body, "while_tripped"),
        tripped=time,
        resets_at=bodies.optional_moment(body, "resets_at"),
        rearm_not_before=bodies.optional_moment(body, "rearm_not_before"),
        high_water_mark=bodies.optional_text(body, "high_water_mark"),
        text=bodies.text(body, "text"),
        cancel=bodies.text(body, "cancel"),
        on_trip=bodies.text(body, "on_trip"),
    )
    state.latches[latch.breaker, latch.key] = latch


def breaker_reset(state: State, _time: UtcTime, body: Mapping[str, Json]) -> None:
    """Take a latch away; its document said what becomes of the high-water mark.

    Who re-arms a breaker about losses in a row has looked at them: they count anew. Otherwise it
    would trip again at once, and nothing could ever be won.
    """
    latch = state.latches.pop((bodies.text(body, "breaker"), bodies.text(body, "key")), None)
    if latch is None:
        return
    if latch.high_water_mark == "reset":
        nav.reset_high_water(state.nav)
    if latch.rearm_not_before is not None and LOSSES in latch.text:
        state.pace.losses_in_a_row = 0


def halt(state: State, _time: UtcTime, body: Mapping[str, Json]) -> None:
    """Halt, for the reason told."""
    state.halted = bodies.text(body, "reason")


def resume(state: State, _time: UtcTime, _body: Mapping[str, Json]) -> None:
    """End a halt, and what a person had ordered to be sold in it."""
    state.halted = None
    state.liquidating.clear()


def operator_command(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """Do what a person commanded, as far as it is state: a strategy that was re-armed counts anew.

    A breaker's re-arming is a reset with a record of its own. No strategy of a set has a breaker's
    name, so the name says which of the two it was; a refused command changes nothing.
    """
    if "id" in body:
        state.commands.append(bodies.text(body, "id"))
    if bodies.text(body, "command") == "rearm" and body.get("outcome") == REARMED:
        state.pace.executions_since_arm.pop(bodies.text(body, "target"), None)
    if bodies.text(body, "command") == "liquidate":
        _liquidate(state, time, body)
    if bodies.text(body, "command") == "reload" and body.get("outcome") == ORDERED:
        state.reload.asked = time
    if bodies.text(body, "command") == "tighten" and body.get("outcome") == ORDERED:
        tightenings.ordered(state, time, body)


def _liquidate(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """All that is exposed now; what was refused had nothing to sell."""
    order = Liquidation(time, bodies.text(body, "who"), bodies.text(body, "why"))
    for symbol in state.exposed(bodies.text(body, "target")):
        state.liquidating[symbol] = order


def liquidated(state: State, told: list[Json]) -> None:
    """Nothing is left of these."""
    for name in told:
        state.liquidating.pop(Symbol.parse(str(name)), None)

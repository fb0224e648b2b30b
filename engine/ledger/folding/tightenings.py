"""Tightenings: what was ordered, what an activation holds, and what came to nothing.

In: operator commands, activations, and records of orders that were refused. Out:
`state.tightenings`. An activation names everything that lies over its reviewed set, so one record
says the whole: what it does not name is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ledger import bodies
from engine.ledger.tightenings import RefusedTightening, Tightening, wanted_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.ledger.bodies import Body, Json
    from engine.ledger.state import State
    from engine.model.times import UtcTime


def ordered(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """A person's order waits to be checked; other orders of the verb are latches."""
    wanted = wanted_of(bodies.text(body, "target"))
    if wanted is None:
        return
    own = state.tightenings
    until = time.plus_s(wanted.seconds)
    who, why = bodies.text(body, "who"), bodies.text(body, "why")
    own.asked[own.next] = Tightening(own.next, wanted, time, until, who, why)
    own.next += 1


def activated(state: State, body: Mapping[str, Json]) -> None:
    """What lies over the reviewed set from now on."""
    told, own = body.get("tightenings"), state.tightenings
    every = told if isinstance(told, list) else []
    own.held = tuple(_tightening(each) for each in every if isinstance(each, dict))
    for each in own.held:
        own.asked.pop(each.number, None)


def tightening(state: State, time: UtcTime, body: Mapping[str, Json]) -> None:
    """An order came to nothing."""
    found = state.tightenings.asked.pop(bodies.whole(body, "tightening"), None)
    if found is not None:
        told = RefusedTightening(found, time, tuple(bodies.texts(body, "findings")))
        state.tightenings.refused.append(told)


def tightened_body(reviewed: str, held: Iterable[Tightening]) -> Body:
    """What an activation says of its tightenings; nothing where there is none."""
    told: list[Json] = [_body(each) for each in held]
    return {"reviewed": reviewed, "tightenings": told} if told else {}


def _body(each: Tightening) -> Body:
    return {
        "number": each.number,
        "target": each.wanted.text,
        "since": str(each.since),
        "until": str(each.until),
        "who": each.who,
        "why": each.why,
        "rests": each.rests,
    }


def _tightening(body: Mapping[str, Json]) -> Tightening:
    wanted = wanted_of(bodies.text(body, "target"))
    if wanted is None:
        raise ValueError(body["target"])
    return Tightening(
        number=bodies.whole(body, "number"),
        wanted=wanted,
        since=bodies.moment(body, "since"),
        until=bodies.moment(body, "until"),
        who=bodies.text(body, "who"),
        why=bodies.text(body, "why"),
        rests=bodies.optional_text(body, "rests"),
    )

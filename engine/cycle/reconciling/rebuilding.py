"""Rebuilding: every fill that the venue tells of since the genesis, against those of the ledger.

In: the venue's fills, the ledger's records. Out: records of the fills that were missing, each with
the intent of its order, so that the position has its plan again; and in words what differs. The
ledger is never rewritten: a fill that it has and the venue has not is named, for a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.records.recovery import recover
from engine.cycle.steps import reconcile
from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.model.numbers import ZERO

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from engine.cycle.desk import Desk
    from engine.ledger.bodies import Body, Json
    from engine.model.orders import Fill
    from engine.model.times import UtcTime


async def rebuild(desk: Desk, now: UtcTime) -> Body:
    """Take in what was missing, and tell what differs; raises `VenueError`."""
    told = await desk.exchange.fills(desk.state.genesis or now)
    known = _bodies(desk, RecordKind.FILLED, "fill_id")
    missing = [each for each in told if each.fill_id not in desk.state.fills_seen]
    _take_in(desk, now, missing)
    differs = {**_differences(told, known), **_gone(told, known), **_positions(desk)}
    return {"read": len(told), "missing": [f.fill_id for f in missing], "differs": {**differs}}


def _bodies(desk: Desk, kind: RecordKind, key: str) -> dict[str, Body]:
    found = (bodies.of_record(each) for each in desk.recorder.records() if each.kind is kind)
    return {bodies.text(body, key): body for body in found}


def _take_in(desk: Desk, now: UtcTime, missing: Sequence[Fill]) -> None:
    """Record each once; an order that ended long ago is told again with its fill."""
    if not missing:
        return
    intents = _bodies(desk, RecordKind.INTENT, "client_order_id")
    for fill in missing:
        if fill.fill_id in desk.state.fills_seen:
            continue
        number = desk.state.intent_of(fill.client_order_id)
        forgotten = number and desk.state.order(number) is None
        recalled = intents.get(fill.client_order_id) if forgotten else None
        reconcile.record_fill(desk, now, fill, recalled)


def _differences(told: Sequence[Fill], known: Mapping[str, Body]) -> dict[str, str]:
    """Fills that both have, with other numbers."""
    found = {}
    for fill in told:
        body = known.get(fill.fill_id)
        words = "" if body is None else _words(fill, body)
        if words:
            found[f"fill {fill.fill_id}"] = words
    return found


def _words(fill: Fill, body: Mapping[str, Json]) -> str:
    pairs = (("quantity", fill.quantity), ("price", fill.price), ("fee", fill.fee))
    return "; ".join(
        f"{name}: venue {bodies.written(theirs)}, ledger {bodies.text(body, name)}"
        for name, theirs in pairs
        if theirs != bodies.number(body, name)
    )


def _gone(told: Sequence[Fill], known: Collection[str]) -> dict[str, str]:
    """Fills that only the ledger has."""
    there = {each.fill_id for each in told}
    return {f"fill {each}": "the venue does not tell of it" for each in known if each not in there}


def _positions(desk: Desk) -> dict[str, str]:
    """Positions as the records add up to them from the beginning, against those at work."""
    again, ours = recover(desk.recorder.records()).state.positions, desk.state.positions
    found = {}
    for symbol in sorted({*again, *ours}):
        pair = [each[symbol].quantity if symbol in each else ZERO for each in (again, ours)]
        if pair[0] != pair[1]:
            words = f"records {bodies.written(pair[0])}, at work {bodies.written(pair[1])}"
            found[f"position {symbol}"] = words
    return found

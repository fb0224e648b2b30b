"""A full reading: what a person asks for with `trader reconcile`, and what it showed.

In: the venue. Out: a record with every balance on both sides, and the outcome in words. It takes in
fills and ends like every cycle, scans all orders at once, and compares; with `rebuild` the fills
since the genesis are read again as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.reconciling import rebuilding
from engine.cycle.steps import reconcile
from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.model.numbers import ZERO
from engine.model.orders import Mode
from engine.ports import VenueError

if TYPE_CHECKING:
    from engine.cycle.desk import Desk
    from engine.ledger.bodies import Body
    from engine.model.times import UtcTime


async def full(desk: Desk, now: UtcTime, *, who: str, rebuild: bool) -> str:
    """Read and record everything; what came of it in words."""
    if desk.mode is Mode.DRY_RUN:
        return "refused: a dry run has no account to read"
    rebuilt: Body = {}
    if rebuild:
        try:
            rebuilt = await rebuilding.rebuild(desk, now)
        except VenueError as failure:
            return f"the fills could not be read: {type(failure).__name__}"
    desk.comparing.scanned = None
    await reconcile.run(desk, now)
    if desk.unread is not None:
        return desk.unread
    _record(desk, now, who, rebuilt)
    different = len(desk.state.differences)
    settling = len(desk.comparing.settling)
    words = f"{different or 'nothing'} differ{'s' if different in {0, 1} else ''}"
    return words + (f", {settling} may still settle" if settling else "")


def _record(desk: Desk, now: UtcTime, who: str, rebuilt: Body) -> None:
    state = desk.state
    body: Body = {
        "mismatches": len(state.differences),
        "differences": {**state.differences},
        "away": {name: bodies.written(units) for name, units in state.away.items()},
        "who": who,
        "balances": _balances(desk),
        "settling": [*sorted(desk.comparing.settling)],
        "fills": len(state.fills_seen),
        "working": len(state.working),
        "foreign": sum(not each.status.final for each in state.foreign.values()),
    }
    if rebuilt:
        body["rebuilt"] = rebuilt
    desk.recorder.record(RecordKind.RECONCILE, now, body)


def _balances(desk: Desk) -> Body:
    """Each currency on both sides."""
    told, ours = desk.comparing.told, desk.state.cash
    return {
        name: [bodies.written(told.get(name, ZERO)), bodies.written(ours.get(name, ZERO))]
        for name in sorted({*told, *ours})
        if told.get(name) or ours.get(name)
    }

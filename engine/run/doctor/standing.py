"""Where a ledger stands: what is tripped, and how near each limit was when it was last asked.

In: the status of a ledger. Out: checks; the nearest limit comes first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.run.doctor.checks import Check, Level, Section
from engine.run.nearness import nearest_limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.ledger.state import Latch
    from engine.run.nearness import Near
    from engine.run.status import AskedRule, Status


def tripped(status: Status) -> Iterator[Check]:
    """The kill switch, a halt, and every latch with when it lets go."""
    if status.killed is not None:
        yield Check(Section.TRIPPED, Level.BAD, "kill switch", f"thrown: {status.killed}")
    if status.state.halted is not None:
        yield Check(Section.TRIPPED, Level.BAD, "halt", f"{status.state.halted}; `trader resume`")
    for (name, key), latch in sorted(status.state.latches.items()):
        where = f"{name}:{key}" if key else name
        says = f"{latch.while_tripped} since {latch.tripped}; {_release(where, latch)}"
        yield Check(Section.TRIPPED, Level.BAD, where, says)


def _release(name: str, latch: Latch) -> str:
    if latch.resets_at is not None:
        return f"lets go from {latch.resets_at} on, once its condition is over"
    if latch.rearm_not_before is not None:
        return f"`trader rearm {name}` from {latch.rearm_not_before} on"
    return "a person resets it"


def headroom(status: Status) -> Iterator[Check]:
    """Each rule that an order asked, by how much of it was used, the nearest first."""
    for each in nearest_limits(status):
        if each.asked is not None:
            yield _near(each, each.asked)


def _near(near: Near, asked: AskedRule) -> Check:
    says = f"{near.used_pct:.0f} % used: {near.says}, {asked.symbol} at {asked.time}"
    numbers: dict[str, float | str | None] = {
        "rule": near.rule,
        "used_pct": near.used_pct,
        "headroom": near.headroom,
        "symbol": str(asked.symbol),
        "time": str(asked.time),
    }
    return Check(
        Section.HEADROOM, Level.LOOK if near.near else Level.FINE, near.name, says, numbers
    )

"""What ends, or never begins, among tightened values: each has a record, and a person is told.

In: a desk at a cycle's boundary. Out: records. What was in force and fits the set no longer becomes
the other tightening, no new risk at all, until its time is over: doubt never loosens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.alerting.delivery import critical_routes
from engine.cycle.alerting.messages import tell
from engine.cycle.orders import tightening as latching
from engine.errors import Diagnostic
from engine.ledger.records import RecordKind
from engine.model.times import NS_PER_S, UtcTime

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.cycle.desk import Desk
    from engine.cycle.tightening.making import Unfit
    from engine.ledger.bodies import Body
    from engine.ledger.tightenings import Tightening

_ABOUT = "tightening"


def refuse_overdue(desk: Desk, now: UtcTime) -> None:
    """Orders whose time was over before they could be checked."""
    over = [each.number for each in desk.state.tightenings.asked.values() if not each.lasts(now)]
    message = "its time was over before it could be checked"
    why = Diagnostic("M932", message, None, "order it again, for longer")
    refuse(desk, now, dict.fromkeys(over, (why,)))


def refuse(desk: Desk, now: UtcTime, refused: Mapping[int, tuple[Diagnostic, ...]]) -> None:
    """Record why orders come to nothing, and tell it: whoever ordered them may sleep already."""
    for number, why in refused.items():
        ordered = desk.state.tightenings.asked[number]
        body: Body = {
            "tightening": number,
            "outcome": "refused",
            "findings": [str(each) for each in why],
        }
        desk.recorder.record(RecordKind.TIGHTENING, now, body)
        told = f"{_named(ordered)} is refused: {'; '.join(each.message for each in why)}"
        tell(desk, now, _ABOUT, told, critical_routes(desk))
    if refused:
        desk.recorder.sync()


def latch_unfit(desk: Desk, now: UtcTime, unfit: Iterable[Unfit]) -> None:
    """No new risk for as long as they would have lasted."""
    for each in unfit:
        why = "; ".join(found.message for found in each.why)
        left = max(1, -(-(each.tightening.until.ns - now.ns) // NS_PER_S))
        words = f"{_named(each.tightening)} cannot be laid over the set in force: {why}"
        latching.tighten(desk, now, latching.target_of("", left), words)
        told = f"{words}; no new risk until {_second(each.tightening.until)}"
        tell(desk, now, _ABOUT, told, critical_routes(desk))


def tell_begun(desk: Desk, now: UtcTime, held: Iterable[Tightening]) -> None:
    """What is in force from now on."""
    before = {each.number for each in desk.state.tightenings.held}
    for each in held:
        if each.number not in before:
            told = f"{_named(each)} is in force until {_second(each.until)}"
            tell(desk, now, _ABOUT, told, critical_routes(desk))


def tell_over(desk: Desk, now: UtcTime, held: Iterable[Tightening]) -> None:
    """What is over, before the activation that says so: a crash tells it twice, and never not."""
    after = {each.number for each in held}
    for each in desk.state.tightenings.held:
        if each.number not in after:
            told = f"{_named(each)} is over: the reviewed value is in force again"
            tell(desk, now, _ABOUT, told, critical_routes(desk))


def _named(each: Tightening) -> str:
    return f"tightening {each.number} ({each.wanted.words}, by {each.who}: {each.why})"


def _second(time: UtcTime) -> str:
    return str(UtcTime(time.ns - time.ns % NS_PER_S))

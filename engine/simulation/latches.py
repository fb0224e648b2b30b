"""Stretches: when breakers stood, and when alerts fired.

In: events. Out: one `Stretch` a trip or an alert, ended where it was; what still stands at the
end of the recording has no end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from engine.ledger import bodies
from engine.ledger.records import RecordKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from engine.model.times import UtcTime
    from engine.simulation.result import Event


@dataclass(frozen=True, slots=True)
class Stretch:
    """One trip or one alert; `key` is the product, or that of the account."""

    name: str
    key: str
    begun: UtcTime
    ended: UtcTime | None
    text: str
    grade: str


class _Move(Enum):
    """What an event does to a stretch."""

    BEGIN = "begin"
    END = "end"
    NOTHING = "nothing"


def trips(events: Iterable[Event]) -> tuple[Stretch, ...]:
    """Every trip of a breaker; `grade` is what it allows while it stands."""
    return _stretches(events, "breaker", "while_tripped", _of_breakers)


def alerts(events: Iterable[Event]) -> tuple[Stretch, ...]:
    """Every alert that fired; `grade` is its severity."""
    return _stretches(events, "rule", "severity", _of_alerts)


def _of_breakers(event: Event) -> _Move:
    if event.kind is RecordKind.BREAKER_TRIPPED:
        return _Move.BEGIN
    return _Move.END if event.kind is RecordKind.BREAKER_RESET else _Move.NOTHING


def _of_alerts(event: Event) -> _Move:
    if event.kind is not RecordKind.ALERT:
        return _Move.NOTHING
    moves = {"firing": _Move.BEGIN, "resolved": _Move.END}
    return moves.get(bodies.text(event.body, "phase"), _Move.NOTHING)


def _stretches(
    events: Iterable[Event], name: str, grade: str, move: Callable[[Event], _Move]
) -> tuple[Stretch, ...]:
    found: list[Stretch] = []
    open_at: dict[tuple[str, str], int] = {}
    for event in events:
        does = move(event)
        if does is _Move.NOTHING:
            continue
        key = bodies.text(event.body, name), bodies.text(event.body, "key")
        if does is _Move.END:
            at = open_at.pop(key, None)
            if at is not None:
                found[at] = replace(found[at], ended=event.time)
        elif key not in open_at:
            open_at[key] = len(found)
            text, graded = bodies.text(event.body, "text"), bodies.text(event.body, grade)
            found.append(Stretch(*key, event.time, None, text, graded))
    return tuple(found)

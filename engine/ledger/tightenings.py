"""Values that people made tighter for a while: what was ordered, what is in force, what was not.

In: only the fold writes `Tightenings`. Out: that part of `State`, and the words of an order as a
command and a record bear them. Refuses (None) a text that is no such order.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from engine.model.times import UtcTime

_FIELDS = ("document", "path", "seconds", "value")
_REFUSED_KEPT = 10
"""Orders that came to nothing are shown so far back; every one is in the ledger."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One value of one document, as a person typed it, for so many seconds."""

    document: str
    path: str
    value: str
    seconds: int

    @property
    def text(self) -> str:
        """The order in one spelling, so that its record hashes what was ordered."""
        fields = (self.document, self.path, self.seconds, self.value)
        return orjson.dumps(dict(zip(_FIELDS, fields, strict=True))).decode()

    @property
    def words(self) -> str:
        """`RiskLimit/max_position params.max_position_pct=1`."""
        return f"{self.document} {self.path}={self.value}"


def wanted_of(text: str) -> Wanted | None:
    """The order that a text is; None for any other text."""
    try:
        fields = orjson.loads(text)
    except ValueError:
        return None
    if not isinstance(fields, dict) or tuple(sorted(fields)) != _FIELDS:
        return None
    document, path, seconds, value = (fields[each] for each in _FIELDS)
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds <= 0:
        return None
    if not all(isinstance(each, str) for each in (document, path, value)):
        return None
    return Wanted(document, path, value, seconds)


@dataclass(frozen=True, slots=True)
class Tightening:
    """An order with its number and its end.

    `rests` says why its value is not laid over the set in force, None where it is: a set may come
    that is as tight by itself.
    """

    number: int
    wanted: Wanted
    since: UtcTime
    until: UtcTime
    who: str
    why: str
    rests: str | None = None

    def lasts(self, now: UtcTime) -> bool:
        """Whether its time is not over."""
        return now < self.until


@dataclass(frozen=True, slots=True)
class RefusedTightening:
    """An order that came to nothing, when, and why."""

    ordered: Tightening
    time: UtcTime
    findings: tuple[str, ...]


@dataclass(slots=True)
class Tightenings:
    """`held` lie over the reviewed set, in their order; `asked` are still to be checked."""

    held: tuple[Tightening, ...] = ()
    asked: dict[int, Tightening] = field(default_factory=dict)
    refused: deque[RefusedTightening] = field(default_factory=lambda: deque(maxlen=_REFUSED_KEPT))
    next: int = 1

    def lasting(self, now: UtcTime) -> tuple[Tightening, ...]:
        """Those that are in force and whose time is not over."""
        return tuple(each for each in self.held if each.lasts(now))

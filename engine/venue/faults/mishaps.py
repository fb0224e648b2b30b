"""What goes wrong in a stream: messages that are lost, garbled or late, and connections that end.

In: a plan, and each message as it is about to leave. Out: its `Mishap`, or None. A lost message
takes its number with it, so that the client sees a gap; a silence takes everything, heartbeats
too, and no number.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from engine.adapters.system.rng import SeededRng

if TYPE_CHECKING:
    from engine.venue.faults.kinds import Span


class MishapKind(Enum):
    """What becomes of a message."""

    LOST = "message_lost"  # its number is missing
    GARBLED = "message_garbled"  # what arrives is no JSON
    REPEATED = "message_repeated"  # it arrives twice, with one number
    CUT = "disconnect"  # the connection ends in its place
    SILENCE = "silence"  # nothing is sent for some time
    FROZEN = "frozen"  # heartbeats go on, and the market is not told for some time


@dataclass(frozen=True, slots=True)
class Mishap:
    """One thing that goes wrong; `lasts_s` is real time, where it takes any."""

    kind: MishapKind
    lasts_s: float = 0.0


@dataclass(frozen=True, slots=True)
class StreamLine:
    """One line of the script: messages of a channel (by the name that they carry)."""

    channel: str
    mishap: Mishap
    skip: int = 0
    times: int | None = None


@dataclass(frozen=True, slots=True)
class StreamChance:
    """Mishaps by chance: a share of all messages, and the kinds that may come."""

    rate: float
    kinds: tuple[MishapKind, ...]
    lasts_s: Span


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """What goes wrong in streams: a script, and chance with a seed."""

    seed: int = 0
    script: tuple[StreamLine, ...] = ()
    chance: StreamChance | None = None


NO_MISHAPS = StreamPlan()


@dataclass(slots=True)
class StreamPlanner:
    """Follows a plan over all connections; messages are numbered from 1."""

    plan: StreamPlan
    number: int = 0
    _met: Counter[int] = field(default_factory=Counter)

    def mishap_for(self, channel: str) -> Mishap | None:
        """What goes wrong with the next message."""
        self.number += 1
        for place, line in enumerate(self.plan.script):
            if line.channel == channel and self._hits(place, line):
                return line.mishap
        return self._by_chance(channel)

    def _hits(self, place: int, line: StreamLine) -> bool:
        self._met[place] += 1
        beyond = self._met[place] - line.skip
        return beyond > 0 and (line.times is None or beyond <= line.times)

    def _by_chance(self, channel: str) -> Mishap | None:
        chance = self.plan.chance
        if chance is None:
            return None
        rng = SeededRng(f"{self.plan.seed}\n{self.number}\n{channel}".encode())
        if rng.uniform(0.0, 1.0) >= chance.rate:
            return None
        kinds = sorted(chance.kinds, key=lambda kind: kind.value)
        kind = kinds[min(int(rng.uniform(0.0, len(kinds))), len(kinds) - 1)]
        return Mishap(kind, rng.uniform(*chance.lasts_s))

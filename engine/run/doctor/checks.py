"""One answer of the doctor: where it belongs, how bad it is, and in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Section(Enum):
    """What a check is about; the order is that of the page."""

    ARMED = "armed"
    MISSING = "missing"
    TRIPPED = "tripped"
    HEADROOM = "headroom"
    ROUTES = "routes"
    WAIVERS = "waivers"
    SURROUNDINGS = "surroundings"


class Level(Enum):
    """How much a check asks of a person: nothing, a look, or to mend it first."""

    FINE = "fine"
    LOOK = "look"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Check:
    """One answer; `numbers` are for programs."""

    section: Section
    level: Level
    name: str
    says: str
    numbers: Mapping[str, float | str | None] = field(default_factory=dict)

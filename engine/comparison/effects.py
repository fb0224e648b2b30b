"""What a change does to something that has a safer direction."""

from __future__ import annotations

from enum import Enum


class Effect(Enum):
    """What an edit does, in its field's direction."""

    WEAKER = "weaker"
    STRONGER = "stronger"
    SAME = "same"
    UNKNOWN = "unknown"

    @property
    def reversed(self) -> Effect:
        """The effect of the edit the other way round."""
        return {Effect.WEAKER: Effect.STRONGER, Effect.STRONGER: Effect.WEAKER}.get(self, self)

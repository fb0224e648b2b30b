"""Short forms for writing facts down: numbers, texts, enums and flags of one source, derived facts.

In: a name, a unit, one sentence, and what is particular. Out: `FactSpec`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from engine.expr.vocabulary import Absence, FactScope, FactSpec, FactType

if TYPE_CHECKING:
    from typing import Unpack

    from engine.expr.units import Unit
    from engine.model.orders import Mode


class Detail(TypedDict, total=False):
    """What most facts leave as it is."""

    modes: frozenset[Mode]
    absence: Absence
    first_value: float | str | bool
    window_s: int
    gap_s: int
    low: float
    high: float
    threshold: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Source:
    """A producer, and what must be at hand for its facts to mean anything."""

    scope: FactScope
    producer: str

    def number(self, name: str, unit: Unit, sentence: str, **detail: Unpack[Detail]) -> FactSpec:
        """A number with a unit."""
        return FactSpec(name, FactType.NUMBER, unit, self.scope, self.producer, sentence, **detail)

    def text(self, name: str, sentence: str) -> FactSpec:
        """A text that may be anything."""
        return FactSpec(name, FactType.TEXT, None, self.scope, self.producer, sentence)

    def enum(self, name: str, sentence: str, values: tuple[str, ...]) -> FactSpec:
        """One of a closed list; the empty list is filled in by the policy set."""
        return FactSpec(
            name, FactType.ENUM, None, self.scope, self.producer, sentence, values=values
        )

    def flag(self, name: str, sentence: str, **detail: Unpack[Detail]) -> FactSpec:
        """True or false."""
        return FactSpec(name, FactType.FLAG, None, self.scope, self.producer, sentence, **detail)

    def text_set(self, name: str, sentence: str) -> FactSpec:
        """Any number of texts, none twice."""
        return FactSpec(name, FactType.TEXT_SET, None, self.scope, self.producer, sentence)


def derived(
    scope: FactScope,
    name: str,
    unit: Unit,
    definition: str,
    sentence: str,
    **detail: Unpack[Detail],
) -> FactSpec:
    """A number that other facts define, in the language itself."""
    return FactSpec(
        name, FactType.NUMBER, unit, scope, "", sentence, definition=definition, **detail
    )

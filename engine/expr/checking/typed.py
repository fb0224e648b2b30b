"""The type and unit of a value, and how two of them meet.

In: the types of operands. Out: the type of the result, or words that say why there is none.
A bare number has no unit and takes the other side's. `factor` is what a value was multiplied by
in literals: a ratio times 100 may stand for percent, and for nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from engine.expr.units import CONVERSIONS, Unit, product, quotient
from engine.expr.vocabulary import FactType

_ONE = Decimal(1)
_WORDS = {
    FactType.NUMBER: "a number",
    FactType.TEXT: "text",
    FactType.FLAG: "a flag",
    FactType.ENUM: "text",
    FactType.TEXT_SET: "a set of texts",
}


@dataclass(frozen=True, slots=True)
class TypedUnit:
    """What a value is; `type` None when that is already a finding, which silences the rest."""

    type: FactType | None
    unit: Unit | None = None
    factor: Decimal = _ONE

    @property
    def known(self) -> bool:
        """Whether there is anything to say about it."""
        return self.type is not None

    @property
    def words(self) -> str:
        """The type in words."""
        return _WORDS[self.type] if self.type is not None else "one value"

    @property
    def wordy(self) -> bool:
        """Whether it is one text: a text or one of a list."""
        return self.type in {FactType.TEXT, FactType.ENUM}

    def may_be(self, unit: Unit) -> bool:
        """Whether its number can be read in `unit` without a further factor."""
        if self.unit is None or self.unit is unit:
            return True
        return self.factor in _factors(self.unit, unit)

    def units(self) -> tuple[Unit, ...]:
        """Every unit that it may be in, its own first."""
        if self.unit is None:
            return ()
        return (self.unit, *(unit for unit in Unit if unit is not self.unit and self.may_be(unit)))


ERROR = TypedUnit(None)
FLAG = TypedUnit(FactType.FLAG)
TEXT = TypedUnit(FactType.TEXT)
BARE = TypedUnit(FactType.NUMBER)


def common_unit(left: TypedUnit, right: TypedUnit) -> tuple[bool, Unit | None]:
    """Whether two numbers may meet, and in which unit."""
    if left.unit is None or right.unit is None:
        return True, left.unit or right.unit
    shared = [unit for unit in left.units() if right.may_be(unit)]
    return bool(shared), shared[0] if shared else None


def multiplied(left: TypedUnit, right: TypedUnit) -> TypedUnit | None:
    """The product of two numbers; None where the language declares no unit for it."""
    factor = left.factor * right.factor
    if left.unit is None or right.unit is None:
        return TypedUnit(FactType.NUMBER, left.unit or right.unit, factor)
    plain = product(left.unit, right.unit)
    if plain is not None:
        return TypedUnit(FactType.NUMBER, plain, factor)
    pairs = ((a, b) for a in left.units() for b in right.units())
    found = next((unit for a, b in pairs if (unit := product(a, b)) is not None), None)
    return TypedUnit(FactType.NUMBER, found) if found else None


def divided(left: TypedUnit, right: TypedUnit) -> TypedUnit | None:
    """The quotient of two numbers; None where the language declares no unit for it."""
    factor = left.factor / right.factor if right.factor else _ONE
    if right.unit is None:
        return TypedUnit(FactType.NUMBER, left.unit, factor)
    plain = quotient(left.unit or Unit.RATIO, right.unit)
    if plain is not None:
        return TypedUnit(FactType.NUMBER, plain, factor)
    pairs = ((a, b) for a in left.units() for b in right.units())
    found = next((unit for a, b in pairs if (unit := quotient(a, b)) is not None), None)
    return TypedUnit(FactType.NUMBER, found) if found else None


def settled(value: TypedUnit, unit: Unit | None) -> TypedUnit:
    """The value read in `unit`; what it was multiplied by on the way is used up."""
    return replace(value, unit=unit, factor=_ONE)


def _factors(have: Unit, want: Unit) -> tuple[Decimal, ...]:
    if (have, want) in CONVERSIONS:
        return (Decimal(CONVERSIONS[have, want]),)
    if (want, have) in CONVERSIONS:
        return (_ONE / CONVERSIONS[want, have],)
    return ()

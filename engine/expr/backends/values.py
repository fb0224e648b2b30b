"""Which Python values a fact may have: the one rule of what counts as known.

In: a value as a snapshot holds it, and the fact's declared type. Out: whether it is known.
Refuses a value of another type than declared, NaN and infinity: they count as missing.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from engine.expr.vocabulary import FactType

if TYPE_CHECKING:
    from engine.expr.nodes import Value
    from engine.expr.vocabulary import Vocabulary

PYTHON_TYPES: dict[FactType, type[Value]] = {
    FactType.NUMBER: float,
    FactType.TEXT: str,
    FactType.ENUM: str,
    FactType.FLAG: bool,
    FactType.TEXT_SET: frozenset,
}


def declared_type(vocabulary: Vocabulary, name: str) -> FactType | None:
    """The declared type of a fact; None where the vocabulary does not have it."""
    spec = vocabulary.spec(name)
    return spec.type if spec else None


def is_known(value: object, declared: FactType | None) -> bool:
    """Whether a value is one of its fact's declared type; an undeclared fact is never known."""
    # The exact type: `True` is an `int` to Python and must not pass for a number.
    if declared is None or type(value) is not PYTHON_TYPES[declared]:
        return False
    return not isinstance(value, float) or math.isfinite(value)

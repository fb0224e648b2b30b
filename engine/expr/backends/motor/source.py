"""Python source for the leaves and the strict functions, as both generated paths spell them.

In: literals and the operands' source. Out: source text. Refuses a function that is not listed,
as `NotDefinedError`. Only `repr` of our own literals ever enters the text, so nothing that a
user wrote is run.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from engine.expr.backends.backend import NotDefinedError
from engine.expr.backends.values import PYTHON_TYPES
from engine.expr.nodes import Flag, Negate, Number, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.expr.nodes import Node

BUILTINS: dict[str, object] = {
    "__builtins__": {},
    "isfinite": math.isfinite,
    "abs": abs,
    "max": max,
    "min": min,
    "type": type,
    **{python_type.__name__: python_type for python_type in PYTHON_TYPES.values()},
}
"""All that generated code can reach."""

# Terms of one sum: Python's compiler descends once for each.
_TERMS = 64

_STRICT_CALLS: dict[str, Callable[..., str]] = {
    "abs": "abs({})".format,
    "clamp": "min(max({}, {}), {})".format,
    "share_pct": "(100.0 * {} / {})".format,
}


def literal(node: Node) -> str | None:
    """The source of a literal, a sign included; None for other nodes and beyond binary64."""
    match node:
        case Number(value):
            return _number(float(value))
        case Negate(Number(value)):
            return _number(-float(value))
        case Text(value) | Flag(value):
            return repr(value)
        case _:
            return None


def _number(value: float) -> str | None:
    if not math.isfinite(value):
        return None
    # In brackets where a sign could run into an operator before it.
    return repr(value) if math.copysign(1.0, value) > 0 else f"({value!r})"


def strict_call(function: str, arguments: Sequence[str]) -> str:
    """The source of a call on known numbers."""
    if function in {"min", "max"}:
        return f"{function}({', '.join(arguments)})"
    if function not in _STRICT_CALLS:
        raise NotDefinedError(backend="closure", operation=function)
    return _STRICT_CALLS[function](*arguments)


def tuple_of(parts: Sequence[str]) -> str:
    """The source of a tuple display."""
    return f"({', '.join(parts)}{',' * (len(parts) == 1)})"


def finite_or_give_up(names: Sequence[str]) -> list[str]:
    """Statements that return None unless all these numbers are finite.

    NaN and infinity survive additions, so one test is enough; a sum that overflows although its
    parts are finite gives up needlessly, and never wrongly. Additions in place beat `sum`.
    """
    chunks = [names[start : start + _TERMS] for start in range(0, len(names), _TERMS)]
    return [f"if not isfinite({' + '.join(chunk)}): return None" for chunk in chunks]


def function_of(name: str, lines: Sequence[str], parameter: str = "facts") -> str:
    """The source of a function of one parameter with these statements."""
    return f"def {name}({parameter}):\n" + "".join(f"    {line}\n" for line in lines)

"""The meanings that can be asked for by name, each imported when it is.

In: a name, as `policy eval --backend` gives it. Out: the evaluator, or a Diagnostic that lists
the names. A new meaning is one file beside this one and one line here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic, with_extra

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.expr.backends.backend import Evaluate, NotDefinedError
    from engine.expr.nodes import Node, Value
    from engine.expr.vocabulary import Vocabulary

DEFAULT_BACKEND = "closure"


def _closure() -> Evaluate:
    from engine.expr.backends.closure import compile_value  # noqa: PLC0415 - on first use

    def evaluate(tree: Node, facts: Mapping[str, Value], vocabulary: Vocabulary) -> Value | None:
        return compile_value(tree, vocabulary)(facts)

    return evaluate


def _interpret() -> Evaluate:
    from engine.expr.backends.interpret import interpret  # noqa: PLC0415 - simpleeval is slow

    return interpret


def _frame() -> Evaluate | Diagnostic:
    try:
        from engine.expr.backends.frame import evaluate_frame  # noqa: PLC0415 - an extra
    except ImportError:
        mend = with_extra("simulate", "name another backend")
        return Diagnostic("M510", "the backend `frame` needs the extra `simulate`", help=mend)
    return evaluate_frame


_BACKENDS: dict[str, Callable[[], Evaluate | Diagnostic]] = {
    "closure": _closure,
    "interpret": _interpret,
    "frame": _frame,
}


def backend_names() -> tuple[str, ...]:
    """The names of all meanings that give values."""
    return tuple(_BACKENDS)


def find_backend(name: str) -> Evaluate | Diagnostic:
    """The meaning of that name."""
    load = _BACKENDS.get(name)
    if load is not None:
        return load()
    known = ", ".join(f"`{each}`" for each in _BACKENDS)
    return Diagnostic("M280", f"there is no backend `{name}`", help=f"backends are: {known}")


def not_defined(error: NotDefinedError) -> Diagnostic:
    """What to tell the user whose expression a backend cannot evaluate."""
    others = ", ".join(f"`{each}`" for each in _BACKENDS if each != error.backend)
    return Diagnostic("M281", str(error), help=f"evaluate it with {others}")

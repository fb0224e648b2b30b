"""Loading: a checked source becomes the one function that is asked.

In: a source that the checks let pass. Out: `Proposer`. Refuses (M386) a source that fails while
it is loaded. It runs with the builtins and modules of `given.py` and no others; linting a set
never comes here.
"""

from __future__ import annotations

import builtins
import importlib
from types import ModuleType
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, MandateError
from engine.kinds.strategy.python.counting import STEP, Counter, StepsExhaustedError, counted
from engine.kinds.strategy.python.fence import parsed
from engine.kinds.strategy.python.given import BUILTINS, FACE, MODULES
from engine.kinds.strategy.python.outline import ENTRY_POINT
from engine.kinds.strategy.python.places import place_at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.kinds.base import SourceText
    from engine.model.proposals import Context


# All that constants, imports and class bodies can raise.
_FAILURES = (
    ArithmeticError,
    AttributeError,
    ImportError,
    LookupError,
    NameError,
    RecursionError,
    StepsExhaustedError,
    TypeError,
    ValueError,
)


class Proposer:
    """The `propose` of one source, in a world of its own."""

    def __init__(self, name: str, source: SourceText, *, max_steps: int) -> None:
        self._counter = Counter(max_steps)
        self._propose = _loaded(name, source, self._counter)

    def __call__(self, context: Context) -> object:
        """What the strategy says; whatever it raises, and StepsExhaustedError, comes out."""
        self._counter.reset()
        return self._propose(context)


def _loaded(name: str, source: SourceText, counter: Counter) -> Callable[[Context], object]:
    tree = parsed(source)
    if isinstance(tree, Diagnostic):
        raise MandateError([tree])
    world: dict[str, object] = {
        "__builtins__": {
            **BUILTINS,
            "range": counter.range,
            "__import__": _given,
            "__build_class__": builtins.__build_class__,
        },
        # Value classes look up the module that they say they are of: it has to be a harmless one.
        "__name__": FACE,
        STEP: counter.step,
    }
    counter.reset()
    code = compile(counted(tree), f"<strategy {name}>", "exec", dont_inherit=True)
    try:
        exec(code, world)  # noqa: S102 - checked on its tree, sealed, and reviewed by a person
    except _FAILURES as error:
        message = f"the source fails when it is loaded: {type(error).__name__}"
        mend = "mend the constant that fails"
        raise MandateError([Diagnostic("M386", message, place_at(source, 1, 0), mend)]) from error
    propose = world[ENTRY_POINT]
    # INVARIANT: the checks found one function of this name; a later constant may hide it.
    if not callable(propose):
        message = "`propose` is no function any more when the source is loaded"
        mend = "give the constant another name"
        raise MandateError([Diagnostic("M386", message, place_at(source, 1, 0), mend)])
    return propose


def _given(
    name: str,
    globals: Mapping[str, object] | None = None,  # noqa: A002 - Python's own name for it
    locals: Mapping[str, object] | None = None,  # noqa: A002 - the same
    fromlist: Sequence[str] = (),
    level: int = 0,
) -> ModuleType:
    """A module with the names that are given and no others; the real one is out of reach."""
    del globals, locals, fromlist
    if level or name not in MODULES:
        raise ImportError(name)
    module, face = importlib.import_module(name), ModuleType(name)
    for each in MODULES[name]:
        if hasattr(module, each):
            setattr(face, each, getattr(module, each))
    return face

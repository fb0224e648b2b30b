"""The one door to numba: the loops of `loops` compiled, from the very same source.

In: nothing but the functions themselves. Out: `Loops`, compiled where the extra `simulate` is
installed and the recording long, else the plain Python functions, which give the same bits more
slowly. Compiled without fast math, so that no operation is reordered or fused, and kept in memory
only: no cache files.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from types import FunctionType
from typing import TYPE_CHECKING, cast

from engine.series import loops as plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.series.state import Step

# Plain Python takes about as long for these as compiling a set's series does: some seconds.
COMPILED_FROM_VALUES = 1_000_000

_OURS = "engine.series."


class Runtime(Enum):
    """How a batch is run; the values are the same."""

    PLAIN = "plain"
    COMPILED = "compiled"


@dataclass(frozen=True, slots=True)
class Loops:
    """The loops of one runtime, and how a producer's step is made ready for them."""

    collect: Callable[..., int]
    run: Callable[..., None]
    as_of: Callable[..., None]
    prepare: Callable[[Step], Step]


def quickest(values: int) -> Runtime:
    """The runtime for so many values: compiling takes seconds, which a short recording never saves.

    Where numba is not installed, plain.
    """
    worth = values >= COMPILED_FROM_VALUES and find_spec("numba") is not None
    return Runtime.COMPILED if worth else Runtime.PLAIN


def loops(runtime: Runtime) -> Loops:
    """The loops of `runtime`; raises ImportError for compiled ones without numba."""
    return _compiled_loops() if runtime is Runtime.COMPILED else _PLAIN


def _as_written(step: Step) -> Step:
    return step


_PLAIN = Loops(plain.collect, plain.run, plain.as_of, _as_written)


@lru_cache(maxsize=1)
def _compiled_loops() -> Loops:
    numba = import_module("numba")
    types = numba.types
    floats = numba.typeof(array("d"))
    step_type = types.float64(floats, floats, types.int64)
    # The step is called through a pointer, so `run` is compiled once and not once per producer.
    step = types.FunctionType(step_type)
    run_type = types.void(step, types.UniTuple(floats, 3), floats, types.int64, floats)
    done: dict[FunctionType, FunctionType] = {}

    def compiled(function: object, *signature: object) -> FunctionType:
        """Compile once; functions of ours that it calls are replaced by compiled ones."""
        written = cast("FunctionType", function)
        if written not in done:
            done[written] = numba.njit(*signature)(_rebound(written, compiled))
        return done[written]

    return Loops(
        collect=compiled(plain.collect),
        run=compiled(plain.run, run_type),
        as_of=compiled(plain.as_of),
        prepare=lambda each: compiled(each, step_type),
    )


def _rebound(
    function: FunctionType, compiled: Callable[[FunctionType], FunctionType]
) -> FunctionType:
    """The same code, seeing the compiled form of each function of ours that it calls."""
    names = function.__globals__
    called = {
        name: compiled(each)
        for name in function.__code__.co_names
        if isinstance(each := names.get(name), FunctionType) and each.__module__.startswith(_OURS)
    }
    return FunctionType(function.__code__, {**names, **called}, function.__name__)

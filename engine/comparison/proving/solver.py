"""Asking a solver: the only module that speaks to z3.

In: SMT-LIB text and the names that a model is to tell. Out: satisfiable with their values,
unsatisfiable, or unknown. Effort is counted in the solver's own steps, not in seconds, so that a
question has one answer on every machine. Refuses (MandateError, M700) where z3 is not installed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from itertools import starmap
from typing import TYPE_CHECKING, Any

from engine.errors import Diagnostic, MandateError, with_extra

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import ModuleType

EFFORT = 50_000_000
"""Steps after which a question is given up; the largest of ours takes a hundredth of it."""
_DIGITS = 30

Known = Fraction | bool | frozenset[int]
"""A value of a model; texts are the whole numbers that stand for them."""


class Answer(Enum):
    """What a solver can say."""

    SATISFIABLE = "sat"
    UNSATISFIABLE = "unsat"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Solution:
    """The answer, and where there is a model the values of the names that were asked for.

    Without one, `core` are given conditions that cannot hold together.
    """

    answer: Answer
    values: Mapping[str, Known] = field(default_factory=dict)
    core: frozenset[str] = frozenset()


def solve(
    script: str,
    names: Iterable[str] = (),
    texts: int = 0,
    wishes: Sequence[str] = (),
    effort: int | None = None,
) -> Solution:
    """Whether the assertions can hold together; `texts` is how many texts may be in a set.

    A model meets as many of the wishes as can be met together, the first ones first.
    """
    guards = wished(wishes)
    return Session(script, guards, effort).ask(names, texts, wishes=[*guards])


def wished(wishes: Sequence[str]) -> dict[str, str]:
    """Wishes by names of their own, in their order."""
    return {f"wish {place}": wish for place, wish in enumerate(wishes)}


class Session:
    """A script that is asked more than once, each time with others of its guarded conditions."""

    def __init__(self, script: str, guards: Mapping[str, str], effort: int | None = None) -> None:
        self._z3 = _z3()
        self._solver = _solver(self._z3, asked_again=bool(guards))
        self._solver.set("rlimit", EFFORT if effort is None else effort)
        self._solver.from_string(script + "".join(starmap(_guarded, guards.items())))
        # z3's own objects are dear to make, and every question names nearly all of them.
        self._guard = lru_cache(maxsize=None)(self._z3.Bool)

    def say(self, conditions: Iterable[str]) -> None:
        """Assert more of what the script declares."""
        self._solver.from_string("".join(f"(assert {each})\n" for each in conditions))

    def ask(
        self,
        names: Iterable[str] = (),
        texts: int = 0,
        *,
        given: Sequence[str] = (),
        wishes: Sequence[str] = (),
    ) -> Solution:
        """Whether what is given can hold; without a model, the given ones that clash.

        A model meets as many of the wishes as can be met together, the first ones first.
        """
        wanted = dict.fromkeys(wishes)
        while True:
            answer = Answer(str(self._solver.check(*map(self._guard, (*given, *wanted)))))
            if answer is Answer.SATISFIABLE:
                return _solution(self._z3, self._solver.model(), names, texts)
            core = {each.decl().name() for each in self._solver.unsat_core()}
            clashing = core.intersection(wanted)
            if answer is Answer.UNKNOWN or not clashing:
                return Solution(answer, core=frozenset(core))
            wanted.pop(next(guard for guard in reversed(wanted) if guard in clashing))


def _solver(z3: ModuleType, *, asked_again: bool) -> Any:  # noqa: ANN401 - z3 carries no types
    # What is asked once has what is stated as an equation put in its place first: less is left to
    # search. Between one question and the next only the plain solver remembers.
    return z3.Solver() if asked_again else z3.Then("solve-eqs", "simplify", "smt").solver()


def _guarded(guard: str, wish: str) -> str:
    return f"(declare-const |{guard}| Bool)\n(assert (=> |{guard}| {wish}))\n"


def _solution(z3: ModuleType, model: Any, names: Iterable[str], texts: int) -> Solution:  # noqa: ANN401 - z3 carries no types
    # A name that the model leaves open does not matter to it, and may be anything.
    wanted = frozenset(names)
    told = ((each.name(), each) for each in model.decls())
    values = {name: _known(z3, model[each], texts) for name, each in told if name in wanted}
    return Solution(Answer.SATISFIABLE, values)


def _known(z3: ModuleType, value: object, texts: int) -> Known:
    if z3.is_true(value) or z3.is_false(value):
        return bool(z3.is_true(value))
    if z3.is_algebraic_value(value):
        value = value.approx(_DIGITS)  # type: ignore[attr-defined]  # z3 carries no types
    if z3.is_rational_value(value) or z3.is_int_value(value):
        return Fraction(str(value.as_fraction() if z3.is_rational_value(value) else value))  # type: ignore[attr-defined]  # z3 carries no types
    inside = (z3.simplify(z3.Select(value, each)) for each in range(texts))
    return frozenset(each for each, is_in in enumerate(inside) if z3.is_true(is_in))


def _z3() -> ModuleType:
    try:
        import z3  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra, and slow to import
    except ModuleNotFoundError:
        message = "a proof needs the solver z3, which is not installed"
        mend = with_extra("compare")
        raise MandateError([Diagnostic("M700", message, None, mend)]) from None
    found: ModuleType = z3
    return found

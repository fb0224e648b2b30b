"""Rules asked over many instants: row by row by the motor, or all rows at once by frames.

In: rules, columns of the facts that move, the facts that stand. Out: for each rule its verdicts.
Both ways give the same answers. A frame costs about as much as some hundred rows, however few it
has, and between two deeds there are mostly few.
"""

from __future__ import annotations

from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

import polars as pl

from engine.expr.backends.closure import compile_motor
from engine.expr.backends.frame import FrameRules
from engine.simulation.prescreening.seen.columns import constant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    from engine.expr.nodes import Node, Value
    from engine.expr.vocabulary import Vocabulary

    Column: TypeAlias = Sequence[Value | None]
    Columns: TypeAlias = Mapping[str, Column]
    Verdicts: TypeAlias = Sequence[bool | None]

WORTH_FRAMES = 200
"""Fewer rows than these are asked one by one."""


class Asking:
    """Rules to be asked over columns; `facts` are the base facts that they read."""

    def __init__(self, trees: Sequence[Node], vocabulary: Vocabulary) -> None:
        self._trees, self._vocabulary = tuple(trees), vocabulary
        self._motor = compile_motor(self._trees, vocabulary)
        self.facts = frozenset(chain.from_iterable(map(vocabulary.base_facts, self._trees)))

    @cached_property
    def _frames(self) -> FrameRules:
        return FrameRules(self._trees, self._vocabulary)

    def verdicts(
        self, columns: Columns, standing: Mapping[str, Value], count: int
    ) -> Sequence[Verdicts]:
        """What each rule says in each of `count` rows; a fact that is nowhere is unknown.

        A value of None in a column is unknown too. Columns go before what stands.
        """
        moving = {name: columns[name] for name in self.facts & columns.keys()}
        rest = {name: standing[name] for name in self.facts & standing.keys() if name not in moving}
        if not self._trees or not count:
            return [[] for _ in self._trees]
        if count < WORTH_FRAMES:
            return self._by_rows(moving, rest, count)
        return self._by_frames(moving, rest, count)

    def _by_rows(self, moving: Columns, facts: dict[str, Value], count: int) -> Sequence[Verdicts]:
        answers = []
        for row in range(count):
            for name, column in moving.items():
                value = column[row]
                if value is None:
                    facts.pop(name, None)
                else:
                    facts[name] = value
            answers.append(self._motor.evaluate(facts).verdicts)
        return [*zip(*answers, strict=True)]

    def _by_frames(
        self, moving: Columns, rest: Mapping[str, Value], count: int
    ) -> Sequence[Verdicts]:
        rows = pl.DataFrame({"#at": range(count)})
        told = [pl.Series(name, column, strict=True) for name, column in moving.items()]
        stands = [constant(name, value) for name, value in rest.items()]
        frame = rows.with_columns(*told, *stands)
        return [column.to_list() for column in self._frames.evaluate(frame)]


def first(verdicts: Verdicts, *, wanted: bool, since: int = 0) -> int:
    """The first row, from one on, in which a rule says so; behind the last where it never does."""
    try:
        return verdicts.index(wanted, since)
    except ValueError:
        return len(verdicts)

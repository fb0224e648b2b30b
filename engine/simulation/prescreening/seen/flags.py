"""Rows at which a product may make a difference, for all instants at once.

In: a product's frame, the rules that a frame can answer. Out: `Flags`: the rows to step in any
case, those at which an entry may be wanted, and those at which an exit plan's condition may hold.
A verdict that is null because of a fact that frames do not have may be anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from engine.cycle.judging.invariants import Reach
from engine.expr.backends.frame import FrameRules
from engine.expr.facts import Regime
from engine.simulation.prescreening.rules import speaks_of_absence, unknown_to_frames
from engine.simulation.prescreening.seen.columns import QUOTED, ends_of_depth

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from engine.cycle.desk import Desk
    from engine.expr.nodes import Node
    from engine.expr.vocabulary import Vocabulary
    from engine.simulation.prescreening.rules import Watch
    from engine.simulation.prescreening.seen.grid import Stretch

    Rows = NDArray[np.int64]
    Flagged = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Flags:
    """Rows of the grid, ascending; `conditions` by the text of a plan's condition.

    `tiers` are the rows at which what matters to a member of that tier changes; None is no member.
    """

    always: Rows
    entries: Rows
    conditions: dict[str, Rows]
    tiers: dict[str | None, Rows]

    def within(self, stretch: Stretch) -> Flags:
        """Rows of a stretch's columns as rows of the grid, those of the stretch before left out."""
        first = stretch.start - stretch.base

        def placed(rows: Rows) -> Rows:
            return rows[rows >= first] + stretch.base

        return Flags(
            always=placed(self.always),
            entries=placed(self.entries),
            conditions={text: placed(rows) for text, rows in self.conditions.items()},
            tiers={tier: placed(rows) for tier, rows in self.tiers.items()},
        )


@dataclass(frozen=True, slots=True)
class Question:
    """A tree over frames; `wild` where an unknown fact leaves it open, `lost` where any may."""

    tree: Node
    wild: bool
    lost: bool

    @classmethod
    def of(cls, tree: Node, vocabulary: Vocabulary) -> Question:
        """See which facts of a tree frames do not have."""
        wild = bool(unknown_to_frames(tree, vocabulary))
        return cls(tree, wild, wild and speaks_of_absence(tree, vocabulary))

    def may_hold(self, verdict: pl.Expr) -> pl.Expr:
        """Whether it may be true in a row."""
        if self.lost:
            return pl.lit(value=True)
        return verdict.fill_null(value=self.wild)

    def open(self, verdict: pl.Expr) -> pl.Expr:
        """Whether a row leaves it open what it is."""
        if self.lost:
            return pl.lit(value=True)
        return verdict.is_null() if self.wild else pl.lit(value=False)


class Flagging:
    """The questions of one set, compiled for frames once and asked of each product."""

    def __init__(self, desk: Desk, watch: Watch, conditions: dict[str, Node]) -> None:
        vocabulary = desk.policy_set.vocabulary
        programme = desk.programme
        entries = [s.questions.rules[-1].tree for s in programme.strategies]
        ranked = [*programme.tiers.values()]
        tiers = [programme.enter.rules[each.enter].tree for each in ranked]
        tiers += [programme.stay.rules[each.stay].tree for each in ranked]
        self._tiers = len(ranked)
        self._members: dict[str, str | None] = {"#out": None}
        self._members |= {f"#in{each.rank}": each.name for each in ranked}
        invariants = [*programme.invariants[Reach.PRODUCT].trees]
        groups = (entries, tiers, list(watch.product), invariants, [*conditions.values()])
        self._groups = [[Question.of(tree, vocabulary) for tree in group] for group in groups]
        self._conditions = tuple(conditions)
        trees = [question.tree for group in self._groups for question in group]
        self._rules = FrameRules(trees, vocabulary)
        self._regime = FrameRules(_regime_trees(desk), vocabulary)

    def regime(self, frame: pl.DataFrame) -> pl.Series:
        """The regime at each instant, from the frame of the reference product."""
        crash, bear, bull = (pl.col(str(place)) for place in range(3))
        unknown = pl.lit(Regime.UNKNOWN.value)
        named = pl.lit(Regime.CHOP.value)
        for verdict, regime in ((bull, Regime.BULL), (bear, Regime.BEAR), (crash, Regime.CRASH)):
            told = pl.when(verdict).then(pl.lit(regime.value)).otherwise(named)
            named = pl.when(verdict.is_null()).then(unknown).otherwise(told)
        return self._regime.evaluate(frame).select(named.alias("regime.name")).to_series()

    def flags(self, frames: Sequence[pl.DataFrame]) -> list[Flags]:
        """The rows of each product, asked together: a question has its price, whoever it is for."""
        together = pl.concat(frames, how="diagonal")
        answers = [self._rules.evaluate(each) for each in ends_of_depth(together)]
        either = [self._asked(each) for each in answers]
        codes = [each.select(self._codes()) for each in answers]
        flags: dict[str, pl.Series] = {
            name: reduce(or_, [each[name] for each in either]) for name in either[0].columns
        }
        # A product's first quote is a change too; and so is an answer that the depth leaves open.
        quoted = together[QUOTED]
        flags["always"] |= quoted.ne_missing(quoted.shift(1))
        for code in self._members:
            own, other = codes[0][code], codes[-1][code]
            flags[code] = own.ne_missing(own.shift(1)) | own.ne_missing(other)
        columns = {name: np.asarray(each.to_numpy()) for name, each in flags.items()}
        ends = np.cumsum([each.height for each in frames])
        return [
            self._of(columns, int(end) - frame.height, int(end))
            for frame, end in zip(frames, ends, strict=True)
        ]

    def _of(self, columns: Mapping[str, Flagged], first: int, end: int) -> Flags:
        """The flags of one product, which has these rows of all."""
        rows = {name: np.flatnonzero(column[first:end]) for name, column in columns.items()}
        # Its first row was held against another product's last: all that is known is no change.
        return Flags(
            always=rows["always"],
            entries=rows["entries"],
            conditions={text: rows[f"#{place}"] for place, text in enumerate(self._conditions)},
            tiers={tier: rows[code] for code, tier in self._members.items()},
        )

    def _asked(self, answers: pl.DataFrame) -> pl.DataFrame:
        entries, tiers, product, invariants, conditions = self._verdicts()
        holds = [question.may_hold(verdict) for question, verdict in product]
        broken = [verdict.eq(other=False).fill_null(value=False) for _, verdict in invariants]
        open_ = [question.open(verdict) for question, verdict in tiers]
        wanted = [question.may_hold(verdict) for question, verdict in entries]
        when = [question.may_hold(verdict) for question, verdict in conditions]
        return answers.select(
            _any([*holds, *broken, *open_]).alias("always"),
            _any(wanted).alias("entries"),
            *(each.alias(f"#{place}") for place, each in enumerate(when)),
        )

    def _verdicts(self) -> list[list[tuple[Question, pl.Expr]]]:
        place = iter(range(len(self._rules.trees)))
        return [
            [(question, pl.col(str(next(place)))) for question in group] for group in self._groups
        ]

    def _codes(self) -> list[pl.Expr]:
        """What matters to each kind of member, as one number: who takes it above, does it stay."""
        verdicts = [verdict for _, verdict in self._verdicts()[1]]
        enter, stay = verdicts[: self._tiers], verdicts[self._tiers :]
        codes = [_first(enter).alias("#out")]
        for rank, verdict in enumerate(stay):
            kept = verdict.cast(pl.Int32).fill_null(2)
            codes.append((_first(enter[:rank]) * 3 + kept).alias(f"#in{rank}"))
        return codes


def _first(verdicts: Sequence[pl.Expr]) -> pl.Expr:
    """The place of the first that is true; behind the last where none is."""
    found = pl.lit(len(verdicts), dtype=pl.Int32)
    for place in reversed(range(len(verdicts))):
        found = pl.when(verdicts[place]).then(pl.lit(place, dtype=pl.Int32)).otherwise(found)
    return found


def _regime_trees(desk: Desk) -> Sequence[Node]:
    questions = desk.programme.regime
    order = (Regime.CRASH, Regime.BEAR, Regime.BULL)
    return [questions.rules[questions.places[each.value]].tree for each in order]


def _any(flags: list[pl.Expr]) -> pl.Expr:
    return reduce(or_, flags, pl.lit(value=False))

"""The choice of the cycles to step, for one run over one recording.

In: the desk as the first cycle finds it, and the recording. Out: `Screen`, asked at each instant:
True steps the cycle; at False it was folded, and is over. `stepped_for` counts why cycles were.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from engine.cycle.steps.plans import condition_text
from engine.errors import Snippet
from engine.expr.grammar import parse
from engine.ledger.records import RecordKind
from engine.model.symbols import Symbol
from engine.simulation.prescreening.columns import Market
from engine.simulation.prescreening.flags import Flagging
from engine.simulation.prescreening.grid import Grid, bars_of
from engine.simulation.prescreening.quiet import Quiet, edges, unsettled
from engine.simulation.prescreening.rules import watch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl
    from numpy.typing import NDArray

    from engine.adapters.recorded import Recording
    from engine.cycle.desk import Desk
    from engine.expr.nodes import Node
    from engine.ledger.records import Record
    from engine.ledger.state import Membership
    from engine.model.times import UtcTime
    from engine.simulation.prescreening.flags import Flags
    from engine.simulation.prescreening.rules import Watch


def screened(desk: Desk, recording: Recording) -> Screen:
    """Look at the whole recording once."""
    grid = Grid.over(recording, desk.policy_set.schedule.interval)
    watched = watch(desk, recording.symbols)
    if watched.unfit:
        return Screen(desk, grid, watched, (), {})
    flagging = Flagging(desk, watched, _conditions(desk))
    market = Market(recording, desk, grid, grid.instants, dict(bars_of(recording, desk.market)))
    regime = _regime(desk, market, flagging)
    flags = {}
    for symbol in recording.symbols:
        frame, deep = market.frame(symbol)
        flags[symbol] = flagging.flags(frame.with_columns(regime), deep=deep)
    return Screen(desk, grid, watched, regime.to_list(), flags)


def _conditions(desk: Desk) -> dict[str, Node]:
    """The conditions of the plans that this set can give a position, by their text."""
    texts = {condition_text(desk.policy_set, each.name) for each in desk.programme.strategies}
    trees = {text: parse(Snippet.of(text)).tree for text in sorted(filter(None, texts))}
    return {text: tree for text, tree in trees.items() if tree is not None}


def _regime(desk: Desk, market: Market, flagging: Flagging) -> pl.Series:
    reference = Symbol.parse(desk.policy_set.deployment.regime.reference)
    frame, _ = market.frame(reference)
    return flagging.regime(frame)


class Screen:
    """Implements `Choice`."""

    def __init__(
        self,
        desk: Desk,
        grid: Grid,
        watched: Watch,
        regimes: Sequence[str],
        flags: Mapping[Symbol, Flags],
    ) -> None:
        self.stepped_for: Counter[str] = Counter()
        self._desk = desk
        self._grid = grid
        self._watch = watched
        self._regimes = regimes
        self._flags = flags
        self._every = np.arange(grid.count)
        self._before: tuple[int, dict[Symbol, Membership]] | None = None
        self._quiet: Quiet | None = None
        self._next_row = 0
        self._edge: UtcTime | None = None

    def __call__(self, moment: UtcTime) -> bool:
        """Whether the cycle at `moment` must be stepped."""
        why = self._why(moment)
        if why is None:
            return False
        self.stepped_for[why] += 1
        self._before = self._standing()
        self._quiet = None
        return True

    def _why(self, moment: UtcTime) -> str | None:
        if self._quiet is None:
            why = self._settle()
            if why is not None or self._quiet is None:
                return why
        row = self._grid.row(moment)
        if row >= self._next_row:
            return "market"
        if self._edge is not None and moment >= self._edge:
            return "edge"
        return self._quiet.broken(moment, row)

    def _settle(self) -> str | None:
        """Look at what the cycle before this one has left; None when quiet may begin."""
        if self._watch.unfit:
            return f"unfit: {self._watch.unfit[0]}"
        last = self._desk.state.last_cycle
        if last is None or self._before is None:
            return "first"
        if self._happened():
            return "happened"
        why = unsettled(self._desk, self._watch, last)
        if why is not None:
            return why
        self._quiet = Quiet(self._desk, self._watch, self._regimes)
        self._next_row = self._flagged_after(self._grid.row(last))
        self._edge = min((each for each in edges(self._desk) if each > last), default=None)
        return None

    def _standing(self) -> tuple[int, dict[Symbol, Membership]]:
        last = self._desk.recorder.last
        return -1 if last is None else last.sequence, dict(self._desk.state.universe)

    def _happened(self) -> bool:
        """Whether the last cycle wrote more than its own record, or moved the universe."""
        assert self._before is not None  # noqa: S101 - INVARIANT: asked after a cycle only
        sequence, universe = self._before
        last: Record | None = self._desk.recorder.last
        quiet = last is not None and last.kind is RecordKind.CYCLE and last.sequence == sequence + 1
        return not quiet or universe != self._desk.state.universe

    def _flagged_after(self, row: int) -> int:
        return min(
            (_after(rows, row) for symbol in self._flags for rows in self._relevant(symbol)),
            default=self._grid.count,
        )

    def _relevant(self, symbol: Symbol) -> list[NDArray[np.int64]]:
        """The rows of a product that count as long as what is held and eligible stands."""
        flags, state = self._flags[symbol], self._desk.state
        member, held = state.universe.get(symbol), state.positions.get(symbol)
        rows = [flags.always, flags.tiers.get(member.tier if member else None, self._every)]
        if held is None and member is not None:
            rows.append(flags.entries)
        if held is not None and held.plan.when is not None:
            rows.append(flags.conditions.get(held.plan.when, self._every))
        return rows


def _after(rows: NDArray[np.int64], row: int) -> int:
    place = int(np.searchsorted(rows, row, side="right"))
    return int(rows[place]) if place < len(rows) else np.iinfo(np.int64).max

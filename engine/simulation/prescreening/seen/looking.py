"""Looking at a recording, one stretch after the other: what is shown, and which rows may matter.

In: a recording and the rules to watch for. Out: for the stretch that a run has come to, the columns
of each product and its flags. Only one stretch is held, so that a year takes no more room than a
week.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.cycle.steps.plans import condition_text
from engine.errors import Snippet
from engine.expr.grammar import parse
from engine.model.symbols import Symbol
from engine.model.times import UtcTime
from engine.simulation.prescreening.seen.bars import bars_of
from engine.simulation.prescreening.seen.columns import Product
from engine.simulation.prescreening.seen.flags import Flagging
from engine.simulation.prescreening.seen.grid import Grid, Stretch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl
    from numpy.typing import NDArray

    from engine.cycle.desk import Desk
    from engine.expr.nodes import Node
    from engine.simulation.prescreening.rules import Watch
    from engine.simulation.prescreening.seen.columns import Shown
    from engine.simulation.prescreening.seen.flags import Flags
    from engine.simulation.stepping import Playing


class Looking:
    """What is seen in one stretch after the other; the market's series answer from it."""

    def __init__(self, playing: Playing, watched: Watch) -> None:
        desk, recording = playing.desk, playing.recording
        self.grid = Grid.over(recording, desk.policy_set.schedule.interval)
        self.stretch = Stretch(0, 0, 0, np.empty(0, dtype=np.int64))
        self.shown: dict[Symbol, Shown] = {}
        self.flags: dict[Symbol, Flags] = {}
        self.regimes: Sequence[str] = ()
        self.at = 0
        self.symbols = recording.symbols
        self._reference = Symbol.parse(desk.policy_set.deployment.regime.reference)
        self._flagging = None if watched.unfit else Flagging(desk, watched, _conditions(desk))
        bars = bars_of(recording, desk.market)
        self._products = {
            symbol: Product.of(desk, recording, symbol, bars)
            for symbol in (*recording.symbols, self._reference)
        }

    def reach(self, row: int) -> None:
        """Look until this row is among what was seen; what is asked for next is asked of it."""
        while row >= self.stretch.stop:
            self.stretch = self.grid.stretch(self.stretch.stop)
            self.shown = {s: each.shown(self.stretch) for s, each in self._products.items()}
            if self._flagging is not None and row < self.stretch.stop:
                self._flag(self._flagging)
        self.at = row - self.stretch.base

    def _flag(self, flagging: Flagging) -> None:
        regime = flagging.regime(self._frame(self._reference))
        self.regimes = regime.to_list()
        frames = [self._frame(symbol).with_columns(regime) for symbol in self.symbols]
        found = flagging.flags(frames)
        for symbol, flags in zip(self.symbols, found, strict=True):
            self.flags[symbol] = flags.within(self.stretch)

    def _frame(self, symbol: Symbol) -> pl.DataFrame:
        return self._products[symbol].frame(self.stretch.instants, self.shown[symbol])

    def places(self, moments: NDArray[np.int64]) -> NDArray[np.int64]:
        """The places of instants of the stretch in its columns."""
        return (moments - self.grid.start_ns) // self.grid.step_ns - self.stretch.base

    def values(self, symbol: Symbol, now: UtcTime) -> Mapping[str, float]:
        """The series of a product that are known at an instant that was reached."""
        shown = self.shown.get(symbol)
        return {} if shown is None else shown.values(self.grid.row(now) - self.stretch.base)

    def completed(self, symbol: Symbol) -> UtcTime | None:
        """When the product's last bar ended."""
        shown = self.shown.get(symbol)
        ended_ns = 0 if shown is None else int(shown.ended_ns[self.at])
        return UtcTime(ended_ns) if ended_ns else None


def _conditions(desk: Desk) -> dict[str, Node]:
    """The conditions of the plans that this set can give a position, by their text."""
    texts = {condition_text(desk.policy_set, each.name) for each in desk.programme.strategies}
    trees = {text: parse(Snippet.of(text)).tree for text in sorted(filter(None, texts))}
    return {text: tree for text, tree in trees.items() if tree is not None}

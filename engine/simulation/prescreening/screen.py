"""The choice of the cycles to step, for one run over one recording.

In: the desk as the first cycle finds it, and the recording. Out: `Screen`, asked at each instant:
True steps the cycle; at False it was folded, and is over. `stepped_for` counts why cycles were.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from engine.ledger.records import RecordKind
from engine.simulation.prescreening.looking import Looking
from engine.simulation.prescreening.quiet import Quiet, edges, unsettled
from engine.simulation.prescreening.replay import Replay
from engine.simulation.prescreening.rules import watch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from engine.ledger.records import Record
    from engine.ledger.state import Membership
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime
    from engine.simulation.stepping import Playing


def screened(playing: Playing) -> Screen:
    """Look at a recording, one stretch after the other, as its cycles come to them."""
    return Screen(playing)


class Screen:
    """Implements `Choice`, and tells the market what its cycles need of it."""

    tells = True

    def __init__(self, playing: Playing) -> None:
        self.stepped_for: Counter[str] = Counter()
        self._desk = playing.desk
        self._watch = watch(playing.desk, playing.recording.symbols)
        self._looking = Looking(playing, self._watch)
        self._replay = Replay(playing)
        self._symbols = playing.recording.symbols
        self._before: tuple[int, dict[Symbol, Membership]] | None = None
        self._quiet: Quiet | None = None
        self._next_row = 0
        self._passed_row = -1
        self._edge: UtcTime | None = None
        playing.desk.market.answer_from(self._looking)

    def __call__(self, moment: UtcTime) -> bool:
        """Whether the cycle at `moment` must be stepped."""
        row, seen = self._looking.grid.row(moment), self._looking.stretch
        self._looking.reach(row)
        if self._looking.stretch is not seen:
            self._next_row = self._flagged()
        why = self._why(moment, row)
        self._passed_row = row
        if why is None:
            return False
        self._tell(moment, self._symbols)
        self._replay.reached(moment)
        self.stepped_for[why] += 1
        self._before = self._standing()
        self._quiet = None
        return True

    def _tell(self, moment: UtcTime, symbols: Iterable[Symbol]) -> None:
        self._replay.tell(moment, self._looking.at, self._looking.shown, symbols)

    def _why(self, moment: UtcTime, row: int) -> str | None:
        if self._quiet is None:
            why = self._settle(moment)
            if why is not None or self._quiet is None:
                return why
        if row >= self._next_row:
            return "market"
        if self._edge is not None and moment >= self._edge:
            return "edge"
        self._tell(moment, self._desk.state.positions)
        return self._quiet.broken(moment)

    def _settle(self, moment: UtcTime) -> str | None:
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
        self._quiet = Quiet(self._desk, self._watch, self._looking, moment)
        self._next_row = self._flagged()
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

    def _flagged(self) -> int:
        """The first row of the stretch, after the one that has passed, that may matter."""
        stretch = self._looking.stretch
        if self._passed_row < stretch.base:
            # What changed in a silence, between two stretches, is seen against neither of them.
            return stretch.start
        flagged = (_after(rows, self._passed_row) for s in self._symbols for rows in self._rows(s))
        return min(flagged, default=stretch.stop)

    def _rows(self, symbol: Symbol) -> Iterator[NDArray[np.int64]]:
        """The rows of a product that count as long as what is held and eligible stands."""
        flags, state = self._looking.flags.get(symbol), self._desk.state
        if flags is None:
            return
        stretch = self._looking.stretch
        every = np.arange(stretch.start, stretch.stop)
        member, held = state.universe.get(symbol), state.positions.get(symbol)
        yield flags.always
        yield flags.tiers.get(member.tier if member else None, every)
        if held is None and member is not None:
            yield flags.entries
        if held is not None and held.plan.when is not None:
            yield flags.conditions.get(held.plan.when, every)


def _after(rows: NDArray[np.int64], row: int) -> int:
    place = int(np.searchsorted(rows, row, side="right"))
    return int(rows[place]) if place < len(rows) else np.iinfo(np.int64).max

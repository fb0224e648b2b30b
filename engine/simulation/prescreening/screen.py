"""The choice of the cycles to step, for one run over one recording.

In: the desk as the first cycle finds it, and the recording. Out: `Screen`, which tells the instants
to step; a cycle that is left out was folded, and is over. `stepped_for` counts why cycles were,
`at_once` how many were left out together with others.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from engine.ledger.folding.windows import DAY_S
from engine.ledger.records import RecordKind
from engine.model.times import NS_PER_S, UtcTime
from engine.simulation.prescreening.attention import Attention
from engine.simulation.prescreening.leaving_out.ahead import Ahead
from engine.simulation.prescreening.leaving_out.course import only_ours
from engine.simulation.prescreening.leaving_out.quiet import Quiet, edges, unsettled, window_ends
from engine.simulation.prescreening.replay import Replay
from engine.simulation.prescreening.rules import watch
from engine.simulation.prescreening.seen.looking import Looking

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.ledger.bodies import Body
    from engine.ledger.records import Record
    from engine.ledger.state import Membership
    from engine.model.symbols import Symbol
    from engine.simulation.prescreening.seen.grid import Instants as Ints
    from engine.simulation.stepping import Hearer, Passed, Playing

ANSWERABLE = frozenset(
    {
        RecordKind.DECISION,
        RecordKind.INTENT,
        RecordKind.SENT,
        RecordKind.ACKNOWLEDGED,
        RecordKind.REJECTED,
        RecordKind.FILLED,
        RecordKind.CANCEL,
        RecordKind.CANCELLED,
        RecordKind.BREAKER_TRIPPED,
        RecordKind.BREAKER_RESET,
        RecordKind.ALERT,
        RecordKind.WAIVER_USED,
    }
)
"""What a cycle may have written, and the next one be quiet: its traces are all looked for."""

WORTH_CYCLES = 3
"""Fewer cycles than these are asked about one by one in less time than all at once."""


def screened(playing: Playing) -> Screen:
    """Look at a recording, one stretch after the other, as its cycles come to them."""
    return Screen(playing)


class Screen:
    """Implements `Choice`, and tells the market what its cycles need of it."""

    def __init__(self, playing: Playing) -> None:
        self.stepped_for: Counter[str] = Counter()
        self.at_once = 0
        self._desk = playing.desk
        self._watch = watch(playing.desk, playing.recording.symbols)
        self._looking = Looking(playing, self._watch)
        self._replay = Replay(playing)
        self._symbols = playing.recording.symbols
        self._attention = Attention(playing.desk, self._watch, self._looking)
        self._resting: frozenset[Symbol] = frozenset()
        self._before: dict[Symbol, Membership] | None = None
        self._deeds: set[RecordKind] = set()
        self._quiet: Quiet | None = None
        self._next_row = 0
        self._passed_row = -1
        self._edge: UtcTime | None = None
        self._window_end: UtcTime | None = None
        self._singly = 0
        self._ahead = Ahead(playing.desk, self._watch, self._looking)
        playing.desk.market.answer_from(self._looking)
        playing.desk.resting = lambda: self._resting
        playing.desk.recorder.hearers.append(self._hear)

    def kept(self, plan: Iterable[UtcTime], hearer: Hearer) -> Iterator[UtcTime]:
        """Those whose cycle must be stepped; the others are folded and told to the hearer."""
        moments = np.fromiter((each.ns for each in plan), dtype=np.int64)
        at = 0
        while at < len(moments):
            moment = UtcTime(int(moments[at]))
            why = self._matters(moment)
            if why is None:
                passed = self._pass_many(moments[at:])
                if passed is not None:
                    hearer.on_passed(passed)
                    at += len(passed.times)
                    continue
                why = self._pass_one(moment)
            if why is None:
                hearer.on_quiet(moment)
            else:
                self._begin(moment, why)
                yield moment
            at += 1
        self._end(moments)

    def _end(self, moments: Ints) -> None:
        """Let the market show at the end what it would show had every cycle been stepped."""
        if len(moments):
            last = UtcTime(int(moments[-1]))
            self._looking.reach(self._looking.grid.row(last))
            self._tell(last, self._symbols)

    def _begin(self, moment: UtcTime, why: str) -> None:
        """The cycle of this instant will be stepped."""
        row = self._looking.grid.row(moment)
        self._attention.renew(self._passed_row)
        before = self._before if self._deeds <= ANSWERABLE else None
        self._resting = self._attention.resting(moment, row, before)
        awake = [each for each in self._symbols if each not in self._resting]
        self._tell(moment, awake if only_ours(self._desk) else self._symbols)
        self._replay.reached(moment)
        self._passed_row = row
        self.stepped_for[why] += 1
        self._before = dict(self._desk.state.universe)
        self._deeds.clear()
        self._quiet = None

    def _pass_one(self, moment: UtcTime) -> str | None:
        """Leave this cycle out if it is quiet, or say why not."""
        assert self._quiet is not None  # noqa: S101 - INVARIANT: nothing else matters only then
        # What is held and not ours is worth what any product of it shows.
        self._tell(moment, self._desk.state.positions if only_ours(self._desk) else self._symbols)
        why = self._quiet.broken(moment)
        if why is None:
            self._passed_row = self._looking.grid.row(moment)
        return why

    def _pass_many(self, moments: Ints) -> Passed | None:
        """Leave out as many as can be told at once, if it is worth it."""
        assert self._quiet is not None  # noqa: S101 - INVARIANT: see `_pass_one`
        self._singly = max(0, self._singly - 1)
        coming = moments[: np.searchsorted(moments, self._limit_ns(int(moments[0])))]
        if not self._ahead.fit or self._singly or len(coming) < WORTH_CYCLES:
            return None
        passed = self._ahead.passed(coming, self._quiet.account)
        told = 0 if passed is None else len(passed.times)
        if told < WORTH_CYCLES:
            self._singly = WORTH_CYCLES
        if passed is None or not told:
            return None
        self.at_once += told
        self._passed_row = self._looking.grid.row(UtcTime(passed.times[-1]))
        return passed

    def _limit_ns(self, first_ns: int) -> int:
        """The instant that ends what can be told at once: a change, an edge, a day."""
        grid, stretch = self._looking.grid, self._looking.stretch
        row = min(self._next_row, stretch.stop)
        day_ns = DAY_S * NS_PER_S
        found = [grid.start_ns + row * grid.step_ns, (first_ns // day_ns + 1) * day_ns]
        ends = (self._edge, self._window_end)
        return min((*found, *(each.ns for each in ends if each is not None)))

    def _tell(self, moment: UtcTime, symbols: Iterable[Symbol]) -> None:
        self._replay.tell(moment, self._looking.at, self._looking.shown, symbols)

    def _matters(self, moment: UtcTime) -> str | None:
        """Why the cycle of this instant must be stepped, whatever prices and time make of it."""
        row, seen = self._looking.grid.row(moment), self._looking.stretch
        self._looking.reach(row)
        if self._looking.stretch is not seen:
            self._next_row = self._attention.renew(self._passed_row)
        if self._window_end is not None and moment >= self._window_end:
            self._quiet = None
        if self._quiet is None and (why := self._settle(moment)) is not None:
            return why
        if row >= self._next_row:
            return "market"
        return "edge" if self._edge is not None and moment >= self._edge else None

    def _settle(self, moment: UtcTime) -> str | None:
        """Look at what the cycle before this one has left; None when quiet may begin."""
        if self._watch.unfit:
            return f"unfit: {self._watch.unfit[0]}"
        last = self._desk.state.last_cycle
        if last is None or self._before is None:
            return "first"
        if self._happened():
            return "happened"
        self._next_row = self._attention.renew(self._passed_row)
        if self._looking.grid.row(moment) >= self._next_row:
            return "market"
        quiet = Quiet(self._desk, self._watch, self._looking, moment)
        why = unsettled(self._desk, self._watch, last) or quiet.stirred()
        if why is not None:
            return why
        self._quiet = quiet
        self._edge = min((each for each in edges(self._desk) if each > last), default=None)
        self._window_end = min(window_ends(self._desk, moment), default=None)
        return None

    def _happened(self) -> bool:
        """Whether the last cycle moved the universe, or did what only another cycle can answer."""
        universe = self._desk.policy_set.universe
        if self._deeds and universe.max_symbols < len(self._symbols):
            # Who is held comes first where not all are let in.
            return True
        return not self._deeds <= ANSWERABLE or self._before != self._desk.state.universe

    def _hear(self, record: Record, _body: Body) -> None:
        if record.kind is not RecordKind.CYCLE:
            self._deeds.add(record.kind)

"""Telling the market what was recorded, as far as somebody will ask: the newest of each product.

In: a recording, who hears it, what is shown of each product in a stretch. Out: a desk's market and
a venue as if they had heard every event. A quote that a newer one replaced before any cycle is no
loss to them, unless an order waits for it: then every event of its product is told; and where books
or trades were recorded, every event of all.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from engine.adapters.recorded import RecordingKind
from engine.adapters.recorded.events import event_maker

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime
    from engine.simulation.prescreening.seen.columns import Shown
    from engine.simulation.stepping import Playing

_REPLACED = frozenset({RecordingKind.QUOTES, RecordingKind.BARS})
"""Kinds of which only the newest counts: a bar is in the columns that series answer from."""


class Replay:
    """Tells one run's market, from where it was told already."""

    def __init__(self, playing: Playing) -> None:
        self._playing = playing
        self._makers = [event_maker(table) for table in playing.recording.tables]
        self._all = not _REPLACED.issuperset(playing.recording.kinds)
        self._told_until = playing.desk.clock.now()
        self._told: dict[Symbol, tuple[int, int]] = {}

    def tell(
        self, moment: UtcTime, at: int, shown: Mapping[Symbol, Shown], symbols: Iterable[Symbol]
    ) -> None:
        """What these products show at `moment`, which is the place `at` of the stretch."""
        if self._all or self._playing.waits():
            self._tell_all(moment, at, shown)
        for symbol in symbols:
            self._tell_newest(symbol, at, shown[symbol])

    def reached(self, moment: UtcTime) -> None:
        """A cycle is run at `moment`: what comes later is not told before it."""
        self._told_until = moment

    def _tell_newest(self, symbol: Symbol, at: int, shown: Shown) -> None:
        place = shown.newest[at]
        if place < 0 or self._told.get(symbol) == (source := shown.source(place)):
            return
        priced = shown.priced[at]
        # The last bid is remembered, though the newest quote may have none.
        for each in (priced, place) if 0 <= priced < place else (place,):
            file, row = shown.source(each)
            event = self._makers[file](row)
            for sink in self._playing.sinks:
                sink(event)
        self._told[symbol] = source

    def _tell_all(self, moment: UtcTime, at: int, shown: Mapping[Symbol, Shown]) -> None:
        """Everything that came since, of the products that an order works in; or of all."""
        state = self._playing.desk.state
        orders = chain(state.working.values(), (order for _, order in state.watched.values()))
        waiting = frozenset(each.symbol for each in orders)
        of = None if self._all or not waiting else waiting
        for _, event in self._playing.recording.arrivals(self._told_until, moment, of):
            for sink in self._playing.sinks:
                sink(event)
        self._told_until = moment
        for symbol in shown if of is None else of:
            place = shown[symbol].newest[at]
            if place >= 0:
                self._told[symbol] = shown[symbol].source(place)

"""When an order that nobody knows of is looked for next.

In: orders and the time. Out: which of them are due. It lives with the desk and not in the ledger:
after a restart the searches begin anew, which takes longer and gives nothing up earlier.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.model.portfolio import WorkingOrder
    from engine.model.times import UtcTime
    from engine.ports import Rng

DELAYS_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Between two look-ups of one order, the last for ever; each with full jitter. They are the order
protocol's own (COINBASE.md): the venue's list may lag by 30 s, and its quota is shared. How long an
order may stay unknown before it is given up is a policy's to say (`quarantine`)."""


@dataclass(slots=True)
class Search:
    """How often one order was looked for, when next, and how often in vain since its quarantine.

    `since` is when the order became unknown, `began_s` when this process began to look for it, by
    the clock that never steps.
    """

    due: UtcTime
    since: UtcTime | None
    began_s: float
    tries: int = 0
    in_vain: int = 0

    def waited_s(self, steady_s: float) -> float:
        """How long this process has looked in vain, at least: a wall clock that steps is no time.

        What passed before this process is known by that clock alone, so it does not count.
        """
        return steady_s - self.began_s


@dataclass(slots=True)
class Lookups:
    """The searches that go on. Without chance each delay is taken in full, as in virtual time."""

    rng: Rng | None = None
    searches: dict[int, Search] = field(default_factory=dict)

    def due(self, order: WorkingOrder, now: UtcTime, steady_s: float) -> bool:
        """Whether the order is to be looked for now; the first time is half a second later."""
        search = self.searches.get(order.number)
        if search is None or search.since != order.unknown_since:
            first = now.plus_s(self._delay_s(0))
            self.searches[order.number] = Search(first, order.unknown_since, steady_s)
        return now >= self.searches[order.number].due

    def tried(self, order: WorkingOrder, now: UtcTime) -> Search:
        """Note a try, and when the next one is due."""
        search = self.searches[order.number]
        search.tries += 1
        search.due = now.plus_s(self._delay_s(search.tries))
        return search

    def keep(self, numbers: set[int]) -> None:
        """Forget the searches of all orders but these."""
        self.searches = {n: each for n, each in self.searches.items() if n in numbers}

    def _delay_s(self, tries: int) -> float:
        longest = DELAYS_S[min(tries, len(DELAYS_S) - 1)]
        return longest if self.rng is None else self.rng.uniform(0.0, longest)

"""Whose product may matter: the next row that is flagged for each, and who rests until then.

In: flags of the stretch, what is held, eligible, latched and at work. Out: the next row at which
any product may matter by itself; and for a cycle that is stepped, the products of which it writes
nothing, so that nobody works out their facts. In doubt a product is awake.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from engine.cycle.facts.universe import excluded_now
from engine.model.symbols import Symbol
from engine.simulation.prescreening.leaving_out.quiet import disturbed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from engine.cycle.desk import Desk
    from engine.ledger.state import Membership
    from engine.model.times import UtcTime
    from engine.simulation.prescreening.rules import Watch
    from engine.simulation.prescreening.seen.looking import Looking

    Key = tuple[Symbol, str | None, bool, str | None]

_NEVER = np.iinfo(np.int64).max
_NOBODY: frozenset[Symbol] = frozenset()


class Attention:
    """Follows the flags of one run, row after row."""

    def __init__(self, desk: Desk, watched: Watch, looking: Looking) -> None:
        self._desk, self._looking = desk, looking
        self._every = frozenset(looking.symbols)
        universe = desk.policy_set.universe
        # Where not all are let in, one product's place is another's.
        self._apart = (
            not watched.unfit
            and watched.symbols_stand_apart
            and not desk.policy_set.waivers
            and universe.max_symbols >= len(self._every)
        )
        deployment = desk.policy_set.deployment
        # What everybody's facts are told of: the regime, and how far a coin is from its rate.
        coins = (Symbol(name, deployment.numeraire) for name in deployment.rates)
        self._always = (Symbol.parse(deployment.regime.reference), *coins)
        self._rows: dict[Key, Sequence[int]] = {}
        self._next: dict[Symbol, tuple[Key, int]] = {}
        self._seen = looking.stretch
        self._excluded: frozenset[str] = frozenset()

    def renew(self, passed_row: int) -> int:
        """The first row after the one that has passed at which a product may matter by itself."""
        stretch = self._looking.stretch
        if stretch is not self._seen:
            self._seen = stretch
            self._rows.clear()
            self._next.clear()
        return min((self._next_of(each, passed_row) for each in self._every), default=stretch.stop)

    def _next_of(self, symbol: Symbol, passed_row: int) -> int:
        key = self._key(symbol)
        known = self._next.get(symbol)
        if known is not None and known[0] == key and known[1] > passed_row:
            return known[1]
        row = self._after(key, passed_row)
        self._next[symbol] = key, row
        return row

    def _key(self, symbol: Symbol) -> Key:
        state = self._desk.state
        member, held = state.universe.get(symbol), state.positions.get(symbol)
        tier = None if member is None else member.tier
        return symbol, tier, held is not None, None if held is None else held.plan.when

    def _after(self, key: Key, passed_row: int) -> int:
        stretch = self._looking.stretch
        if passed_row < stretch.base:
            # What changed in a silence, between two stretches, is seen against neither of them.
            return stretch.start
        rows = self._rows.get(key)
        if rows is None:
            rows = self._rows[key] = self._flagged(key)
        place = bisect_right(rows, passed_row)
        return rows[place] if place < len(rows) else _NEVER

    def _flagged(self, key: Key) -> Sequence[int]:
        """The rows of a product that count as long as what is held and eligible stands."""
        symbol, tier, held, when = key
        flags, stretch = self._looking.flags.get(symbol), self._looking.stretch
        if flags is None:
            return ()
        every = np.arange(stretch.start, stretch.stop)
        found = [flags.always, flags.tiers.get(tier, every)]
        if not held and tier is not None:
            found.append(flags.entries)
        if when is not None:
            found.append(flags.conditions.get(when, every))
        rows: list[int] = np.unique(np.concatenate(found)).tolist()
        return rows

    def resting(
        self, moment: UtcTime, row: int, before: Mapping[Symbol, Membership] | None
    ) -> frozenset[Symbol]:
        """The products that the cycle at `moment` need not ask about, as of the last `renew`.

        `before` are the members before the last cycle; None where it is not known what it did.
        """
        excluded = excluded_now(self._desk.policy_set.universe, moment)
        moved, self._excluded = excluded != self._excluded, excluded
        if not self._apart or before is None or moved or disturbed(self._desk) is not None:
            return _NOBODY
        return self._every.difference(self._awake(moment, row, before))

    def _awake(
        self, moment: UtcTime, row: int, before: Mapping[Symbol, Membership]
    ) -> Iterator[Symbol]:
        state = self._desk.state
        yield from self._always
        yield from (symbol for symbol, (_, first) in self._next.items() if first <= row)
        yield from state.positions
        orders = chain(state.working.values(), state.ended.values())
        yield from (each.symbol for each in orders)
        yield from (each.symbol for _, each in state.watched.values())
        yield from (Symbol.parse(key) for _, key in chain(state.latches, state.alerts) if key)
        yield from self._members_moving(moment, before)

    def _members_moving(
        self, moment: UtcTime, before: Mapping[Symbol, Membership]
    ) -> Iterator[Symbol]:
        """Those that the last cycle moved, and those whose time of failing is over."""
        now, leave_after = self._desk.state.universe, self._desk.policy_set.universe.leave_after
        yield from (symbol for symbol in before if symbol not in now)
        for symbol, member in now.items():
            since = member.failing_since
            over = since is not None and moment.since_s(since) >= leave_after
            if over or before.get(symbol) != member:
                yield symbol

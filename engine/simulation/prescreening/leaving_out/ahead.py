"""Many quiet cycles at once: how many of the coming ones are quiet, and what they leave behind.

In: the desk between two cycles and the instants to come, in which no product may matter by itself.
Out: `Passed`, folded as their records would have been. What is not surely quiet ends it, and what
this cannot tell of (`fit`) is asked cycle by cycle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.cycle.desk import Round
from engine.cycle.facts.rules import ACCOUNT_KEY
from engine.expr.facts import Regime
from engine.ledger import fold
from engine.ledger.records import RecordKind
from engine.model.numbers import canonical_number
from engine.model.orders import Intent, Side
from engine.model.times import NS_PER_S, UtcTime
from engine.simulation.prescreening.leaving_out.asking import Asking, first
from engine.simulation.prescreening.leaving_out.course import course_of
from engine.simulation.prescreening.leaving_out.moving import MOVING, Moving
from engine.simulation.prescreening.rules import STANDING, STANDING_GROUPS
from engine.simulation.stepping import Passed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.cycle.desk import Desk
    from engine.expr.nodes import Value
    from engine.ledger.bodies import Body
    from engine.model.portfolio import Position
    from engine.simulation.prescreening.leaving_out.asking import Column, Columns
    from engine.simulation.prescreening.leaving_out.course import Course, Ints
    from engine.simulation.prescreening.rules import Watch
    from engine.simulation.prescreening.seen.looking import Looking

_HOUR_NS = 3_600 * NS_PER_S
_REGIME = "regime.name"
_SELLS: Mapping[str, Value] = {
    "order.side": Side.SELL.value,
    "order.intent": Intent.TRIM.value,
    "order.quantity": 0.0,
    "order.notional_usd": 0.0,
}
_STILL = frozenset(
    {
        "portfolio.open_positions_count",
        "portfolio.new_positions_cycle_count",
        "pace.losses_consecutive_count",
        "position.managed",
        "position.strategy",
        "position.pending_buy_usd",
        "position.pending_sell_quantity",
        "venue.stablecoin_deviation_pct",
    }
)
"""Facts that stand as long as nothing is done."""


class Ahead:
    """The rules of a set that quiet cycles ask, asked for many of them at once."""

    def __init__(self, desk: Desk, watch: Watch, looking: Looking) -> None:
        vocabulary = desk.policy_set.vocabulary
        self._desk, self._watch, self._looking = desk, watch, looking
        rules = [desk.policy_set.rule(each.rule) for each in desk.programme.trims]
        self._trims = Asking([each.tree for each in rules if each is not None], vocabulary)
        breakers, alerts = watch.account_breakers, watch.account_alerts
        self._account = Asking((*breakers.trees, *alerts.trees), vocabulary)
        self._held = Asking((*watch.held_breakers.trees, *watch.held_alerts.trees), vocabulary)
        self._names = self._account.facts | self._held.facts | self._trims.facts
        self.fit = (
            not watch.unfit and not desk.policy_set.waivers and all(map(_tellable, self._names))
        )

    def passed(self, moments: Ints, standing: Mapping[str, Value]) -> Passed | None:
        """Fold as many of these cycles, in order, as are surely quiet; None where nobody can tell.

        They are of one day and of one stretch; `standing` are facts of the account.
        """
        course = course_of(self._desk, self._looking, moments)
        if course is None:
            return None
        quiet = self._quiet(course, standing) if course.known else 0
        if quiet:
            self._fold(course, quiet)
        return _passed(course, quiet)

    def _quiet(self, course: Course, standing: Mapping[str, Value]) -> int:
        places = self._looking.places(course.moments[: course.known])
        regimes = [*map(self._looking.regimes.__getitem__, places.tolist())]
        moving = Moving(self._desk, course, regimes)
        account = moving.account(self._names)
        quiet = min(self._account_moves(course, account, standing), default=course.known)
        this = Round(self._desk.state.cycle + 1, UtcTime(int(course.moments[0])))
        this.universe = self._desk.state.universe
        self._desk.standing.renew(self._desk, this)
        for held in course.held:
            columns = {**account, **moving.holding(self._names, held)}
            facts = {**standing, **self._standing(this, held.position)}
            # A set may have no rule about a position at all.
            quiet = min((quiet, *self._holding_moves(columns, facts, quiet)))
        return quiet

    def _account_moves(
        self, course: Course, columns: Columns, standing: Mapping[str, Value]
    ) -> Iterator[int]:
        """For each rule of the account the first instant at which it moves a latch or an alert."""
        state, known = self._desk.state, course.known
        answers = iter(self._account.verdicts(columns, standing, known))
        for name in self._watch.account_breakers.names:
            verdicts, latch = next(answers), state.latches.get((name, ACCOUNT_KEY))
            if latch is None:
                yield first(verdicts, wanted=True)
            elif latch.resets_at is not None:
                over = int(np.searchsorted(course.moments[:known], latch.resets_at.ns))
                yield first(verdicts, wanted=False, since=over)
        for name in self._watch.account_alerts.names:
            yield first(next(answers), wanted=(name, ACCOUNT_KEY) not in state.alerts)

    def _holding_moves(
        self, columns: Columns, facts: Mapping[str, Value], count: int
    ) -> Iterator[int]:
        """For each rule about a position the first instant at which it is not quiet."""
        yield from (first(each, wanted=True) for each in self._held.verdicts(columns, facts, count))
        selling = {**columns, _REGIME: _undoubted(columns)} if _REGIME in columns else columns
        sold = self._trims.verdicts(selling, {**facts, **_SELLS}, count)
        yield from (first(each, wanted=False) for each in sold)

    def _standing(self, this: Round, position: Position) -> Mapping[str, Value]:
        desk, symbol = self._desk, position.symbol
        rate = desk.valuation.rate(symbol.quote)
        # INVARIANT: no order works where cycles are quiet, so nothing is pending.
        held: Mapping[str, Value] = {
            "position.managed": True,
            "position.strategy": position.strategy,
            "position.pending_buy_usd": 0.0,
            "position.pending_sell_quantity": 0.0,
        }
        return {**desk.standing.of(desk, this, symbol, rate), **held}

    def _fold(self, course: Course, quiet: int) -> None:
        """Apply those of their records that the last one does not make up for."""
        state = self._desk.state
        number = state.cycle
        for at in _telling(course, quiet):
            body: Body = {
                "cycle": number + 1 + at,
                "equity_usd": canonical_number(course.equity[at]),
                "universe": {},
                "marks": {
                    str(each.position.symbol): {"bid": str(each.bids[at])} for each in course.held
                },
            }
            fold.apply(state, RecordKind.CYCLE, UtcTime(int(course.moments[at])), body)


def _telling(course: Course, quiet: int) -> list[int]:
    """The cycles after which the state is another one than after the last.

    The first two, of which the very first mark stays; the last of each hour, which is a sample; and
    those of the highest equity, and of each position's highest bid.
    """
    hours = course.moments[:quiet] // _HOUR_NS
    tops = [course.equity, *(each.bids for each in course.held)]
    found = {0, min(1, quiet - 1), quiet - 1, *np.flatnonzero(np.diff(hours)).tolist()}
    found |= {max(range(quiet), key=top.__getitem__) for top in tops}
    return sorted(found)


def _passed(course: Course, quiet: int) -> Passed:
    return Passed(
        times=course.moments[:quiet].tolist(),
        equity=[float(each) for each in course.equity[:quiet]],
        cash=float(course.cash),
        held={e.position.symbol: [float(w) for w in e.worths[:quiet]] for e in course.held},
    )


def _tellable(name: str) -> bool:
    return (
        name in MOVING
        or name in STANDING
        or name in _STILL
        or name in _SELLS
        or name.startswith((*STANDING_GROUPS, "asset."))
    )


def _undoubted(columns: Columns) -> Column:
    """A regime that nobody can tell is a missing fact to who trims."""
    return [None if name == Regime.UNKNOWN.value else name for name in columns[_REGIME]]

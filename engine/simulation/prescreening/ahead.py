"""Many quiet cycles at once: how many of the coming ones are quiet, and what they leave behind.

In: the desk between two cycles and the instants to come, in which no product may matter by itself.
Out: `Passed`, folded as their records would have been. What is not surely quiet ends it, and what
this cannot tell of (`fit`) is asked cycle by cycle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from engine.cycle.desk import Round
from engine.cycle.facts.position import Holdings
from engine.cycle.facts.rules import ACCOUNT_KEY
from engine.expr.backends.frame import FrameRules
from engine.expr.facts import Regime
from engine.ledger import fold
from engine.ledger.records import RecordKind
from engine.model.numbers import canonical_number
from engine.model.orders import Intent, Side
from engine.model.times import NS_PER_S, UtcTime
from engine.simulation.prescreening.course import course_of, first_of
from engine.simulation.prescreening.moving import MOVING, Moving
from engine.simulation.prescreening.rules import STANDING, STANDING_GROUPS
from engine.simulation.stepping import Passed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from engine.cycle.desk import Desk
    from engine.expr.nodes import Value
    from engine.ledger.bodies import Body
    from engine.simulation.prescreening.course import Course, Held, Ints
    from engine.simulation.prescreening.looking import Looking
    from engine.simulation.prescreening.rules import Watch

    Flags = NDArray[np.bool_]

_HOUR_NS = 3_600 * NS_PER_S
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
    """The rules of a set that quiet cycles ask, compiled for many of them at once."""

    def __init__(self, desk: Desk, watch: Watch, looking: Looking) -> None:
        vocabulary = desk.policy_set.vocabulary
        self._desk, self._watch, self._looking = desk, watch, looking
        rules = [desk.policy_set.rule(each.rule) for each in desk.programme.trims]
        self._trims = FrameRules([each.tree for each in rules if each is not None], vocabulary)
        asked = (
            watch.account_breakers,
            watch.account_alerts,
            watch.held_breakers,
            watch.held_alerts,
        )
        self._rules = [FrameRules(each.trees, vocabulary) for each in asked]
        names = {name for each in (*self._rules, self._trims) for name in each.facts}
        self.fit = not watch.unfit and not desk.policy_set.waivers and all(map(_tellable, names))

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
        moments = course.moments[: course.known]
        regimes = self._looking.regimes.gather(self._looking.places(moments))
        moving = Moving(self._desk, course, regimes.alias("regime.name"))
        breakers, alerts, held_breakers, held_alerts = self._rules
        found = [
            *self._breakers_move(breakers, moving, standing, moments),
            *self._alerts_move(alerts, moving, standing),
        ]
        this = Round(self._desk.state.cycle + 1, UtcTime(int(moments[0])))
        this.universe = self._desk.state.universe
        self._desk.standing.renew(self._desk, this)
        for held in course.held:
            facts = {**standing, **self._standing(this, held)}
            for rules in (held_breakers, held_alerts):
                frame = moving.holding(rules.facts, held, facts)
                found += [_is(verdict, value=True) for verdict in rules.evaluate(frame)]
            frame = _undoubted(moving.holding(self._trims.facts, held, {**facts, **_SELLS}))
            found += [_is(verdict, value=False) for verdict in self._trims.evaluate(frame)]
        return min((first_of(each) for each in found), default=course.known)

    def _breakers_move(
        self, rules: FrameRules, moving: Moving, standing: Mapping[str, Value], moments: Ints
    ) -> Iterator[Flags]:
        latches = self._desk.state.latches
        answers = rules.evaluate(moving.account(rules.facts, standing))
        for name, verdict in zip(self._watch.account_breakers.names, answers, strict=True):
            latch = latches.get((name, ACCOUNT_KEY))
            if latch is None:
                yield _is(verdict, value=True)
            elif latch.resets_at is not None:
                yield _is(verdict, value=False) & (moments >= latch.resets_at.ns)

    def _alerts_move(
        self, rules: FrameRules, moving: Moving, standing: Mapping[str, Value]
    ) -> Iterator[Flags]:
        alerts = self._desk.state.alerts
        answers = rules.evaluate(moving.account(rules.facts, standing))
        for name, verdict in zip(self._watch.account_alerts.names, answers, strict=True):
            yield _is(verdict, value=(name, ACCOUNT_KEY) not in alerts)

    def _standing(self, this: Round, held: Held) -> Mapping[str, Value]:
        desk, symbol = self._desk, held.position.symbol
        holdings = Holdings(desk.state, desk.valuation, this.now)
        rate = desk.valuation.rate(symbol.quote)
        return {**desk.standing.of(desk, this, symbol, rate), **holdings.facts(symbol)}

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


def _undoubted(frame: pl.DataFrame) -> pl.DataFrame:
    """A regime that nobody can tell is a missing fact to who trims."""
    if "regime.name" not in frame.columns:
        return frame
    name = pl.col("regime.name")
    return frame.with_columns(pl.when(name != Regime.UNKNOWN.value).then(name).alias("regime.name"))


def _is(verdict: pl.Series, *, value: bool) -> Flags:
    same = verdict if value else ~verdict
    return np.asarray(same.fill_null(value=False).to_numpy(), dtype=np.bool_)

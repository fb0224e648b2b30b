"""Whether a cycle is quiet: whether it would write its own record and nothing else.

In: the desk between two cycles, and the rules to watch. Out: why not, or None. What moves with
time and prices is told by the functions that the cycle itself asks; the rest stands until one
of the `edges`. In doubt a cycle is not quiet.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.cycle.alerting import telling
from engine.cycle.desk import Round
from engine.cycle.facts.clock import clock_facts
from engine.cycle.facts.market import quote_facts
from engine.cycle.facts.position import Holdings
from engine.cycle.facts.rules import ACCOUNT_KEY
from engine.cycle.facts.waivers import account_waiver_facts
from engine.cycle.steps import exits, snapshot
from engine.cycle.steps.plans import plan_under
from engine.ledger import fold
from engine.ledger.folding.windows import DAY_S
from engine.ledger.records import RecordKind
from engine.model.numbers import canonical_number
from engine.model.times import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.cycle.desk import Desk
    from engine.cycle.steps.exits import Mark
    from engine.expr.nodes import Value
    from engine.ledger.bodies import Body
    from engine.model.portfolio import Position
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime
    from engine.simulation.prescreening.rules import Asked, Watch
    from engine.simulation.prescreening.seen.looking import Looking

_HOUR_S = 3_600
_NOTHING_SOLD: Mapping[str, Value] = {"order.quantity": 0.0, "order.notional_usd": 0.0}


def unsettled(desk: Desk, watch: Watch, last: UtcTime) -> str | None:
    """What is under way after the cycle at `last`; None when only time and prices can move."""
    if (why := disturbed(desk)) is not None:
        return why
    state = desk.state
    under_way = (
        ("orders", state.working or state.watched or state.ended),
        ("upkeep", state.overdue),
        ("alert", not _alerts_rest(desk, watch)),
        ("breaker", not _latches_rest(desk, watch, last)),
        ("holding", not _holdings_rest(desk)),
    )
    return next((what for what, found in under_way if found), None)


def disturbed(desk: Desk) -> str | None:
    """What is under way that may matter to any product, whoever it began with."""
    state = desk.state
    under_way = (
        ("orders of others", state.foreign),
        ("liquidation", state.liquidating),
        ("halt", state.halted),
        ("cash flow", state.nav.flowed or state.nav.valued_before),
        ("differences", state.differences or desk.comparing.settling),
        ("reading", desk.unread or desk.unconfirmed),
        ("failures", desk.failures or desk.health.rate_limited or _failed(desk)),
    )
    return next((what for what, found in under_way if found), None)


def _failed(desk: Desk) -> bool:
    return any(call.failed or call.seconds for call in desk.health.calls)


def _alerts_rest(desk: Desk, watch: Watch) -> bool:
    """Whether each active alert fires, tells nothing meanwhile, and hangs on nothing that moves."""
    specs, account = desk.programme.alert_specs, frozenset(watch.account_alerts.names)
    return all(
        each.phase == "firing"
        and name in specs
        and specs[name].keep_firing_for is None
        and (name in watch.standing_alerts or (key == ACCOUNT_KEY and name in account))
        for (name, key), each in desk.state.alerts.items()
    )


def _latches_rest(desk: Desk, watch: Watch, last: UtcTime) -> bool:
    """Whether no latch sells, and each whose time is over is one that is asked of the account."""
    account = frozenset(watch.account_breakers.names) | watch.standing_breakers
    return all(
        (each.resets_at is None or each.resets_at > last or (name in account and not key))
        and not (each.on_trip == "exit_all" and desk.state.positions)
        for (name, key), each in desk.state.latches.items()
    )


def _holdings_rest(desk: Desk) -> bool:
    """Whether what is held is in the universe, is no dust, and no strategy adds to it."""
    adding = {each.name for each in desk.programme.strategies if each.addition is not None}
    held = desk.state.positions
    return not desk.dust() and all(
        symbol in desk.state.universe and each.strategy not in adding
        for symbol, each in held.items()
    )


def window_ends(desk: Desk, since: UtcTime) -> Iterator[UtcTime]:
    """The instants after `since` at which a fact of the account that stands may be another one.

    What was counted leaves a window then: the rules over such facts are to be asked once more.
    """
    pace = desk.state.pace
    # A ratio of no rejections is 0, however many were taken.
    taken = pace.acknowledged if pace.rejected else ()
    for window_s, times in (
        (DAY_S, (each.time for each in pace.fees)),
        (DAY_S, pace.late),
        (DAY_S, pace.by_hand),
        (_HOUR_S, pace.rejected),
        (_HOUR_S, taken),
    ):
        # They ascend: the first that is still in its window is the first to leave it.
        since_ns = since.ns - window_s * NS_PER_S
        first = next((each for each in times if each.ns > since_ns), None)
        if first is not None:
            yield first.plus_s(window_s)


def edges(desk: Desk) -> Iterator[UtcTime]:
    """The instants at which something else that stands may end, by itself."""
    state, policy_set = desk.state, desk.policy_set
    yield from (each.resets_at for each in state.latches.values() if each.resets_at is not None)
    yield from telling.edges(desk)
    for member in state.universe.values():
        if member.failing_since is not None:
            yield member.failing_since.plus_s(policy_set.universe.leave_after)
    yield from (each.until for each in policy_set.universe.exclude if each.until is not None)
    for _, waiver in policy_set.waivers:
        yield from (waiver.valid_from, waiver.until)


@dataclass(slots=True)
class Quiet:
    """Asks of one cycle after another, as long as they are quiet; made anew after each that is not.

    The first of them is at `since`.
    """

    desk: Desk
    watch: Watch
    looking: Looking
    since: UtcTime
    account: dict[str, Value] = field(default_factory=dict, init=False)

    def broken(self, now: UtcTime) -> str | None:
        """Why the cycle at `now` is not quiet; None when it is, and then it is folded."""
        desk, this = self.desk, self._round(now)
        self._move(this)
        marks = exits.marks(desk, this)
        equity = desk.valuation.equity(desk.state)
        if equity is None:
            return "equity is unknown"
        why = self._account_moves(this) or self._holdings_move(this, marks)
        if why is None:
            body: Body = {
                "cycle": this.number,
                "equity_usd": canonical_number(equity),
                "universe": {},
                "marks": {name: mark.body() for name, mark in marks.items()},
            }
            # INVARIANT: what a quiet cycle's record would have moved, by the fold that reads it.
            fold.apply(desk.state, RecordKind.CYCLE, now, body)
        return why

    def stirred(self) -> str | None:
        """What the deeds of the cycle before may bring about in the next, though nothing moves.

        Takes the facts that stand: rules over them are asked once, and plans are held against the
        set once more.
        """
        desk, this, rested = self.desk, self._round(self.since), self.watch.after_deeds
        self.account = snapshot.account_facts(desk, this)
        for held in desk.state.held():
            if plan_under(desk.policy_set, held.strategy, held.plan) != held.plan:
                return "plan"
        why = self._asked(
            rested.account_breakers, rested.account_alerts, this, ACCOUNT_KEY, self.account
        )
        if why is not None or not (rested.symbol_breakers.names or rested.symbol_alerts.names):
            return why
        desk.standing.renew(desk, this)
        for symbol in self._stirring():
            rate = desk.valuation.rate(symbol.quote)
            facts = {**self.account, **desk.standing.of(desk, this, symbol, rate)}
            breakers, alerts = rested.symbol_breakers, rested.symbol_alerts
            why = why or self._asked(breakers, alerts, this, str(symbol), facts)
        return why

    def _stirring(self) -> Iterator[Symbol]:
        """The products whose standing facts may be others than before the deeds."""
        desk = self.desk
        if not self.watch.symbols_stand_apart:
            yield from desk.market.symbols
            return
        named = {key for _, key in (*desk.state.latches, *desk.state.alerts)}
        yield from (each for each in desk.market.symbols if str(each) in named)

    def _round(self, now: UtcTime) -> Round:
        this = Round(self.desk.state.cycle + 1, now)
        this.universe = self.desk.state.universe
        return this

    def _move(self, this: Round) -> None:
        desk, account = self.desk, self.account
        account.update(clock_facts(this.now))
        account.update(snapshot.ledger_account_facts(desk, this))
        account["regime.name"] = self.looking.regimes[self.looking.at]
        if desk.policy_set.waivers:
            account.update(account_waiver_facts(desk.policy_set, this.now))
        genesis = desk.state.genesis
        if genesis is not None:
            account["venue.rate_limited_age_s"] = max(0.0, this.now.since_s(genesis))
        this.account = account

    def _account_moves(self, this: Round) -> str | None:
        breakers, alerts = self.watch.account_breakers, self.watch.account_alerts
        return self._asked(breakers, alerts, this, ACCOUNT_KEY, self.account)

    def _asked(
        self, breakers: Asked, alerts: Asked, this: Round, key: str, facts: Mapping[str, Value]
    ) -> str | None:
        """Which of these rules moves its latch, or its alert."""
        state = self.desk.state
        for name, verdict in _answers(breakers, facts):
            latch = state.latches.get((name, key))
            if verdict and latch is None:
                return f"breaker {name}"
            over = latch is not None and latch.resets_at is not None and this.now >= latch.resets_at
            if verdict is False and over:
                return f"breaker {name}"
        for name, verdict in _answers(alerts, facts):
            active = (name, key) in state.alerts
            if (verdict and not active) or (active and verdict is False):
                return f"alert {name}"
        return None

    def _holdings_move(self, this: Round, marks: Mapping[str, Mark]) -> str | None:
        desk = self.desk
        if not desk.state.positions:
            return None
        if desk.dust():
            return "dust"
        holdings = Holdings(desk.state, desk.valuation, this.now)
        desk.standing.renew(desk, this)
        for position in desk.state.held():
            why = self._holding_moves(this, position, marks[str(position.symbol)], holdings)
            if why is not None:
                return why
        return None

    def _holding_moves(
        self, this: Round, position: Position, mark: Mark, holdings: Holdings
    ) -> str | None:
        desk, symbol = self.desk, position.symbol
        if mark.bid is None or exits.due(desk, this, position, mark) is not None:
            return "exit"
        rate = desk.valuation.rate(symbol.quote)
        facts = {
            **self.account,
            **desk.standing.of(desk, this, symbol, rate),
            **quote_facts(desk.market.quotes.get(symbol), this.now),
            **holdings.facts(symbol),
        }
        if any(trim.verdict(facts, _NOTHING_SOLD) is False for trim in desk.programme.trims):
            return "trim"
        for kind, asked in (
            ("breaker", self.watch.held_breakers),
            ("alert", self.watch.held_alerts),
        ):
            for name, verdict in _answers(asked, facts):
                if verdict:
                    return f"{kind} {name}"
        return None


def _answers(asked: Asked, facts: Mapping[str, Value]) -> Iterator[tuple[str, bool | None]]:
    if asked.names:
        yield from zip(asked.names, asked.motor.evaluate(facts).verdicts, strict=True)

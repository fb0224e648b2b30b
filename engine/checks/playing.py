"""Playing a case: its cycles one after another, through the steps and the judge of the loop.

In: a case and a bench. Out: `Seen`, one a cycle: the decision, the latches, the alerts, the tier,
what was proposed. Breakers, universe, strategies, judge and alerts are those that trade; only the
snapshot is stated instead of taken. What is not stated is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.checks.bench import at_once
from engine.checks.ordering import intent_of
from engine.cycle.desk import Round
from engine.cycle.facts import clock, waivers
from engine.cycle.facts.market import quote_facts
from engine.cycle.facts.order import own_facts
from engine.cycle.facts.regime import regime_facts
from engine.cycle.facts.rules import account_rule_facts
from engine.cycle.facts.universe import limit_groups, tier_of
from engine.cycle.judging.invariants import Reach
from engine.cycle.judging.situation import Situation
from engine.cycle.orders.sending import own_blocks
from engine.cycle.steps import alerts, breakers, liquidating, snapshot, strategies, universe
from engine.cycle.steps.maintenance import open_window
from engine.expr.vocabulary import FactScope
from engine.kinds.parameters import GROUP_FACT
from engine.ledger.records import RecordKind
from engine.ledger.state import Membership
from engine.model.decisions import Decision, Reason, Verdict
from engine.model.market import Product, ProductStatus, Quote
from engine.model.numbers import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.checks.bench import Bench
    from engine.checks.cases import Case
    from engine.expr.nodes import Value
    from engine.ledger.bodies import Body
    from engine.ledger.records import Record
    from engine.model.orders import OrderIntent
    from engine.model.symbols import Symbol

_OF_ORDER = frozenset({FactScope.ORDER, FactScope.STRATEGY})
_STATUS, _TIER, _REGIME = "asset.status", "asset.tier", "regime.name"
_QUOTED = frozenset({"quote.bid", "quote.ask", "quote.age_s"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What the judge was asked, so that its answer can be looked into."""

    intent: OrderIntent
    situation: Situation


@dataclass(frozen=True, slots=True)
class Seen:
    """What was there after one cycle; `facts` are those that a rule of the product would see."""

    decision: Decision | None
    asked: Asked | None
    state: str
    tripped: frozenset[str]
    undecided_breakers: Mapping[str, tuple[str, ...]]
    alerts: Mapping[str, str]
    tier: str
    regime: str | None
    proposals: tuple[str, ...]
    blocker: Reason | None
    facts: Mapping[str, Value]
    disbelieved: tuple[str, ...]


def play(case: Case, bench: Bench) -> tuple[Seen, ...]:
    """Every cycle of a case."""
    return tuple(_Play(case, bench).cycles())


class _Play:
    """One case on its desk."""

    def __init__(self, case: Case, bench: Bench) -> None:
        self.case = case
        self.bench = bench
        self.desk = bench.desk(case.at)
        self.members: dict[Symbol, Membership] = {}
        self.phases: dict[str, str] = {}
        self.desk.recorder.hearers.append(self._hear)
        if case.member_of is not None and case.symbol is not None:
            self.members[case.symbol] = Membership(case.member_of)

    def cycles(self) -> Iterator[Seen]:
        """Play them in their order."""
        for name in self.case.tripped:
            self._latch(name)
        for number in range(self.case.cycles):
            yield self._cycle(number)

    def _latch(self, name: str) -> None:
        spec = self.desk.programme.breaker_specs[name]
        key = str(self.case.symbol) if spec.scope == "symbol" else ""
        breakers.trip(self.desk, Round(0, self.case.at), name, key, spec)

    def _hear(self, record: Record, body: Body) -> None:
        if record.kind is RecordKind.ALERT:
            self.phases[str(body["rule"])] = str(body["phase"])

    def _cycle(self, number: int) -> Seen:
        desk, symbol = self.desk, self.case.symbol
        facts = self._stated(number)
        now = self.case.at.plus_s(number * self.case.every_s)
        this = Round(number + 1, now, universe=dict(self.members))
        this.killed = "stated" if facts.get("engine.kill_switch") is True else None
        this.maintenance = open_window(desk.policy_set.schedule, now)
        self._surroundings(this, facts)
        self._snapshot(this, facts)
        breakers.run(desk, this)
        self._universe(this, facts)
        proposals = strategies.run(desk, this)
        asked, decision = self._judged(this, facts)
        self.phases = {}
        at_once(alerts.run(desk, this))
        self.members = dict(this.universe)
        return Seen(
            decision=decision,
            asked=asked,
            state=breakers.trading_state(desk, this),
            tripped=frozenset(name for name, _ in desk.state.latches),
            undecided_breakers={n: m for (n, _), m in this.undecided_breakers.items()},
            alerts=self._alerts(),
            tier=tier_of(this.universe.get(symbol)) if symbol is not None else tier_of(None),
            regime=_text(this.account.get(_REGIME)),
            proposals=tuple(each.strategy.name for each in proposals),
            blocker=this.blockers.get(symbol) if symbol is not None else None,
            facts=dict(this.facts(symbol) if symbol is not None else this.account),
            disbelieved=tuple(this.broken_invariants),
        )

    def _stated(self, number: int) -> dict[str, Value]:
        told = ((name, each.track.at(number)) for name, each in self.case.facts.items())
        return {name: value for name, value in told if value is not None}

    def _of_scope(self, facts: Mapping[str, Value], *scopes: FactScope) -> dict[str, Value]:
        scope = self.bench.scope
        return {name: value for name, value in facts.items() if scope(name) in scopes}

    def _surroundings(self, this: Round, facts: Mapping[str, Value]) -> None:
        """What the desk itself knows: the ledger's health, a halt, the product, its quote."""
        desk = self.desk
        desk.recorder.healthy = facts.get("engine.ledger_ok") is not False
        lag = facts.get("engine.ledger_lag_s")
        desk.ledger_lag_s = lambda: lag if isinstance(lag, float) else 0.0
        self._halt(this, wanted=facts.get("engine.halted") is True)
        symbol = self.case.symbol
        if symbol is None:
            return
        desk.products.pop(symbol, None)
        product = self._product(symbol, facts)
        if product is not None:
            desk.products[symbol] = product
        desk.unconfirmed = frozenset() if _STATUS in facts else frozenset({symbol})
        desk.market.quotes.pop(symbol, None)
        quote = self._quote(symbol, this, facts)
        if quote is not None:
            desk.market.quotes[symbol] = quote

    def _halt(self, this: Round, *, wanted: bool) -> None:
        if wanted is (self.desk.state.halted is not None):
            return
        kind = RecordKind.HALT if wanted else RecordKind.RESUME
        body: Body = {"who": "policy test", "why": "stated", "reason": "stated"}
        self.desk.recorder.record(kind, this.now, body)

    def _product(self, symbol: Symbol, facts: Mapping[str, Value]) -> Product | None:
        grid = self.case.product
        if grid is None:
            return None
        status = facts.get(_STATUS, ProductStatus.ONLINE.value)
        return Product(
            symbol=symbol,
            base_increment=grid.base_increment,
            price_increment=grid.price_increment,
            base_min_size=grid.base_min_size,
            quote_min_size=grid.quote_min_size,
            status=ProductStatus(status),
        )

    def _quote(self, symbol: Symbol, this: Round, facts: Mapping[str, Value]) -> Quote | None:
        """The quote that was received so long ago; none where neither side is stated."""
        bid, ask = (_price(facts.get(name)) for name in ("quote.bid", "quote.ask"))
        if bid is None and ask is None:
            return None
        age = facts.get("quote.age_s")
        heard = this.now.plus_s(-age) if isinstance(age, float) else this.now
        return Quote(symbol, heard, bid, ask)

    def _snapshot(self, this: Round, facts: Mapping[str, Value]) -> None:
        desk, policy_set, symbol = self.desk, self.desk.policy_set, self.case.symbol
        deployment = policy_set.deployment
        this.tell_account(
            {
                "engine.mode": desk.mode.value,
                "engine.stage": deployment.stage,
                "engine.read_only": deployment.read_only,
                **clock.clock_facts(this.now),
                **account_rule_facts(policy_set, desk.state),
                **waivers.account_waiver_facts(policy_set, this.now),
                **self._of_scope(facts, FactScope.ACCOUNT, FactScope.VENUE),
            }
        )
        if symbol is not None:
            desk.standing.renew(desk, this)
            this.symbols[symbol] = self._symbol_facts(symbol, this, facts)
        snapshot.believe(desk, this)
        if symbol is None or _REGIME in facts:
            return
        if str(symbol) == deployment.regime.reference:
            this.tell_account(regime_facts(desk.programme.regime, this.facts(symbol)))

    def _symbol_facts(
        self, symbol: Symbol, this: Round, facts: Mapping[str, Value]
    ) -> dict[str, Value]:
        desk = self.desk
        rate = desk.valuation.rate(symbol.quote)
        told = quote_facts(desk.market.quotes.get(symbol), this.now)
        known = _QUOTED - facts.keys()
        return {
            **desk.standing.of(desk, this, symbol, rate),
            # An age that is not stated is not one of zero.
            **{name: value for name, value in told.items() if name not in known},
            **self._of_scope(facts, FactScope.SYMBOL),
        }

    def _universe(self, this: Round, facts: Mapping[str, Value]) -> None:
        """The product's membership: as stated, else as the universe decides."""
        symbol, tier = self.case.symbol, facts.get(_TIER)
        if symbol is None or not isinstance(tier, str):
            universe.run(self.desk, this)
            return
        names = self.desk.programme.tiers
        this.universe = {symbol: Membership(tier)} if tier in names else {}
        this.tell(symbol, {_TIER: tier})

    def _judged(
        self, this: Round, facts: Mapping[str, Value]
    ) -> tuple[Asked | None, Decision | None]:
        order = self.case.order
        if order is None:
            return None, None
        intent = intent_of(self.case, order, self.desk)
        if isinstance(intent, Reason):
            return None, Decision(Verdict.DENY, ZERO, ZERO, (intent,), (), ())
        asked = Asked(intent, self._situation(this, intent, facts))
        return asked, self.desk.judge.judge(asked.intent, asked.situation)

    def _situation(self, this: Round, intent: OrderIntent, facts: Mapping[str, Value]) -> Situation:
        desk, symbol = self.desk, intent.symbol
        universe_filter, tier = desk.policy_set.universe, tier_of(this.universe.get(symbol))
        told: dict[str, Value] = {
            **this.facts(symbol),
            **self._of_scope(facts, *_OF_ORDER),
            "strategy.name": intent.strategy,
            **own_facts(desk.valuation, intent, desk.market.quotes.get(symbol)),
            _TIER: tier,
            "order.tier": tier,
            **waivers.order_waiver_facts(desk.policy_set, symbol, tier, intent.strategy, this.now),
        }
        known = this.believed(symbol, told)
        of_group = self._of_scope(facts, FactScope.GROUP)
        groups = tuple(
            {**of_group, GROUP_FACT: name} for name in limit_groups(universe_filter, symbol)
        )
        self._believe(this, known, groups)
        standing = breakers.blocks(desk, this, symbol)
        blocks = (
            *liquidating.blocks(desk, intent, standing),
            *own_blocks(desk, this, intent),
        )
        rate = desk.valuation.rate(symbol.quote)
        return Situation(known, groups, desk.products.get(symbol), rate, blocks)

    def _believe(
        self, this: Round, facts: dict[str, Value], groups: tuple[dict[str, Value], ...]
    ) -> None:
        for group in groups:
            for broken in self.desk.programme.invariants[Reach.ORDER].broken({**facts, **group}):
                this.broken_invariants[broken.text] += 1

    def _alerts(self) -> Mapping[str, str]:
        """Where each alert stands; one that let go in this cycle is resolved in it."""
        standing = {name: each.phase for (name, _), each in self.desk.state.alerts.items()}
        gone = {name for name, phase in self.phases.items() if phase == "resolved"}
        return standing | {name: "resolved" for name in gone if name not in standing}


def _price(value: Value | None) -> Decimal | None:
    # repr is the shortest decimal text of the float: the price that was written.
    return Decimal(repr(value)) if isinstance(value, float) else None


def _text(value: Value | None) -> str | None:
    return value if isinstance(value, str) else None

"""The desk: what the steps of a cycle work with, and what one cycle has seen so far.

In: a policy set, the ports, the ledger. Out: `Desk`, which lives as long as the loop, and
`Round`, which lives one cycle and carries the one reading of the clock.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from engine.cycle.facts.standing import StandingFacts
from engine.cycle.orders.cancelling import Cancels
from engine.cycle.orders.searches import Lookups
from engine.cycle.reconciling.comparing import Comparing
from engine.observe.stages import SILENT

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping

    from engine.cycle.health import VenueHealth
    from engine.cycle.judge import Judge
    from engine.cycle.judging.programme import Programme
    from engine.cycle.judging.shadow import Shadow
    from engine.cycle.keys import KeyWatch
    from engine.cycle.market import MarketView
    from engine.cycle.proposing.proposal import Proposal
    from engine.cycle.records.recorder import Recorder
    from engine.cycle.reloading.reloads import Reloads
    from engine.cycle.tightening.values import TightenedValues
    from engine.cycle.valuation import Valuation
    from engine.expr.nodes import Value
    from engine.ledger.bodies import Json
    from engine.ledger.state import Membership, Overdue, State
    from engine.model.decisions import Decision, Reason
    from engine.model.market import Product
    from engine.model.orders import ExitPlan, Mode, OrderIntent
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime
    from engine.observe.stages import Stages
    from engine.policyset.ceilings import Ceilings
    from engine.policyset.policyset import PolicySet
    from engine.ports import Clock, Exchange


class Guard(Protocol):
    """Runs a step that must not take the exits with it when it fails."""

    async def __call__(self, step: str, this: Round, work: Coroutine[object, object, None]) -> None:
        """Run `work`; a failure is noted in the round, counted and recorded, never swallowed."""
        ...


def _nobody_says() -> None:
    """What nobody at this desk can tell: unknown."""


def _none_behind() -> float:
    """The lag of a ledger that is not shared."""
    return 0.0


def _none_rests() -> frozenset[Symbol]:
    """Nobody can show that a product has nothing to say: every one of them is asked."""
    return frozenset()


@dataclass(slots=True)
class Desk:
    """Everything that outlives a cycle.

    `kill_switch` reads the switch itself, every time. `drift_from` is the wall and the monotonic
    clock at the start. `secret_created` says when the oldest credential in use was made,
    `policy_drifted` whether the reviewed documents make another set than the one that runs;
    `ledger_lag_s` how long a shared ledger has been behind, as of now.
    `key` is that of the account, None where orders need none; `reloads` takes other sets, and
    `tightened` lays values over them, both None where a run has one set from its first cycle to its
    last.
    `posts` says that somebody delivers what is told of alerts: it waits in the ledger until then.
    `attended` says that a person can be asked about an order: in real time, and no other.
    `stages` is told how long each part of a cycle takes, where somebody wants to know.
    `unread` is why the account's last reading is not whole, None when it is; `unconfirmed` are
    products that the venue's last list does not tell of: what we knew of them may be over.
    `resting` are products of which somebody has shown that the coming cycle writes nothing about
    them, whatever becomes of the others: their facts are not worked out in it.
    """

    policy_set: PolicySet
    programme: Programme
    judge: Judge
    mode: Mode
    recorder: Recorder
    market: MarketView
    valuation: Valuation
    exchange: Exchange
    clock: Clock
    guarded: Guard
    kill_switch: Callable[[], str | None]
    lease_held: Callable[[], bool]
    products: dict[Symbol, Product]
    health: VenueHealth
    drift_from: tuple[UtcTime, float]
    ceilings: Ceilings | None = None
    shadow: Shadow | None = None
    standing: StandingFacts = field(default_factory=StandingFacts)
    lookups: Lookups = field(default_factory=Lookups)
    cancels: Cancels = field(default_factory=Cancels)
    comparing: Comparing = field(default_factory=Comparing)
    cycle_durations: list[float] = field(default_factory=list)
    failures: list[UtcTime] = field(default_factory=list)
    secret_created: Callable[[], UtcTime | None] = _nobody_says
    policy_drifted: Callable[[], bool | None] = _nobody_says
    ledger_lag_s: Callable[[], float] = _none_behind
    key: KeyWatch | None = None
    reloads: Reloads | None = None
    tightened: TightenedValues | None = None
    unread: str | None = None
    unconfirmed: frozenset[Symbol] = frozenset()
    plans: dict[tuple[str, str], ExitPlan] = field(default_factory=dict)
    stages: Stages = SILENT
    posts: bool = False
    attended: bool = False
    resting: Callable[[], frozenset[Symbol]] = _none_rests

    @property
    def state(self) -> State:
        """The ledger's state."""
        return self.recorder.state

    def dust(self) -> set[Symbol]:
        """Products of which we hold too little to sell."""
        held = self.state.positions
        return {s for s in held if self.valuation.is_dust(self.state, s, self.products.get(s))}

    def clock_drift_ms(self) -> float:
        """How far the wall clock has moved against the monotonic one since the start."""
        wall, monotonic = self.drift_from
        ran = self.clock.monotonic_s() - monotonic
        return 1000.0 * (self.clock.now().since_s(wall) - ran)


@dataclass(frozen=True, slots=True)
class Told:
    """One order of this cycle, for the line that a person reads."""

    client_order_id: str | None
    intent: OrderIntent
    decision: Decision
    outcome: str
    crossed: bool = False


@dataclass(slots=True)
class Round:
    """One cycle: its number, its one time, its facts, and what came of it.

    `symbols` are the facts of the products that were asked about: of those in `resting` none are.
    """

    number: int
    now: UtcTime
    killed: str | None = None
    maintenance: str | None = None
    resting: frozenset[Symbol] = frozenset()
    account: dict[str, Value] = field(default_factory=dict)
    symbols: dict[Symbol, dict[str, Value]] = field(default_factory=dict)
    undecided_breakers: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    universe: dict[Symbol, Membership] = field(default_factory=dict)
    universe_changes: dict[str, Json] = field(default_factory=dict)
    blockers: dict[Symbol, Reason] = field(default_factory=dict)
    orders: list[Told] = field(default_factory=list)
    new_positions: int = 0
    orders_of: Counter[str] = field(default_factory=Counter)
    wishes: dict[Symbol, list[Proposal | Reason]] = field(default_factory=dict)
    fired: list[str] = field(default_factory=list)
    tripped: list[str] = field(default_factory=list)
    distrusted: dict[Symbol, set[str]] = field(default_factory=dict)
    distrusted_account: set[str] = field(default_factory=set)
    broken_invariants: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    followed: set[int] = field(default_factory=set)
    overdue: dict[str, Overdue] = field(default_factory=dict)
    _merged: dict[Symbol, dict[str, Value]] = field(default_factory=dict)

    @property
    def eventful(self) -> bool:
        """Whether anything happened that a person could ask about."""
        return bool(self.orders or self.tripped or self.fired or self.notes)

    def block(self, symbol: Symbol, reason: Reason) -> None:
        """Keep the first thing that stood in a product's way."""
        self.blockers.setdefault(symbol, reason)

    def tell_account(self, facts: Mapping[str, Value]) -> None:
        """Take in facts of the account that are new or have changed."""
        changed = dict(facts.items() - self.account.items()) if self.account else dict(facts)
        for name in self.distrusted_account:
            changed.pop(name, None)
        if not changed:
            return
        self.account |= changed
        for symbol, merged in list(self._merged.items()):
            # What a product says of itself goes before what the account says.
            if changed.keys().isdisjoint(self.symbols.get(symbol, ())):
                self._renew(symbol, merged, changed)
            else:
                del self._merged[symbol]

    def tell(self, symbol: Symbol, facts: Mapping[str, Value]) -> None:
        """Take in facts of one product that are new or have changed."""
        self.symbols.setdefault(symbol, {}).update(facts)
        merged = self._merged.get(symbol)
        if merged is not None:
            self._renew(symbol, merged, facts)

    def _renew(self, symbol: Symbol, merged: dict[str, Value], facts: Mapping[str, Value]) -> None:
        """Bring what was put together up to date, or let it be put together anew."""
        if symbol in self.distrusted:
            del self._merged[symbol]
        else:
            merged.update(facts)

    def distrust(self, symbol: Symbol, names: Iterable[str]) -> None:
        """Believe these facts of one product no longer, whoever tells them."""
        self.distrusted.setdefault(symbol, set()).update(names)
        for name in names:
            self.symbols[symbol].pop(name, None)
        self._merged.pop(symbol, None)

    def distrust_account(self, names: Iterable[str]) -> None:
        """Believe these facts of the account no longer; what a product says of itself stands."""
        self.distrusted_account.update(names)
        for name in names:
            self.account.pop(name, None)
        self._merged.clear()

    def believed(self, symbol: Symbol, facts: dict[str, Value]) -> dict[str, Value]:
        """Facts that were told of a product since, without those that nobody can believe."""
        own = self.symbols.get(symbol, {})
        for name in self.distrusted_account:
            if name not in own:
                facts.pop(name, None)
        for name in self.distrusted.get(symbol, ()):
            facts.pop(name, None)
        return facts

    def facts(self, symbol: Symbol) -> Mapping[str, Value]:
        """The account's facts and one product's, without those that nobody can believe.

        Every step asks for them, so they are put together once and then kept up to date: whoever
        wants them as they are now makes a copy.
        """
        facts = self._merged.get(symbol)
        if facts is None:
            facts = self._merged[symbol] = {**self.account, **self.symbols.get(symbol, {})}
            for name in self.distrusted.get(symbol, ()):
                facts.pop(name, None)
        return facts

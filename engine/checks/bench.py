"""A policy set on the bench: the desk of a real cycle, over facts that a test states.

In: a policy set and a mode, compiled once. Out: a desk with an empty ledger for each case. Steps
and judge are those of the loop; only the snapshot is not taken but stated. Nothing here knows a
venue: no step that is run sends anything.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, cast

from engine.adapters.system.memory_disk import MemoryDisk
from engine.adapters.system.virtual_clock import VirtualClock
from engine.cycle.desk import Desk
from engine.cycle.health import VenueHealth
from engine.cycle.judge import Judge
from engine.cycle.judging.counted import CountedMotor
from engine.cycle.judging.programme import Programme, Questions
from engine.cycle.market import MarketView
from engine.cycle.records.recorder import Recorder
from engine.cycle.valuation import Valuation
from engine.expr.backends.closure import compile_motor
from engine.kinds.rule import RuleRole
from engine.ledger.journal import Journal
from engine.ledger.records import RecordKind
from engine.ledger.state import State
from engine.series import BarSource

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from engine.cycle.desk import Guard
    from engine.expr.vocabulary import FactScope
    from engine.ledger.bodies import Body
    from engine.model.orders import Mode
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet
    from engine.ports import Exchange

_NONCE = "00" * 16
_JUDGED = frozenset({RuleRole.LIMIT, RuleRole.GUARD})


_WANTS = frozenset({RuleRole.SIGNAL, RuleRole.ENTRY, RuleRole.ADD, RuleRole.EXIT_WHEN})
STEPS = (
    "account_breakers",
    "symbol_breakers",
    "account_alerts",
    "symbol_alerts",
    "regime",
    "enter",
    "stay",
)
"""The questions of a programme by their names, apart from those of strategies."""


class Bench:
    """A compiled policy set in one mode."""

    def __init__(self, policy_set: PolicySet, mode: Mode) -> None:
        self.policy_set = policy_set
        self.mode = mode
        self.programme = Programme(policy_set, mode)
        self.judge = Judge(policy_set, mode)
        self._scopes: dict[str, FactScope] = {}

    def scope(self, name: str) -> FactScope:
        """What must be at hand for a fact of the set; looked up once, since every cycle asks."""
        if name not in self._scopes:
            spec = self.policy_set.vocabulary.spec(name)
            # INVARIANT: what a case states has been found in the vocabulary.
            if spec is None:
                raise KeyError(name)
            self._scopes[name] = spec.scope
        return self._scopes[name]

    def changed(self, policy_set: PolicySet, roles: frozenset[RuleRole]) -> Bench:
        """The bench of a set that differs in rules of these roles only; the rest is shared."""
        other = copy(self)
        other.policy_set = policy_set
        if roles & _JUDGED:
            other.judge = Judge(policy_set, self.mode)
        if roles - _JUDGED:
            other.programme = self._recompiled(policy_set, roles)
        return other

    def _recompiled(self, policy_set: PolicySet, roles: frozenset[RuleRole]) -> Programme:
        """The programme with the questions of these roles compiled anew."""
        modes = {rule.id: rule.modes for rule in self.policy_set.rules}
        # What strategies want is compiled in several parts, and a rule of another mode is in none.
        elsewhere = any(rule.modes != modes.get(rule.id) for rule in policy_set.rules)
        if (roles & _WANTS and self.policy_set.strategies) or elsewhere:
            return Programme(policy_set, self.mode)
        programme = copy(self.programme)
        for name in STEPS:
            questions: Questions = getattr(programme, name)
            if any(rule.role in roles for rule in questions.rules):
                setattr(programme, name, _anew(questions, policy_set))
        return programme

    def desk(self, start: UtcTime) -> Desk:
        """A desk that has seen nothing, over a ledger that holds its genesis and no more."""
        clock, health = VirtualClock(start), VenueHealth()
        market = MarketView((), lambda _symbol: BarSource.QUOTES)
        desk = Desk(
            policy_set=self.policy_set,
            programme=self.programme,
            judge=self.judge,
            mode=self.mode,
            recorder=Recorder(Journal.open(MemoryDisk()), State()),
            market=market,
            valuation=Valuation(self.policy_set.deployment, market),
            # Nothing that runs on a bench speaks to a venue, and what did would fail at once.
            exchange=cast("Exchange", None),
            clock=clock,
            guarded=cast("Guard", None),
            kill_switch=lambda: None,
            lease_held=lambda: True,
            products={},
            health=health,
            drift_from=(start, clock.monotonic_s()),
        )
        account = self.policy_set.deployment.account.name
        told: Body = {"mode": self.mode.value, "account": account, "nonce": _NONCE, "cash": {}}
        desk.recorder.record(RecordKind.GENESIS, start, told)
        return desk


def _anew(questions: Questions, policy_set: PolicySet) -> Questions:
    """The same rules as another set has them."""
    rules = tuple(policy_set.rule(rule.id) or rule for rule in questions.rules)
    motor = compile_motor([rule.tree for rule in rules], policy_set.vocabulary)
    return Questions(rules, CountedMotor(motor))


def at_once(work: Coroutine[object, object, None]) -> None:
    """Run what waits for nothing; raises RuntimeError where it would wait."""
    try:
        work.send(None)
    except StopIteration:
        return
    work.close()
    message = "a step of a policy test waits for something"
    raise RuntimeError(message)

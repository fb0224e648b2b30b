"""What a policy set asks of each step, compiled once: motors by role, and the names they need.

In: a policy set and a mode. Out: `Programme`, immutable. Rules of other modes are left out here,
so that no step has to ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from engine.cycle.facts import regime
from engine.cycle.judging.counted import CountedMotor
from engine.cycle.judging.invariants import invariants_of
from engine.cycle.judging.trims import compiled_trims
from engine.errors import MandateError, Snippet
from engine.expr.backends.closure import compile_motor, compile_value
from engine.expr.functions import series_call
from engine.expr.grammar import parse
from engine.kinds.parameters import GROUP_FACT
from engine.kinds.rule import RuleRole, Scope
from engine.kinds.strategy import sources
from engine.kinds.strategy.python.loading import Proposer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.expr.backends.closure import ValueFunction
    from engine.kinds.rule import Rule
    from engine.kinds.strategy.document import PythonSource, StrategySpec
    from engine.model.orders import Mode
    from engine.policyset.policyset import PolicySet


@dataclass(frozen=True)  # no slots: the cached property lives in the instance's dict
class Questions:
    """Rules of one step and the motor that answers them, in one order."""

    rules: tuple[Rule, ...]
    motor: CountedMotor

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The documents' names, in the order of the rules."""
        return tuple(rule.document.partition("/")[2] for rule in self.rules)

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each rule stands, by the part of its id after the `#`."""
        return {rule.id.partition("#")[2]: place for place, rule in enumerate(self.rules)}


@dataclass(frozen=True, slots=True)
class CompiledTier:
    """A tier of the universe: its rank, the highest is 0, and where its two rules stand."""

    name: str
    rank: int
    enter: int
    stay: int


@dataclass(frozen=True, slots=True)
class CompiledAddition:
    """When a strategy adds to what it holds, and how much it then asks for."""

    when: Questions
    size_pct: ValueFunction


@dataclass(frozen=True, slots=True)
class CompiledStrategy:
    """A strategy ready to propose; `questions` holds its `signals` first and its entry last."""

    name: str
    spec: StrategySpec
    signals: tuple[str, ...]
    questions: Questions
    conviction: ValueFunction
    size_pct: ValueFunction
    addition: CompiledAddition | None


@dataclass(frozen=True, slots=True)
class CompiledPython:
    """A strategy with a source: the function that is asked, and the values that it is told."""

    name: str
    spec: StrategySpec
    propose: Proposer
    facts: tuple[tuple[str, ValueFunction], ...]
    params: tuple[tuple[str, ValueFunction], ...]


class Programme:
    """The compiled policy set."""

    def __init__(self, policy_set: PolicySet, mode: Mode) -> None:
        self._set = policy_set
        self._mode = mode
        self.account_breakers = self._of(RuleRole.TRIP, {Scope.ACCOUNT, Scope.VENUE})
        self.symbol_breakers = self._of(RuleRole.TRIP, {Scope.SYMBOL})
        self.account_alerts = self._of(RuleRole.ALERT, {Scope.ACCOUNT, Scope.VENUE})
        self.symbol_alerts = self._of(RuleRole.ALERT, {Scope.SYMBOL})
        self.regime = self._of(RuleRole.REGIME, {Scope.ACCOUNT})
        self.enter = self._of(RuleRole.TIER_ENTER, {Scope.SYMBOL})
        self.stay = self._of(RuleRole.TIER_STAY, {Scope.SYMBOL})
        self.tiers = {
            tier.name: CompiledTier(
                tier.name,
                rank,
                self.enter.places[f"{tier.name}_enter"],
                self.stay.places[f"{tier.name}_stay"],
            )
            for rank, tier in enumerate(policy_set.universe.tiers)
        }
        enabled = policy_set.strategies
        self.strategies = tuple(self._strategy(n, s) for n, s in enabled if s.python is None)
        self.python = tuple(
            self._python(name, spec, spec.python) for name, spec in enabled if spec.python
        )
        self.breaker_specs = dict(policy_set.breakers)
        self.alert_specs = dict(policy_set.alerts)
        self.trims = compiled_trims(policy_set, mode)
        self.conditions: dict[str, CountedMotor] = {}
        self.invariants = invariants_of(policy_set.vocabulary)
        self.series = self._series()
        self.decision_facts = self._decision_facts()

    def _of(self, role: RuleRole, scopes: set[Scope]) -> Questions:
        return self._questions(
            rule
            for rule in self._set.of_role(role)
            if rule.scope in scopes and self._mode in rule.modes
        )

    def _questions(self, rules: Iterable[Rule]) -> Questions:
        chosen = tuple(rules)
        motor = compile_motor([rule.tree for rule in chosen], self._set.vocabulary)
        return Questions(chosen, CountedMotor(motor))

    def _strategy(self, name: str, spec: StrategySpec) -> CompiledStrategy:
        own = [rule for rule in self._set.rules if rule.document == f"Strategy/{name}"]
        signals = [rule for rule in own if rule.role is RuleRole.SIGNAL]
        entry = [rule for rule in own if rule.role is RuleRole.ENTRY]
        return CompiledStrategy(
            name,
            spec,
            tuple(rule.id.partition("#signal_")[2] for rule in signals),
            self._questions([*signals, *entry]),
            self._value(f"Strategy/{name}#conviction"),
            self._value(f"Strategy/{name}#size_pct"),
            self._addition(name, own),
        )

    def _python(self, name: str, spec: StrategySpec, python: PythonSource) -> CompiledPython:
        """Raises MandateError when the source fails while it is loaded."""
        source = self._set.source(name)
        return CompiledPython(
            name,
            spec,
            Proposer(name, source, max_steps=python.max_steps),
            self._told(f"Strategy/{name}#{sources.FACT}"),
            self._told(f"Strategy/{name}#{sources.PARAM}"),
        )

    def _told(self, prefix: str) -> tuple[tuple[str, ValueFunction], ...]:
        names = (name for name in self._set.values if name.startswith(prefix))
        return tuple((name.removeprefix(prefix), self._value(name)) for name in sorted(names))

    def _addition(self, name: str, own: Iterable[Rule]) -> CompiledAddition | None:
        when = [rule for rule in own if rule.role is RuleRole.ADD]
        if not when:
            return None
        return CompiledAddition(self._questions(when), self._value(f"Strategy/{name}#add_size_pct"))

    def _value(self, name: str) -> ValueFunction:
        return compile_value(self._set.values[name], self._set.vocabulary)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule that counts in this mode."""
        return tuple(rule for rule in self._set.rules if self._mode in rule.modes)

    @property
    def questions(self) -> tuple[Questions, ...]:
        """What every step asks, apart from limits and guards, which the judge asks."""
        account = (self.account_breakers, self.account_alerts, self.regime)
        product = (self.symbol_breakers, self.symbol_alerts, self.enter, self.stay)
        return (*account, *product, *(each.questions for each in self.strategies))

    def condition(self, text: str) -> CountedMotor:
        """The condition of an exit plan, from its canonical text; plans outlive their strategies.

        Raises MandateError when the text means nothing under this vocabulary: the position then
        has the rest of its plan.
        """
        if text not in self.conditions:
            parsed = parse(Snippet.of(text, "<exit plan>"))
            if parsed.tree is None:
                raise MandateError(parsed.diagnostics)
            motor = compile_motor([parsed.tree], self._set.vocabulary)
            self.conditions[text] = CountedMotor(motor)
        return self.conditions[text]

    def _series(self) -> frozenset[str]:
        """The series that any rule or number names, through definitions and regime facts."""
        trees = [*(rule.tree for rule in self._set.rules), *self._set.values.values()]
        names = {n for tree in trees for n in self._set.vocabulary.base_facts(tree)}
        names |= {series for fact, series in regime.SERIES.items() if fact in names}
        return frozenset(name for name in names if series_call(name) is not None)

    def _decision_facts(self) -> frozenset[str]:
        """The base facts that limits and guards can depend on: what a decision records."""
        roles = {RuleRole.LIMIT, RuleRole.GUARD}
        trees = [rule.tree for rule in self._set.rules if rule.role in roles]
        # A group's own name is in every evaluation of a group rule, whether the rule asks or not.
        own = {GROUP_FACT}
        return frozenset(own).union(*(self._set.vocabulary.base_facts(tree) for tree in trees))

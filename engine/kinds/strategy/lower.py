"""How a Strategy lowers: signals, entry with the signals in place, numbers, budget as a limit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.expr.nodes import Compare, Fact, Or, Text
from engine.expr.rewriting import map_facts
from engine.expr.vocabulary import FactScope, FactSpec, FactType
from engine.kinds import parameters
from engine.kinds.base import content_of
from engine.kinds.lowering import Circumstances, Lowered, Meaning, Reader
from engine.kinds.rule import OnBreach, RuleRole, Scope
from engine.kinds.strategy.document import StrategyDocument
from engine.model.orders import Intent

if TYPE_CHECKING:
    from engine.expr.nodes import Node
    from engine.kinds.base import Document
    from engine.kinds.lowering import BoundReader, Surroundings
    from engine.kinds.strategy.document import StrategySpec

_SCOPES = frozenset({FactScope.ACCOUNT, FactScope.VENUE, FactScope.SYMBOL})
_SIGNAL = Circumstances(role=RuleRole.SIGNAL, scope=Scope.SYMBOL)
_ENTRY = Circumstances(role=RuleRole.ENTRY, scope=Scope.SYMBOL)
_EXIT_WHEN = Circumstances(role=RuleRole.EXIT_WHEN, scope=Scope.SYMBOL)
_BUDGET = Circumstances(
    role=RuleRole.LIMIT,
    scope=Scope.STRATEGY,
    intents=frozenset({Intent.ENTRY, Intent.ADD}),
    on_breach=OnBreach.RESIZE,
)
BUDGET_PARAMETER = "budget_at_risk_pct"


def declare_budget(document: Document) -> tuple[FactSpec, ...]:
    """`policy.NAME.budget_at_risk_pct`: what the strategy may have at risk."""
    spec = content_of(document, StrategyDocument).spec
    value = spec.budget.at_risk_pct
    name = parameters.scope_of(document).fact(BUDGET_PARAMETER)
    definition, reach = parameters.definition_of(value), parameters.reach_of(value)
    return (parameters.parameter_fact(name, definition, reach),)


def lower(document: Document, surroundings: Surroundings) -> Lowered:
    """Rules `#signal_NAME`, `#entry`, `#exit_when`, `#budget`; numbers of conviction and size."""
    spec = content_of(document, StrategyDocument).spec
    reader = Reader(document, surroundings.vocabulary)
    bound = reader.bound(_block(document))
    signals = _signals(bound, spec)
    knowing = bound.knowing(_signal_facts(spec))
    _entry(knowing, signals)
    knowing.value(("spec", "conviction"), "conviction", _SCOPES)
    bound.value(("spec", "size_pct"), "size_pct", _SCOPES)
    if spec.exit.when is not None:
        bound.rule(("spec", "exit", "when"), "exit_when", _EXIT_WHEN, _SCOPES)
    bound.add(("spec", "budget", "at_risk_pct"), "budget", _BUDGET, _budget(document))
    bound.report_unused()
    reader.values[:] = [(name, _inline(tree, signals)) for name, tree in reader.values]
    return reader.lowered()


def _signals(bound: BoundReader, spec: StrategySpec) -> dict[str, Node]:
    trees: dict[str, Node] = {}
    for name in spec.signals:
        rule = bound.rule(("spec", "signals", name), f"signal_{name}", _SIGNAL, _SCOPES)
        if rule is not None:
            trees[f"signals.{name}"] = rule.tree
    return trees


def _signal_facts(spec: StrategySpec) -> list[FactSpec]:
    return [
        FactSpec(f"signals.{name}", FactType.FLAG, None, FactScope.SYMBOL, "", "a signal")
        for name in spec.signals
    ]


def _entry(bound: BoundReader, signals: dict[str, Node]) -> None:
    rule = bound.rule(("spec", "entry"), "entry", _ENTRY, _SCOPES)
    if rule is not None:
        bound.reader.rules[-1] = replace(rule, tree=_inline(rule.tree, signals))


def _inline(tree: Node, signals: dict[str, Node]) -> Node:
    return map_facts(tree, lambda fact: signals.get(fact.name, fact))


def _budget(document: Document) -> Node:
    limit = Fact(parameters.scope_of(document).fact(BUDGET_PARAMETER))
    within = Compare((Fact("strategy.at_risk_pct_after"), limit), ("<=",))
    others = Compare((Fact("order.strategy"), Text(document.name)), ("!=",))
    return Or((others, within))


def _block(document: Document) -> parameters.Block:
    params = content_of(document, StrategyDocument).spec.params
    return parameters.Block(document.id, parameters.scope_of(document), params)


MEANING = Meaning(blocks=lambda document: (_block(document),), declare=declare_budget, lower=lower)

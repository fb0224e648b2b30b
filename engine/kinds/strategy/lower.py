"""How a Strategy lowers: signals, entry with the signals in place, numbers, and its limits.

Its limits are rules of the judge like any other: the budget, the products that it may trade,
and what it may add. Refuses groups that the universe does not have.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.errors import Diagnostic
from engine.expr.checking.suggest import nearest
from engine.expr.nodes import And, Compare, Fact, Membership, Number, Or, Text
from engine.expr.rewriting import map_facts
from engine.expr.vocabulary import FactScope, FactSpec, FactType
from engine.kinds import parameters
from engine.kinds.base import content_of
from engine.kinds.lowering import Circumstances, Lowered, Meaning, Reader
from engine.kinds.rule import OnBreach, RuleRole, Scope
from engine.kinds.strategy import sources
from engine.kinds.strategy.document import ADDS_PARAMETER, BUDGET_PARAMETER, StrategyDocument
from engine.model.orders import Intent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.expr.nodes import Node
    from engine.kinds.base import Document, Path
    from engine.kinds.lowering import BoundReader, Surroundings
    from engine.kinds.strategy.document import StrategySpec

_SCOPES = frozenset({FactScope.ACCOUNT, FactScope.VENUE, FactScope.SYMBOL})
_SIGNAL = Circumstances(role=RuleRole.SIGNAL, scope=Scope.SYMBOL)
_ENTRY = Circumstances(role=RuleRole.ENTRY, scope=Scope.SYMBOL)
_ADD = Circumstances(role=RuleRole.ADD, scope=Scope.SYMBOL)
_EXIT_WHEN = Circumstances(role=RuleRole.EXIT_WHEN, scope=Scope.SYMBOL)
_BUDGET = Circumstances(
    role=RuleRole.LIMIT,
    scope=Scope.STRATEGY,
    intents=frozenset({Intent.ENTRY, Intent.ADD}),
    on_breach=OnBreach.RESIZE,
)
_UNIVERSE = Circumstances(
    role=RuleRole.LIMIT, scope=Scope.STRATEGY, intents=frozenset({Intent.ENTRY, Intent.ADD})
)
_ADDS = Circumstances(role=RuleRole.LIMIT, scope=Scope.STRATEGY, intents=frozenset({Intent.ADD}))


def declare_numbers(document: Document) -> tuple[FactSpec, ...]:
    """`policy.NAME.budget_at_risk_pct`, and `policy.NAME.max_adds_count` where it may add."""
    spec = content_of(document, StrategyDocument).spec
    numbers = {BUDGET_PARAMETER: spec.budget.at_risk_pct}
    if spec.add is not None:
        numbers[ADDS_PARAMETER] = Decimal(spec.add.max_adds_count)
    scope = parameters.scope_of(document)
    return tuple(
        parameters.parameter_fact(
            scope.fact(name), parameters.definition_of(value), parameters.reach_of(value)
        )
        for name, value in numbers.items()
    )


def lower(document: Document, surroundings: Surroundings) -> Lowered:
    """Rules `#signal_NAME`, `#entry`, `#add`, `#exit_when`, and the limits; the numbers asked for.

    The limits are `#budget`, `#universe` where it names products or groups, `#adds` where it adds.
    """
    spec = content_of(document, StrategyDocument).spec
    reader = Reader(document, surroundings.vocabulary)
    bound = reader.bound(_block(document))
    signals = _signals(bound, spec)
    knowing = bound.knowing(_signal_facts(spec))
    if spec.python is None:
        _question(knowing, ("spec", "entry"), "entry", _ENTRY, signals)
        knowing.value(("spec", "conviction"), "conviction", _SCOPES)
        bound.value(("spec", "size_pct"), "size_pct", _SCOPES)
    else:
        sources.lower(bound, spec.python)
    if spec.exit.when is not None:
        bound.rule(("spec", "exit", "when"), "exit_when", _EXIT_WHEN, _SCOPES)
    if spec.add is not None:
        allowed = _adds_allowed(document, below_water=spec.add.below_water)
        _question(knowing, ("spec", "add", "when"), "add", _ADD, signals, allowed)
        bound.value(("spec", "add", "size_pct"), "add_size_pct", _SCOPES)
        bound.add(("spec", "add"), "adds", _ADDS, _own(document, allowed))
    bound.add(("spec", "budget", "at_risk_pct"), "budget", _BUDGET, _budget(document))
    if spec.symbols or spec.groups:
        path = ("spec", "symbols" if spec.symbols else "groups")
        bound.add(path, "universe", _UNIVERSE, _own(document, _named(spec)))
    reader.diagnostics.extend(_unknown_groups(document, surroundings))
    bound.report_unused()
    reader.values[:] = [(name, _inline(tree, signals)) for name, tree in reader.values]
    return reader.lowered()


def _signals(bound: BoundReader, spec: StrategySpec) -> dict[str, Node]:
    trees: dict[str, Node] = {}
    for name in spec.signals or ():
        rule = bound.rule(("spec", "signals", name), f"signal_{name}", _SIGNAL, _SCOPES)
        if rule is not None:
            trees[f"signals.{name}"] = rule.tree
    return trees


def _signal_facts(spec: StrategySpec) -> list[FactSpec]:
    return [
        FactSpec(f"signals.{name}", FactType.FLAG, None, FactScope.SYMBOL, "", "a signal")
        for name in spec.signals or ()
    ]


def _question(
    bound: BoundReader,
    path: Path,
    part: str,
    circumstances: Circumstances,
    signals: dict[str, Node],
    besides: Node | None = None,
) -> None:
    rule = bound.rule(path, part, circumstances, _SCOPES)
    if rule is not None:
        tree = _inline(rule.tree, signals)
        whole = tree if besides is None else And((besides, tree))
        bound.reader.rules[-1] = replace(rule, tree=whole)


def _inline(tree: Node, signals: dict[str, Node]) -> Node:
    return map_facts(tree, lambda fact: signals.get(fact.name, fact))


def _budget(document: Document) -> Node:
    limit = Fact(parameters.scope_of(document).fact(BUDGET_PARAMETER))
    return _own(document, Compare((Fact("strategy.at_risk_pct_after"), limit), ("<=",)))


def _own(document: Document, limit: Node) -> Node:
    """The limit for orders of this strategy; those of others are none of its business."""
    others = Compare((Fact("order.strategy"), Text(document.name)), ("!=",))
    return Or((others, *(limit.operands if isinstance(limit, Or) else (limit,))))


def _adds_allowed(document: Document, *, below_water: bool) -> Node:
    """It holds the position itself, has not added too often, and has not lost with it."""
    most = Fact(parameters.scope_of(document).fact(ADDS_PARAMETER))
    asked: list[Node] = [
        Compare((Fact("position.strategy"), Text(document.name)), ("==",)),
        Compare((Fact("position.adds_24h_count"), most), ("<",)),
    ]
    if not below_water:
        asked.append(Compare((Fact("position.pnl_pct"), Number(Decimal(0))), (">=",)))
    return And(tuple(asked))


def _named(spec: StrategySpec) -> Node:
    """The product is one of those named, or in one of the groups named."""
    found: list[Node] = []
    if spec.symbols:
        names = tuple(Text(each) for each in sorted(spec.symbols))
        found.append(Membership(Fact("order.symbol"), names))
    groups = Fact("asset.groups")
    found.extend(Membership(Text(each), (groups,)) for each in sorted(spec.groups))
    return found[0] if len(found) == 1 else Or(tuple(found))


def _unknown_groups(document: Document, surroundings: Surroundings) -> Iterator[Diagnostic]:
    for index, group in enumerate(content_of(document, StrategyDocument).spec.groups):
        if group not in surroundings.groups:
            near = nearest(group, sorted(surroundings.groups))
            mend = f"did you mean `{near}`?" if near else "name a group of the UniverseFilter"
            place = document.places.of(("spec", "groups", index))
            yield Diagnostic("M380", f"the universe has no group `{group}`", place, mend)


def _block(document: Document) -> parameters.Block:
    params = content_of(document, StrategyDocument).spec.params
    return parameters.Block(document.id, parameters.scope_of(document), params)


MEANING = Meaning(blocks=lambda document: (_block(document),), declare=declare_numbers, lower=lower)

"""How a RiskLimit lowers: one rule, and the fact `limit.NAME.used_pct` where it has a measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.expr.grammar import parse
from engine.expr.nodes import Call, Compare, Fact, Not, Or
from engine.expr.printing import print_tree
from engine.expr.units import Unit
from engine.expr.vocabulary import FactScope, FactSpec, FactType
from engine.kinds import parameters
from engine.kinds.base import content_of
from engine.kinds.lowering import Circumstances, Lowered, Meaning, Reader, intents_of, modes_of
from engine.kinds.risk_limit.document import RiskLimitDocument
from engine.kinds.rule import OnBreach, RuleRole, Scope, Stage

if TYPE_CHECKING:
    from engine.expr.nodes import Node
    from engine.kinds.base import Document
    from engine.kinds.lowering import Surroundings

_REQUIRE = ("spec", "require")
_ACCOUNT = frozenset({FactScope.ACCOUNT, FactScope.VENUE})
_ORDER = _ACCOUNT | {FactScope.ORDER, FactScope.SYMBOL, FactScope.STRATEGY}


def scopes_of(scope: Scope) -> frozenset[FactScope]:
    """The facts at hand for a limit: an order is always; its group only in group scope."""
    return _ORDER | {FactScope.GROUP} if scope is Scope.GROUP else _ORDER


def declare_usage(document: Document) -> tuple[FactSpec, ...]:
    """`limit.NAME.used_pct`: how much of it is used, where it bounds a measure from above."""
    spec = content_of(document, RiskLimitDocument).spec
    if spec.require is None:
        return ()
    sides = _bounded(parse(document.places.snippet(_REQUIRE)).tree)
    if sides is None:
        return ()
    measure = parameters.bind(Call("share_pct", sides), parameters.scope_of(document))
    return (_usage_fact(document, measure),)


def _bounded(tree: Node | None) -> tuple[Node, Node] | None:
    """What `a <= b` compares; of `low <= a <= b` its upper part, and exceptions aside."""
    match tree:
        case Compare() if set(tree.ops) <= {"<=", "<"}:
            return tree.operands[-2], tree.operands[-1]
        case Or():
            bounds = [each for each in map(_bounded, tree.operands) if each is not None]
            flags = [each for each in tree.operands if isinstance(each, Fact | Not)]
            return bounds[0] if len(bounds) == 1 == len(tree.operands) - len(flags) else None
        case _:
            return None


def _usage_fact(document: Document, measure: Node) -> FactSpec:
    return FactSpec(
        name=f"limit.{document.name}.used_pct",
        type=FactType.NUMBER,
        unit=Unit.PCT,
        scope=FactScope.ORDER,
        producer="",
        sentence=f"how much of the limit `{document.name}` is used",
        definition=print_tree(measure),
    )


def lower(document: Document, surroundings: Surroundings) -> Lowered:
    """One rule, or none where the document says that no limit is wanted."""
    spec = content_of(document, RiskLimitDocument).spec
    reader = Reader(document, surroundings.vocabulary)
    bound = reader.bound(_block(document))
    if spec.require is not None:
        scope = Scope(spec.scope)
        circumstances = Circumstances(
            role=RuleRole.LIMIT,
            scope=scope,
            intents=intents_of(spec.intents),
            modes=modes_of(spec.modes),
            stage=Stage(spec.stage),
            on_breach=OnBreach(spec.on_breach),
            minimum=spec.minimum,
        )
        bound.rule(_REQUIRE, "", circumstances, scopes_of(scope))
    bound.report_unused()
    return reader.lowered()


def _block(document: Document) -> parameters.Block:
    params = content_of(document, RiskLimitDocument).spec.params
    return parameters.Block(document.id, parameters.scope_of(document), params)


MEANING = Meaning(blocks=lambda document: (_block(document),), declare=declare_usage, lower=lower)

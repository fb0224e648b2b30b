"""How a CircuitBreaker lowers: one trip rule, and the fact `breaker.NAME.tripped`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.expr.vocabulary import FactScope, FactSpec, FactType
from engine.kinds import parameters
from engine.kinds.base import content_of
from engine.kinds.circuit_breaker.document import CircuitBreakerDocument
from engine.kinds.lowering import Circumstances, Lowered, Meaning, Reader, modes_of
from engine.kinds.rule import RuleRole, Scope, Stage

if TYPE_CHECKING:
    from engine.kinds.base import Document
    from engine.kinds.lowering import Surroundings

_ACCOUNT = frozenset({FactScope.ACCOUNT, FactScope.VENUE})


def declare_latch(document: Document) -> tuple[FactSpec, ...]:
    """`breaker.NAME.tripped`: whether its latch is set (for the symbol, in symbol scope)."""
    spec = content_of(document, CircuitBreakerDocument).spec
    reach = FactScope.SYMBOL if spec.scope == "symbol" else FactScope.ACCOUNT
    fact = FactSpec(
        name=f"breaker.{document.name}.tripped",
        type=FactType.FLAG,
        unit=None,
        scope=reach,
        producer="cycle.facts.rules",
        sentence=f"whether the breaker `{document.name}` is tripped",
    )
    return (fact,)


def lower(document: Document, surroundings: Surroundings) -> Lowered:
    """One rule that asks whether to trip."""
    spec = content_of(document, CircuitBreakerDocument).spec
    reader = Reader(document, surroundings.vocabulary)
    bound = reader.bound(_block(document))
    circumstances = Circumstances(
        role=RuleRole.TRIP,
        scope=Scope(spec.scope),
        modes=modes_of(spec.modes),
        stage=Stage(spec.stage),
    )
    scopes = _ACCOUNT | {FactScope.SYMBOL} if spec.scope == "symbol" else _ACCOUNT
    bound.rule(("spec", "trip_when"), "", circumstances, scopes)
    bound.report_unused()
    return reader.lowered()


def _block(document: Document) -> parameters.Block:
    params = content_of(document, CircuitBreakerDocument).spec.params
    return parameters.Block(document.id, parameters.scope_of(document), params)


MEANING = Meaning(blocks=lambda document: (_block(document),), declare=declare_latch, lower=lower)

"""How an ExecutionPolicy lowers: one rule a guard. Ladders are read as they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.kinds import parameters
from engine.kinds.base import content_of
from engine.kinds.execution_policy.document import ExecutionPolicyDocument
from engine.kinds.lowering import Circumstances, Lowered, Meaning, Reader, intents_of, modes_of
from engine.kinds.risk_limit.lower import scopes_of
from engine.kinds.rule import OnBreach, RuleRole, Scope, Stage

if TYPE_CHECKING:
    from engine.kinds.base import Document
    from engine.kinds.execution_policy.document import Guard
    from engine.kinds.lowering import Surroundings


def lower(document: Document, surroundings: Surroundings) -> Lowered:
    """One rule a guard, in the document's order."""
    spec = content_of(document, ExecutionPolicyDocument).spec
    reader = Reader(document, surroundings.vocabulary)
    bound = reader.bound(_block(document))
    for index, guard in enumerate(spec.guards):
        path = ("spec", "guards", index, "require")
        bound.rule(path, guard.name, _circumstances(guard), scopes_of(Scope.ORDER))
    bound.report_unused()
    return reader.lowered()


def _circumstances(guard: Guard) -> Circumstances:
    return Circumstances(
        role=RuleRole.GUARD,
        scope=Scope.ORDER,
        intents=intents_of(guard.intents),
        modes=modes_of(guard.modes),
        stage=Stage(guard.stage),
        on_breach=OnBreach(guard.on_breach),
        minimum=guard.minimum,
    )


def _block(document: Document) -> parameters.Block:
    params = content_of(document, ExecutionPolicyDocument).spec.params
    return parameters.Block(document.id, parameters.scope_of(document), params)


MEANING = Meaning(blocks=lambda document: (_block(document),), lower=lower)

"""How a Deployment lowers: three rules that tell the market's regime."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.expr.vocabulary import FactScope
from engine.kinds import parameters
from engine.kinds.base import content_of
from engine.kinds.deployment.document import DeploymentDocument
from engine.kinds.lowering import Circumstances, Lowered, Meaning, Reader
from engine.kinds.rule import RuleRole, Scope

if TYPE_CHECKING:
    from engine.kinds.base import Document
    from engine.kinds.lowering import Surroundings

_SCOPES = frozenset({FactScope.ACCOUNT, FactScope.VENUE, FactScope.SYMBOL})
_REGIME = Circumstances(role=RuleRole.REGIME, scope=Scope.ACCOUNT)
_PARAMS = ("spec", "regime", "params")
REGIMES = ("crash", "bear", "bull")
"""In the order in which they are asked; the first that holds is the regime."""


def lower(document: Document, surroundings: Surroundings) -> Lowered:
    """`#crash`, `#bear` and `#bull`; none of them is chop, an undecided one is unknown."""
    reader = Reader(document, surroundings.vocabulary)
    bound = reader.bound(_block(document))
    for name in REGIMES:
        bound.rule(("spec", "regime", f"{name}_when"), name, _REGIME, _SCOPES)
    bound.report_unused()
    return reader.lowered()


def _block(document: Document) -> parameters.Block:
    params = content_of(document, DeploymentDocument).spec.regime.params
    return parameters.Block(document.id, parameters.scope_of(document, _PARAMS), params)


MEANING = Meaning(blocks=lambda document: (_block(document),), lower=lower)

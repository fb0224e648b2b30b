"""How an AlertRule lowers: one rule that asks whether the condition holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.expr.vocabulary import FactScope
from engine.kinds import parameters
from engine.kinds.alert_rule.document import AlertRuleDocument
from engine.kinds.base import content_of
from engine.kinds.lowering import Circumstances, Lowered, Meaning, Reader, modes_of
from engine.kinds.rule import RuleRole, Scope

if TYPE_CHECKING:
    from engine.kinds.base import Document
    from engine.kinds.lowering import Surroundings

_ACCOUNT = frozenset({FactScope.ACCOUNT, FactScope.VENUE})


def lower(document: Document, surroundings: Surroundings) -> Lowered:
    """One rule."""
    spec = content_of(document, AlertRuleDocument).spec
    reader = Reader(document, surroundings.vocabulary)
    bound = reader.bound(_block(document))
    circumstances = Circumstances(
        role=RuleRole.ALERT, scope=Scope(spec.scope), modes=modes_of(spec.modes)
    )
    scopes = _ACCOUNT | {FactScope.SYMBOL} if spec.scope == "symbol" else _ACCOUNT
    bound.rule(("spec", "when"), "", circumstances, scopes)
    bound.report_unused()
    return reader.lowered()


def _block(document: Document) -> parameters.Block:
    params = content_of(document, AlertRuleDocument).spec.params
    return parameters.Block(document.id, parameters.scope_of(document), params)


MEANING = Meaning(blocks=lambda document: (_block(document),), lower=lower)

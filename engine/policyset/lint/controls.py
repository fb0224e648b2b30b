"""Rails: the controls without which no set may trade real money.

In: a policy set. Out: M345 for each rail that no enforced rule carries (an error for a set in
mode live, else a warning), M346 for a control that a document claims and nothing enforces. A rail
that is not wanted is said so in words: a RiskLimit with its control and `unlimited: true`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Severity
from engine.kinds.risk_limit.document import RiskLimitDocument
from engine.kinds.rule import Stage
from engine.model.orders import Mode
from engine.policyset.controls.carriers import CARRIERS
from engine.policyset.lint.documents import control_of, documents_of, only

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.base import Document
    from engine.policyset.controls.evidence import Carrier
    from engine.policyset.lint.measures import Measures
    from engine.policyset.policyset import PolicySet

RAILS: tuple[Carrier, ...] = tuple(each for each in CARRIERS if each.rail)


def check(measures: Measures) -> Iterator[Diagnostic]:
    """Rails that are missing, and controls that are only claimed."""
    policy_set = measures.policy_set
    live = policy_set.deployment.mode == Mode.LIVE.value
    severity = Severity.ERROR if live else Severity.WARNING
    yield from (_missing(policy_set, rail, severity) for rail in missing_rails(measures))
    yield from _claimed(policy_set, _renounced(policy_set))


def missing_rails(measures: Measures) -> Iterator[Carrier]:
    """The rails that nothing carries, and of which no document says that none is wanted."""
    policy_set = measures.policy_set
    renounced = _renounced(policy_set)
    for rail in (each for each in RAILS if each.control not in renounced):
        if not any(rail.carried_by(rule, measures) for rule in policy_set.rules):
            yield rail


def _missing(policy_set: PolicySet, rail: Carrier, severity: Severity) -> Diagnostic:
    message = f"no enforced rule is a {rail.words} ({rail.control})"
    mend = (
        f"add {rail.mend}, or say that none is wanted: a RiskLimit with "
        f"`control: {rail.control}`, `unlimited: true` and a reason"
    )
    place = only(policy_set, "Deployment").places.of(("spec", "mode"))
    return Diagnostic("M345", message, place, mend, severity=severity)


def _renounced(policy_set: PolicySet) -> frozenset[str]:
    """The controls of which a document says in words that none is wanted."""
    found = set()
    for document in documents_of(policy_set, "RiskLimit"):
        content = document.content
        if isinstance(content, RiskLimitDocument) and content.spec.unlimited:
            found.add(control_of(document))
    return frozenset(each for each in found if each is not None)


def _claimed(policy_set: PolicySet, renounced: frozenset[str]) -> Iterator[Diagnostic]:
    enforced = {rule.document for rule in policy_set.rules if rule.stage is Stage.ENFORCE}
    claims: dict[str, list[Document]] = {}
    for kind in ("RiskLimit", "CircuitBreaker"):
        for document in documents_of(policy_set, kind):
            control = control_of(document)
            if control is not None and control not in renounced:
                claims.setdefault(control, []).append(document)
    for control, documents in claims.items():
        if not any(document.id in enforced for document in documents):
            yield _idle(control, documents[0])


def _idle(control: str, document: Document) -> Diagnostic:
    place = document.places.of(("metadata", "control"))
    message = (
        f"`{document.id}` claims {control}, and no document that carries {control} is enforced"
    )
    return Diagnostic("M346", message, place, "say `stage: enforce`, or leave the control out")

"""What of the thirty controls a policy set enforces, by its rules and not by its words.

In: a composed set, and the time at which waivers are asked. Out: thirty rows in their order, each
with its evidence, the parts that nothing carries, and the claims that do not count. A control is
enforced when each part that it needs is carried; one that is a process is never called enforced.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from engine.policyset.controls.artefacts import ARTEFACTS
from engine.policyset.controls.carriers import CARRIERS, STATEMENTS
from engine.policyset.controls.catalogue import CONTROLS
from engine.policyset.controls.invariants import INVARIANTS, OF_RULES
from engine.policyset.lint.documents import control_of, documents_of
from engine.policyset.lint.measures import Measures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.rule import Rule
    from engine.model.times import UtcTime
    from engine.policyset.controls.catalogue import Control
    from engine.policyset.controls.evidence import Carrier
    from engine.policyset.policyset import PolicySet


class Status(Enum):
    """What can be said of one control."""

    ENFORCED = "enforced"
    PROCESS = "process"
    ABSENT = "absent"
    WAIVED = "waived"


class EvidenceKind(Enum):
    """What carries a part of a control."""

    DOCUMENT = "document"
    WAIVER = "waiver"
    INVARIANT = "invariant"
    ARTEFACT = "artefact"
    MISSING_ARTEFACT = "to come"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that carries a control: its name, what it says, and where one can look."""

    kind: EvidenceKind
    name: str
    says: str
    shown_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ControlRow:
    """One control of one set.

    `missing` are parts that it needs and nothing carries; `claims` are documents that name the
    control and carry none of it.
    """

    id: str
    name: str
    status: Status
    by: tuple[Evidence, ...]
    missing: tuple[str, ...]
    claims: tuple[str, ...]


def controls_of(policy_set: PolicySet, at: UtcTime) -> tuple[ControlRow, ...]:
    """Thirty rows about the set, with the waivers that are in force at `at`."""
    reading = _Reading(policy_set, Measures(policy_set), at)
    return tuple(reading.row(each) for each in CONTROLS)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One set, asked for each control."""

    policy_set: PolicySet
    measures: Measures
    at: UtcTime

    def row(self, control: Control) -> ControlRow:
        """What carries the control."""
        parts = [(part, self._carrying(part)) for part in CARRIERS if part.control == control.id]
        rules = list(dict.fromkeys(rule for _, found in parts for rule in found))
        missing = tuple(part.words for part, found in parts if part.needed and not found)
        waivers = tuple(self._waivers(rules))
        by = (*map(_of_rule, rules), *waivers, *self._beside(control))
        claims = self._claims(control, {rule.document for rule in rules})
        return ControlRow(
            control.id, control.name, _status(control, missing, waivers), by, missing, claims
        )

    def _carrying(self, part: Carrier) -> list[Rule]:
        return [each for each in self.policy_set.rules if part.carried_by(each, self.measures)]

    def _waivers(self, rules: list[Rule]) -> Iterator[Evidence]:
        waived = {each.id for each in rules}
        for name, spec in self.policy_set.waivers:
            if spec.rule in waived and spec.valid_from <= self.at < spec.until:
                whom = ", ".join(spec.scope.symbols) or "its whole scope"
                says = f"{spec.rule} for {whom} until {spec.until}, by {spec.approved_by}"
                yield Evidence(EvidenceKind.WAIVER, f"Waiver/{name}", says, ())

    def _beside(self, control: Control) -> Iterator[Evidence]:
        """What carries it besides rules."""
        for stated in (each for each in STATEMENTS if each.control == control.id):
            for document in documents_of(self.policy_set, stated.kind):
                place = document.places.of(stated.path)
                shown = (f"{place.file}:{place.line}",)
                yield Evidence(EvidenceKind.DOCUMENT, document.id, stated.words, shown)
        for known in (each for each in INVARIANTS if each.control == control.id):
            yield Evidence(EvidenceKind.INVARIANT, "engine", known.words, known.shown_by)
        for made in (each for each in ARTEFACTS if each.control == control.id):
            kind = EvidenceKind.ARTEFACT if made.paths else EvidenceKind.MISSING_ARTEFACT
            yield Evidence(kind, "project", made.words, made.paths)

    def _claims(self, control: Control, carrying: set[str]) -> tuple[str, ...]:
        """Documents that name the control and do not carry it; an alert only watches it."""
        stated = {each.kind for each in STATEMENTS if each.control == control.id}
        watching = {"AlertRule", *stated}
        return tuple(
            each.document.id
            for each in self.policy_set.sealed
            if control_of(each.document) == control.id
            and each.document.id not in carrying
            and each.document.kind not in watching
        )


def _status(control: Control, missing: tuple[str, ...], waivers: tuple[Evidence, ...]) -> Status:
    if control.process:
        return Status.PROCESS
    if missing:
        return Status.ABSENT
    return Status.WAIVED if waivers else Status.ENFORCED


def _of_rule(rule: Rule) -> Evidence:
    shown = (f"{rule.place.file}:{rule.place.line}", *OF_RULES[rule.role])
    return Evidence(EvidenceKind.DOCUMENT, rule.id, rule.text, shown)

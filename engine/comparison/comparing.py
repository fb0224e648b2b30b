"""Two policy sets compared: the edits, what they allow, how one is protected, and what is open.

In: two sets. Out: `Comparison`, with a verdict for each of the two questions. What the solver
proves holds only as far as facts mean the same under both sets: where an edit changes how a fact
comes about and a condition asks for it, the answer is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from engine.comparison.edits import edits_of
from engine.comparison.fields import Question
from engine.comparison.protection import Effect, judged
from engine.comparison.proving.conditions import conditions_of
from engine.comparison.proving.permission import Permission, permission
from engine.expr.nodes import Fact, walk
from engine.model.orders import Intent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from engine.comparison.protection import JudgedEdit
    from engine.comparison.proving.permission import Finding
    from engine.kinds.base import Plain
    from engine.policyset.policyset import PolicySet

_PROTECTING = ("exit.when", "size_pct", "add.size_pct")
"""Expressions of a strategy that protect, and take its parameters with them."""


class Protection(Enum):
    """How one is protected under the new set."""

    SAME = "same"
    STRONGER = "stronger"
    WEAKER = "weaker"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What leads from one set to another, and what it does.

    `looser_by` are edits that allow more by their field's declared direction; `open_` says in
    words what nothing here could decide.
    """

    base: str
    head: str
    edits: tuple[JudgedEdit, ...]
    findings: tuple[Finding, ...]
    looser_by: tuple[JudgedEdit, ...]
    open_permission: tuple[str, ...]
    open_protection: tuple[str, ...]

    @property
    def permission(self) -> Permission:
        """Whether any order is allowed that was denied: a confirmed one outweighs any doubt."""
        found = {each.permission for each in self.findings}
        if Permission.LOOSER in found or self.looser_by:
            return Permission.LOOSER
        if Permission.UNKNOWN in found or self.open_permission:
            return Permission.UNKNOWN
        return Permission.NOT_LOOSER

    @property
    def protection(self) -> Protection:
        """Whether one is protected as well as before: one weaker field outweighs all others."""
        effects = {each.effect for each in self.of(Question.PROTECTION)}
        if Effect.WEAKER in effects:
            return Protection.WEAKER
        if Effect.UNKNOWN in effects or self.open_protection:
            return Protection.UNKNOWN
        return Protection.STRONGER if Effect.STRONGER in effects else Protection.SAME

    def of(self, question: Question) -> tuple[JudgedEdit, ...]:
        """The edits that bear on one question."""
        return tuple(each for each in self.edits if each.question is question)


def compare(base: PolicySet, head: PolicySet) -> Comparison:
    """Compare; raises MandateError (M700) where no solver is installed."""
    edits = tuple(judged(each) for each in edits_of(base, head))
    declared = [each for each in edits if each.question is Question.PERMISSION]
    return Comparison(
        base=base.hash,
        head=head.hash,
        edits=edits,
        findings=permission(base, head) if edits else (),
        looser_by=tuple(each for each in declared if each.effect is Effect.WEAKER),
        open_permission=(*_undeclared(declared), *_shifted(edits, base, head)),
        open_protection=tuple(_parameters(edits, base, head)),
    )


def _undeclared(edits: Iterable[JudgedEdit]) -> Iterator[str]:
    for each in edits:
        if each.effect is Effect.UNKNOWN:
            where = f"{each.edit.document} {each.edit.dotted}".rstrip()
            yield f"{where} has no safer direction"


def _shifted(edits: Iterable[JudgedEdit], *sets: PolicySet) -> Iterator[str]:
    """Facts that come about in another way, and that a condition of either set asks for."""
    asked = frozenset(_asked(sets))
    for each in edits:
        for fact in asked.intersection(each.meaning.feeds):
            where = f"{each.edit.document} {each.edit.dotted}"
            yield f"{where} changes which products have which `{fact}`, and limits ask for it"


def _asked(sets: Iterable[PolicySet]) -> Iterator[str]:
    for one in sets:
        for intent in Intent:
            for condition in conditions_of(one, intent):
                for tree in (tree for way in condition.ways for tree, _ in way):
                    yield from one.vocabulary.base_facts(tree)
                    yield from (each.name for each in walk(tree) if isinstance(each, Fact))


def _parameters(edits: Iterable[JudgedEdit], *sets: PolicySet) -> Iterator[str]:
    """Parameters of a strategy that an expression of its protection names."""
    texts = {
        each.document.id: " ".join(_protecting(each.document.plain))
        for one in sets
        for each in one.sealed
        if each.document.kind == "Strategy"
    }
    for each in edits:
        name = each.edit.dotted
        if name.startswith("params.") and name in texts.get(each.edit.document, ""):
            yield f"{each.edit.document} {name} is named by how it protects"


def _protecting(plain: Mapping[str, Plain]) -> Iterator[str]:
    for path in _PROTECTING:
        value: Plain | None = plain.get("spec")
        for step in path.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, str):
            yield value

"""Two policy sets compared: the edits, what they allow, how one is protected, and what is open.

In: two sets. Out: `Comparison`, with a verdict for each of the two questions. What is neither
proved nor declared is unknown, never left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from engine.comparison.edits import edits_of
from engine.comparison.effects import Effect
from engine.comparison.fields import Question, Safer
from engine.comparison.grouping import effect_of_groups
from engine.comparison.protection import judged
from engine.comparison.proving.leaning import leanings
from engine.comparison.proving.own_facts import readings
from engine.comparison.proving.permission import Permission, permission

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.comparison.protection import JudgedEdit
    from engine.comparison.proving.leaning import Leaning
    from engine.comparison.proving.permission import Finding
    from engine.expr.vocabulary import Vocabulary
    from engine.policyset.policyset import PolicySet


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
    words what nothing here could decide. `vocabulary` is the base's, as the proofs read it. Where
    the head is `read_only` no order leaves under it, and so none that did not leave before.
    """

    base: str
    head: str
    edits: tuple[JudgedEdit, ...]
    findings: tuple[Finding, ...]
    leanings: tuple[Leaning, ...]
    looser_by: tuple[JudgedEdit, ...]
    open_permission: tuple[str, ...]
    vocabulary: Vocabulary
    read_only: bool

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
        effects |= {each.effect for each in self.leanings}
        if Effect.WEAKER in effects:
            return Protection.WEAKER
        if Effect.UNKNOWN in effects:
            return Protection.UNKNOWN
        return Protection.STRONGER if Effect.STRONGER in effects else Protection.SAME

    def of(self, question: Question) -> tuple[JudgedEdit, ...]:
        """The edits that bear on one question."""
        return tuple(each for each in self.edits if each.question is question)


def compare(base: PolicySet, head: PolicySet) -> Comparison:
    """Compare; raises MandateError (M700) where no solver is installed."""
    grouped = effect_of_groups(base, head)
    edits = tuple(_grouped(judged(each), grouped) for each in edits_of(base, head))
    declared = [each for each in edits if each.question is Question.PERMISSION]
    read = readings(base, head)
    return Comparison(
        base=base.hash,
        head=head.hash,
        edits=edits,
        findings=permission(*read) if edits else (),
        leanings=leanings(*read) if edits else (),
        looser_by=tuple(each for each in declared if each.effect is Effect.WEAKER),
        open_permission=tuple(_undeclared(declared)),
        vocabulary=read[0].vocabulary,
        read_only=head.deployment.read_only,
    )


def _undeclared(edits: Iterable[JudgedEdit]) -> Iterator[str]:
    for each in edits:
        if each.effect is Effect.UNKNOWN:
            where = f"{each.edit.document} {each.edit.dotted}".rstrip()
            yield f"{where} has no safer direction"


def _grouped(edited: JudgedEdit, effect: Effect) -> JudgedEdit:
    """Groups are judged all at once: which of them an asset is in lies in none of them alone."""
    return replace(edited, effect=effect) if edited.meaning.safer is Safer.GROUPS else edited

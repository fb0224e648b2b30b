"""What a comparison found, as findings beside the lines that they are about.

In: a `Comparison`, what activation would do, and the new set, whose lines a reviewer reads. Out:
diagnostics: M704 allows more, M705 protects less, M706 not known, M707 on activation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.comparison.effects import Effect
from engine.comparison.fields import Question
from engine.comparison.proving.permission import Permission
from engine.comparison.telling import edit_sentence, leaning_sentence, witness_sentence
from engine.errors import Diagnostic, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.comparison.activating.activation import Act
    from engine.comparison.comparing import Comparison
    from engine.comparison.edits import Edit
    from engine.errors import Place
    from engine.policyset.policyset import PolicySet


def not_known(found: Comparison) -> Iterator[str]:
    """What nobody could decide, in words."""
    for finding in found.findings:
        if finding.permission is Permission.UNKNOWN:
            yield f"whether an order to {finding.intent.value} leaves that did not"
    yield from found.open_permission
    for each in found.leanings:
        if each.effect is Effect.UNKNOWN:
            yield f"whether {each.id} does as much as it did"


def findings_of(
    found: Comparison, acts: Sequence[Act] | None, head: PolicySet
) -> Iterator[Diagnostic]:
    """What a reviewer must see, each beside the lines that it is about."""
    for each in found.findings:
        if each.witness is not None:
            words = witness_sentence(each, each.witness, found.vocabulary)
            ids = [one.id.partition("#")[0] for one in each.witness.refused_by]
            yield Diagnostic("M704", words, _first_place(found, ids, head))
    for edited in found.looser_by:
        yield Diagnostic("M704", edit_sentence(edited.edit), _place(edited.edit, head))
    for one in found.of(Question.PROTECTION):
        if one.effect is Effect.WEAKER:
            yield Diagnostic("M705", edit_sentence(one.edit), _place(one.edit, head))
    for leaning in found.leanings:
        if leaning.effect is Effect.WEAKER:
            words = leaning_sentence(leaning, found.vocabulary)
            place = _first_place(found, [leaning.id.partition("#")[0]], head)
            yield Diagnostic("M705", words, place)
    for words in not_known(found):
        yield Diagnostic("M706", words, severity=Severity.WARNING)
    for act in acts or ():
        yield Diagnostic("M707", act.words, severity=Severity.WARNING)


def _first_place(found: Comparison, documents: Sequence[str], head: PolicySet) -> Place | None:
    """Where one of these documents was edited."""
    edits = (each.edit for each in found.edits if each.edit.document in documents)
    return next((place for edit in edits if (place := _place(edit, head)) is not None), None)


def _place(edit: Edit, head: PolicySet) -> Place | None:
    """Where the value stands in the new set; None for a document that is gone."""
    for each in head.sealed:
        if each.document.id == edit.document:
            return each.document.places.of(edit.path or ("kind",))
    return None

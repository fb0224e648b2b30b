"""Which way each value of a change goes: tighter or looser, as comparison has it.

In: two sets. Out: `Change`s, words left out. What the solver proves is asked document by document:
the base with that one document of the new set, both ways; where that makes no set, the whole
change is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.comparison.comparing import compare
from engine.comparison.effects import Effect
from engine.comparison.fields import Question, Safer
from engine.comparison.proving.permission import Permission
from engine.comparison.telling import shown
from engine.policyset.composing import compose
from engine.provenance.history import Change, Way

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.comparison.protection import JudgedEdit
    from engine.policyset.policyset import PolicySet

_WAYS = {
    Effect.WEAKER: Way.LOOSER,
    Effect.STRONGER: Way.TIGHTER,
    Effect.SAME: Way.NEITHER,
    Effect.UNKNOWN: Way.UNKNOWN,
}


def directed(base: PolicySet, head: PolicySet) -> Iterator[Change]:
    """Every value that is another one, and which way it goes."""
    proved: dict[str, Way] = {}
    for each in compare(base, head).edits:
        edit = each.edit
        if each.question is Question.WORDS:
            continue
        if each.meaning.safer is Safer.PROVED and edit.document not in proved:
            proved[edit.document] = _proved(base, head, edit.document)
        old, new = (None if value is None else shown(value) for value in (edit.old, edit.new))
        if not edit.path:
            old, new = (None if value is None else "there" for value in (edit.old, edit.new))
        yield Change(edit.document, edit.dotted, old, new, _way(each, proved))


def _way(each: JudgedEdit, proved: dict[str, Way]) -> Way:
    if each.meaning.safer is Safer.PROVED:
        return proved[each.edit.document]
    return Way.NEITHER if each.question is Question.WANTS else _WAYS[each.effect]


def _proved(base: PolicySet, head: PolicySet, document: str) -> Way:
    changed = _with(base, head, document) or head
    allows, denies = compare(base, changed).permission, compare(changed, base).permission
    # What allows one order more is looser, whatever else it forbids.
    if allows is Permission.LOOSER:
        return Way.LOOSER
    if Permission.UNKNOWN in (allows, denies):
        return Way.UNKNOWN
    return Way.TIGHTER if denies is Permission.LOOSER else Way.NEITHER


def _with(base: PolicySet, head: PolicySet, document: str) -> PolicySet | None:
    """The base with one document of the new set, or without it."""
    kept = [each.document for each in base.sealed if each.document.id != document]
    taken = [each.document for each in head.sealed if each.document.id == document]
    return compose([*kept, *taken], base.name).policy_set

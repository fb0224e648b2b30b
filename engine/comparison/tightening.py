"""Is one set tighter than another, and nothing else? Asked of a value that a person changes alone.

In: a set, and the set that it would be. Out: `Tightness` with the finding that says why it is no
tightening: M930 (looser, with the order that would leave), M931 (nobody can say), M932 (it changes
nothing), M933 (it would hold back ways out). Directions are those of `fields`, and what has none
there but a proof is proved; what is neither is no tightening. May raise M700: no solver.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from engine.comparison.comparing import Protection, compare
from engine.comparison.effects import Effect
from engine.comparison.fields import Question
from engine.comparison.proving.permission import Permission
from engine.comparison.telling import edit_sentence, leaning_sentence, witness_sentence
from engine.errors import Diagnostic
from engine.expr.printing import print_tree
from engine.expr.vocabulary import fact_names
from engine.kinds.rule import RuleRole
from engine.policyset.laying import laid_over

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.comparison.comparing import Comparison
    from engine.comparison.protection import JudgedEdit
    from engine.expr.nodes import Node
    from engine.policyset.policyset import PolicySet

_REVIEW = "loosening waits for the pull request: change the document, and have it reviewed"
_UNDIRECTED = "what has no safer direction waits for the pull request"
_HALT = "to stop ways out too is a halt: `trader halt --reason …`"
_BINDING = frozenset({RuleRole.LIMIT, RuleRole.GUARD})
_SILENT = frozenset({Question.WANTS, Question.WORDS})


class Way(Enum):
    """Where a change leads."""

    TIGHTER = "tighter"
    SAME = "same"
    LOOSER = "looser"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Tightness:
    """Where it leads, and why it is no tightening; None where it is one."""

    way: Way
    why: Diagnostic | None = None


def tightness(base: PolicySet, head: PolicySet) -> Tightness:
    """Whether `head` allows no order more, protects no less, and leaves every way out open."""
    if base.hash == head.hash:
        message, mend = "it changes nothing: this is the value in force", "name a tighter one"
        return Tightness(Way.SAME, Diagnostic("M932", message, None, mend))
    held_back = _held_back(base, head)
    if held_back is not None:
        message = f"{held_back}, and so would hold back ways out"
        return Tightness(Way.UNKNOWN, Diagnostic("M933", message, None, _HALT))
    if base.deployment.read_only and not head.deployment.read_only:
        message = "orders would leave the machine that may not"
        return Tightness(Way.LOOSER, Diagnostic("M930", message, None, _REVIEW))
    return _compared(compare(_sending(base), _sending(head)))


def _sending(policy_set: PolicySet) -> PolicySet:
    """The set as if it might send: where nothing leaves, every value would be as tight as another.

    The paper venue takes orders of such a set all the same.
    """
    if not policy_set.deployment.read_only:
        return policy_set
    name = next(e.document.id for e in policy_set.sealed if e.document.kind == "Deployment")
    return laid_over(policy_set, name, "read_only", "false").required()


def _compared(found: Comparison) -> Tightness:
    """What permission and protection say, the worst of it first."""
    what = "; ".join(edit_sentence(each.edit) for each in found.edits)
    looser = next(_loosening(found), None)
    if looser is not None:
        return Tightness(Way.LOOSER, Diagnostic("M930", f"{what}: {looser}", None, _REVIEW))
    unknown = next(_undirected(found), None)
    if unknown is not None:
        return Tightness(Way.UNKNOWN, Diagnostic("M931", f"{what}: {unknown}", None, _UNDIRECTED))
    return Tightness(Way.TIGHTER)


def _loosening(found: Comparison) -> Iterator[str]:
    for each in found.findings:
        if each.witness is not None:
            yield witness_sentence(each, each.witness, found.vocabulary)
    for leaning in found.leanings:
        if leaning.effect is Effect.WEAKER:
            yield leaning_sentence(leaning, found.vocabulary)
    if found.permission is Permission.LOOSER:
        yield "it allows more"
    if found.protection is Protection.WEAKER:
        yield "it protects less"


def _undirected(found: Comparison) -> Iterator[str]:
    yield from (f"it is about {_about(each)}" for each in found.edits if each.question in _SILENT)
    yield from found.open_permission
    if found.permission is not Permission.NOT_LOOSER:
        yield "no proof that it allows no order more came to an end"
    yield from _unknown_protection(found)


def _unknown_protection(found: Comparison) -> Iterator[str]:
    for each in found.of(Question.PROTECTION):
        if each.effect is Effect.UNKNOWN:
            yield f"{each.edit.dotted} has no safer direction"
    if found.protection is Protection.UNKNOWN:
        yield "nobody can say that it protects as well as before"


def _about(each: JudgedEdit) -> str:
    return "what strategies want" if each.question is Question.WANTS else "words"


def _held_back(base: PolicySet, head: PolicySet) -> str | None:
    """What would stop more ways out than before, which a proof about orders calls tighter."""
    if head.deployment.read_only and not base.deployment.read_only:
        return "it would let no order leave the machine"
    before, after = dict(_bindings(base)), dict(_bindings(head))
    changed = [name for name in after if after[name] != before.get(name)]
    return f"`{changed[0]}` can stop orders that leave a position" if changed else None


def _bindings(policy_set: PolicySet) -> Iterator[tuple[str, object]]:
    """Every rule that may refuse a way out, with all that it means."""
    halting = {f"CircuitBreaker/{n}" for n, e in policy_set.breakers if e.while_tripped == "halted"}
    for rule in policy_set.rules:
        binds = rule.role in _BINDING and not all(each.adds_risk for each in rule.intents)
        if binds or (rule.role is RuleRole.TRIP and rule.document in halting):
            meaning = tuple(_meaning(policy_set, rule.tree))
            yield rule.id, (rule.intents, rule.modes, rule.stage, rule.on_breach, meaning)


def _meaning(policy_set: PolicySet, tree: Node) -> Iterator[tuple[str, str]]:
    """The rule's text, and each definition that it comes to rest on."""
    yield "", print_tree(tree)
    waiting, seen = sorted(fact_names(tree)), set[str]()
    while waiting:
        name = waiting.pop()
        definition = policy_set.vocabulary.definition_tree(name)
        if name not in seen and definition is not None:
            yield name, print_tree(definition)
            waiting += sorted(fact_names(definition))
        seen.add(name)

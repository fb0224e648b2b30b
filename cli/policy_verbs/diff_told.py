"""What `policy diff` found, told: as text, as a comment in Markdown, as JSON, as findings.

In: a `Comparison`, and what activation would do. Out: lines, or values for a program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.trader_verbs.shown import counted, stamp
from engine.comparison.effects import Effect
from engine.comparison.fields import Question, Safer
from engine.comparison.findings import not_known
from engine.comparison.telling import edit_sentence, leaning_sentence, witness_sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.comparison.activating.activation import Act
    from engine.comparison.comparing import Comparison
    from engine.comparison.protection import JudgedEdit
    from engine.comparison.proving.leaning import Leaning
    from engine.comparison.proving.permission import Finding
    from engine.comparison.proving.states import State
    from engine.expr.vocabulary import Vocabulary

_LOUD = ("RiskLimit", "CircuitBreaker", "AlertRule")
_HEADS = {
    Question.PERMISSION: "what may be done",
    Question.PROTECTION: "how one is protected",
    Question.WANTS: "what strategies want",
    Question.WORDS: "words",
}


def as_text(found: Comparison, acts: Sequence[Act] | None) -> Iterator[str]:
    """The verdict with its hashes, why, what activation would do, and every edit."""
    yield f"{_verdict(found)}  {stamp(found.base)} -> {stamp(found.head)}"
    for line in (*_reasons(found), *_removed(found)):
        yield f"  {line}"
    if acts is not None:
        yield f"\non activation: {_act_count(acts)}"
        yield from (f"  {act.words}" for act in acts)
    for question, head in _HEADS.items():
        edits = found.of(question)
        if edits:
            yield f"\n{head}: {counted(len(edits), 'edit')}"
            yield from (f"  {_marked(each)}" for each in edits)
    if not found.edits:
        yield "  the two sets mean the same"


def _verdict(found: Comparison) -> str:
    permission = found.permission.value.replace("_", " ").upper()
    return f"permission {permission}, protection {found.protection.value.upper()}"


_READ_ONLY = (
    "no order leaves under the new set, which is read only: "
    "what its limits would allow is told of the sets that are not"
)


def _reasons(found: Comparison) -> Iterator[str]:
    if found.read_only and found.of(Question.PERMISSION):
        yield _READ_ONLY
    for each in found.findings:
        if each.witness is not None:
            yield witness_sentence(each, each.witness, found.vocabulary)
    yield from (f"looser: {edit_sentence(edited.edit)}" for edited in found.looser_by)
    for one in found.of(Question.PROTECTION):
        if one.effect is Effect.WEAKER:
            yield f"weaker: {edit_sentence(one.edit)}"
    for leaning in found.leanings:
        if leaning.effect is Effect.WEAKER:
            yield f"weaker: {leaning_sentence(leaning, found.vocabulary)}"
    yield from (f"not known: {words}" for words in not_known(found))


def _removed(found: Comparison) -> Iterator[str]:
    """A rail that is gone is said by itself: nobody looks for what is not there."""
    for each in found.edits:
        if not each.edit.path and each.edit.new is None and each.edit.kind in _LOUD:
            yield f"REMOVED {each.edit.document}"


def _marked(each: JudgedEdit) -> str:
    mark = "" if each.meaning.safer is Safer.PROVED else each.effect.value
    shown = mark if each.question in {Question.PERMISSION, Question.PROTECTION} else ""
    return f"{edit_sentence(each.edit)}{f'  ({shown})' if shown else ''}"


def as_markdown(found: Comparison, acts: Sequence[Act] | None) -> str:
    """A comment: the verdict, why, and the edits folded."""
    lines = [f"**{_verdict(found)}**  `{stamp(found.base)}` → `{stamp(found.head)}`", ""]
    lines += [f"- {line}" for line in (*_reasons(found), *_removed(found))]
    if acts is not None:
        lines += ["", f"**On activation: {_act_count(acts)}**", *(f"- {act.words}" for act in acts)]
    for question, head in _HEADS.items():
        edits = found.of(question)
        if edits:
            lines += [
                "",
                f"<details><summary>{head}: {counted(len(edits), 'edit')}</summary>",
                "",
                *(f"- {_marked(each)}" for each in edits),
                "",
                "</details>",
            ]
    return "\n".join(lines)


def as_json(found: Comparison, acts: Sequence[Act] | None) -> dict[str, object]:
    """All of it as one object."""
    witnesses = [_witness_json(each, found.vocabulary) for each in found.findings if each.witness]
    return {
        "base": found.base,
        "head": found.head,
        "permission": found.permission.value.upper(),
        "protection": found.protection.value.upper(),
        "read_only": found.read_only,
        "intents": {each.intent.value: each.permission.value for each in found.findings},
        "witness": witnesses[0] if witnesses else None,
        "witnesses": witnesses,
        "not_known": [*not_known(found)],
        "leanings": [_leaning_json(each, found.vocabulary) for each in found.leanings],
        "removed": [line.removeprefix("REMOVED ") for line in _removed(found)],
        "edits": [
            {
                "document": each.edit.document,
                "path": each.edit.dotted,
                "question": each.question.value,
                "effect": each.effect.value,
                "words": edit_sentence(each.edit),
            }
            for each in found.edits
        ],
        "activation": None if acts is None else [_act_json(act) for act in acts],
    }


def _act_count(acts: Sequence[Act]) -> str:
    return counted(len(acts), "effect") if acts else "nothing is sold, cancelled or tripped"


def _act_json(act: Act) -> dict[str, object]:
    usd = None if act.usd is None else f"{act.usd:.2f}"
    return {"kind": act.kind.value, "about": act.about, "usd": usd, "words": act.words}


def _witness_json(finding: Finding, vocabulary: Vocabulary) -> dict[str, object]:
    witness = finding.witness
    # INVARIANT: only a finding with a witness is asked for.
    assert witness is not None  # noqa: S101 - narrows the type
    return {
        "intent": finding.intent.value,
        "words": witness_sentence(finding, witness, vocabulary),
        "refused_by": [each.id for each in witness.refused_by],
        "facts": _facts_json(witness.state),
        "missing": sorted(witness.state.missing),
    }


def _leaning_json(leaning: Leaning, vocabulary: Vocabulary) -> dict[str, object]:
    return {
        "rule": leaning.id,
        "effect": leaning.effect.value,
        "words": leaning_sentence(leaning, vocabulary),
        "facts": {} if leaning.state is None else _facts_json(leaning.state),
    }


def _facts_json(state: State) -> dict[str, object]:
    """A state's facts, as JSON has them."""
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in sorted(state.facts.items())
    }

"""`policy diff BASE [HEAD]`: what a change of policy does to risk.

In: two folders, or git revisions of one. Out: whether any order is allowed that was denied (a
proof, or an order with its numbers), whether one is protected as well as before, and every edit.
Exit status 0: neither looser nor weaker, 1: looser or weaker, 3: not known.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from enum import Enum
from pathlib import Path  # noqa: TC003 - Typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.policy_verbs.revisions import set_named
from cli.policy_verbs.sets import chosen
from cli.trader_verbs.shown import counted, stamp
from engine.comparison.comparing import Protection, compare
from engine.comparison.effects import Effect
from engine.comparison.fields import Question, Safer
from engine.comparison.proving.permission import Permission
from engine.comparison.telling import edit_sentence, leaning_sentence, witness_sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

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


class DiffFormat(Enum):
    """How the answer is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def diff(
    base: Annotated[
        str, typer.Argument(metavar="BASE", help="A folder with a policy set, or a git revision.")
    ],
    head: Annotated[
        str,
        typer.Argument(
            metavar="HEAD", help="The same; left out, the set as it is here.", show_default=False
        ),
    ] = "",
    *,
    policies: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The folder that a revision is asked for; else as lint."),
    ] = None,
    output: Annotated[
        DiffFormat, typer.Option("--format", help="Text to read, JSON, or a comment in Markdown.")
    ] = DiffFormat.TEXT,
) -> ExitCode:
    """Say what a change of policy allows and how it protects, with a proof or an order.

    A revision is that of the folder `--policies`, as git has it.
    """
    here = chosen(policies)
    with ExitStack() as stack:
        sets = [set_named(stack, each, here) for each in (base, head or str(here))]
    found = compare(*sets)
    match output:
        case DiffFormat.JSON:
            typer.echo(json.dumps(_as_json(found), sort_keys=True))
        case DiffFormat.MARKDOWN:
            typer.echo(_markdown(found))
        case DiffFormat.TEXT:
            typer.echo("\n".join(_text(found)))
    return _status(found)


def _status(found: Comparison) -> ExitCode:
    if found.permission is Permission.LOOSER or found.protection is Protection.WEAKER:
        return ExitCode.FINDINGS
    if found.permission is Permission.UNKNOWN or found.protection is Protection.UNKNOWN:
        return ExitCode.UNDECIDED
    return ExitCode.FINE


def _text(found: Comparison) -> Iterator[str]:
    yield f"{_verdict(found)}  {stamp(found.base)} -> {stamp(found.head)}"
    for line in (*_reasons(found), *_removed(found)):
        yield f"  {line}"
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


def _reasons(found: Comparison) -> Iterator[str]:
    for each in found.findings:
        if each.witness is not None:
            yield witness_sentence(each, each.witness, found.vocabulary)
        elif each.permission is Permission.UNKNOWN:
            yield f"nothing could be proved of an order to {each.intent.value}"
    yield from (f"looser: {edit_sentence(edited.edit)}" for edited in found.looser_by)
    for one in found.of(Question.PROTECTION):
        if one.effect is Effect.WEAKER:
            yield f"weaker: {edit_sentence(one.edit)}"
    for leaning in found.leanings:
        if leaning.effect is Effect.WEAKER:
            yield f"weaker: {leaning_sentence(leaning, found.vocabulary)}"
    yield from (f"not known: {words}" for words in _open(found))


def _open(found: Comparison) -> Iterator[str]:
    yield from found.open_permission
    for each in found.leanings:
        if each.effect is Effect.UNKNOWN:
            yield f"whether {each.id} does as much as it did"


def _removed(found: Comparison) -> Iterator[str]:
    """A rail that is gone is said by itself: nobody looks for what is not there."""
    for each in found.edits:
        if not each.edit.path and each.edit.new is None and each.edit.kind in _LOUD:
            yield f"REMOVED {each.edit.document}"


def _marked(each: JudgedEdit) -> str:
    mark = "" if each.meaning.safer is Safer.PROVED else each.effect.value
    shown = mark if each.question in {Question.PERMISSION, Question.PROTECTION} else ""
    return f"{edit_sentence(each.edit)}{f'  ({shown})' if shown else ''}"


def _markdown(found: Comparison) -> str:
    """A comment: the verdict, why, and the edits folded."""
    lines = [f"**{_verdict(found)}**  `{stamp(found.base)}` → `{stamp(found.head)}`", ""]
    lines += [f"- {line}" for line in (*_reasons(found), *_removed(found))]
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


def _as_json(found: Comparison) -> dict[str, object]:
    witnesses = [_witness_json(each, found.vocabulary) for each in found.findings if each.witness]
    return {
        "base": found.base,
        "head": found.head,
        "permission": found.permission.value.upper(),
        "protection": found.protection.value.upper(),
        "intents": {each.intent.value: each.permission.value for each in found.findings},
        "witness": witnesses[0] if witnesses else None,
        "witnesses": witnesses,
        "not_known": [*_open(found)],
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
    }


def _witness_json(finding: Finding, vocabulary: Vocabulary) -> dict[str, object]:
    witness = finding.witness
    # INVARIANT: only a finding with a witness is asked for.
    assert witness is not None  # noqa: S101 - narrows the type
    return {
        "intent": finding.intent.value,
        "words": witness_sentence(finding, witness, vocabulary),
        "refused_by": [each.id for each in witness.refused_by],
        "facts": facts_json(witness.state),
        "missing": sorted(witness.state.missing),
    }


def _leaning_json(leaning: Leaning, vocabulary: Vocabulary) -> dict[str, object]:
    return {
        "rule": leaning.id,
        "effect": leaning.effect.value,
        "words": leaning_sentence(leaning, vocabulary),
        "facts": {} if leaning.state is None else facts_json(leaning.state),
    }


def facts_json(state: State) -> dict[str, object]:
    """A state's facts, as JSON has them."""
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in sorted(state.facts.items())
    }

"""One expression over stated facts: what `policy eval` does, without the command line.

In: an expression's text and a JSON object of facts, or JSON lines of both. Out: `EvalResult`,
or JSON lines `{"value", "error"?}`. Facts outside the vocabulary are allowed here.
Refuses what the grammar and the checker refuse; a bad line becomes a line with a code, never a
traceback, so that a batch of a million lines has a million answers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Severity, Snippet
from engine.expr.backends.backend import NotDefinedError
from engine.expr.backends.registry import DEFAULT_BACKEND, find_backend, not_defined
from engine.expr.check import Expectation, check
from engine.expr.checking.findings import Findings
from engine.expr.checking.inference import Inference
from engine.expr.facts import VOCABULARY
from engine.expr.grammar import parse
from engine.expr.stating.given import Given, read_facts
from engine.expr.stating.stated import parse_json
from engine.expr.vocabulary import FactType, fact_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from engine.expr.nodes import Node

Answer = bool | float | str | None


@dataclass(frozen=True, slots=True)
class EvalResult:
    """What an expression came to: None is undecided, or wrong where there is an `error_code`.

    `diagnostics` holds warnings too, such as a name that nobody has heard of.
    """

    value: Answer
    error_code: str | None
    diagnostics: tuple[Diagnostic, ...]


def evaluate_text(
    text: str, facts: Mapping[str, object], backend: str = DEFAULT_BACKEND
) -> EvalResult:
    """The value of `text` over `facts`, a JSON object as Python reads it."""
    snippet = Snippet.of(text)
    parsed = parse(snippet)
    if parsed.tree is None:
        return _result(None, parsed.diagnostics)
    given = read_facts(parsed.tree, facts, VOCABULARY, snippet)
    findings = (*given.diagnostics, *_checked(parsed.tree, given, snippet))
    if _errors(findings):
        return _result(None, findings)
    answer = _evaluated(parsed.tree, given, backend)
    if isinstance(answer, Diagnostic):
        return _result(None, (*findings, answer))
    return _result(answer, findings)


def evaluate_batch(lines: Iterable[str], backend: str = DEFAULT_BACKEND) -> Iterator[str]:
    """One JSON line of answer for each line that is not blank, in order."""
    for line in lines:
        if line.strip():
            yield _answer_line(_evaluated_line(line, backend))


def missing_facts(text: str, facts: Mapping[str, object]) -> tuple[str, ...]:
    """The facts that `text` asks for, by way of definitions too, and that are not stated."""
    tree = parse(Snippet.of(text)).tree
    missing: dict[str, None] = {}
    waiting = sorted(fact_names(tree)) if tree else []
    seen = set(waiting)
    while waiting:
        name = waiting.pop(0)
        definition = VOCABULARY.definition_tree(name) if name not in facts else None
        if definition is not None:
            below = sorted(fact_names(definition) - seen)
            waiting += below
            seen |= set(below)
        elif facts.get(name) is None:
            missing[name] = None
    return tuple(missing)


def _checked(tree: Node, given: Given, snippet: Snippet) -> tuple[Diagnostic, ...]:
    """Every finding but those on sense: here one may well ask whether `1 < 2`."""
    found = Inference(given.vocabulary, Findings(snippet)).of(tree).type
    expect = Expectation(type=found or FactType.FLAG, rule=False)
    return check(tree, snippet, given.vocabulary, expect=expect)


def _evaluated(tree: Node, given: Given, backend: str) -> Answer | Diagnostic:
    evaluate = find_backend(backend)
    if isinstance(evaluate, Diagnostic):
        return evaluate
    try:
        value = evaluate(tree, given.facts, given.vocabulary)
    except NotDefinedError as error:
        return not_defined(error)
    if isinstance(value, frozenset):
        said = "the expression is a list of text, which is not an answer"
        return Diagnostic("M285", said, help="ask whether something is in it: `… in asset.groups`")
    return value


def _result(value: Answer, findings: Sequence[Diagnostic]) -> EvalResult:
    errors = _errors(findings)
    return EvalResult(value, errors[0].code if errors else None, tuple(findings))


def _errors(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    return [each for each in findings if each.severity is Severity.ERROR]


def _evaluated_line(line: str, backend: str) -> EvalResult:
    try:
        asked = parse_json(line)
    except (ValueError, RecursionError):
        return _malformed("it is not JSON, or names something twice")
    match asked:
        case {"expr": str(text), "facts": dict(facts), **rest} if not rest:
            return evaluate_text(text, facts, backend)
        case {"expr": str(text), "facts": dict(facts), "backend": str(own), **rest} if not rest:
            return evaluate_text(text, facts, own)
        case _:
            return _malformed("it does not have exactly `expr`, `facts` and perhaps `backend`")


def _malformed(why: str) -> EvalResult:
    mend = 'write one object a line: {"expr": "quote.age_s < 5", "facts": {"quote.age_s": 1}}'
    return _result(None, [Diagnostic("M283", f"the line cannot be read: {why}", help=mend)])


def _answer_line(result: EvalResult) -> str:
    answer: dict[str, Answer] = {"value": result.value}
    if result.error_code is not None:
        answer["error"] = result.error_code
    return json.dumps(answer, allow_nan=False)

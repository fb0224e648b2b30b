"""Facts as JSON gives them, made into facts as the language knows them.

In: a JSON object, an expression, the vocabulary. Out: `Given`: known facts, a vocabulary in
which every name has a type, and findings. A fact of the vocabulary keeps its type; any other is
typed by its value, or by its use where it has none. Null, NaN, infinity and numbers beyond
binary64 are missing facts; a derived fact that is stated is taken as stated.
Refuses a value of another type than the vocabulary says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Severity
from engine.expr.backends.values import is_known
from engine.expr.checking import suggest
from engine.expr.nodes import Fact, walk
from engine.expr.stating.usage import types_by_use
from engine.expr.vocabulary import FactScope, FactSpec, FactType, Vocabulary, fact_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.errors import Snippet
    from engine.expr.nodes import Node, Value

_WORDS: dict[FactType, str] = {
    FactType.NUMBER: "a number",
    FactType.TEXT: "text",
    FactType.ENUM: "text",
    FactType.FLAG: "true or false",
    FactType.TEXT_SET: "a list of text",
}


@dataclass(frozen=True, slots=True)
class Given:
    """What one expression is evaluated over."""

    facts: Mapping[str, Value]
    vocabulary: Vocabulary
    diagnostics: tuple[Diagnostic, ...]


def read_facts(
    tree: Node, stated: Mapping[str, object], vocabulary: Vocabulary, snippet: Snippet
) -> Given:
    """The facts behind `tree`, where `stated` is a JSON object as Python reads it."""
    specs = _specs(tree, stated, vocabulary)
    facts = {}
    for name, spec in specs.items():
        value = _value(stated.get(name), spec)
        if value is not None and is_known(value, spec.type):
            facts[name] = value
    findings = (
        *(_wrong_type(name, specs[name]) for name in stated if _misfits(name, stated, specs)),
        *_not_stated(tree, stated, vocabulary, snippet),
    )
    return Given(facts, _extended(vocabulary, specs), findings)


def _specs(tree: Node, stated: Mapping[str, object], vocabulary: Vocabulary) -> dict[str, FactSpec]:
    """A fact for every name that is stated or used; stated ones are not derived any more."""
    specs = {}
    for name in {*stated, *fact_names(tree)}:
        spec = vocabulary.spec(name) or _spec_by_value(name, stated.get(name))
        if spec is not None:
            specs[name] = replace(spec, definition=None) if name in stated else spec
    known = {name: spec.type for name, spec in specs.items()}
    for name, kind in types_by_use(tree, known).items():
        specs[name] = _spec(name, kind)
    return specs


def _spec(name: str, kind: FactType) -> FactSpec:
    return FactSpec(name, kind, None, FactScope.ACCOUNT, "stated", "stated with the expression")


def _spec_by_value(name: str, value: object) -> FactSpec | None:
    match value:
        case bool():
            return _spec(name, FactType.FLAG)
        case int() | float():
            return _spec(name, FactType.NUMBER)
        case str():
            return _spec(name, FactType.TEXT)
        case list() if all(isinstance(each, str) for each in value):
            return _spec(name, FactType.TEXT_SET)
        case _:
            return None


def _value(stated: object, spec: FactSpec) -> Value | None:
    """The value of a fact; None where it is missing or not of the fact's type."""
    match stated:
        case bool() | str() | float():
            return stated
        case int():
            return _binary64(stated)
        case list() if spec.type is FactType.TEXT_SET and all(isinstance(e, str) for e in stated):
            return frozenset(stated)
        case _:
            return None


def _binary64(whole: int) -> float | None:
    try:
        return float(whole)
    except OverflowError:
        return None


def _misfits(name: str, stated: Mapping[str, object], specs: Mapping[str, FactSpec]) -> bool:
    """Whether a fact is stated with a value of another type, rather than missing."""
    value = stated[name]
    if value is None or name not in specs:
        return False
    if specs[name].type is FactType.NUMBER:
        return isinstance(value, bool) or not isinstance(value, int | float)
    return not is_known(_value(value, specs[name]), specs[name].type)


def _wrong_type(name: str, spec: FactSpec) -> Diagnostic:
    message = f"fact `{name}` is {_WORDS[spec.type]}, and the facts state something else"
    return Diagnostic("M282", message, help="state a value of that type, or null if it is missing")


def _not_stated(
    tree: Node, stated: Mapping[str, object], vocabulary: Vocabulary, snippet: Snippet
) -> tuple[Diagnostic, ...]:
    """A warning for each name that neither the vocabulary nor the facts have."""
    strangers = {
        node.name: node
        for node in walk(tree)
        if isinstance(node, Fact) and node.name not in stated and node.name not in vocabulary
    }
    return tuple(
        Diagnostic(
            "M284",
            f"fact `{name}` is neither in the vocabulary nor stated, so it counts as missing",
            snippet.place(node.span.start, node.span.end),
            _nearest(name, [*vocabulary, *stated]),
            severity=Severity.WARNING,
        )
        for name, node in strangers.items()
    )


def _nearest(name: str, names: list[str]) -> str:
    near = suggest.nearest(name, names)
    return f"did you mean `{near}`?" if near else "state it, with null if it is missing"


def _extended(vocabulary: Vocabulary, specs: Mapping[str, FactSpec]) -> Vocabulary:
    return Vocabulary(MappingProxyType({**vocabulary.specs, **specs}), vocabulary.invariants)

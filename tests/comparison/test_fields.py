"""Every field of every kind declares what it is about and which value is the safer one."""

from __future__ import annotations

import types
import typing

import pytest
from pydantic import BaseModel

from engine.comparison.fields import FIELDS, UNKNOWN, Question, Safer, meaning_of, row_of
from engine.kinds.base import Table
from engine.kinds.registry import KINDS

if typing.TYPE_CHECKING:
    from collections.abc import Iterator

SEALED = sorted(kind for kind in KINDS if kind != "PolicySet")
WHOLE = {("reset",), ("maintenance",)}
NAMED = {"tiers", "guards", "exclude"}


def leaves(annotation: object, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """The paths of all values below a type; `x` stands for a name, a place or a key."""
    below = [] if path in WHOLE else list(parts(annotation, path))
    return set().union(*(leaves(each, each_path) for each, each_path in below)) or {path}


def parts(annotation: object, path: tuple[str, ...]) -> Iterator[tuple[object, tuple[str, ...]]]:
    """The types directly below, each with its path."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        yield arguments[0], path
    elif origin in {typing.Union, types.UnionType}:
        yield from ((each, path) for each in arguments if each is not type(None))
    elif origin is dict:
        yield arguments[1], (*path, "x")
    elif origin is tuple and is_model(arguments[0]):
        yield arguments[0], (*path, "x")
    elif is_model(annotation) and annotation is not Table:
        fields = typing.cast("type[BaseModel]", annotation).model_fields
        for name, field in fields.items():
            yield field.annotation, (*path, field.alias or name)


def is_model(annotation: object) -> bool:
    """Whether a type has fields of its own."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def paths(kind: str) -> list[tuple[str, ...]]:
    """The paths of a kind's values inside its `spec`, as a diff tells them."""
    spec = KINDS[kind].document.model_fields["spec"].annotation
    found = leaves(spec) | {(each, "order of names") for each in NAMED}
    by_name = {(each, "x", "name") for each in NAMED} | {("exclude", "x", "symbol")}
    return sorted(found - by_name)


@pytest.mark.parametrize("kind", SEALED)
def test_every_field_has_a_meaning(kind: str) -> None:
    """No value of a document can change without a declared question, and direction or none."""
    own = [each for each in paths(kind) if each[1:] != ("order of names",)]
    assert [each for each in own if row_of(kind, ("spec", *each)) is None] == []


@pytest.mark.parametrize("kind", SEALED)
def test_every_row_is_of_a_field(kind: str) -> None:
    """A row that no field fits is a misspelling, or of a field that is gone."""
    met = {row_of(kind, ("spec", *each)) for each in paths(kind)} | {row_of(kind, ("source",))}
    assert sorted(FIELDS[kind].keys() - met) == []


def test_what_nobody_declared_is_unknown() -> None:
    """A field that is not there yet has no direction; what describes a document is words."""
    assert meaning_of("RiskLimit", ("spec", "brand_new")) is UNKNOWN
    assert meaning_of("RiskLimit", ("metadata", "owner")).question is Question.WORDS


def test_ranks_are_of_the_words_that_a_field_takes() -> None:
    """A ranking names each word of its field once: a word that is missing has no strength."""
    for kind, rows in FIELDS.items():
        for row, meaning in rows.items():
            if meaning.safer is Safer.RANKED:
                spec: object = KINDS[kind].document.model_fields["spec"].annotation
                for step in row.split("."):
                    models = [each for each in (spec, *typing.get_args(spec)) if is_model(each)]
                    fields = typing.cast("type[BaseModel]", models[0]).model_fields
                    spec = fields[step].annotation
                assert sorted(typing.get_args(spec)) == sorted(meaning.ranked), (kind, row)

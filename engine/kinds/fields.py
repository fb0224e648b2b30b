"""Which fields of a kind are expressions, read from its document class.

In: a document class and a path in its plain data. Out: whether the text there is an expression.
"""

from __future__ import annotations

from types import UnionType
from typing import TYPE_CHECKING, Annotated, Union, get_args, get_origin

from pydantic import BaseModel

from engine.kinds.base import ExpressionField

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.base import Path

_CHOICES = (Union, UnionType)
_LISTS = (tuple, list)


def is_expression(kind: object, path: Path) -> bool:
    """Whether the text at `path` in a document of this class is an expression."""
    forms = [kind]
    for step in path:
        forms = [below for form in forms for below in _below(form, step)]
    return any(_marked(form) for form in forms)


def _below(form: object, step: str | int) -> Iterator[object]:
    for each in _plainly(form):
        if isinstance(each, type) and issubclass(each, BaseModel):
            yield from _field(each, step)
        elif get_origin(each) in _LISTS and isinstance(step, int):
            yield get_args(each)[0]
        elif get_origin(each) is dict and isinstance(step, str):
            yield get_args(each)[1]


def _field(model: type[BaseModel], step: str | int) -> Iterator[object]:
    for name, field in model.model_fields.items():
        if (field.alias or name) == step:
            # What stands beside the type of a field is kept apart from it.
            yield (
                Annotated[(field.annotation, *field.metadata)]
                if field.metadata
                else (field.annotation)
            )


def _plainly(form: object) -> Iterator[object]:
    """The alternatives of a type, without what is said beside them."""
    if get_origin(form) is Annotated:
        yield from _plainly(get_args(form)[0])
    elif get_origin(form) in _CHOICES:
        for each in get_args(form):
            yield from _plainly(each)
    else:
        yield form


def _marked(form: object) -> bool:
    if get_origin(form) is Annotated:
        first, *beside = get_args(form)
        return any(isinstance(each, ExpressionField) for each in beside) or _marked(first)
    return get_origin(form) in _CHOICES and any(_marked(each) for each in get_args(form))

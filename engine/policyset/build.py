"""Building: shaped data becomes a frozen, typed document.

In: the plain data of one document, and where each part of it stands. Out: `BuildResult`.
Refuses what its shape forbids, and then what the document class finds when it looks at several
fields together. Pydantic may be lax here: shape came first, so there is nothing to coerce.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from engine.errors import Diagnostic
from engine.kinds.base import Closed, Document
from engine.kinds.registry import KINDS
from engine.policyset.reading.scalars import quoted
from engine.policyset.shape import check_shape
from engine.policyset.shaping.misfits import found_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic_core import ErrorDetails

    from engine.kinds.base import Path, Places, Plain

_C = TypeVar("_C", bound=Closed)


@dataclass(frozen=True, slots=True)
class BuildResult:
    """One document, or None, and all that was found about it."""

    document: Document | None
    diagnostics: tuple[Diagnostic, ...]


def build(plain: Plain, places: Places) -> BuildResult:
    """Check the shape of one document, then its meaning, then give it its type."""
    found = check_shape(plain, places)
    # INVARIANT: what has the shape of its kind is a mapping with kind and metadata.name as text.
    if found or not isinstance(plain, dict):
        return BuildResult(None, tuple(found))
    kind, name = str(plain["kind"]), _name(plain)
    content = typed(KINDS[kind].document, plain, places)
    if isinstance(content, tuple):
        return BuildResult(None, content)
    return BuildResult(Document(kind, name, content, plain, places), ())


def typed(document: type[_C], plain: Plain, places: Places) -> _C | tuple[Diagnostic, ...]:
    """The document that shaped data makes, or what its fields say against each other."""
    try:
        return document.model_validate(plain)
    except ValidationError as error:
        # A part that one of our own checks refused is missing in what pydantic counts after it.
        every = error.errors(include_url=False)
        details = [each for each in every if each["type"] == "value_error"] or every
        return tuple(_finding(each, plain, places) for each in details)


def _name(plain: dict[str, Plain]) -> str:
    metadata = plain["metadata"]
    return str(metadata["name"]) if isinstance(metadata, dict) else ""


def _finding(detail: ErrorDetails, plain: Plain, places: Places) -> Diagnostic:
    path, value = _part_of(plain, detail["loc"])
    reason = str(detail.get("ctx", {}).get("error", detail["msg"]))
    if isinstance(value, dict | list):
        mend = "change one of the parts, or leave it out"
        return Diagnostic("M312", reason, places.of_key(path), mend)
    found = quoted(value) if isinstance(value, str) else found_name(value)
    message = reason if found in reason else f"{found}: {reason}"
    return Diagnostic("M312", message, places.of(path), "write another value")


def _part_of(plain: Plain, location: Sequence[str | int]) -> tuple[Path, Plain]:
    """The part that pydantic's location is about; it names classes and functions on the way."""
    path: Path = ()
    value = plain
    for step in location:
        match value:
            case dict() if isinstance(step, str) and step in value:
                path, value = (*path, step), value[step]
            case list() if isinstance(step, int) and step < len(value):
                path, value = (*path, step), value[step]
            case _:
                continue
    return path, value

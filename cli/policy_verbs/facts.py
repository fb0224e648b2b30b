"""`policy facts`: the names that expressions may use.

In: the built-in vocabulary. Out: a page by groups, or JSON lines of data for a program.
"""

from __future__ import annotations

import json
from enum import Enum
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from engine.expr.facts import VOCABULARY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.expr.vocabulary import FactSpec


class FactsFormat(Enum):
    """How the vocabulary is written."""

    TEXT = "text"
    JSON = "json"


def facts(
    *,
    output: Annotated[
        FactsFormat, typer.Option("--format", help="A page to read, or JSON.")
    ] = FactsFormat.TEXT,
) -> ExitCode:
    """List the facts that expressions may name, with type, unit and meaning."""
    specs = tuple(VOCABULARY.specs.values())
    typer.echo(render_page(specs) if output is FactsFormat.TEXT else render_json(specs), nl=False)
    return ExitCode.FINE


def render_page(specs: Iterable[FactSpec]) -> str:
    """The facts by group, each with its unit or type, its sentence, its values or definition."""
    ordered = sorted(specs, key=attrgetter("group", "name"))
    groups = groupby(ordered, key=attrgetter("group"))
    return "\n".join(f"{name}\n{''.join(_entries(tuple(group)))}" for name, group in groups)


def render_json(specs: Iterable[FactSpec]) -> str:
    """The facts as a JSON list sorted by name."""
    ordered = sorted(specs, key=attrgetter("name"))
    return json.dumps([_record(each) for each in ordered], indent=2, ensure_ascii=False) + "\n"


def _entries(specs: tuple[FactSpec, ...]) -> Iterator[str]:
    width = max(len(spec.name) for spec in specs)
    kinds = max(len(_kind(spec)) for spec in specs)
    for spec in specs:
        yield f"  {spec.name:<{width}}  {_kind(spec):<{kinds}}  {spec.sentence}\n"
        for detail in _details(spec):
            yield f"  {'':<{width}}  {'':<{kinds}}  {detail}\n"


def _kind(spec: FactSpec) -> str:
    """What a comparison must know first: the unit of a number, else the type."""
    return spec.unit.value if spec.unit else spec.type.value


def _details(spec: FactSpec) -> Iterator[str]:
    if spec.values:
        yield f"one of {', '.join(spec.values)}"
    if spec.definition is not None:
        yield f"= {spec.definition}"


def _record(spec: FactSpec) -> dict[str, object]:
    return spec.meaning() | {
        "producer": spec.producer,
        "definition": spec.definition,
        "sentence": spec.sentence,
    }

"""`policy show [DIR] [NAME]`: the set as the engine sees it, each value with its origin.

In: a directory, perhaps the name of a document. Out: an overview, or every value with the file
and line that it was written in: the document, a patch over it, or a waiver in force.
"""

from __future__ import annotations

import json
from decimal import Decimal
from enum import Enum
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.policy_verbs.sets import chosen, misuse, near, now
from cli.policy_verbs.worded import in_words
from engine.model.numbers import canonical_number
from engine.policyset.editing.origins import Origin, values_in_force, values_of
from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.kinds.base import Plain
    from engine.policyset.editing.origins import Stated
    from engine.policyset.policyset import PolicySet, SealedDocument

# Values beyond this width, which are expressions, do not push the origins of others aside.
_WIDEST = 40
_WIDTH = 80


class ShowFormat(Enum):
    """How the set is written."""

    TEXT = "text"
    JSON = "json"


def show(
    directory: Annotated[
        str | None,
        typer.Argument(
            metavar="DIR",
            help="The directory of a policy set; left out, this one or `policies` below it.",
            show_default=False,
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="A document, as NAME or Kind/NAME; alone, it may stand in the place of DIR.",
            show_default=False,
        ),
    ] = None,
    *,
    effective: Annotated[
        bool, typer.Option("--effective", help="All values that count now, waivers applied.")
    ] = False,
    output: Annotated[
        ShowFormat, typer.Option("--format", help="Text to read, or JSON.")
    ] = ShowFormat.TEXT,
) -> ExitCode:
    """Show a policy set as the engine sees it: patches applied, each value with its origin.

    Without NAME: what is in the set; with it, the document's values and its rules in words. With
    `--effective`, every value that counts now: defaults too, the reason of each patch, and what a
    waiver in force puts in a value's place.
    """
    where, name = _meant(directory, name)
    policy_set = load_policy_set(where).required()
    documents = _named(policy_set, name)
    if not documents:
        known = [each.document.name for each in policy_set.sealed]
        return misuse("show", f"there is no document `{name}` in the set{near(name, known)}")
    if output is ShowFormat.JSON:
        typer.echo(render_json(policy_set, documents, effective=effective), nl=False)
    elif name or effective:
        pages = (render_values(policy_set, each, effective=effective) for each in documents)
        typer.echo("\n".join(pages), nl=False)
    else:
        typer.echo(render_overview(policy_set), nl=False)
    return ExitCode.FINE


def render_overview(policy_set: PolicySet) -> str:
    """What is in the set: a line a document, with its description and place."""
    spec = policy_set.deployment
    low, high = (canonical_number(each) for each in spec.equity_planned_usd)
    rows = [(each.document.id, _where(each), _description(each)) for each in policy_set.sealed]
    wide, far = (max(len(row[column]) for row in rows) for column in (0, 1))
    return "".join(
        [
            f"{policy_set.name} {policy_set.hash}\n",
            f"{spec.mode} at {spec.venue}, planned for {low} to {high} USD\n\n",
            *(f"  {id_:<{wide}}  {where:<{far}}  {words}\n" for id_, where, words in rows),
        ]
    )


def render_values(policy_set: PolicySet, sealed: SealedDocument, *, effective: bool) -> str:
    """Every value of one document, a line each."""
    values = _values(policy_set, sealed, effective=effective)
    rows = [(e.dotted, _text(e.value), _origin(e, exact=effective)) for e in values]
    wide = max(len(path) for path, _, _ in rows)
    far = max((len(value) for _, value, _ in rows if len(value) <= _WIDEST), default=0)
    return "".join(
        [
            f"{sealed.document.id} {sealed.hash}\n  {_description(sealed)}\n",
            *(f"  {path:<{wide}}  {value:<{far}}  {origin}\n" for path, value, origin in rows),
            *_worded(policy_set, sealed),
        ]
    )


def _worded(policy_set: PolicySet, sealed: SealedDocument) -> Iterator[str]:
    """What its rules say, in sentences."""
    rules = tuple(in_words(policy_set, sealed.document))
    if rules:
        yield "  in words\n"
    for part, sentence in rules:
        yield "".join(
            f"{line}\n"
            for line in wrap(
                f"{part}: {sentence}" if part else sentence,
                _WIDTH,
                initial_indent="    ",
                subsequent_indent="      ",
                break_on_hyphens=False,
                break_long_words=False,
            )
        )


def render_json(
    policy_set: PolicySet, documents: Sequence[SealedDocument], *, effective: bool
) -> str:
    """The documents with all their values, for a program."""
    data = {
        "name": policy_set.name,
        "hash": policy_set.hash,
        "documents": [
            {
                "id": each.document.id,
                "hash": each.hash,
                "description": _description(each),
                "values": [_record(v) for v in _values(policy_set, each, effective=effective)],
            }
            for each in documents
        ],
    }
    return json.dumps(data, indent=2, ensure_ascii=False, default=_json_number) + "\n"


def _meant(first: str | None, second: str | None) -> tuple[Path, str]:
    """A directory and a name; one word alone is a directory where there is one of that name."""
    if first is None or second is not None:
        return chosen(Path(first) if first else None), second or ""
    return (Path(first), "") if Path(first).is_dir() else (chosen(None), first)


def _named(policy_set: PolicySet, name: str) -> list[SealedDocument]:
    return [
        each for each in policy_set.sealed if name in ("", each.document.name, each.document.id)
    ]


def _values(
    policy_set: PolicySet, sealed: SealedDocument, *, effective: bool
) -> tuple[Stated, ...]:
    if not effective:
        return values_of(sealed.document)
    waivers = [each.document for each in policy_set.sealed if each.document.kind == "Waiver"]
    return values_in_force(sealed.document, waivers, now())


def _description(sealed: SealedDocument) -> str:
    metadata = sealed.document.plain["metadata"]
    return str(metadata["description"]) if isinstance(metadata, dict) else ""


def _where(sealed: SealedDocument) -> str:
    place = sealed.document.places.of_key(("metadata",))
    return f"{place.file}:{place.line}"


def _text(value: Plain) -> str:
    match value:
        case Decimal():
            return canonical_number(value)
        case bool():
            return "true" if value else "false"
        case list():
            return f"[{', '.join(_text(each) for each in value)}]"
        case _:
            return "null" if value is None else str(value)


def _origin(stated: Stated, *, exact: bool) -> str:
    place = stated.place
    where = str(place) if exact else f"{place.file}:{place.line}"
    return " ".join((where, *_circumstances(stated)))


def _circumstances(stated: Stated) -> Iterator[str]:
    if stated.origin is Origin.PATCH:
        yield f"(patch: {stated.reason})" if stated.reason else "(patch)"
    if stated.origin is Origin.DEFAULT:
        yield "(default)"
    if stated.origin is Origin.WAIVER:
        whom = f" for {', '.join(stated.symbols)}" if stated.symbols else ""
        yield f"(waiver {stated.waiver}{whom} until {stated.until})"


def _record(stated: Stated) -> dict[str, object]:
    record: dict[str, object] = {
        "path": stated.dotted,
        "value": stated.value,
        "origin": stated.origin.value,
        "file": stated.place.file,
        "line": stated.place.line,
        "column": stated.place.column,
    }
    if stated.origin is Origin.PATCH and stated.reason:
        record["reason"] = stated.reason
    if stated.origin is not Origin.WAIVER:
        return record
    return record | {
        "waiver": stated.waiver,
        "symbols": list(stated.symbols),
        "until": str(stated.until),
    }


def _json_number(value: object) -> int | float | str:
    """A number of a policy; as text where JSON's reader would round it."""
    if not isinstance(value, Decimal):
        raise TypeError(type(value).__name__)
    if value == value.to_integral_value():
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else canonical_number(value)

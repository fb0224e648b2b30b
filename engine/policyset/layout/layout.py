"""The layout of one file: from its bytes to the bytes that `policy fmt` would write.

In: the bytes of a policy file. Out: `Laid`: the new text, or the findings for which there is none.
Refuses what cannot be read, what does not have the form of its kind, and expressions that do not
parse. The meaning is compared before anything is handed out.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, in_file_order
from engine.expr.grammar import parse
from engine.kinds.base import canonical_text
from engine.policyset.build import build
from engine.policyset.layout.form import Form
from engine.policyset.layout.remarks import remarks
from engine.policyset.layout.writing import Writer
from engine.policyset.loading import split_items
from engine.policyset.overlay import RawDocument
from engine.policyset.reader import read_yaml
from engine.policyset.reading.nodes import (
    MappingNode,
    ScalarNode,
    SequenceNode,
    places,
    plain,
    scalars,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.base import Path, Plain
    from engine.policyset.reading.nodes import Node


@dataclass(frozen=True, slots=True)
class Laid:
    """The text in the one layout, or None and why not."""

    text: str | None
    diagnostics: tuple[Diagnostic, ...]


def lay_out(data: bytes, file: str) -> Laid:
    """Lay out one file; `file` is its name in findings."""
    read = read_yaml(data, file)
    found = list(read.diagnostics) if read.root is None else list(_findings(read.root))
    if found or read.root is None:
        return Laid(None, in_file_order(found))
    # INVARIANT: what has the form of its kind is a mapping.
    text = data.decode("utf-8")
    return (
        Laid(_written(text, read.root), ())
        if isinstance(read.root, MappingNode)
        else Laid(None, ())
    )


def _written(text: str, root: MappingNode) -> str:
    form = _form(root)
    lines = Writer(form, remarks(text, root)).lines(root)
    laid = "".join(f"{line}\n" for line in lines)
    again = read_yaml(laid.encode(), "").root
    # INVARIANT: a layout changes no meaning; a fault of ours must not reach a reviewed file.
    if again is None or _meaning(again, form, ()) != _meaning(root, form, ()):
        raise AssertionError
    return laid


def _form(root: Node) -> Form:
    data = plain(root)
    mapping = data if isinstance(data, dict) else {}
    return Form(str(mapping.get("kind")), mapping)


def _findings(root: Node) -> Iterator[Diagnostic]:
    """What stands against the form of the file, or against an expression in it."""
    data, there = plain(root), places(root)
    if not isinstance(data, dict):
        yield from build(data, there).diagnostics
        return
    documents, found = split_items(RawDocument(data, there))
    yield from found
    built = [build(dict(each.plain), each.places) for each in documents]
    wrong = [finding for each in built for finding in each.diagnostics]
    yield from wrong
    if not found and not wrong:
        yield from _expressions(root, _form(root), ())


def _expressions(node: Node, form: Form, path: Path) -> Iterator[Diagnostic]:
    for below, scalar in scalars(node, path):
        if isinstance(scalar.value, str) and form.is_expression(below):
            yield from parse(scalar.snippet).diagnostics


def _meaning(node: Node, form: Form, path: Path) -> Plain:
    """The data with each expression in its canonical text, which is what is sealed."""
    match node:
        case MappingNode():
            return {e.key: _meaning(e.value, form, (*path, e.key)) for e in node.entries}
        case SequenceNode():
            return [_meaning(each, form, (*path, i)) for i, each in enumerate(node.items)]
        case ScalarNode() if isinstance(node.value, str) and form.is_expression(path):
            return canonical_text(node.value)
        case ScalarNode():
            return node.value if not isinstance(node.value, Decimal) else node.value.normalize()

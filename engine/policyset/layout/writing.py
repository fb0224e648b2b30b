"""A tree as text in the one layout: order of keys, indents, brackets, quotes, comments.

In: the tree of a file, its form and its comments. Out: lines. Brackets stay where they fit on a
line and hold no comment; nothing that was written in lines is put into brackets.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.kinds.base import canonical_text
from engine.policyset.layout import spelling
from engine.policyset.layout.breaking import broken
from engine.policyset.layout.remarks import in_brackets
from engine.policyset.reading.nodes import MappingNode, ScalarNode, ScalarStyle, SequenceNode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.base import Path
    from engine.policyset.layout.form import Form
    from engine.policyset.layout.remarks import Remark, Remarks
    from engine.policyset.reading.nodes import Entry, Node, PlainScalar

MAX_EXPRESSION = 100
"""The width of a line with an expression; a longer one is broken after `|`."""
MAX_BRACKETS = 132
"""The width of a line with brackets; a longer collection is written in lines."""
_STEP = "  "


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes one file."""

    form: Form
    remarks: Remarks

    def lines(self, root: MappingNode) -> Iterator[str]:
        """The whole file; a blank line ends nothing and begins nothing."""
        yield from self.remarks.header
        yield from self._mapping(root, (), "")

    def _mapping(self, node: MappingNode, path: Path, indent: str) -> Iterator[str]:
        entries = {entry.key: entry for entry in node.entries}
        for number, key in enumerate(self.form.in_order(path, list(entries))):
            yield from self._entry(entries[key], (*path, key), indent, is_first=not number)
        yield from _around(self.remarks.at(path).ending, indent, is_first=True)

    def _entry(self, entry: Entry, path: Path, indent: str, *, is_first: bool) -> Iterator[str]:
        remark = self.remarks.at(path)
        yield from _around(remark.before, indent, is_first=is_first)
        head = f"{indent}{spelling.text(entry.key, in_brackets=False)}:"
        first, *others = self._value(entry.value, path, head, indent + _STEP)
        yield _beside(first, remark)
        yield from others

    def _sequence(self, node: SequenceNode, path: Path, indent: str) -> Iterator[str]:
        for number, item in enumerate(node.items):
            below = (*path, number)
            remark = self.remarks.at(below)
            yield from _around(remark.before, indent, is_first=not number)
            yield from self._item(item, below, indent, remark)
        yield from _around(self.remarks.at(path).ending, indent, is_first=True)

    def _item(self, item: Node, path: Path, indent: str, remark: Remark) -> Iterator[str]:
        dash = f"{indent}-"
        if self._inline(item, path, f"{dash} ") is not None or isinstance(item, ScalarNode):
            first, *others = self._value(item, path, dash, indent + _STEP)
            yield _beside(first, remark)
            yield from others
            return
        if remark.beside:
            yield f"{indent}{remark.beside}"
        yield from _dashed(self._block(item, path, indent + _STEP), indent)

    def _value(self, node: Node, path: Path, head: str, indent: str) -> list[str]:
        """The head with the value behind it, or below it."""
        inline = self._inline(node, path, f"{head} ")
        if inline is not None:
            return [f"{head} {inline}"]
        if isinstance(node, ScalarNode):
            mark, lines = self._text_lines(node, path, indent)
            return [f"{head} {mark}", *(f"{indent}{line}" if line else "" for line in lines)]
        return [head, *self._block(node, path, indent)]

    def _block(self, node: Node, path: Path, indent: str) -> Iterator[str]:
        match node:
            case MappingNode():
                return self._mapping(node, path, indent)
            case SequenceNode():
                return self._sequence(node, path, indent)
            case ScalarNode():
                return iter(())

    def _inline(self, node: Node, path: Path, before: str) -> str | None:
        """The value on the line that begins with `before`; None where it takes lines."""
        if isinstance(node, ScalarNode):
            return self._scalar(node, path, before)
        empty = not (node.entries if isinstance(node, MappingNode) else node.items)
        if empty or (in_brackets(node) and not self.remarks.within(path)):
            text = self._in_brackets(node, path)
            return text if empty or len(before) + len(text) <= MAX_BRACKETS else None
        return None

    def _scalar(self, node: ScalarNode, path: Path, before: str) -> str | None:
        if isinstance(node.value, str) and self.form.is_expression(path):
            text = canonical_text(node.value)
            spelt = spelling.text(text, in_brackets=False)
            wide = len(before) + len(spelt) > MAX_EXPRESSION
            return None if wide and len(broken(text, self._room(before))) > 1 else spelt
        return None if _takes_lines(node) else _spelt(node.value, in_brackets=False)

    def _room(self, before: str) -> int:
        """How wide a line of the block below this head may be."""
        indent = len(before) - len(before.lstrip(" "))
        return MAX_EXPRESSION - indent - len(_STEP)

    def _text_lines(self, node: ScalarNode, path: Path, indent: str) -> tuple[str, list[str]]:
        text = str(node.value)
        if self.form.is_expression(path):
            return "|", broken(canonical_text(text), MAX_EXPRESSION - len(indent))
        return _block_of(text)

    def _in_brackets(self, node: Node, path: Path) -> str:
        match node:
            case ScalarNode() if isinstance(node.value, str) and self.form.is_expression(path):
                return spelling.text(canonical_text(node.value), in_brackets=True)
            case ScalarNode():
                return _spelt(node.value, in_brackets=True)
            case SequenceNode():
                items = (self._in_brackets(e, (*path, i)) for i, e in enumerate(node.items))
                return f"[{', '.join(items)}]"
            case MappingNode():
                values = {each.key: each.value for each in node.entries}
                pairs = (
                    f"{spelling.text(key, in_brackets=True)}: "
                    f"{self._in_brackets(values[key], (*path, key))}"
                    for key in self.form.in_order(path, list(values))
                )
                return f"{{{', '.join(pairs)}}}"


def _around(lines: list[str], indent: str, *, is_first: bool) -> Iterator[str]:
    """Comments at this indent; nothing begins or ends with a blank line."""
    kept = lines[1:] if is_first and lines and not lines[0] else lines
    yield from (f"{indent}{line}" if line else "" for line in kept)


def _beside(line: str, remark: Remark) -> str:
    return f"{line}  {remark.beside}" if remark.beside else line


def _dashed(lines: Iterator[str], indent: str) -> Iterator[str]:
    """The lines of an item, its dash before the first that is no comment."""
    dashed = False
    for line in lines:
        bare = line.lstrip(" ")
        if dashed or not bare or bare.startswith("#"):
            yield line if dashed or not bare else f"{indent}{bare}"
        else:
            dashed = True
            yield f"{indent}- {line[len(indent) + len(_STEP) :]}"


def _takes_lines(node: ScalarNode) -> bool:
    return node.style is ScalarStyle.BLOCK and bool(str(node.value))


def _spelt(value: PlainScalar, *, in_brackets: bool) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case Decimal():
            return spelling.number(value)
        case str():
            return spelling.text(value, in_brackets=in_brackets)


def _block_of(text: str) -> tuple[str, list[str]]:
    """The mark and the lines of text after `|`; the mark says how many line breaks it ends with."""
    body = text.rstrip("\n")
    breaks = len(text) - len(body)
    ending = {0: "-", 1: ""}.get(breaks if body else 2, "+")
    leading = "2" if text.lstrip("\n").startswith(" ") else ""
    return f"|{leading}{ending}", [*body.split("\n"), *[""] * (breaks - 1)]

"""Putting a value into a file: what is there is replaced, what is not is added, the rest stays.

In: the text of a file, a path in its data, and a value as YAML would say it. Out: the text with
that one value, or the reason why not. Refuses what is written over several lines, and whatever
would change more than the one value: the new text is read again and compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.policyset.editing.replacing import Refused, replace_scalar
from engine.policyset.layout import spelling
from engine.policyset.layout.form import Form
from engine.policyset.layout.remarks import in_brackets
from engine.policyset.reader import read_yaml
from engine.policyset.reading.nodes import MappingNode, ScalarNode, SequenceNode, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.base import Path, Plain
    from engine.policyset.reading.nodes import Node

_STEP = "  "
_OPEN, _CLOSE = "{[", "}]"


def put(text: str, file: str, path: Path, typed: str) -> str | Refused:
    """The text with `typed` at `path`; what lies on the way there is made where it is missing."""
    root = read_yaml(text.encode(), file).root
    if root is None:
        return Refused("the file cannot be read")
    node = node_at(root, path)
    collection = typed.startswith(tuple(_OPEN))
    if isinstance(node, ScalarNode) and not collection:
        return replace_scalar(text, node.place, typed)
    result = _put_as(text, (file, path), root, typed)
    if not isinstance(result, Refused) or collection:
        return result
    # Words with a colon in them are text all the same.
    quoted = _put_as(text, (file, path), root, "'" + typed.replace("'", "''") + "'")
    return result if isinstance(quoted, Refused) else quoted


def _put_as(text: str, at: tuple[str, Path], root: Node, typed: str) -> str | Refused:
    file, path = at
    node = node_at(root, path)
    edit = _added(text, root, path, typed) if node is None else _replaced(text, node, typed)
    return edit if isinstance(edit, Refused) else _checked(edit, file, root, path, typed)


def node_at(root: Node, path: Path) -> Node | None:
    """The node at a path; None where there is none."""
    for step in path:
        match root:
            case MappingNode():
                found = next((e.value for e in root.entries if e.key == step), None)
            case SequenceNode() if isinstance(step, int) and step < len(root.items):
                found = root.items[step]
            case _:
                found = None
        if found is None:
            return None
        root = found
    return root


def appended(text: str, file: str, path: Path, lines: list[str]) -> str | Refused:
    """The text with an item of these lines at the end of the list at `path`."""
    root = read_yaml(text.encode(), file).root
    node = node_at(root, path) if root else None
    if root is None or not isinstance(node, SequenceNode) or in_brackets(node) or not node.items:
        return Refused("its list is not written in lines: edit it by hand")
    indent = node.place.source_line[: node.place.column - 1]
    return _inserted(text, _line_after(text, root, path), [f"{indent}{line}" for line in lines])


def _replaced(text: str, node: Node, typed: str) -> str | Refused:
    line = text.split("\n")[node.place.line - 1]
    begin = node.place.column - 1
    end = begin + node.place.width if isinstance(node, ScalarNode) else _closing(line, begin)
    if end is None or (isinstance(node, ScalarNode) and line[begin] == "|"):
        return Refused("it is written over several lines: edit it by hand")
    return _spliced(text, node.place.line, (begin, end), typed)


def _closing(line: str, begin: int) -> int | None:
    """Where the bracket at `begin` ends, if it does on its line."""
    depth, quote = 0, ""
    for at in range(begin, len(line)):
        char = line[at]
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        else:
            depth += (char in _OPEN) - (char in _CLOSE)
            if not depth:
                # A collection in lines does not begin with a bracket.
                return at + 1 if char in _CLOSE else None
    return None


def _added(text: str, root: Node, path: Path, typed: str) -> str | Refused:
    """A new key in the nearest mapping that is there; what is between them is made in brackets."""
    size = max(n for n in range(len(path)) if node_at(root, path[:n]) is not None)
    parent, steps = node_at(root, path[:size]), path[size:]
    if not isinstance(parent, MappingNode) or not all(isinstance(step, str) for step in steps):
        return Refused("there is no such part: set what is around it as a whole")
    value = typed
    for step in reversed(steps[1:]):
        value = f"{{{spelling.text(str(step), in_brackets=True)}: {value}}}"
    entry = f"{spelling.text(str(steps[0]), in_brackets=in_brackets(parent))}: {value}"
    if in_brackets(parent):
        return _added_in_brackets(text, parent, entry)
    # The first key of an item stands behind its dash.
    indent = " " * (parent.place.column - 1)
    before = (*path[:size], *_before(root, path[:size], parent, str(steps[0])))
    return _inserted(text, _line_after(text, root, before), [f"{indent}{entry}"])


def _before(root: Node, path: Path, parent: MappingNode, key: str) -> tuple[str, ...]:
    """The key of the mapping that the new one comes after in the one layout; none at its end."""
    data = plain(root)
    form = Form(str(data.get("kind")), data) if isinstance(data, dict) else None
    keys = [entry.key for entry in parent.entries]
    ordered = form.in_order(path, [*keys, key]) if form else [key]
    place = ordered.index(key)
    return (ordered[place - 1],) if place else ()


def _added_in_brackets(text: str, parent: MappingNode, entry: str) -> str | Refused:
    line = text.split("\n")[parent.place.line - 1]
    end = _closing(line, parent.place.column - 1)
    if end is None:
        return Refused("what is around it is written over several lines: edit it by hand")
    comma = ", " if parent.entries else ""
    return _spliced(text, parent.place.line, (end - 1, end - 1), f"{comma}{entry}")


def _line_after(text: str, root: Node, path: Path) -> int:
    """The number of lines to the end of the part at `path`, less comments of what follows."""
    lines = text.split("\n")
    own = node_at(root, path)
    first = own.place.line if own else 1
    after = [line for at, line in _starts(root, ()) if line > first and at[: len(path)] != path]
    # Parts are met in the order of the text, so the first one that is not inside comes next.
    end = min(after, default=len(lines) + 1) - 1
    while end > first and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return end


def _starts(node: Node, path: Path) -> Iterator[tuple[Path, int]]:
    match node:
        case MappingNode():
            for entry in node.entries:
                yield (*path, entry.key), entry.key_place.line
                yield from _starts(entry.value, (*path, entry.key))
        case SequenceNode():
            for index, item in enumerate(node.items):
                yield (*path, index), item.place.line
                yield from _starts(item, (*path, index))
        case ScalarNode():
            return


def _spliced(text: str, number: int, span: tuple[int, int], new: str) -> str:
    lines = text.split("\n")
    line = lines[number - 1]
    lines[number - 1] = line[: span[0]] + new + line[span[1] :]
    return "\n".join(lines)


def _inserted(text: str, after: int, new: list[str]) -> str:
    lines = text.split("\n")
    return "\n".join([*lines[:after], *new, *lines[after:]])


def _checked(edited: str, file: str, before: Node, path: Path, typed: str) -> str | Refused:
    """The edited text, if it says `typed` at `path` and all that was said elsewhere."""
    value = read_yaml(f"k: {typed}\n".encode(), file)
    if value.root is None:
        return Refused("the new value cannot be read", value.diagnostics)
    after = read_yaml(edited.encode(), file)
    said = plain(value.root)
    wanted = _with(plain(before), path, said["k"] if isinstance(said, dict) else None)
    if not isinstance(said, dict) or len(said) > 1 or after.root is None:
        return Refused("the new value does not fit on its line", after.diagnostics)
    if plain(after.root) != wanted or "#" in _bare(typed):
        return Refused("the new value does not fit on its line")
    return edited


def _bare(typed: str) -> str:
    """A comment behind a value would be no part of it."""
    return typed if " #" in typed else ""


def _with(value: Plain, path: Path, new: Plain) -> Plain:
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(value, list):
        return [_with(e, rest, new) if i == step else e for i, e in enumerate(value)]
    below = value if isinstance(value, dict) else {}
    return below | {str(step): _with(below.get(str(step)), rest, new)}

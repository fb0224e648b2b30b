"""Putting a value into a file: one value changes, or somebody is told why not."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.policyset.editing.putting import put
from engine.policyset.editing.replacing import Refused
from engine.policyset.reader import read_yaml
from engine.policyset.reading.nodes import MappingNode, ScalarNode, SequenceNode, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.base import Path as DataPath
    from engine.kinds.base import Plain
    from engine.policyset.reading.nodes import Node

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted([*(ROOT / "policies").rglob("*.yaml"), *(ROOT / "strategies").rglob("*.yaml")])
STEPS = ("max_new", "spec", "unknown", "when", 0, 7, "a b", "b: c")
TYPED = (
    *("5", "-0.25", "1e3", "007", "true", "no", "null", "~", "", " padded ", "plain words"),
    *("a: b", "a # b", "#a", "it's", 'say "so"', "back\\slash", "new\\nline", "two\nlines"),
    *("[1, two]", "[]", "{a: 1, b: [x]}", "{}", "[open", "{a: 1} # no", "- item", "| text", "&a b"),
    *("*a", "!tag x", "? x", "${HOME}", "Grüße", "e\u0301", "tab\there", "9" * 40, "2026-01-05"),
)


@cache
def tree(file: Path) -> Node:
    """A shipped file as it is read."""
    root = read_yaml(file.read_bytes(), file.name).root
    assert root is not None
    return root


def paths(node: Node, path: DataPath = ()) -> Iterator[DataPath]:
    """Every path in a tree but that of the whole."""
    match node:
        case MappingNode():
            below: list[tuple[str | int, Node]] = [(each.key, each.value) for each in node.entries]
        case SequenceNode():
            below = list(enumerate(node.items))
        case ScalarNode():
            return
    for step, each in below:
        yield (*path, step)
        yield from paths(each, (*path, step))


@st.composite
def wishes(draw: st.DrawFn) -> tuple[Path, DataPath, str]:
    """A shipped file, a path that is in it or nearly, and anything that a person could type."""
    file = draw(st.sampled_from(FILES))
    path = draw(st.sampled_from(list(paths(tree(file)))))
    more = draw(st.lists(st.sampled_from(STEPS), max_size=2))
    around = draw(st.booleans())
    typed = draw(st.sampled_from(TYPED) | st.text(st.characters(codec="utf-8"), max_size=12))
    return file, (*(path[:-1] if around else path), *more) or path, typed


def with_value(data: Plain, path: DataPath, value: Plain) -> Plain:
    """Plain data with another value at a path; a mapping is made where there is nothing."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(data, list):
        return [with_value(e, rest, value) if n == step else e for n, e in enumerate(data)]
    found = data if isinstance(data, dict) else {}
    return {**found, str(step): with_value(found.get(str(step)), rest, value)}


def remarks(text: str) -> list[str]:
    """The comments of a file in their order, by a scan that knows quotes and nothing else."""
    found = []
    for line in text.split("\n"):
        quote = ""
        for at, char in enumerate(line):
            if quote:
                quote = "" if char == quote else quote
            elif char in "\"'" and (at == 0 or line[at - 1] in " [{,"):
                quote = char
            elif char == "#" and (at == 0 or line[at - 1] == " "):
                found.append(line[at:])
                break
    return found


def meanings(typed: str) -> list[Plain]:
    """What somebody who typed this may mean: a value as YAML has it, or these words."""
    read = read_yaml(f"k: {typed}\n".encode(), "typed").root
    said = plain(read) if read is not None else None
    values: list[Plain] = [said["k"]] if isinstance(said, dict) and set(said) == {"k"} else []
    return [*values, typed]


@pytest.mark.long
@settings(max_examples=80)
@given(wishes())
def test_a_value_is_put_where_it_belongs_or_refused(wish: tuple[Path, DataPath, str]) -> None:
    """Refused with a reason; or the file reads, has the value, and says all else as before."""
    file, path, typed = wish
    text = file.read_text()
    result = put(text, file.name, path, typed)
    if isinstance(result, Refused):
        assert result.reason
        return
    after = read_yaml(result.encode(), file.name)
    assert after.root is not None, after.diagnostics
    before = plain(tree(file))
    assert plain(after.root) in [with_value(before, path, each) for each in meanings(typed)]
    assert remarks(result) == remarks(text)
    kept = [line for line in text.split("\n") if line in result.split("\n")]
    assert len(kept) >= len(text.split("\n")) - 1


@pytest.mark.long
def test_every_number_of_a_shipped_file_can_be_changed() -> None:
    """No limit that we ship is out of the editor's reach."""
    for file in FILES:
        for path in paths(tree(file)):
            data: object = plain(tree(file))
            for step in path:
                data = data[step]  # type: ignore[index] # along a path of this very data
            if type(data).__name__ == "Decimal":
                assert isinstance(put(file.read_text(), file.name, path, "7.5"), str), (file, path)
                break

"""Expressions on several lines: broken at the loosest joint first, so that findings point inside.

In: an expression in canonical text, and how wide a line may be. Out: lines that say the same. A
stretch without a joint stays as long as it is, and so does all of it where the line breaks would
make it longer than an expression may be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.expr.grammar import WRITTEN

if TYPE_CHECKING:
    from collections.abc import Iterator

_STEP = "  "
# From the loosest to the tightest: words that begin a line of their own.
_JOINTS = (
    (" if ", " else "),
    (" or ",),
    (" and ",),
    (" == ", " != ", " <= ", " >= ", " < ", " > ", " in ", " not in "),
    (" + ", " - "),
    (" * ", " / "),
)


def broken(text: str, width: int) -> list[str]:
    """The lines of an expression, each at most `width` wide where that can be."""
    lines = _lines(text, width)
    fits = sum(len(line) + 1 for line in lines) <= WRITTEN.characters
    return lines if fits else [text]


def _lines(text: str, width: int) -> list[str]:
    if len(text) <= width:
        return [text]
    for words in _JOINTS:
        first, *others = _split(text, words)
        if others:
            return [*_lines(first, width), *_indented(others, width)]
    return _bracketed(text, width)


def _indented(parts: list[str], width: int) -> Iterator[str]:
    for part in parts:
        word, _, rest = part.partition(" ")
        first, *others = _lines(rest, width - len(_STEP) - len(word) - 1)
        yield f"{_STEP}{word} {first}"
        yield from (f"{_STEP}{line}" for line in others)


def _split(text: str, words: tuple[str, ...]) -> list[str]:
    """The parts of the text that these words join, outside of brackets and quotes."""
    parts, begin = [], 0
    for at in _outside(text):
        if any(text.startswith(word, at) for word in words):
            parts.append(text[begin:at])
            begin = at + 1
    return [*parts, text[begin:]]


def _outside(text: str) -> Iterator[int]:
    """The positions of the spaces that lie in no bracket and no quote."""
    depth, quoted = 0, False
    for at, char in enumerate(text):
        if char == '"' and not _escaped(text, at):
            quoted = not quoted
        elif not quoted:
            depth += (char == "(") - (char == ")")
            if char == " " and not depth:
                yield at


def _escaped(text: str, at: int) -> bool:
    before = text[:at]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def _bracketed(text: str, width: int) -> list[str]:
    """`f(a, b)` with each argument on a line; text that is no bracket stays as it is."""
    head, opening, inside = text.partition("(")
    # A series with its constants is one name.
    if not opening or '"' in head or not text.endswith(")") or inside.startswith('"'):
        return [text]
    arguments = _arguments(inside[:-1])
    lines = [f"{head}("]
    for number, each in enumerate(arguments, 1):
        *others, last = _lines(each, width - len(_STEP) - 1)
        comma = "," if number < len(arguments) else ""
        lines += [f"{_STEP}{line}" for line in (*others, f"{last}{comma}")]
    return [*lines, ")"]


def _arguments(inside: str) -> list[str]:
    parts, begin = [], 0
    for at in _outside(inside):
        if inside[at - 1] == ",":
            parts.append(inside[begin : at - 1])
            begin = at + 1
    return [*parts, inside[begin:]]

"""Other ways to write the same document, and documents that differ in one thing.

In: a document as plain data. Out: YAML text of equal meaning (order of keys, layout, quoting,
comments, spelling of numbers), or every place where one value can be another.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from engine.kinds.base import Path, Plain

_WORD = re.compile(r"[a-z][a-z_]{2,}")
_FLAGS = {"true": "false", "false": "true", "yes": "", "off": "", "null": ""}
# A whole number by its schema: `40.0` is another type there.
_WHOLE = frozenset({"max_symbols"})


class Writer:
    """Writes plain data as YAML, in a way that its random numbers choose."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.step = rng.choice((1, 2, 4))

    def document(self, plain: Plain) -> str:
        """One file."""
        assert isinstance(plain, dict)
        return self._comment(0) + "\n".join(self._block(plain, 0)) + "\n" + self._comment(0)

    def _block(self, plain: Plain, indent: int) -> list[str]:
        match plain:
            case dict() if plain:
                return [
                    line
                    for key in self._keys(plain)
                    for line in self._entry(key, plain[key], indent)
                ]
            case list() if plain:
                return [line for each in plain for line in self._item(each, indent)]
            case _:
                raise TypeError(plain)

    def _keys(self, plain: dict[str, Plain]) -> list[str]:
        keys = list(plain)
        self.rng.shuffle(keys)
        return keys

    def _entry(self, key: str, value: Plain, indent: int) -> list[str]:
        pad = " " * indent
        before = self._comment(indent)
        head = f"{before}{pad}{self._quoted(key, keep=True)}:"
        if isinstance(value, dict | list) and value and self.rng.random() < 0.6:
            return [head, *self._block(value, indent + self.step)]
        return [f"{head} {self._flow(value, key)}{self.rng.choice(('', '', '  # said otherwise'))}"]

    def _item(self, value: Plain, indent: int) -> list[str]:
        return [f"{' ' * indent}- {self._flow(value, '')}"]

    def _flow(self, value: Plain, key: str) -> str:
        match value:
            case dict():
                parts = (
                    f"{self._quoted(k, keep=True)}: {self._flow(value[k], k)}"
                    for k in self._keys(value)
                )
                return "{" + ", ".join(parts) + "}"
            case list():
                return "[" + ", ".join(self._flow(each, key) for each in value) + "]"
            case bool():
                return "true" if value else "false"
            case Decimal():
                return self._number(value, key)
            case str():
                return self._quoted(value)
            case _:
                return "null"

    def _number(self, value: Decimal, key: str) -> str:
        text = f"{value:f}"
        if key in _WHOLE or self.rng.random() < 0.5:
            return text
        zeros = "0" * self.rng.randint(1, 3)
        return text + zeros if "." in text else f"{text}.{zeros}"

    def _quoted(self, text: str, *, keep: bool = False) -> str:
        """Text in one of its quotings; `keep` where a plain key stands as it is."""
        text = " ".join(text.split())
        plain = bool(_WORD.fullmatch(text)) and text not in _FLAGS
        if plain and (keep or self.rng.random() < 0.5):
            return text
        if '"' not in text and "\\" not in text and self.rng.random() < 0.5:
            return f'"{text}"'
        return "'" + text.replace("'", "''") + "'"

    def _comment(self, indent: int) -> str:
        if self.rng.random() < 0.8:
            return ""
        return f"{' ' * indent}# a comment, number {self.rng.randint(0, 10**9)}\n"


def edits(plain: Plain, path: Path = ()) -> Iterator[tuple[Path, Plain]]:
    """Every (path, other value) of a document that is another document of the same shape."""
    match plain:
        case dict():
            for key, value in plain.items():
                yield from edits(value, (*path, key))
        case list():
            for index, value in enumerate(plain):
                yield from edits(value, (*path, index))
        case bool():
            yield path, not plain
        case Decimal():
            for step in ("0.001", "1", "7", "-1"):
                yield path, plain + Decimal(step)
        case str():
            yield from _other_texts(plain, path)
        case _:
            return


def _other_texts(text: str, path: Path) -> Iterator[tuple[Path, str]]:
    yield path, f"{text}a"
    yield path, f"{text} and so on"
    yield path, re.sub(r"<=", "<", text, count=1)
    yield path, re.sub(r">=", ">", text, count=1)
    for number in re.findall(r"\d+", text)[:1]:
        yield path, text.replace(number, str(int(number) + 1), 1)


def with_value(plain: Plain, path: Path, value: Plain) -> Plain:
    """`plain` with another value at one path."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(plain, list):
        return [with_value(e, rest, value) if i == step else e for i, e in enumerate(plain)]
    assert isinstance(plain, dict)
    return {k: with_value(e, rest, value) if k == step else e for k, e in plain.items()}

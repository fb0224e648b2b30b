"""Scalars: the one spelling of a value, with quotes only where the text would be read otherwise."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from engine.model.numbers import canonical_number
from engine.policyset.reader import read_yaml
from engine.policyset.reading.nodes import MappingNode, ScalarKind, ScalarNode, SequenceNode
from engine.policyset.reading.scalars import resolve

if TYPE_CHECKING:
    from decimal import Decimal

# What nearly every name and word of a document looks like; the rest is asked of the reader.
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


def number(value: Decimal) -> str:
    """The number without exponent, trailing zeros or a plus sign."""
    return canonical_number(value)


@lru_cache(maxsize=4096)
def text(value: str, *, in_brackets: bool) -> str:
    """Text of one line as YAML has it, plain where that is read back as the same text."""
    spellings = (value, f'"{value}"', _single(value))
    return next(each for each in spellings if _reads_back(each, value, in_brackets=in_brackets))


def _single(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _reads_back(spelling: str, value: str, *, in_brackets: bool) -> bool:
    if spelling == value and _WORD.fullmatch(value):
        answer = resolve(value)
        return isinstance(answer, tuple) and answer[0] is ScalarKind.TEXT
    # A key before it and one after it: what would run on into either is no plain text.
    line = f"k: [{spelling}, end]\n" if in_brackets else f"k: {spelling}\nend: end\n"
    match read_yaml(line.encode(), "").root:
        case MappingNode(entries=(entry, *_)):
            node = entry.value
            if isinstance(node, SequenceNode):
                node = node.items[0] if len(node.items) == 2 else node  # noqa: PLR2004 - and `end`
            return isinstance(node, ScalarNode) and node.value == value
        case _:
            return False

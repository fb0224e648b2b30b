"""Places in a strategy's source, for findings.

In: the source and a node of its tree. Out: a `Place`. Python counts columns in bytes of UTF-8;
a place counts characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Place

if TYPE_CHECKING:
    import ast

    from engine.kinds.base import SourceText

REVIEW = "these checks keep honest code pure; against malice the fence is review"


def place_at(source: SourceText, line: int, offset: int, end: int | None = None) -> Place:
    """A place from a line that counts from 1 and offsets in bytes that count from 0."""
    lines = source.text.split("\n")
    text = lines[min(line, len(lines)) - 1]
    column = len(text.encode()[:offset].decode(errors="ignore"))
    stop = len(text if end is None else text.encode()[:end].decode(errors="ignore"))
    return Place(source.file, line, column + 1, max(1, stop - column), text)


def place_of(source: SourceText, node: ast.expr | ast.stmt | ast.AST) -> Place:
    """Where a node begins; a node without a place of its own is the first line."""
    line = getattr(node, "lineno", 1)
    same_line = getattr(node, "end_lineno", line) == line
    end = getattr(node, "end_col_offset", None) if same_line else None
    return place_at(source, line, getattr(node, "col_offset", 0), end)


def finding(source: SourceText, node: ast.AST, code: str, message: str, mend: str) -> Diagnostic:
    """One finding at a node."""
    return Diagnostic(code, message, place_of(source, node), f"{mend}; {REVIEW}")

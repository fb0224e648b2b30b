"""Findings about one expression while they are collected, and how the user's text is shown.

In: a code, a stretch of the snippet's text, words. Out: `Diagnostic` values with their places.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Fix, Severity
from engine.expr.printing import print_tree

if TYPE_CHECKING:
    from engine.errors import Snippet
    from engine.expr.nodes import Node

_SHOWN = 40
_SHOWN_NODE = 60


@dataclass(slots=True)
class Findings:
    """Findings about one snippet, collected."""

    snippet: Snippet
    found: list[Diagnostic] = field(default_factory=list)

    def add(
        self, code: str, span: tuple[int, int], message: str, mend: str = "", *, fix: str = ""
    ) -> None:
        """Note one error in `text[start:end]`; `fix` is what surely was meant in its place."""
        place = self.snippet.place(*span)
        meant = Fix(place, fix, safe=True) if fix else None
        self.found.append(Diagnostic(code, message, place, mend, fix=meant))

    def error(self, code: str, node: Node, message: str, mend: str, *, fix: str = "") -> None:
        """Note what is wrong with a node."""
        self.add(code, (node.span.start, node.span.end), message, mend, fix=fix)

    def warn(self, code: str, node: Node, message: str, mend: str) -> None:
        """Note what deserves a second look at a node."""
        place = self.snippet.place(node.span.start, node.span.end)
        warning = Diagnostic(code, message, place, mend, severity=Severity.WARNING)
        self.found.append(warning)


def shown(text: str) -> str:
    """The user's text in backticks, cut short, on one line."""
    cut = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return f"`{''.join(each if each.isprintable() else f'<U+{ord(each):04X}>' for each in cut)}`"


def told(node: Node) -> str:
    """A part of the expression in backticks, in canonical text, cut short."""
    text = print_tree(node)
    return f"`{text if len(text) <= _SHOWN_NODE else text[:_SHOWN_NODE] + '…'}`"

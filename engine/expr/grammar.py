"""Text to tree: a narrow subset of Python's expression grammar, within bounds.

In: a snippet. Out: `Parsed`, a tree or findings that say what was found and what is allowed.
Python's own parser finds the shape, but never sees the user's text: it is given the mask of a
token sequence that was already accepted, so that nothing else than the language can come out.
Refuses what people write beyond 512 characters, 64 nodes or 12 levels.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from engine.errors import Snippet
from engine.expr.checking.findings import Findings, shown
from engine.expr.nodes import walk
from engine.expr.parsing.building import build
from engine.expr.parsing.scan import Token, TokenKind, scan
from engine.expr.printing import print_tree

if TYPE_CHECKING:
    from engine.errors import Diagnostic
    from engine.expr.nodes import Node


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large an expression may be, in characters, nodes and levels."""

    characters: int
    nodes: int
    depth: int


WRITTEN = Bounds(characters=512, nodes=64, depth=12)
"""For what people write."""

GENERATED = Bounds(characters=65_536, nodes=4_096, depth=96)
"""For definitions that the engine writes itself, such as a table unrolled into conditionals."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A tree, or the findings why there is none; never both, never neither."""

    tree: Node | None
    diagnostics: tuple[Diagnostic, ...]


def parse(snippet: Snippet, bounds: Bounds = WRITTEN) -> Parsed:
    """Read one expression; every independent finding is in the answer."""
    tree = _tree_of(snippet.text, bounds)
    return Parsed(tree, ()) if tree is not None else _parse(snippet, bounds)


@lru_cache(maxsize=1024)
def _tree_of(text: str, bounds: Bounds) -> Node | None:
    # A text is read for its rule, for the seal and where it is referred to. A tree is a value and
    # its spans are offsets, so it can be shared; findings have places and are made anew.
    return _parse(Snippet.of(text), bounds).tree


def _parse(snippet: Snippet, bounds: Bounds) -> Parsed:
    findings = Findings(snippet)
    tree = _read(findings, bounds)
    if tree is not None and not findings.found:
        _bound(findings, tree, bounds)
    if findings.found:
        return Parsed(None, tuple(sorted(findings.found, key=_by_place)))
    return Parsed(tree, ())


def _read(findings: Findings, bounds: Bounds) -> Node | None:
    length = len(findings.snippet.text)
    if length > bounds.characters:
        said = f"the expression has {length} characters, more than {bounds.characters}"
        findings.add("M201", (0, bounds.characters), said, "split the rule")
        return None
    scanned = scan(findings)
    tokens = scanned.tokens
    if not tokens and not findings.found:
        mend = "write a rule such as `quote.age_s < params.max_age_s`"
        findings.add("M202", (0, 1), "the expression is empty", mend)
    if scanned.broken or not tokens:
        return None
    if not (_balanced(findings, tokens, bounds.depth) and _in_order(findings, tokens)):
        return None
    shape = _shape(findings, tokens)
    return build(findings, tokens, shape, bounds.depth) if shape is not None else None


def _balanced(findings: Findings, tokens: list[Token], depth: int) -> bool:
    """Brackets and signs are bounded here, before anything recursive sees them."""
    waiting: list[Token] = []
    signs = 0
    for token in tokens:
        signs = signs + 1 if token.text in {"-", "not"} else 0
        if token.kind is TokenKind.OPEN:
            waiting.append(token)
        elif token.kind is TokenKind.CLOSE:
            if not waiting:
                findings.add(
                    "M209", _span(token), f"{shown(token.text)} closes nothing", "leave it out"
                )
                return False
            waiting.pop()
        if len(waiting) > 2 * depth or signs > depth:
            mend = f"at most {depth} levels; leave brackets out, or split the rule"
            findings.add("M201", _span(token), "the expression is nested too deeply", mend)
            return False
    for token in waiting:
        findings.add("M209", _span(token), f"{shown(token.text)} is not closed", "add `)`")
    return not waiting


def _in_order(findings: Findings, tokens: list[Token]) -> bool:
    """Values and operators must take turns; Python's own words on this would not help."""
    before: Token | None = None
    for token in tokens:
        fault = _fault(before, token)
        if fault is not None:
            return _disorder(findings, token, fault)
        before = token
    last = tokens[-1]
    if _wants_value(last):
        return _disorder(findings, last, f"a value is missing after {shown(last.text)}")
    return True


def _disorder(findings: Findings, token: Token, said: str) -> Literal[False]:
    # After a refused word the order is a guess, and a finding about it would be noise.
    if not findings.found:
        findings.add("M210", _span(token), said, _VALUES)
    return False


def _fault(before: Token | None, token: Token) -> str | None:
    if _wants_value(before):
        return _fault_where_value(before, token)
    assert before is not None  # noqa: S101 - the start of the text wants a value
    if token.kind in {TokenKind.VALUE, TokenKind.NAME}:
        return f"an operator is missing between {shown(before.text)} and {shown(token.text)}"
    if token.kind is TokenKind.OPEN and before.kind is not TokenKind.NAME:
        return f"an operator is missing before {shown(token.text)}: only functions are called"
    return None


def _fault_where_value(before: Token | None, token: Token) -> str | None:
    if token.text == "+":
        return "a value is missing before `+`, and a sign `+` is not written"
    if token.kind is TokenKind.INFIX and token.text != "-" and not _not_in(before, token):
        return f"a value is missing before {shown(token.text)}"
    if token.kind is TokenKind.COMMA:
        return f"a value is missing before {shown(token.text)}"
    if token.kind is TokenKind.CLOSE and before is not None and before.kind is TokenKind.INFIX:
        return f"a value is missing after {shown(before.text)}"
    return None


def _not_in(before: Token | None, token: Token) -> bool:
    return token.text == "in" and before is not None and before.text == "not"


def _wants_value(before: Token | None) -> bool:
    closed = {TokenKind.VALUE, TokenKind.NAME, TokenKind.CLOSE}
    return before is None or before.kind not in closed


def _shape(findings: Findings, tokens: list[Token]) -> ast.expr | None:
    """The shape by Python's parser, from masks only; brackets around let lines break freely."""
    masked = [" "] * len(findings.snippet.text)
    for token in tokens:
        masked[token.start : token.end] = token.mask.ljust(len(token.text))
    try:
        return ast.parse(f"({''.join(masked)})", mode="eval").body
    except (SyntaxError, RecursionError, MemoryError) as error:
        offset = getattr(error, "offset", None) or 2
        at = min(max(0, offset - 2), len(findings.snippet.text) - 1)
        token = next((each for each in tokens if each.end > at), tokens[-1])
        said = f"the expression makes no sense at {shown(token.text)}"
        if not findings.found:
            findings.add("M210", _span(token), said, _GRAMMAR)
        return None


_VALUES = "values are facts, numbers, texts, `true` and `false`; an operator joins two of them"
_GRAMMAR = "a choice is `a if test else b`, a membership `x in (1, 2)` or `x not in (1, 2)`"


def _bound(findings: Findings, tree: Node, bounds: Bounds) -> None:
    whole = (0, len(findings.snippet.text))
    nodes = sum(1 for _ in walk(tree))
    if nodes > bounds.nodes:
        said = f"the expression has {nodes} parts, more than {bounds.nodes}"
        findings.add("M201", whole, said, "split the rule")
    # The canonical text is what ledgers keep and read again, so it must fit as well.
    elif len(print_tree(tree)) > bounds.characters:
        said = f"the expression in canonical form has more than {bounds.characters} characters"
        findings.add("M201", whole, said, "split the rule")


def _span(token: Token) -> tuple[int, int]:
    return token.start, token.end


def _by_place(finding: Diagnostic) -> tuple[int, int]:
    assert finding.place is not None  # noqa: S101 - the findings of a snippet are always placed
    return finding.place.line, finding.place.column

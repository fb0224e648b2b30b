"""Tokens: the user's text cut into the words of the language, and every word that is not one.

In: a snippet. Out: tokens with their offsets, and findings for all that the language does not
have, each with a mend. A refused operator is read as its nearest relative, so that one slip does
not hide the next. Each token has a *mask* of its own length, and only masks reach Python's parser.
"""

from __future__ import annotations

import keyword
import math
import re
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from engine.expr.checking.findings import shown

if TYPE_CHECKING:
    from engine.expr.checking.findings import Findings

MAX_DIGITS = 40


class TokenKind(Enum):
    """What a token is, as far as the order of tokens goes."""

    VALUE = "value"  # a number, a text, a flag
    NAME = "name"
    PREFIX = "prefix"  # `not`, before a value
    INFIX = "infix"  # between two values
    OPEN = "open"
    CLOSE = "close"
    COMMA = "comma"


class Literal(Enum):
    """What kind of literal a value is."""

    NUMBER = "number"
    TEXT = "text"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Token:
    """`text` at offset `start`; `mask` has the same length and is safe to hand on."""

    kind: TokenKind
    text: str
    start: int
    mask: str
    literal: Literal | None = None

    @property
    def end(self) -> int:
        """The offset after its last character."""
        return self.start + len(self.text)


_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<number>(?:[0-9]|\.[0-9])(?:[eE][+-](?=[0-9])|[0-9A-Za-z_.])*)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]*)*)
    |(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    |(?P<open>["'])
    |(?P<bracket>[()\[\]{}])
    |(?P<comma>,)
    |(?P<operator>===|!==|\*\*|//|<<|>>|<=|>=|==|!=|<>|=>|=<|&&|\|\||:=|->|[-+*/<>=!%&|^~@;:?.])
    |(?P<other>[^\t\r\n\x20-\x7e]+|(?s:.))""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_NAME = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)

_ONE_MEANING = re.compile(r"did you mean `([^`]+)`\?")

_INFIX_WORDS = frozenset({"and", "or", "in", "if", "else"})
_OPERATORS = frozenset({"<=", ">=", "==", "!=", "<", ">", "+", "-", "*", "/"})

# A refused operator: what to write instead, and the mask under which reading goes on.
_MEND_OPERATORS = {
    "=": ("did you mean `==`? nothing is assigned here", "<"),
    "===": ("did you mean `==`?", "== "),
    "!==": ("did you mean `!=`?", "!= "),
    "<>": ("did you mean `!=`?", "!="),
    "=>": ("did you mean `>=`?", ">="),
    "=<": ("did you mean `<=`?", "<="),
    "&&": ("did you mean `and`?", "or"),
    "||": ("did you mean `or`?", "or"),
    "&": ("did you mean `and`?", "*"),
    "|": ("did you mean `or`?", "*"),
    "^": ("there are no powers and no exclusive or; `a != b` tells whether two flags differ", "*"),
    "%": ("there is no remainder; percent stands in the name of a fact or parameter, `_pct`", "*"),
    "**": ("there are no powers; write `x * x`", "* "),
    "//": ("did you mean `/`? there is no whole division", "/ "),
    "@": ("use `+ - * /`", "*"),
    "<<": ("use `+ - * /`", "* "),
    ">>": ("use `+ - * /`", "* "),
    "->": ("use `a if test else b`", "* "),
    ":=": ("nothing is assigned here; did you mean `==`?", "=="),
    ";": ("one expression only; join two with `and`", "*"),
    ":": ("use `a if test else b`", "*"),
    "?": ("use `a if test else b`", "*"),
    ".": ("a dotted name is one word without spaces, and values have no attributes", "*"),
}
_MEND_PREFIXES = {"!": "did you mean `not`?", "~": "did you mean `not`?"}
_MEND_BRACKETS = {"[": "(", "]": ")", "{": "(", "}": ")"}
_MEND_WORDS = {
    "True": "did you mean `true`?",
    "False": "did you mean `false`?",
    "None": "absence is spoken of with `has(fact)` and `default(fact, value)`",
    "null": "absence is spoken of with `has(fact)` and `default(fact, value)`",
    "is": "did you mean `==`?",
    "AND": "did you mean `and`?",
    "OR": "did you mean `or`?",
    "NOT": "did you mean `not`?",
    "IN": "did you mean `in`?",
    "then": "use `a if test else b`",
    "elif": "use `a if test else b if test2 else c`",
}
_WORDS_ALLOWED = "the words are `and or not in if else true false`"
# How to go on behind a refused word; other refused words stop the reading.
_WORD_KINDS = {
    "True": TokenKind.VALUE,
    "False": TokenKind.VALUE,
    "None": TokenKind.VALUE,
    "null": TokenKind.VALUE,
    "is": TokenKind.INFIX,
    "AND": TokenKind.INFIX,
    "OR": TokenKind.INFIX,
    "IN": TokenKind.INFIX,
    "NOT": TokenKind.PREFIX,
}


@dataclass(slots=True)
class Scan:
    """What was read: tokens, and whether a slip makes their order meaningless."""

    tokens: list[Token] = field(default_factory=list)
    broken: bool = False


def scan(findings: Findings) -> Scan:
    """Cut the snippet's text into tokens; every slip goes into `findings`."""
    result = Scan()
    for match in _TOKEN.finditer(findings.snippet.text):
        group = match.lastgroup or ""
        text, start = match.group(), match.start()
        if group == "space":
            continue
        token = _READERS[group](findings, text, start)
        if token is None:
            result.broken = True
        else:
            result.tokens.append(token)
    _no_neighbours(findings, result)
    return result


def text_of(token: Token) -> str:
    """The value of a text token: quotes off, escapes undone."""
    return _ESCAPE.sub(r"\1", token.text[1:-1])


_DIGITS = f"write a number of at most {MAX_DIGITS} digits"


def number_of(token: Token) -> Decimal:
    """The value of a number token; 0 for a spelling that is already a finding."""
    return Decimal(token.text) if _NUMBER.fullmatch(token.text) else Decimal(0)


def _number(findings: Findings, text: str, start: int) -> Token:
    span = (start, start + len(text))
    if not _NUMBER.fullmatch(text):
        findings.add("M207", span, f"{shown(text)} is not a number as written here", _plain(text))
    elif sum(each.isdigit() for each in text) > MAX_DIGITS:
        findings.add("M207", span, f"{shown(text)} has more than {MAX_DIGITS} digits", _DIGITS)
    return Token(TokenKind.VALUE, text, start, "1" * len(text), Literal.NUMBER)


def _plain(text: str) -> str:
    rule = "numbers are plain decimals such as `12` and `0.5`"
    plain = text.replace("_", "")
    try:
        value = float(plain)
    except ValueError:
        return rule
    mended = f"{value:f}".rstrip("0").rstrip(".") or "0"
    fits = math.isfinite(value) and float(mended) == value and len(mended) <= MAX_DIGITS
    return f"did you mean `{mended}`? {rule}" if fits else rule


def _name(findings: Findings, text: str, start: int) -> Token | None:
    span = (start, start + len(text))
    mask = "x" * len(text)
    if text in {"true", "false"}:
        return Token(TokenKind.VALUE, text, start, mask, Literal.FLAG)
    if text == "not":
        return Token(TokenKind.PREFIX, text, start, text)
    if text in _INFIX_WORDS:
        return Token(TokenKind.INFIX, text, start, text)
    if text in _MEND_WORDS or keyword.iskeyword(text):
        mend = _MEND_WORDS.get(text, _WORDS_ALLOWED)
        said = f"the word {shown(text)} is not in the language"
        findings.add("M206", span, said, mend, fix=_meant(mend))
        return _refused_word(text, start)
    if not _NAME.fullmatch(text):
        findings.add("M211", span, f"{shown(text)} is not the name of a fact", _lowered(text))
    return Token(TokenKind.NAME, text, start, mask)


def _refused_word(text: str, start: int) -> Token | None:
    kind = _WORD_KINDS.get(text)
    if kind is None:
        return None
    masks = {TokenKind.VALUE: "x" * len(text), TokenKind.PREFIX: "not"}
    literal = Literal.FLAG if kind is TokenKind.VALUE else None
    return Token(kind, text, start, masks.get(kind, "<".ljust(len(text))), literal)


def _lowered(text: str) -> str:
    rule = "names are lower-case words joined by dots, such as `quote.spread_bps`"
    lowered = text.lower()
    return f"did you mean `{lowered}`? {rule}" if _NAME.fullmatch(lowered) else rule


def _text(findings: Findings, text: str, start: int) -> Token:
    span = (start, start + len(text))
    strange = next((each for each in text if not " " <= each <= "~"), None)
    escapes = {match[1] for match in _ESCAPE.finditer(text)}
    if strange is not None:
        said = f"text may hold printable ASCII only, and this holds {shown(strange)}"
        findings.add("M208", span, said, "write it in ASCII")
    elif not escapes <= {'"', "'", "\\"}:
        said = "only a quote and a backslash may follow a backslash in text"
        findings.add("M208", span, said, "write the character itself")
    return Token(TokenKind.VALUE, text, start, "1" * len(text), Literal.TEXT)


def _open_text(findings: Findings, text: str, start: int) -> None:
    findings.add("M208", (start, start + 1), "text is not closed", f"add {shown(text)} at its end")


def _bracket(findings: Findings, text: str, start: int) -> Token:
    mask = _MEND_BRACKETS.get(text, text)
    if text in _MEND_BRACKETS:
        mend = "choices stand in round brackets: `x in (1, 2)`"
        findings.add("M209", (start, start + 1), f"the bracket {shown(text)} is not used", mend)
    kind = TokenKind.OPEN if mask == "(" else TokenKind.CLOSE
    return Token(kind, text, start, mask)


def _meant(mend: str) -> str:
    """The one word or operator that a mend proposes, where it proposes nothing else."""
    found = _ONE_MEANING.fullmatch(mend)
    return found[1] if found else ""


def _comma(_findings: Findings, text: str, start: int) -> Token:
    return Token(TokenKind.COMMA, text, start, text)


def _operator(findings: Findings, text: str, start: int) -> Token:
    if text in _OPERATORS:
        return Token(TokenKind.INFIX, text, start, text)
    span = (start, start + len(text))
    said = f"the operator {shown(text)} is not in the language"
    if text in _MEND_PREFIXES:
        findings.add("M205", span, said, _MEND_PREFIXES[text])
        return Token(TokenKind.PREFIX, text, start, "-")
    mend, mask = _MEND_OPERATORS[text]
    findings.add("M205", span, said, mend, fix=_meant(mend))
    return Token(TokenKind.INFIX, text, start, mask)


def _other(findings: Findings, text: str, start: int) -> None:
    said = f"{shown(text)} is not in the language"
    mend = "write the expression in plain ASCII"
    if text == "#":
        mend = "an expression holds no comments; write them in the document, before it"
    findings.add("M204", (start, start + len(text)), said, mend)


_READERS = {
    "number": _number,
    "name": _name,
    "text": _text,
    "open": _open_text,
    "bracket": _bracket,
    "comma": _comma,
    "operator": _operator,
    "other": _other,
}


def _no_neighbours(findings: Findings, result: Scan) -> None:
    """Python would join two texts, and read letters before a quote or square brackets behind."""
    for before, after in zip(result.tokens, result.tokens[1:], strict=False):
        if after.text == "[" and before.kind in {TokenKind.NAME, TokenKind.VALUE}:
            result.broken = True
        if after.literal is Literal.TEXT and before.literal is Literal.TEXT:
            said = "two texts stand side by side"
            findings.add("M208", (before.start, after.end), said, "write them as one text")
            result.broken = True
        elif after.literal is Literal.TEXT and _touching(before, after):
            said = f"text with the prefix {shown(before.text)} is not in the language"
            findings.add("M208", (before.start, after.end), said, "leave the prefix out")
            result.broken = True


def _touching(before: Token, after: Token) -> bool:
    return before.end == after.start and before.kind is TokenKind.NAME

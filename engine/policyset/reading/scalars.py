"""What an unquoted scalar is: text, number, flag or null, and only one spelling of each.

In: the text of one plain scalar. Out: its kind and value, or the refusal with its mend.
Refuses whatever two YAML programs read differently: `yes`, `010`, `1e3`, `1_000`, `12:30`,
`2025-11-22`, `~`, `.inf`, and numbers longer than a decimal keeps.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from engine.model.numbers import canonical_number
from engine.policyset.reading.nodes import PlainScalar, ScalarKind

MAX_DIGITS = 28
_QUOTED_CHARS = 60
# Beyond this no one meant a number, and the patterns below need never see a long text.
_MAX_FORM_CHARS = 64
_FORM_STARTS = frozenset("+-.0123456789")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_OTHER_FLAGS = {
    **dict.fromkeys(("true", "yes", "on", "y"), "true"),
    **dict.fromkeys(("false", "no", "off", "n"), "false"),
}
_OTHER_NULLS = frozenset({"~", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a spelling is refused, before it has a place."""

    code: str
    message: str
    help: str
    meant: str | None = None
    """The plain spelling of the same value, where nothing else can have been meant."""


@dataclass(frozen=True, slots=True)
class _Form:
    """A spelling that some YAML program reads as other than text."""

    pattern: re.Pattern[str]
    code: str
    title: str


_FORMS = (
    _Form(re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[Tt ].*)?", re.ASCII), "M128", "a date"),
    _Form(re.compile(r"[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.\d*)?", re.ASCII), "M128", "a time"),
    _Form(re.compile(r"[-+]?0[xob][\da-f_]+", re.ASCII | re.IGNORECASE), "M124", "another base"),
    _Form(re.compile(r"[-+]?0\d[\d_]*(?:\.\d*)?", re.ASCII), "M126", "a leading zero"),
    _Form(
        re.compile(r"[-+]?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)e[-+]?\d+", re.ASCII | re.IGNORECASE),
        "M124",
        "an exponent",
    ),
    _Form(re.compile(r"[-+]?\.(?:inf|nan)", re.IGNORECASE), "M124", "not a finite number"),
    _Form(re.compile(r"[-+]?\d+_[\d_]*(?:\.[\d_]*)?", re.ASCII), "M124", "underscores"),
    _Form(re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII), "M124", "commas"),
    _Form(re.compile(r"\+\d+(?:\.\d*)?", re.ASCII), "M124", "a plus sign"),
    _Form(re.compile(r"[-+]?(?:\d*\.\d+|\d+\.)", re.ASCII), "M124", "a bare decimal point"),
)


def resolve(text: str) -> tuple[ScalarKind, PlainScalar] | Refusal:
    """Decide what the plain scalar `text`, which is not empty, stands for."""
    if _NUMBER.fullmatch(text):
        return _number(text)
    if text in ("true", "false"):
        return ScalarKind.FLAG, text == "true"
    if text == "null":
        return ScalarKind.NULL, None
    return _other_spelling(text) or (ScalarKind.TEXT, text)


def quoted(text: str) -> str:
    """The user's text in backticks, shortened, with nothing in it that a terminal obeys."""
    short = text if len(text) <= _QUOTED_CHARS else text[: _QUOTED_CHARS - 1] + "…"
    return "`" + "".join(c if c.isprintable() else "\ufffd" for c in short) + "`"


def _number(text: str) -> tuple[ScalarKind, PlainScalar] | Refusal:
    if sum(char.isdigit() for char in text) > MAX_DIGITS:
        return Refusal(
            "M125",
            f"a number with more than {MAX_DIGITS} digits",
            "round it: a longer one would not be kept exactly",
        )
    value = Decimal(text)
    return ScalarKind.NUMBER, value or abs(value)


def _other_spelling(text: str) -> Refusal | None:
    flag = _OTHER_FLAGS.get(text.lower())
    if flag:
        return Refusal(
            "M127",
            f"{quoted(text)} is a flag to some YAML programs and text to others",
            f"write `{flag}`, or quote it if it is text",
            # One letter may be a name; a word for yes or no is not.
            meant=flag if len(text) > 1 else None,
        )
    if text in _OTHER_NULLS:
        mend = "write `null`, or leave the key out"
        return Refusal("M130", f"{quoted(text)} for nothing", mend, meant="null")
    if len(text) > _MAX_FORM_CHARS or text[0] not in _FORM_STARTS:
        return None
    form = next((form for form in _FORMS if form.pattern.fullmatch(text)), None)
    return _refused_form(form, text) if form else None


def _refused_form(form: _Form, text: str) -> Refusal:
    if form.code == "M128":
        return Refusal(
            "M128",
            f"{quoted(text)} is {form.title} to some YAML programs and text to others",
            "put it in quotes",
            meant=f'"{text}"',
        )
    value = _meant(text)
    # 010 is eight to some, and a comma is a decimal point to others.
    clear = form.code == "M124" and "," not in text
    mend = f"write `{value}`" if value else "write a plain decimal number"
    return Refusal(
        form.code,
        f"{quoted(text)} is not a plain decimal: {form.title}",
        f"{mend}, or quote it if it is text",
        meant=value if clear else None,
    )


def _meant(text: str) -> str | None:
    """The plain decimal for a number in other dress, when there is no doubt what it is."""
    try:
        value = Decimal(text.replace("_", "").replace(",", ""))
    except InvalidOperation:
        return None
    short = value.is_finite() and abs(value.adjusted()) < MAX_DIGITS
    return canonical_number(value) if short else None

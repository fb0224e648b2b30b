"""The look at the bytes before any parser sees them.

In: the bytes of one file. Out: its text as a `Source`, with places, and findings.
Refuses what is too large, not UTF-8, has control, invisible or reordering characters, tabs,
carriage returns, directives, nested brackets, long lines, secrets. There is no source when
parsing would be pointless or dear: the parser alone takes up to 1.4 s on 64 KiB of hostile
text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, Fix, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_BYTES = 64 * 1024
MAX_DEPTH = 16
MAX_LINES = 2000
MAX_LINE = 2048
# A file full of one mistake is one mistake: so many are listed, the rest after the mend.
MAX_OF_A_KIND = 20

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Formatting characters (category Cf), separators and spaces other than the plain one, variation
# selectors and blank letters. A test holds this list against the Unicode database.
INVISIBLE = re.compile(
    "[\u00a0\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680"
    "\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_CARRIAGE = re.compile("\r\n?")
_MERGE = re.compile(r"^(?:<{7}|={7}|>{7})(?: .*)?$", re.MULTILINE)
_DIRECTIVE = re.compile("^%.*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Secret:
    """A known shape of secret; `hints` are texts of which one is in every such secret."""

    title: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]


def _secret(title: str, *hints: str, pattern: str) -> _Secret:
    return _Secret(title, hints, re.compile(pattern))


# Each is linear on any text: no pattern can begin again inside a run that it has refused.
_SECRETS = (
    _secret(
        "a PEM block",
        "-----BEGIN ",
        pattern=r"-----BEGIN [^-\n]{1,64}-----[^-]*(?:-----END [^-\n]{1,64}-----)?",
    ),
    _secret("an AWS access key", "AKIA", "ASIA", pattern=r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    _secret(
        "a GitHub token",
        "gh",
        pattern=r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,})",
    ),
    _secret("a GitLab token", "glpat-", pattern=r"\bglpat-[\w-]{20,}"),
    _secret("a Slack token", "xox", pattern=r"\bxox[a-z]-[\w-]{10,}"),
    _secret("a Stripe key", "k_", pattern=r"\b[srp]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    _secret("an API key", "sk-", "AIza", pattern=r"\b(?:sk-[\w-]{20,}|AIza[\w-]{35})"),
    _secret("a package registry token", "npm_", "pypi-", pattern=r"\b(?:npm_|pypi-)[\w-]{20,}"),
    _secret("a JSON web token", "eyJ", pattern=r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?"),
    _secret("a Telegram bot token", ":", pattern=r"\b[0-9]{8,10}:[A-Za-z0-9_-]{35}\b"),
    _secret(
        "the name of a Coinbase key",
        "/apiKeys/",
        pattern=r"\borganizations/[0-9a-f-]{36}/apiKeys/[0-9a-f-]{36}",
    ),
    _secret(
        "a web hook that anyone may call",
        "hooks.slack.com/",
        "/api/webhooks/",
        pattern=r"\b(?:hooks\.slack\.com/services|discord(?:app)?\.com/api/webhooks)/[\w/-]+",
    ),
    _secret(
        "an address with credentials",
        "://",
        pattern=r"(?<=://)[^\s/:@'\"]{0,256}:[^\s/@'\"]{1,256}@",
    ),
)


@dataclass(frozen=True)
class Source:
    """The text of one file, ready to parse and to show; every place in it is made here."""

    file: str
    text: str

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines, numbered as every editor does."""
        return tuple(self.text.split("\n"))

    def place(self, line: int, column: int, width: int = 1) -> Place:
        """A place from a line and a column that count from 0, as the parser's marks do."""
        row = min(line, len(self.lines) - 1)
        return Place(self.file, row + 1, column + 1, max(1, width), self.lines[row])

    def at(self, start: int, end: int) -> Place:
        """The place of `text[start:end]`, cut at the end of its first line."""
        line = self.text.count("\n", 0, start)
        begin = self.text.rfind("\n", 0, start) + 1
        stop = min(end, begin + len(self.lines[line]))
        return self.place(line, start - begin, stop - start)


def scan(data: bytes, file: str) -> tuple[Source | None, list[Diagnostic]]:
    """Decode one file; the source is None when it must not reach the parser."""
    if len(data) > MAX_BYTES:
        return None, [_too_large(file)]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, [_not_utf8(data, error.start, file)]
    raw = _CARRIAGE.sub("\n", text.removeprefix("\ufeff"))
    secrets = list(_find_secrets(raw))
    source = Source(file, _shown(raw, [span for _, span in secrets]))
    found = [*_marks(text, source), *_secret_findings(secrets, source)]
    blocking = [each for check in _BLOCKING for each in islice(check(raw, source), MAX_OF_A_KIND)]
    return (None if blocking else source), [*found, *blocking]


def _find_secrets(raw: str) -> Iterator[tuple[str, tuple[int, int]]]:
    for each in _SECRETS:
        if any(hint in raw for hint in each.hints):
            yield from ((each.title, match.span()) for match in each.pattern.finditer(raw))


def _shown(raw: str, secrets: list[tuple[int, int]]) -> str:
    """The text as it may be printed, every column kept: no secret and nothing unseen in it."""
    # Findings print the user's line back; a terminal obeys what it is sent, and logs are kept.
    chars = list(raw)
    for start, end in secrets:
        chars[start:end] = ["x" if not char.isspace() else char for char in chars[start:end]]
    masked = "".join(chars) if secrets else raw
    return INVISIBLE.sub("\ufffd", CONTROL.sub("\ufffd", masked)).replace("\t", " ")


def _too_large(file: str) -> Diagnostic:
    return Diagnostic(
        "M101",
        f"this file is larger than {MAX_BYTES // 1024} KiB",
        Place(file, 1, 1),
        "one document per file, or a few related ones under `items:`",
    )


def _not_utf8(data: bytes, start: int, file: str) -> Diagnostic:
    before = data[:start]
    line = before.count(b"\n")
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8"))
    return Diagnostic(
        "M102",
        f"byte 0x{data[start]:02x} is not UTF-8",
        Place(file, line + 1, column + 1),
        "save the file as UTF-8",
    )


def _marks(text: str, source: Source) -> Iterator[Diagnostic]:
    if text.startswith("\ufeff"):
        yield Diagnostic(
            "M103",
            "the file begins with a byte-order mark",
            source.place(0, 0),
            "save it as UTF-8 without a mark",
            fix=_rewritten(source, 0),
        )
    carriage = text.find("\r")
    if carriage >= 0:
        line = text.count("\n", 0, carriage)
        yield Diagnostic(
            "M107",
            "the lines end with a carriage return",
            source.place(line, len(source.lines[line])),
            "save it with LF line ends; `*.yaml text eol=lf` in .gitattributes keeps them",
            fix=_rewritten(source, line),
        )


def _rewritten(source: Source, line: int) -> Fix:
    """A fix that replaces nothing: a file that is mended loses its marks and carriage returns."""
    return Fix(replace(source.place(line, 0), width=0), "", safe=True)


def _secret_findings(
    secrets: list[tuple[str, tuple[int, int]]], source: Source
) -> Iterator[Diagnostic]:
    for name, span in secrets[:MAX_OF_A_KIND]:
        yield Diagnostic(
            "M111",
            f"this looks like {name}",
            source.at(*span),
            "policies are shared and kept for ever: revoke it, and hand the new one "
            "to the process through its environment",
        )


def _control(raw: str, source: Source) -> Iterator[Diagnostic]:
    for match in CONTROL.finditer(raw):
        yield Diagnostic(
            "M104",
            f"control character {named(match[0])}",
            source.at(*match.span()),
            "delete it",
        )


def _invisible(raw: str, source: Source) -> Iterator[Diagnostic]:
    for match in INVISIBLE.finditer(raw):
        yield Diagnostic(
            "M105",
            f"{named(match[0])} cannot be seen, or changes the order in which text is seen",
            source.at(*match.span()),
            "delete it, or write a plain space",
        )


def _tabs(raw: str, source: Source) -> Iterator[Diagnostic]:
    for match in re.finditer("\t", raw):
        yield Diagnostic("M106", "a tab", source.at(*match.span()), "indent with spaces")


def _directives(raw: str, source: Source) -> Iterator[Diagnostic]:
    for match in _DIRECTIVE.finditer(raw):
        yield Diagnostic("M110", "a YAML directive", source.at(*match.span()), "delete this line")


def _merges(raw: str, source: Source) -> Iterator[Diagnostic]:
    for match in islice(_MERGE.finditer(raw), 1):
        mend = "choose one side, and delete the three marks"
        place = source.at(*match.span())
        yield Diagnostic("M112", "a merge that nobody has finished", place, mend)


def _brackets(raw: str, source: Source) -> Iterator[Diagnostic]:
    # Blind to quotes, which costs nobody anything; nesting over several lines is the reader's.
    for row, line in enumerate(raw.split("\n")):
        opened = line.count("[") + line.count("{")
        if opened > MAX_DEPTH and not line.lstrip().startswith("#"):
            column = _too_deep_column(line)
            if column is not None:
                yield too_deep(source.place(row, column))


def _lines(raw: str, source: Source) -> Iterator[Diagnostic]:
    lines = raw.split("\n")
    if len(lines) > MAX_LINES:
        place, mend = source.place(MAX_LINES, 0), "split it into several documents"
        yield Diagnostic("M109", f"more than {MAX_LINES} lines in one file", place, mend)
    for row, line in enumerate(lines):
        if len(line) > MAX_LINE:
            place, mend = source.place(row, MAX_LINE), "break it, or write the text after `|`"
            yield Diagnostic("M131", f"a line longer than {MAX_LINE} characters", place, mend)


def _too_deep_column(line: str) -> int | None:
    depth = 0
    for column, char in enumerate(line):
        depth += (char in "[{") - (char in "]}")
        if depth > MAX_DEPTH:
            return column
    return None


def too_deep(place: Place) -> Diagnostic:
    """The finding for nesting beyond the limit, in brackets or by indentation."""
    return Diagnostic(
        "M108",
        f"nested deeper than {MAX_DEPTH} levels",
        place,
        "no document of ours needs more than six",
    )


def named(char: str) -> str:
    """A character that must not be printed, by number and name."""
    name = unicodedata.name(char, "")
    return f"U+{ord(char):04X} {name}".rstrip()


_BLOCKING: tuple[Callable[[str, Source], Iterator[Diagnostic]], ...] = (
    _control,
    _invisible,
    _tabs,
    _directives,
    _merges,
    _brackets,
    _lines,
)

"""What credentials look like, so that one which nobody declared is hidden too.

In: nothing. Out: patterns, each with what replaces a match; and names of fields that hold one.
The patterns lean to hiding too much: a log line is for reading, not for replaying.
"""

from __future__ import annotations

import re

_WORDS = (
    r"(?:password|passwd|passphrase|secret|secret[_-]key|api[_-]?key|private[_-]?key"
    r"|access[_-]?key|access[_-]?sign|token|authorization|cookie)"
)
_END = r"(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)"
# A value ends where a sentence, a query or a structure goes on.
_VALUE = r"(?:(?:bearer|basic|digest)\s+)?(?:\[hidden\]|[^\s\"',;&}\])]+)"

NAMED = re.compile(rf".*{_WORDS}", re.IGNORECASE | re.DOTALL)
"""Names of fields whose values are hidden whole."""

SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?{_END}", re.DOTALL), "[hidden]"),
    (re.compile(r"\beyJ[\w-]{4,}\.[\w-]{4,}(?:\.[\w-]*)?"), "[hidden]"),
    (re.compile(r"(?i)\b(bearer|basic)(\s+)(?=\S*\d|\S{16})[\w.~+/=-]{6,}"), r"\1\2[hidden]"),
    (re.compile(r"\b([a-z][a-z0-9+.-]{0,20}://[^\s:/@]{0,200}):[^\s/@]{1,500}@"), r"\1:[hidden]@"),
    (re.compile(rf"(?i)({_WORDS})([\"']?\s*[:=]\s*[\"']?){_VALUE}"), r"\1\2[hidden]"),
)

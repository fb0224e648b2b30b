"""Findings as workflow commands, which GitHub shows beside the changed lines.

In: diagnostics. Out: one `::error` or `::warning` line each. User text is escaped as the
runner unescapes it, so no message can smuggle in a command of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.errors import Diagnostic, Place


def render_github(diagnostics: Iterable[Diagnostic]) -> str:
    """One workflow command a finding, each on its own line."""
    return "".join(f"{_command(each)}\n" for each in diagnostics)


def _command(diagnostic: Diagnostic) -> str:
    properties = [*_position(diagnostic.place), f"title={_property(diagnostic.code)}"]
    return f"::{diagnostic.severity.value} {','.join(properties)}::{_data(_message(diagnostic))}"


def _position(place: Place | None) -> list[str]:
    if place is None:
        return []
    return [
        f"file={_property(place.file)}",
        f"line={place.line}",
        f"endLine={place.line}",
        f"col={place.column}",
        f"endColumn={place.column + place.width}",
    ]


def _message(diagnostic: Diagnostic) -> str:
    # The annotation hides the place, so a second place must be said in words.
    related = [f"{place}: {words}" for place, words in diagnostic.related]
    mend = [f"help: {diagnostic.help}"] if diagnostic.help else []
    return "\n".join([diagnostic.message, *related, *mend])


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

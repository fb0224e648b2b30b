"""The quick eye on YAML sees what the library's own sees."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from engine.policyset.reading.events import events

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ruamel.yaml.error import StreamMark
    from ruamel.yaml.events import Event

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted([*ROOT.glob("policies/**/*.yaml"), *ROOT.glob("tests/documents/**/*.yaml")])
# Directives are refused before the parser; all else that means something to it is here.
PIECES = (
    *("a", "key", "key:", "k: ", "key: value", "k_1: 0.5 #", "b : c", "é", "x" * 101 + ": ", "\0"),
    *(" ", "  ", "    ", "\n", "\n  ", "\n    ", "\n\n", "\t", "\r", "\r\n", "\x85", "\u2028"),
    *("- ", "- k: v", "-", ":", ": ", "::", "?", "? ", ",", "[", "]", "{", "}", "#", " #", "# c"),
    *("|\n", "|2-\n", ">\n", "'", '"', "''", "'q'", '"q"', '"\\n"', "\\", "\\x4", "\\UFFFFFFFF"),
    *("&a ", "*a", "!t ", "!!str ", "!<", "<<: ", "---", "---\n", "\n---\n", "...", "\n...\n"),
    *(".5", "-x", "\n-", "\n.", "\ufeff", "@", "`", "$", "=", "~", "null"),
)
_MALFORMED = (ValueError, LookupError, TypeError, AttributeError, OverflowError)
_PARTS = ("value", "style", "implicit", "anchor", "flow_style", "explicit")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_have_the_events_of_the_library(path: Path) -> None:
    """Each document that we ship or test has the library's events, place by place."""
    text = path.read_bytes().decode("utf-8", "replace")
    assert _told(events(text)) == _told(YAML(typ="safe", pure=True).parse(text))


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from(PIECES), max_size=24).map("".join))
def test_any_text_has_the_events_of_the_library(text: str) -> None:
    """Whatever the text, events, places and complaints are those of the library alone."""
    assert _told(events(text)) == _told(YAML(typ="safe", pure=True).parse(text))


def _told(found: Iterable[Event]) -> list[object]:
    told: list[object] = []
    try:
        told.extend(_event(each) for each in found)
    except MarkedYAMLError as error:
        marks = (_at(error.problem_mark), _at(error.context_mark))
        told.append((error.problem, error.context, *marks))
    except (YAMLError, *_MALFORMED):
        told.append("the parser gave up")
    return told


def _event(event: Event) -> tuple[object, ...]:
    parts = tuple(getattr(event, part, None) for part in _PARTS)
    tag = str(getattr(event, "ctag", None))
    return (type(event).__name__, *parts, tag, _at(event.start_mark), _at(event.end_mark))


def _at(mark: StreamMark | None) -> tuple[int, int, int] | None:
    return (mark.index, mark.line, mark.column) if mark else None

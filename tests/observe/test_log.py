"""Log lines: one an event, for a person or a machine, and never a secret."""

from __future__ import annotations

import io
import json
import logging
import re
import warnings
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from engine.model.symbols import Symbol
from engine.model.times import UtcTime
from engine.observe.log import Level, Log, LogForm, ScrubbedHandler, install
from engine.observe.scrub import Scrubber

if TYPE_CHECKING:
    from collections.abc import Iterator

NOON = UtcTime.parse("2025-11-22T12:00:00Z")
CANARY = "canary-4711-value"


@dataclass
class NoonClock:
    """A clock that always says noon."""

    def now(self) -> UtcTime:
        """Noon."""
        return NOON

    def monotonic_s(self) -> float:
        """Zero."""
        return 0.0

    async def sleep_until(self, moment: UtcTime) -> None:
        """Return at once."""


class Desk:
    """A stream, and a log that writes to it."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        self.log = Log("cycle")
        self.handler: ScrubbedHandler | None = None

    def install(self, form: LogForm, level: Level = Level.INFO) -> None:
        """Begin to write."""
        self.handler = install(self.stream, Scrubber([CANARY]), form, NoonClock(), level)

    def lines(self) -> list[str]:
        """What was written."""
        return self.stream.getvalue().splitlines()


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A desk whose traces in the process-wide logging are undone."""
    root, ours = logging.getLogger(), logging.getLogger("mandate")
    levels = (root.level, ours.level)
    told = (ours.propagate, ours.handlers)
    made = Desk()
    yield made
    ours.propagate, ours.handlers = told
    for handler in [each for each in root.handlers if isinstance(each, ScrubbedHandler)]:
        root.removeHandler(handler)
    root.setLevel(levels[0])
    ours.setLevel(levels[1])
    logging.captureWarnings(capture=False)


def test_a_machine_reads_one_json_object_a_line(desk: Desk) -> None:
    """Time of the clock port, level, logger, event, and the fields as JSON."""
    desk.install(LogForm.JSON)
    desk.log.info("order_sent", symbol=Symbol("BTC", "USD"), quantity=Decimal("0.10"), event=1)
    assert [json.loads(line) for line in desk.lines()] == [
        {
            "time": "2025-11-22T12:00:00Z",
            "level": "info",
            "logger": "mandate.cycle",
            "event": "order_sent",
            "fields": {"symbol": "BTC-USD", "quantity": "0.1", "event": 1},
        }
    ]


def test_a_person_reads_one_line_of_words(desk: Desk) -> None:
    """Values stand bare where they are one word, and quoted where they are not."""
    desk.install(LogForm.TEXT)
    desk.log.warning("quote_stale", age_s=7.5, why="two words", held=None, empty="")
    expected = "WARNING mandate.cycle quote_stale age_s=7.5 why='two words' held=null empty=''"
    assert desk.lines() == [f"{NOON} {expected}".replace("'", '"')]


@pytest.mark.parametrize("form", LogForm)
def test_no_secret_and_no_second_line_whatever_is_logged(desk: Desk, form: LogForm) -> None:
    """Events, fields, keys, tracebacks, other libraries' lines: scrubbed, one line each."""
    desk.install(form)
    event = f"event {CANARY}\nforged line"
    desk.log.info(event, **{CANARY: [CANARY]}, bidi="\u202e")
    desk.log.error("step_failed", error=ValueError(CANARY), step="exits")
    logging.getLogger("httpx").warning("GET %s", f"https://x/?q={CANARY}")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(CANARY, stacklevel=1)
    assert CANARY not in desk.stream.getvalue()
    assert "\u202e" not in desk.stream.getvalue()
    assert len(desk.lines()) == 4
    assert "ValueError: [hidden]" in desk.stream.getvalue()


def test_levels_are_ours_from_the_chosen_one_and_theirs_from_warning(desk: Desk) -> None:
    """Debug is for who asks; a library's small talk is for nobody."""
    desk.install(LogForm.TEXT)
    desk.log.debug("fact", name="x")
    logging.getLogger("httpx").info("small talk")
    assert desk.lines() == []
    desk.install(LogForm.TEXT, Level.DEBUG)
    desk.log.debug("fact", name="x")
    assert len(desk.lines()) == 1


def test_installing_again_replaces_the_stream(desk: Desk) -> None:
    """One line an event, however often the program was set up."""
    desk.install(LogForm.TEXT)
    desk.stream = io.StringIO()
    desk.install(LogForm.TEXT)
    desk.log.info("once")
    assert len(desk.lines()) == 1


def test_installing_speaks_again_after_a_hush(desk: Desk) -> None:
    """Whoever hushed our log in this process before leaves nothing behind."""
    ours = logging.getLogger("mandate")
    ours.handlers, ours.propagate = [logging.NullHandler()], False
    desk.install(LogForm.TEXT)
    desk.log.info("heard")
    assert len(desk.lines()) == 1


def test_a_line_that_cannot_be_written_is_counted_and_not_told(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    """A closed stream neither stops the caller nor prints arguments elsewhere."""
    desk.install(LogForm.TEXT)
    desk.stream.close()
    desk.log.info("lost", secret_of_field=CANARY)
    assert desk.handler is not None
    assert desk.handler.dropped_count == 1
    assert capsys.readouterr() == ("", "")


def test_nothing_in_observe_reads_the_environment() -> None:
    """Secrets come in as values: only the environment adapter looks for them."""
    from pathlib import Path

    import engine.observe

    sources = [each.read_text() for each in Path(engine.observe.__file__).parent.glob("*.py")]
    assert len(sources) >= 6
    assert not [each for each in sources if re.search(r"import os\b|\bos\.|getenv", each)]

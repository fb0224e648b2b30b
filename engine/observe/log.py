"""Log lines: an event's name and its fields, as text or as JSON, without secrets.

In: `Log("cycle").info("order_sent", symbol=symbol)`: a constant name, and values as fields.
Out: one line an event on the stream that `install` was given, through the standard library's
logging, so that lines of other libraries are scrubbed and shaped alike.
Refuses nothing and never raises: a line that cannot be written is counted, not traced.
"""

from __future__ import annotations

import json
import logging
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from engine.model.times import UtcTime
    from engine.observe.scrub import Json, Scrubber
    from engine.ports import Clock

    Traced = Callable[[], Mapping[str, str]]

ROOT = "mandate"
_FIELDS = "mandate_fields"
_MAX_TEXT = 8_000


class LogForm(Enum):
    """Who reads the lines: a person, or a machine."""

    TEXT = "text"
    JSON = "json"


class Level(Enum):
    """How much a line weighs; the names are the standard library's."""

    DEBUG = logging.DEBUG
    INFO = logging.INFO
    WARNING = logging.WARNING
    ERROR = logging.ERROR


class Log:
    """One part of the engine speaking; `name` is that part, such as `cycle`.

    An event is a constant in snake_case; whatever varies is a field. Field values may be
    anything that `Scrubber.structure` takes.
    """

    __slots__ = ("_logger",)

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(f"{ROOT}.{name}")

    def debug(self, event: str, /, **fields: object) -> None:
        """What only the one who looks for a fault wants to know."""
        self._tell(Level.DEBUG, event, fields)

    def info(self, event: str, /, **fields: object) -> None:
        """What happened as it should."""
        self._tell(Level.INFO, event, fields)

    def warning(self, event: str, /, **fields: object) -> None:
        """What happened as it should not, and was coped with."""
        self._tell(Level.WARNING, event, fields)

    def error(self, event: str, /, *, error: BaseException | None = None, **fields: object) -> None:
        """What was not coped with; `error` adds its traceback, without local variables."""
        self._tell(Level.ERROR, event, fields, error)

    def _tell(
        self,
        level: Level,
        event: str,
        fields: dict[str, object],
        error: BaseException | None = None,
    ) -> None:
        if self._logger.isEnabledFor(level.value):
            extra = {_FIELDS: fields}
            self._logger.log(level.value, "%s", event, extra=extra, exc_info=error)


class ScrubbedHandler(logging.StreamHandler[TextIO]):
    """Writes lines to a stream; counts in `dropped_count` those that it could not write."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self.dropped_count = 0

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Count the line; the library would print its arguments, unscrubbed."""
        del record
        self.dropped_count += 1


class LineFormatter(logging.Formatter):
    """Turns records into scrubbed lines, with the time of the clock port."""

    def __init__(self, scrubber: Scrubber, form: LogForm, clock: Clock) -> None:
        super().__init__()
        self._scrubber = scrubber
        self._form = form
        self._clock = clock
        self.traced: Traced = _no_trace

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever the record holds: line breaks inside it are escaped."""
        fields = self._scrubber.structure(getattr(record, _FIELDS, {}))
        told = dict(fields) if isinstance(fields, dict) else {}
        if record.exc_info:
            told["traceback"] = self._scrubber.text(self.formatException(record.exc_info))
        event = self._scrubber.text(record.getMessage())[:_MAX_TEXT]
        if self._form is LogForm.TEXT:
            return _text_line(self._clock.now(), record, event, {**told, **self.traced()})
        return _json_line(self._clock.now(), record, event, told, self.traced())


def install(
    stream: TextIO, scrubber: Scrubber, form: LogForm, clock: Clock, level: Level = Level.INFO
) -> ScrubbedHandler:
    """Send every log line of this process to `stream`, and Python's warnings with them.

    Ours from `level` on, other libraries' from WARNING on. A second call replaces the first.
    """
    root = logging.getLogger()
    for old in [each for each in root.handlers if isinstance(each, ScrubbedHandler)]:
        root.removeHandler(old)
    handler = ScrubbedHandler(stream)
    handler.setFormatter(LineFormatter(scrubber, form, clock))
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    ours = logging.getLogger(ROOT)
    # Whoever hushed it before may have left it without a way out.
    ours.handlers, ours.propagate = [], True
    ours.setLevel(level.value)
    logging.captureWarnings(capture=True)
    return handler


@contextmanager
def trace_ids_in_lines(traced: Traced) -> Iterator[None]:
    """For as long as the block lasts each line says which trace and span it belongs to."""
    shapes = [
        each.formatter
        for each in logging.getLogger().handlers
        if isinstance(each, ScrubbedHandler) and isinstance(each.formatter, LineFormatter)
    ]
    for each in shapes:
        each.traced = traced
    try:
        yield
    finally:
        for each in shapes:
            each.traced = _no_trace


def _no_trace() -> Mapping[str, str]:
    """Nobody keeps spans."""
    return {}


def _json_line(
    time: UtcTime,
    record: logging.LogRecord,
    event: str,
    fields: dict[str, Json],
    ids: Mapping[str, str],
) -> str:
    line = {
        "time": str(time),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": event,
        "fields": fields,
        **ids,
    }
    return json.dumps(line, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def _text_line(
    time: UtcTime, record: logging.LogRecord, event: str, fields: dict[str, Json]
) -> str:
    told = "".join(f" {name}={_shown(value)}" for name, value in fields.items())
    return f"{time} {record.levelname:<7} {record.name} {_shown(event)}{told}"


def _shown(value: Json) -> str:
    """A value on one line: bare when it is one plain word, else as JSON."""
    if isinstance(value, str) and value.isprintable() and value and not set(value) & set(' "='):
        return value
    return json.dumps(value, ensure_ascii=True, allow_nan=False)

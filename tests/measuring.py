"""Coverage of properties: their first examples are measured, the rest run at full speed.

In: the tests of a run that measures. Out: the same tests, which stop the measurement when they
begin an example that is not among their first. What a property reaches it reaches early, and a
traced example takes more than twice as long, the machinery around it included.
"""

from __future__ import annotations

import threading
from functools import wraps
from typing import TYPE_CHECKING, Any, Protocol

from coverage import Coverage

if TYPE_CHECKING:
    from collections.abc import Callable

MEASURED_EXAMPLES = 20


class Measuring(Protocol):
    """What measures while it is started."""

    def start(self) -> None:
        """Measure."""
        ...

    def stop(self) -> None:
        """Measure no more."""
        ...


class Measurement:
    """The measurement of this process, if there is one, which may rest until the end of a test."""

    def __init__(self, current: Callable[[], Measuring | None] = Coverage.current) -> None:
        self._current = current
        self._resting: Measuring | None = None
        self._threads = threading.active_count()
        self._examples = 0

    def begin(self) -> None:
        """A test begins."""
        self._examples = 0

    def example(self) -> None:
        """A property tries an example; those after its first are not measured."""
        self._examples += 1
        if self._examples == MEASURED_EXAMPLES + 1:
            self._rest()

    def end(self) -> None:
        """A test ended: the next is measured from its beginning."""
        resting, self._resting = self._resting, None
        if resting is not None:
            resting.start()

    def _rest(self) -> None:
        # A tracer that is stopped does not come back in another thread, such as a venue's.
        running = self._current()
        if running is not None and threading.active_count() == self._threads:
            running.stop()
            self._resting = running


def counted(function: object, measurement: Measurement) -> None:
    """Let a property tell its examples; other tests are left alone."""
    found = getattr(function, "hypothesis", None)
    if found is None or hasattr(found.inner_test, "tells_its_examples"):
        return
    inner = found.inner_test

    @wraps(inner)
    def example(*given: Any, **named: Any) -> object:
        measurement.example()
        return inner(*given, **named)

    example.tells_its_examples = True  # type: ignore[attr-defined]  # a mark of our own
    found.inner_test = example

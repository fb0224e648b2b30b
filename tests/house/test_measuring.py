"""Coverage of properties: what is measured of them, and what is not."""

from __future__ import annotations

import threading

from hypothesis import given, settings
from hypothesis import strategies as st
from measuring import MEASURED_EXAMPLES, Measurement, counted


class Tracer:
    """Measures, or does not."""

    def __init__(self) -> None:
        self.on = True

    def start(self) -> None:
        """Measure."""
        self.on = True

    def stop(self) -> None:
        """Measure no more."""
        self.on = False


def played(tracer: Tracer, measurement: Measurement) -> list[bool]:
    """Of each example of a property: whether it was measured."""
    seen = []

    @settings(max_examples=3 * MEASURED_EXAMPLES, database=None)
    @given(st.integers())
    def a_property(_number: int) -> None:
        seen.append(tracer.on)

    counted(a_property, measurement)
    counted(a_property, measurement)
    measurement.begin()
    a_property()
    return seen


def test_the_first_examples_are_measured_and_the_next_test_is() -> None:
    """A property rests the measurement once, and its end resumes it."""
    tracer = Tracer()
    measurement = Measurement(lambda: tracer)
    seen = played(tracer, measurement)
    assert seen == [True] * MEASURED_EXAMPLES + [False] * (len(seen) - MEASURED_EXAMPLES)
    assert len(seen) > MEASURED_EXAMPLES
    measurement.end()
    assert tracer.on
    assert played(tracer, measurement)[0]


def test_nothing_rests_beside_another_thread() -> None:
    """Its tracer would not come back: what a venue does in a thread stays measured."""
    tracer, over = Tracer(), threading.Event()
    measurement = Measurement(lambda: tracer)
    beside = threading.Thread(target=over.wait)
    beside.start()
    try:
        assert all(played(tracer, measurement))
    finally:
        over.set()
        beside.join()


def test_where_nothing_is_measured_nothing_rests() -> None:
    """A run without coverage plays properties as they are."""
    measurement = Measurement(lambda: None)
    assert all(played(Tracer(), measurement))
    measurement.end()

"""One venue for the tests of a module, with a market of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.venue import running_venue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakes.venue import RunningVenue

QUOTES = {"BTC-USD": ("68000.00", "68001.00"), "ETH-USD": ("3400.00", "3400.50")}


@pytest.fixture
def running() -> Iterator[RunningVenue]:
    """A venue that shows BTC-USD and ETH-USD."""
    with running_venue(quotes=QUOTES) as venue:
        yield venue

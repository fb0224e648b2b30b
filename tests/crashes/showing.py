"""A venue whose quotes never move and are never old: what rests goes on resting."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fakes.venue import running_venue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fakes.venue import RunningVenue

QUOTES = {"BTC-USD": ("60000", "60001"), "ETH-USD": ("3000", "3001")}
_EVERY_S = 0.25


@contextmanager
def showing(quotes: Mapping[str, tuple[str, str]]) -> Iterator[RunningVenue]:
    """The venue in a thread, and another that shows it the same again and again."""
    over = threading.Event()
    with running_venue(quotes=quotes) as running:

        def show() -> None:
            while not over.wait(_EVERY_S):
                for name, (bid, ask) in quotes.items():
                    running.quote(name, bid, ask)

        thread = threading.Thread(target=show)
        thread.start()
        try:
            yield running
        finally:
            over.set()
            thread.join()

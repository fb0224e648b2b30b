"""A recording under stress: more of the same, in the same time."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from engine.adapters.recorded import Recording, open_recording, stressed
from engine.model.market import Bar, Book, Quote, Trade

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "quotes": (
        "ts,symbol,bid,ask,exchange_ts\n"
        "1700000000000000000,A-USD,1,2,1699999999000000000\n"
        "1700000004000000000,B-USD,5,6,\n"
        "1700000010000000000,A-USD,3,4,1700000009000000000\n"
    ),
    "trades": (
        "ts,symbol,price,size,side\n"
        "1700000000000000000,A-USD,1,2,buy\n1700000010000000000,A-USD,3,4,sell\n"
    ),
    "bars": (
        "ts,symbol,open,high,low,close,volume\n"
        "1700000000000000000,A-USD,1,1,1,1,5\n1700000060000000000,A-USD,1,1,1,1,7\n"
    ),
    "books": (
        "ts,symbol,side,level,price,size\n"
        "1700000000000000000,A-USD,bid,0,1,5\n1700000000000000000,A-USD,ask,0,2,5\n"
        "1700000008000000000,A-USD,bid,0,1,6\n1700000008000000000,A-USD,ask,0,2,6\n"
    ),
}


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    """A little of every kind."""
    for name, text in FILES.items():
        (tmp_path / f"{name}.csv").write_text(text)
    found = open_recording(sorted(tmp_path.iterdir()))
    assert isinstance(found, Recording)
    return found


def test_every_message_is_told_again_on_the_way_to_the_next(recording: Recording) -> None:
    """Repeats lie evenly between a message and the next of its product; the last has none."""
    events = [*stressed(recording, 2).events()]
    seconds = [(e.symbol.base, e.time.ns // 10**9 % 100) for e in events if isinstance(e, Quote)]
    assert seconds == [("A", 0), ("B", 4), ("A", 5), ("A", 10)]
    assert [e.price for e in events if isinstance(e, Trade)] == [1, 1, 3]
    assert [e.bids[0].size for e in events if isinstance(e, Book)] == [5, 5, 6]


def test_a_repeat_is_as_old_as_the_message_was(recording: Recording) -> None:
    """The venue's time moves with the receipt, and is unknown where it was."""
    quotes = [e for e in stressed(recording, 2).events() if isinstance(e, Quote)]
    ages = [None if q.venue_time is None else q.time.since_s(q.venue_time) for q in quotes]
    assert ages == [1.0, None, 1.0, 1.0]


def test_so_much_more_is_traded_in_each_bar(recording: Recording) -> None:
    """Bars come as often as before, with the volume multiplied."""
    volumes = [e.volume for e in stressed(recording, 3).events() if isinstance(e, Bar)]
    assert volumes == [15, 21]


def test_stress_is_applied_once_and_tells_its_name(recording: Recording) -> None:
    """Asking twice changes nothing; another factor is another recording; 1 is the same one."""
    busy = stressed(recording, 2)
    assert stressed(recording, 1) is recording
    assert stressed(busy, 2) is busy
    digests = [each.digest for each in (recording, busy, stressed(recording, 3))]
    assert len(set(digests)) == 3
    assert all(a.ns <= b.ns for a, b in pairwise(m for m, _ in busy.arrivals()))

"""A recording that was ended, killed and begun again holds each durable row once, and its gaps."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from fakes.clock import START
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.recorded import CorrectionKind, Recording, open_recording
from engine.adapters.recorded.recorder.recorder import GAPS, Recorder, RecordingPlan
from engine.adapters.recorded.recorder.sampling import Sampling
from engine.adapters.system.disk import DirectoryDisk
from engine.adapters.system.memory_disk import MemoryDisk
from engine.errors import MandateError
from engine.model.market import Bar, Book, BookLevel, MarketEvent, Quote, Trade
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from pathlib import Path

    from engine.ports import Disk

BTC, ETH = Symbol("BTC", "USD"), Symbol("ETH", "USD")
PLAN = RecordingPlan("coinbase", ("BTC-USD", "ETH-USD"), 0.0, 2)


def quote(at_s: float, bid: int = 100, symbol: Symbol = BTC) -> Quote:
    """A quote at a second of the recording."""
    size = Decimal(1)
    return Quote(symbol, START.plus_s(at_s), Decimal(bid), Decimal(bid + 1), size, size, START)


def trade(at_s: float) -> Trade:
    """A trade at a second of the recording."""
    return Trade(BTC, START.plus_s(at_s), Decimal(100), Decimal(2), taker_sold=True)


def book(at_s: float) -> Book:
    """A book of one level a side."""
    levels = (BookLevel(Decimal(100), Decimal(1)),), (BookLevel(Decimal(101), Decimal(1)),)
    return Book(BTC, START.plus_s(at_s), *levels)


def opened(disk: Disk, folder: Path) -> Recording:
    """What the recorded reader makes of the files that are durable."""
    paths = [folder / name for name in disk.names("") if name.endswith(".parquet")]
    for path in paths:
        path.write_bytes(disk.read(path.name))
    found = open_recording(paths)
    assert isinstance(found, Recording), found
    return found


def sides(recording: Recording) -> list[tuple[float, Decimal | None]]:
    """Each quote's second and bid."""
    quotes = (event for event in recording.events() if isinstance(event, Quote))
    return [(round(each.time.since_s(START), 6), each.bid) for each in quotes]


STEPS = st.lists(
    st.tuples(st.sampled_from(["quote", "flush", "gap", "end", "kill"]), st.integers(1, 3000)),
    max_size=25,
)


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_what_was_durable_is_there_once_and_every_gap_is_marked(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    """Against a plain list: rows until each kill, and a mark after the last of them."""
    disk, folder = MemoryDisk(), tmp_path_factory.mktemp("recording")
    recorder, second, bid = Recorder.begin(disk, PLAN), 0, 100
    kept: list[tuple[float, Decimal | None]] = []
    durable: list[tuple[float, Decimal | None]] = []
    for step, seconds in [("quote", 1), *steps, ("end", 1)]:
        if step == "quote":
            second, bid = second + seconds, bid + 1
            recorder.take(quote(second, bid))
            kept.append((float(second), Decimal(bid)))
        elif step == "gap":
            recorder.gap("a test")
            kept += _mark(kept)
        else:
            if step != "kill":
                recorder.flush()
                durable = list(kept)
            if step != "flush":
                kept = [*durable, *_mark(durable)]
                recorder = Recorder.begin(disk, PLAN)
    recorder.flush()
    if not kept:
        assert disk.names("quotes-") == []
        return
    recording = opened(disk, folder)
    assert sides(recording) == kept
    marks = sum(bid is None for _, bid in kept)
    told = [c for c in recording.report.corrections if "no side known" in c.detail]
    assert sum(each.count for each in told) == marks
    assert all(each.kind is CorrectionKind.GAP for each in told)


def _mark(
    rows: list[tuple[float, Decimal | None]],
) -> list[tuple[float, Decimal | None]]:
    """A gap after the last row, unless one is marked there."""
    if not rows or rows[-1][1] is None:
        return []
    return [(rows[-1][0], None)]


def test_files_are_by_kind_and_hour(tmp_path: Path) -> None:
    """The hour of receipt, in UTC; quotes, trades and books apart."""
    disk = DirectoryDisk(tmp_path)
    recorder = Recorder.begin(disk, PLAN)
    events: list[MarketEvent] = [quote(0), trade(1), book(2), quote(3599, 101), quote(3600, 102)]
    for each in events:
        recorder.take(each)
    recorder.flush()
    recorder.take(quote(3601, 103))
    recorder.flush()
    assert [name for name in disk.names("") if name.endswith(".parquet")] == [
        "books-2025-11-22T10.parquet",
        "quotes-2025-11-22T10.parquet",
        "quotes-2025-11-22T11.parquet",
        "trades-2025-11-22T10.parquet",
    ]
    assert recorder.hours.rows == 6
    recording = opened(disk, tmp_path)
    found = list(recording.events())
    assert [type(each) for each in found] == [Quote, Trade, Book, Quote, Quote, Quote]
    assert found[0] == events[0]
    disk.close()


def test_rows_are_in_the_order_of_time(tmp_path: Path) -> None:
    """The mark of a gap is older than what another product showed after it."""
    disk = MemoryDisk()
    recorder = Recorder.begin(disk, PLAN)
    recorder.take(quote(0))
    recorder.take(quote(5, 200, ETH))
    recorder.flush()
    Recorder.begin(disk, PLAN).flush()
    recording = opened(disk, tmp_path)
    assert recording.report.count(CorrectionKind.UNSORTED) == 0
    assert [(str(s.symbol), s.bid) for s in recording.events() if isinstance(s, Quote)] == [
        ("BTC-USD", 100),
        ("BTC-USD", None),
        ("ETH-USD", 200),
        ("ETH-USD", None),
    ]


def test_a_bar_has_a_file_too() -> None:
    """Whatever the venue may tell one day."""
    disk = MemoryDisk()
    recorder = Recorder.begin(disk, PLAN)
    recorder.take(Bar(BTC, START, 60, *(Decimal(n) for n in (1, 2, 1, 1, 5))))
    recorder.flush()
    assert disk.names("bars-") == ["bars-2025-11-22T10.parquet"]


def test_a_gap_is_told_with_its_reason_from_what_was_heard_last() -> None:
    """Heartbeats say that a quote still stood; silence is found out later than it began."""
    disk = MemoryDisk()
    recorder = Recorder.begin(disk, PLAN)
    recorder.gap("nothing is known yet")
    recorder.take(quote(0))
    recorder.take(quote(5, 200, ETH))
    recorder.gap("silent for 10 s", START.plus_s(3))
    (told,) = [json.loads(line) for line in disk.read(GAPS).splitlines()]
    assert told == {
        "reason": "silent for 10 s",
        "since": {
            "BTC-USD": "2025-11-22T10:00:03.000000001Z",
            "ETH-USD": "2025-11-22T10:00:05.000000001Z",
        },
    }
    assert recorder.gaps == 1


@pytest.mark.parametrize(
    "other",
    [
        replace(PLAN, products=("BTC-USD",)),
        replace(PLAN, every_s=1.0),
        replace(PLAN, depth=3),
        replace(PLAN, venue="a venue on loopback"),
    ],
)
def test_another_recording_is_not_gone_on_with(other: RecordingPlan) -> None:
    """Rows of two recordings in one file would be neither."""
    disk = MemoryDisk()
    Recorder.begin(disk, PLAN)
    with pytest.raises(MandateError, match="M613"):
        Recorder.begin(disk, other)


def test_a_file_that_is_no_recording_is_not_written_over() -> None:
    """Whatever is there was somebody's."""
    disk = MemoryDisk()
    disk.replace("quotes-2025-11-22T10.parquet", b"no parquet")
    with pytest.raises(MandateError, match="M502"):
        Recorder.begin(disk, PLAN)


SAMPLES = {
    "every change": (0.0, [(0, 1), (0.1, 2), (0.2, 2), (0.3, 3)], [0, 0.1, 0.3]),
    "one that stands, once a second": (0.0, [(0, 1), (0.5, 1), (1.0, 1), (1.5, 1)], [0, 1.0]),
    "so far apart": (2.0, [(0, 1), (1, 2), (2, 3), (3, 4), (4.5, 4)], [0, 2, 4.5]),
}


@pytest.mark.parametrize(("every_s", "told", "kept"), SAMPLES.values(), ids=SAMPLES)
def test_quotes_are_kept_as_often_as_was_asked_for(
    every_s: float, told: list[tuple[float, int]], kept: list[float]
) -> None:
    """Trades and books always, and after a gap the first quote whatever it says."""
    sampling = Sampling(every_s)
    assert [at for at, bid in told if sampling.keeps(quote(at, bid))] == kept
    assert sampling.keeps(trade(5))
    sampling.forget()
    assert sampling.keeps(quote(told[-1][0], told[-1][1]))

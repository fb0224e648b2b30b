"""Several files are one stream, in the order in which a trader would have received them."""

from __future__ import annotations

import asyncio
import hashlib
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.recorded import (
    CorrectionKind,
    RecordedFeed,
    Recording,
    RecordingKind,
    open_recording,
    received,
    write_recording,
)
from engine.model.market import Bar, Book, BookLevel, MarketEvent, Quote, Trade
from engine.model.symbols import Symbol
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T0 = 1_767_600_000 * 10**9
BTC, ETH = Symbol("BTC", "USD"), Symbol("ETH", "USD")
QUOTE = Quote(BTC, UtcTime(T0), Decimal("10.5"), None, Decimal(3), None, UtcTime(T0 - 5))


def test_bars_arrive_when_they_are_complete(
    write: Callable[..., Path], opened: Callable[..., Recording]
) -> None:
    """A bar is not known before its last second: it comes at its open plus its interval."""
    bars = write("bars", "0 BTC-USD,1,1,1,1,1", "60 BTC-USD,2,2,2,2,1")
    quotes = write("quotes", "59 BTC-USD,1,2,1,1", "60 BTC-USD,1,2,1,1", "61 BTC-USD,1,2,1,1")
    recording = opened(quotes, bars)
    arrivals = [((at.ns - T0) // 10**9, type(event).__name__) for at, event in recording.arrivals()]
    expected = [(59, "Quote"), (60, "Bar"), (60, "Quote"), (61, "Quote"), (120, "Bar")]
    assert arrivals == expected
    assert all(received(event) == at for at, event in recording.arrivals())
    assert recording.report.files[1].intervals_s == ((BTC, 60),)


@settings(deadline=None)
@given(cuts=st.lists(st.integers(-5, 130), min_size=2, max_size=2))
def test_a_part_of_a_recording_is_what_was_received_in_it(
    two_kinds: Recording, cuts: list[int]
) -> None:
    """What was received after one instant and by another, in the order of the whole."""
    after, until = (UtcTime(T0 + each * 10**9) for each in sorted(cuts))
    whole = [(at, event) for at, event in two_kinds.arrivals() if after < at <= until]
    assert list(two_kinds.arrivals(after, until)) == whole


@pytest.fixture(scope="module")
def two_kinds(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Quotes of two products and bars of one, some at the same instants."""
    folder = tmp_path_factory.mktemp("parts")
    stamps = [T0 + each * 10**9 for each in (0, 1, 1, 60, 60, 61, 119, 120)]
    names = ["BTC-USD", "ETH-USD"] * 4
    quotes = ["ts,symbol,bid,ask", *(f"{t},{n},1,2" for t, n in zip(stamps, names, strict=True))]
    bars = ["ts,symbol,open,high,low,close,volume"]
    bars += [f"{T0 + each * 60 * 10**9},BTC-USD,1,1,1,1,1" for each in range(2)]
    paths = [folder / "quotes.csv", folder / "bars.csv"]
    for path, lines in zip(paths, (quotes, bars), strict=True):
        path.write_text("\n".join(lines) + "\n")
    recording = open_recording(paths)
    assert isinstance(recording, Recording)
    return recording


def test_ties_are_broken_by_kind_symbol_and_file(
    write: Callable[..., Path], opened: Callable[..., Recording]
) -> None:
    """Within an instant: bars, books, trades, quotes; then by symbol; and so in any order."""
    files = [
        write("quotes", "60 ETH-USD,1,2,1,1", "60 BTC-USD,1,2,1,1"),
        write("trades", "60 ETH-USD,1,1,buy", "60 BTC-USD,1,1,buy"),
        write("books", "60 BTC-USD,bid,0,1,1"),
        write("bars", "0 ETH-USD,1,1,1,1,1", "60 ETH-USD,1,1,1,1,1"),
    ]
    recording = opened(*files)
    now = [e for at, e in recording.arrivals() if at.ns == T0 + 60 * 10**9]
    assert [f"{type(e).__name__} {e.symbol.base}" for e in now] == [
        "Bar ETH",
        "Book BTC",
        "Trade BTC",
        "Trade ETH",
        "Quote BTC",
        "Quote ETH",
    ]
    assert recording.kinds == tuple(RecordingKind)
    assert list(opened(*reversed(files)).events()) == list(recording.events())


def test_symbols_of_one_file_may_have_bars_of_other_lengths(
    write: Callable[..., Path], opened: Callable[..., Recording]
) -> None:
    """Intervals are told per symbol; a symbol of one bar takes the file's most common."""
    rows = [f"{60 * n} BTC-USD,1,1,1,1,1" for n in range(6)]
    rows += [f"{300 * n} ETH-USD,1,1,1,1,1" for n in range(2)] + ["0 SOL-USD,1,1,1,1,1"]
    recording = opened(write("bars", *rows))
    intervals = {str(s): i for s, i in recording.report.files[0].intervals_s}
    assert intervals == {"BTC-USD": 60, "ETH-USD": 300, "SOL-USD": 60}
    times = [at for at, _ in recording.arrivals()]
    assert times == sorted(times)


@pytest.mark.parametrize("kind", ["quotes", "bars", "books"])
def test_overlapping_files_tell_each_instant_once(
    kind: str, write: Callable[..., Path], opened: Callable[..., Recording]
) -> None:
    """What an earlier file of the kind holds is dropped from the later one, and counted."""
    ends = {"quotes": "1,2,1,1", "bars": "1,2,1,1,1", "books": "bid,0,1,1"}
    one = write(kind, *(f"{60 * n} BTC-USD,{ends[kind]}" for n in range(5)), name="one")
    two = write(kind, *(f"{60 * n} BTC-USD,{ends[kind]}" for n in range(3, 8)), name="two")
    other = write(kind, f"60 ETH-USD,{ends[kind]}", f"120 ETH-USD,{ends[kind]}", name="other")
    recording = opened(one, two, other)
    assert len(list(recording.events())) == 10
    assert recording.report.count(CorrectionKind.OVERLAP) == 2
    assert [each.events for each in recording.report.files] == [5, 3, 2]


def test_a_file_within_another_adds_nothing(
    write: Callable[..., Path], opened: Callable[..., Recording]
) -> None:
    """A file whose every instant is known already is dropped whole, and says so."""
    one = write("trades", "0 A-USD,1,1,buy", "5 B-USD,1,1,buy", name="one")
    two = write("trades", "5 B-USD,1,1,buy", name="two")
    recording = opened(one, two)
    assert [each.events for each in recording.report.files] == [2, 0]
    assert [str(each) for each in recording.symbols] == ["A-USD", "B-USD"]


def test_silence_that_another_file_fills_is_none(
    write: Callable[..., Path], opened: Callable[..., Recording]
) -> None:
    """Months in separate files are one stream: only what no file holds is a gap."""
    january = [f"{s} A-USD,1,2,1,1" for s in range(0, 600, 60)]
    february = [f"{s} A-USD,1,2,1,1" for s in range(600, 1200, 60)]
    march = [f"{s} A-USD,1,2,1,1" for s in range(2400, 3600, 60)]
    files = [write("quotes", *rows, name=str(n)) for n, rows in enumerate((january, march))]
    (gap,) = opened(*files).report.corrections
    assert (gap.kind, gap.file, gap.count) == (CorrectionKind.GAP, str(files[0]), 1)
    filled = opened(*files, write("quotes", *february, name="2"))
    (gap,) = filled.report.corrections
    assert "longest 1260 s" in gap.detail


def test_report_accounts_for_everything(
    write: Callable[..., Path], opened: Callable[..., Recording]
) -> None:
    """Files, rows, symbols, span and digest say what was opened."""
    bars = write("bars", "0 BTC-USD,1,1,1,1,1", "60 BTC-USD,1,1,1,1,1")
    quotes = write("timed_quotes", f"0 ETH-USD,1,2,{T0}")
    recording = opened(bars, quotes)
    report = recording.report
    whole = hashlib.sha256(bars.read_bytes() + quotes.read_bytes()).hexdigest()
    assert recording.digest == whole
    assert report.files[0].sha256 == hashlib.sha256(bars.read_bytes()).hexdigest()
    assert (report.rows, report.events, recording.symbols) == (3, 3, (BTC, ETH))
    assert report.span == (recording.first, recording.last)
    assert (recording.first.ns, recording.last.ns) == (T0, T0 + 120 * 10**9)


def test_columns_that_no_kind_reads_are_listed(tmp_path: Path) -> None:
    """A column beyond the kind's own is ignored aloud; byte-order marks and spaces are not data."""
    path = tmp_path / "a.csv"
    text = "# synthetic\nts, symbol,bid,ask,last\n\n2026-01-05T08:00:00.5Z,BTC-USD, 1,2,x\n"
    path.write_text(text, encoding="utf-8-sig")
    recording = open_recording([path])
    assert isinstance(recording, Recording)
    assert recording.report.files[0].ignored_columns == ("last",)
    assert recording.first.ns == T0 + 10**9 // 2


class _Clock:
    """A clock that goes where it is sent and remembers when."""

    def __init__(self) -> None:
        self.slept: list[UtcTime] = []

    def now(self) -> UtcTime:
        return self.slept[-1]

    def monotonic_s(self) -> float:
        return 0.0

    async def sleep_until(self, moment: UtcTime) -> None:
        self.slept.append(moment)


def test_feed_sleeps_once_an_instant(
    write: Callable[..., Path], opened: Callable[..., Recording]
) -> None:
    """The feed waits for each distinct receipt and then tells all of its events."""
    rows = ("0 BTC-USD,1,2,1,1", "0 ETH-USD,1,2,1,1", "5 BTC-USD,1,2,1,1")
    recording = opened(write("quotes", *rows))
    clock = _Clock()

    async def heard() -> list[tuple[UtcTime, MarketEvent]]:
        return [(clock.now(), event) async for event in RecordedFeed(recording, clock).events()]

    assert asyncio.run(heard()) == list(recording.arrivals())
    assert clock.slept == [UtcTime(T0), UtcTime(T0 + 5 * 10**9)]


prices = st.decimals(min_value="0.00000001", max_value=10**7, places=8, allow_nan=False)
sizes = st.decimals(min_value=0, max_value=10**6, places=8)
quotes = st.builds(
    Quote,
    st.sampled_from([BTC, ETH]),
    st.integers(T0, T0 + 50).map(UtcTime),
    st.none() | prices,
    st.none() | prices,
    st.none() | sizes,
    st.none() | sizes,
    st.none() | st.integers(T0 - 9, T0).map(UtcTime),
)
trades = st.builds(
    Trade,
    st.sampled_from([BTC, ETH]),
    st.integers(T0, T0 + 50).map(UtcTime),
    prices,
    prices,
    st.booleans(),
)


@pytest.mark.long
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@settings(max_examples=50)
@given(events=st.lists(quotes, min_size=1, max_size=12) | st.lists(trades, min_size=1, max_size=12))
def test_what_was_written_is_read_back(
    suffix: str, events: list[MarketEvent], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Both formats return every event exactly, in order of receipt, equal ones once."""
    path = tmp_path_factory.mktemp("written") / f"a{suffix}"
    assert write_recording(path, events) == ()
    recording = open_recording([path])
    assert isinstance(recording, Recording)
    expected = sorted(dict.fromkeys(events), key=lambda each: (each.time, str(each.symbol)))
    assert list(recording.events()) == expected
    assert all(a <= b for (a, _), (b, _) in pairwise(recording.arrivals()))


@settings(max_examples=50)
@given(rows=st.lists(st.integers(0, 10**6), min_size=1, max_size=20, unique=True), data=st.data())
def test_order_of_rows_does_not_matter(
    rows: list[int], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A file whose rows were shuffled replays as the file in order does."""
    folder = tmp_path_factory.mktemp("shuffled")
    quotes = [Quote(BTC, UtcTime(T0 + ns), Decimal(ns + 1), None) for ns in rows]
    shuffled = data.draw(st.permutations(quotes))
    write_recording(folder / "a.csv", shuffled)
    recording = open_recording([folder / "a.csv"])
    assert isinstance(recording, Recording)
    events = list(recording.events())
    assert events == sorted(quotes, key=lambda quote: quote.time)
    back = sum(later.time < earlier.time for earlier, later in pairwise(shuffled))
    assert recording.report.count(CorrectionKind.UNSORTED) == back


def test_bars_and_books_are_read_back(tmp_path: Path) -> None:
    """Bars with their interval, and books with their levels, survive the file."""
    one = Decimal(1)
    bars: list[MarketEvent] = [
        Bar(BTC, UtcTime(T0 + n * 60 * 10**9), 60, one, one, one, one, one) for n in range(3)
    ]
    level = BookLevel(Decimal("10.01"), Decimal(2))
    books: list[MarketEvent] = [Book(BTC, UtcTime(T0), (level,), (level,))]
    for name, events in (("bars", bars), ("books", books)):
        for suffix in (".csv", ".parquet"):
            path = tmp_path / f"{name}{suffix}"
            assert write_recording(path, events, ["one", "two"]) == ()
            recording = open_recording([path])
            assert isinstance(recording, Recording)
            assert list(recording.events()) == events


def test_writing_refuses_what_it_cannot(tmp_path: Path) -> None:
    """Nothing to write, another format and a place that is none are findings; mixtures a bug."""
    (tmp_path / "file").touch()
    assert [d.code for d in write_recording(tmp_path / "a.csv", [])] == ["M503"]
    assert [d.code for d in write_recording(tmp_path / "a.txt", [QUOTE])] == ["M501"]
    assert [d.code for d in write_recording(tmp_path / "file" / "a.csv", [QUOTE])] == ["M513"]
    trade = Trade(BTC, UtcTime(T0), Decimal(1), Decimal(1), taker_sold=True)
    with pytest.raises(ValueError, match="one kind"):
        write_recording(tmp_path / "a.csv", [QUOTE, trade])
    assert list(tmp_path.glob("*.csv*")) == []

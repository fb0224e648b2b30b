"""Recordings of real markets open with the kinds, rows and defects that are known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.adapters.recorded import CorrectionKind as Correction
from engine.adapters.recorded import Recording, RecordingKind, open_recording
from engine.model.market import Quote

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("polars", reason="reading Parquet needs the extra simulate")

BARS, BOOKS, TRADES, QUOTES = RecordingKind
AHEAD, GAP = Correction.VENUE_AHEAD, Correction.GAP

# file: (kind, rows, events, symbols, bar interval in s, what is counted)
TABLE: dict[str, tuple[RecordingKind, int, int, int, int, dict[Correction, int]]] = {
    "bars/binance_1m_btc_busd_2022-12-13": (BARS, 1440, 1440, 1, 60, {}),
    "bars/binance_5m_2020-12_2021-07_btc_eth_sol": (
        BARS,
        197_227,
        197_227,
        3,
        300,
        {Correction.ZERO_VOLUME: 95, GAP: 18},
    ),
    "bars/binance_5m_2021-05_crash": (BARS, 142_272, 142_272, 26, 300, {}),
    "bars/bybit_1m_btc_2022-12-13": (BARS, 1440, 1440, 1, 60, {}),
    "bars/coinbase_1m_2016-10_2017-12_2018-04": (BARS, 19_542, 19_542, 4, 60, {GAP: 7}),
    "bars/coinbase_1m_btc_2020-02": (BARS, 10_080, 10_080, 1, 60, {}),
    "bars/coinbase_1s_btc_2016-10": (BARS, 11_520, 11_520, 1, 1, {GAP: 1}),
    "bars/coinbase_5m_btc_2025-07_09": (BARS, 26_496, 26_496, 1, 300, {}),
    "book/binance_spot_l2_top10_1s_2024-08-08": (BOOKS, 13_840, 692, 2, 0, {}),
    "book/coinbase_l2_top10_1s_2021-04-17": (BOOKS, 5600, 280, 10, 0, {}),
    "quotes/binance_spot_l1_ticks_2024-08-08": (QUOTES, 52_117, 52_117, 2, 0, {}),
    "quotes/bybit_l1_1m_btc_2022-12-13": (QUOTES, 721, 721, 1, 0, {}),
    "quotes/coinbase_l1_1m_2017-12_2018-04": (QUOTES, 15_817, 15_817, 4, 0, {GAP: 3}),
    "quotes/coinbase_l1_btc_2016-10": (QUOTES, 4314, 4314, 1, 0, {}),
    "quotes/coinbase_l1_ticks_2021-04-17": (QUOTES, 1778, 1778, 10, 0, {AHEAD: 1623}),
    "quotes/coinbase_ticker_2021-04-17": (QUOTES, 107, 107, 10, 0, {AHEAD: 74}),
    "trades/binance_spot_trades_2024-08-08": (TRADES, 15_863, 15_863, 2, 0, {AHEAD: 15_863}),
    "trades/coinbase_matches_2021-04-17": (TRADES, 107, 107, 10, 0, {AHEAD: 74}),
    "trades/coinbase_rfq_matches_2024-09-20": (
        TRADES,
        1300,
        1300,
        220,
        0,
        {Correction.UNSORTED: 4, GAP: 15},
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("name", TABLE)
def test_known_recording_opens(name: str, recordings: Path) -> None:
    """Kind, rows, events, symbols, interval and every counted defect are what they should be."""
    kind, rows, events, symbols, interval_s, counts = TABLE[name]
    recording = _opened(recordings / f"{name}.parquet")
    report = recording.report
    assert recording.kinds == (kind,)
    assert (report.rows, report.events, len(report.symbols)) == (rows, events, symbols)
    assert {seconds for _, seconds in report.files[0].intervals_s} == (
        {interval_s} if interval_s else set()
    )
    assert {each.kind: report.count(each.kind) for each in report.corrections} == counts


def test_every_parquet_file_is_in_the_table(recordings: Path) -> None:
    """No recording is left out of this test."""
    found = {
        path.relative_to(recordings).with_suffix("").as_posix()
        for path in recordings.glob("*/*.parquet")
    }
    assert found == set(TABLE)


def test_other_files_are_refused_in_words(recordings: Path) -> None:
    """Whatever else lies there is no recording, and is told so by code."""
    others = [p for p in recordings.rglob("*") if p.is_file() and p.suffix != ".parquet"]
    codes = {path: _codes(path) for path in others}
    assert {path: code for path, code in codes.items() if code not in (["M501"], ["M504"])} == {}


def test_ticks_and_trades_and_books_join(recordings: Path) -> None:
    """Six minutes of every tick, trade and book sample are one ordered stream."""
    names = ("quotes/binance_spot_l1_ticks", "trades/binance_spot_trades", "book/binance_spot_l2")
    paths = [next(recordings.glob(f"{name}*2024-08-08.parquet")) for name in names]
    recording = _opened(*paths)
    times = [at for at, _ in recording.arrivals()]
    assert len(times) == 52_117 + 15_863 + 692
    assert times == sorted(times)
    assert recording.kinds == (BOOKS, TRADES, QUOTES)


def test_a_quote_feed_that_dies_is_a_gap_to_the_end(recordings: Path) -> None:
    """Quotes that stop at noon while bars go on are told as silence until the end."""
    recording = _opened(
        recordings / "quotes/bybit_l1_1m_btc_2022-12-13.parquet",
        recordings / "bars/bybit_1m_btc_2022-12-13.parquet",
    )
    (gap,) = recording.report.corrections
    assert gap.kind is GAP
    assert gap.detail.endswith("to the end")


def test_floats_leave_as_their_shortest_decimals(recordings: Path) -> None:
    """Each price is the decimal that a reader of the file sees, never a float's long tail."""
    recording = _opened(recordings / "quotes/coinbase_l1_1m_2017-12_2018-04.parquet")
    first = next(recording.events())
    assert isinstance(first, Quote)
    assert (str(first.bid), str(first.ask)) == ("19650.0", "19650.01")


def _opened(*paths: Path) -> Recording:
    recording = open_recording(paths)
    assert isinstance(recording, Recording), recording
    return recording


def _codes(path: Path) -> list[str]:
    refused = open_recording([path])
    return [each.code for each in refused] if isinstance(refused, tuple) else []

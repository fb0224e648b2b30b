"""A recording that is looked at in parts shows what it shows as a whole."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.recorded import Recording, RecordingKind, RecordingReport, Table
from engine.adapters.recorded.tables import ABSENT
from engine.model.symbols import Symbol
from engine.model.times import UtcTime
from engine.simulation.prescreening.seen.columns import Shown
from engine.simulation.prescreening.seen.quotes import Quotes

if TYPE_CHECKING:
    from collections.abc import Sequence

BTC, ETH = Symbol("BTC", "USD"), Symbol("ETH", "USD")
LAST = 60
QUOTE = st.tuples(
    st.integers(0, LAST), st.integers(0, 1), st.sampled_from([ABSENT, 0.0, 1.0, 2.0, 3.0])
)


def recording_of(files: Sequence[Sequence[tuple[int, int, float]]]) -> Recording:
    """Quotes of two products in as many files: (nanosecond, product, bid)."""
    tables = []
    for number, rows in enumerate(files):
        ordered = sorted(rows, key=lambda row: row[:2])
        bids = array("d", (bid for _, _, bid in ordered))
        tables.append(
            Table(
                file=str(number),
                kind=RecordingKind.QUOTES,
                symbols=(BTC, ETH),
                times=array("q", (time for time, _, _ in ordered)),
                codes=array("q", (code for _, code, _ in ordered)),
                numbers={"bid": bids, "ask": array("d", [4.0] * len(bids))},
            )
        )
    span = (UtcTime(0), UtcTime(LAST))
    report = RecordingReport((), 0, 0, (BTC, ETH), span, ())
    return Recording(report, "", tuple(tables))


@settings(deadline=None)
@given(
    st.lists(st.lists(QUOTE, max_size=12), min_size=1, max_size=3),
    st.lists(st.integers(1, LAST - 1), max_size=3, unique=True),
)
def test_parts_of_quotes_show_the_whole(
    files: list[list[tuple[int, int, float]]], cuts: list[int]
) -> None:
    """At every instant the newest quote, and the newest with a bid, whatever the parts are."""
    recording = recording_of(files)
    for symbol, code in ((BTC, 0), (ETH, 1)):
        told = Quotes(recording, symbol)
        rows = [
            (time, place, row, bid)
            for place, table in enumerate(recording.tables)
            for row, (time, own, bid) in enumerate(
                zip(table.times, table.codes, table.numbers["bid"], strict=True)
            )
            if own == code
        ]
        after = -1
        for until in (*sorted(cuts), LAST):
            instants = np.arange(max(after, 0), until + 1, dtype=np.int64)
            shown = Shown.at(instants, told.part(after, until), None)
            for at, instant in enumerate(instants.tolist()):
                seen = sorted(each for each in rows if each[0] <= instant)
                priced = [each for each in seen if each[3] > 0]
                assert source(shown, int(shown.newest[at])) == (seen[-1][1:3] if seen else None)
                assert source(shown, int(shown.priced[at])) == (priced[-1][1:3] if priced else None)
            after = until


def source(shown: Shown, place: int) -> tuple[int, int] | None:
    """Where a quote lies; None where there is none."""
    return None if place < 0 else shown.source(place)

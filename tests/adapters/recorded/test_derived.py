"""Quotes derived from bars: where they stand, what they are called, and what is never derived."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from adapters.recorded.conftest import T0, S
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.recorded import Recording, SpreadModel, with_derived_quotes
from engine.adapters.recorded.derived import _columns
from engine.errors import Diagnostic
from engine.model.market import Bar, Quote

if TYPE_CHECKING:
    from pathlib import Path

    from adapters.recorded.conftest import Open, Write

TEN = SpreadModel(Decimal(10), Decimal(100_000))
BARS = ("0 BTC-USD,10,12,9,11,5", "60 BTC-USD,11,11,10,10,5", "120 BTC-USD,10,10,10,10,5")


def derived(recording: Recording, model: SpreadModel = TEN) -> Recording:
    """The recording with derived quotes, which there must be."""
    found = with_derived_quotes(recording, model)
    assert isinstance(found, Recording), found
    return found


def quotes(recording: Recording) -> list[Quote]:
    """Its quotes, in the order of receipt."""
    return [event for event in recording.events() if isinstance(event, Quote)]


def test_a_quote_stands_around_each_close_at_the_instant_that_completes_the_bar(
    write: Write, opened: Open
) -> None:
    """Nobody sees a price before its bar is over, and the bar is heard before its quote."""
    recording = derived(opened(write("bars", *BARS)))
    first = quotes(recording)[0]
    assert first.time.ns == T0 + 60 * S
    assert (first.bid, first.ask) == (Decimal("10.9945"), Decimal("11.0055"))
    assert first.bid_size == Decimal("9095.4568")
    kinds = [type(event) for event in recording.events()]
    assert kinds == [Bar, Quote] * 3


def test_without_a_depth_a_quote_has_no_size(write: Write, opened: Open) -> None:
    """A size that nobody stated is absent, and not a guess."""
    recording = derived(opened(write("bars", *BARS)), SpreadModel(Decimal(10)))
    assert {(each.bid_size, each.ask_size) for each in quotes(recording)} == {(None, None)}


def test_a_gap_and_a_bar_without_trades_leave_the_last_quote_to_grow_old(
    write: Write, opened: Open
) -> None:
    """A quote is derived where something traded: none for minute 1 (no volume), none for 3-9."""
    rows = (*BARS[:1], "60 BTC-USD,11,11,11,11,0", BARS[2], "600 BTC-USD,9,9,9,9,1")
    recording = derived(opened(write("bars", *rows)))
    assert [(each.time.ns - T0) // S for each in quotes(recording)] == [60, 180, 660]


def test_recorded_quotes_are_never_mixed_with_derived_ones(write: Write, opened: Open) -> None:
    """A product that is quoted keeps its own quotes alone, however few there are."""
    files = (write("quotes", "0 BTC-USD,1,2,1,1"), write("bars", *BARS, "0 ETH-USD,1,1,1,1,1"))
    recording = derived(opened(*files))
    found = [(str(each.symbol), each.bid) for each in quotes(recording)]
    assert found == [("BTC-USD", 1), ("ETH-USD", Decimal("0.9995"))]


def test_a_recording_of_quotes_has_nothing_to_derive(write: Write, opened: Open) -> None:
    """The model would have no effect, so it is refused."""
    refused = with_derived_quotes(opened(write("quotes", "0 BTC-USD,1,2,1,1")), TEN)
    assert isinstance(refused, Diagnostic)
    assert refused.code == "M516"


def test_the_model_is_part_of_what_the_recording_is(write: Write, opened: Open) -> None:
    """Other numbers make another digest, another spelling of a number does not."""
    plain = opened(write("bars", *BARS))
    models = (
        TEN,
        SpreadModel(Decimal(11), Decimal(100_000)),
        SpreadModel(Decimal(10), Decimal(1)),
        SpreadModel(Decimal(10)),
    )
    digests = [plain.digest, *(derived(plain, model).digest for model in models)]
    assert len(set(digests)) == len(digests)
    again = derived(plain, SpreadModel(Decimal("10.0"), Decimal("1e5")))
    assert again.digest == derived(plain).digest
    assert again.report == plain.report
    assert again.derived is not None
    assert again.derived.words == (
        "derived from bars at their close, spread 10.0 bps, "
        "100,000 of the quote currency at each side"
    )


def test_files_that_overlap_make_one_quote_an_instant(
    write: Write, opened: Open, tmp_path: Path
) -> None:
    """Bars of two lengths that end together are one close, and one quote."""
    del tmp_path
    long = write("bars", "0 BTC-USD,9,12,9,10,9", "180 BTC-USD,9,12,9,10,9", name="long")
    recording = derived(opened(write("bars", *BARS), long))
    times = [each.time.ns for each in quotes(recording)]
    assert len(times) == len(set(times)) == 4


@pytest.mark.parametrize(
    ("spread", "depth", "count"),
    [
        ("10", None, 0),
        ("10", "5", 0),
        ("0", None, 1),
        ("-1", "0", 2),
        ("2001", None, 1),
        ("NaN", "Infinity", 2),
        ("Infinity", "NaN", 2),
        ("2000", "-1", 1),
    ],
)
def test_numbers_that_no_market_shows_are_refused(
    spread: str, depth: str | None, count: int
) -> None:
    """Each with a finding of its own."""
    model = SpreadModel(Decimal(spread), None if depth is None else Decimal(depth))
    assert [each.code for each in model.findings()] == ["M514"] * count


@given(
    close=st.decimals("0.00000001", "1000000", places=8),
    spread=st.decimals("0.01", "2000", places=2),
    depth=st.decimals("1", "1000000", places=0),
)
def test_a_derived_quote_is_never_better_than_the_model(
    close: Decimal, spread: Decimal, depth: Decimal
) -> None:
    """Rounded outward: the spread is at least the stated one, and the size at most the depth."""
    columns = dict(_columns([close], SpreadModel(spread, depth)))
    bid, ask = (Decimal(repr(columns[name][0])) for name in ("bid", "ask"))
    half = spread / 20_000
    assert bid <= close * (1 - half) < close < close * (1 + half) <= ask
    assert ask - bid <= close * (2 * half + Decimal("0.0000004"))
    assert bid * Decimal(repr(columns["bid_size"][0])) <= depth

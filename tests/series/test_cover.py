"""What counts as covered: silence that is tolerated, silence that is not, coarser bars."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest

from engine.model.market import Bar
from engine.model.symbols import Symbol
from engine.model.times import NS_PER_S, UtcTime
from engine.series import BarHealth, BarOutcome, BarSource, SeriesBook, plan

BTC = Symbol("BTC", "USD")
ETH = Symbol("ETH", "USD")
START = 27_000_000  # a minute on every boundary up to a day: 18,750 days since 1970


def _bar(minute: int, price: str = "100", symbol: Symbol = BTC, **other: object) -> Bar:
    time = UtcTime((START + minute) * 60 * NS_PER_S)
    bar = Bar(symbol, time, 60, *[Decimal(price)] * 4, Decimal(1))
    return dataclasses.replace(bar, **other)


def _end(minute: int, late_s: int = 0) -> UtcTime:
    return UtcTime((START + minute + 1) * 60 * NS_PER_S).plus_s(late_s)


def _known_after(name: str, minutes: list[int]) -> list[bool]:
    """Whether the series is known after each of the minutes that have a bar."""
    book = SeriesBook([name])
    known = []
    for minute in minutes:
        assert book.on_bar(_bar(minute, str(100 + minute % 7))) is BarOutcome.TAKEN
        known.append(name in book.values(BTC, _end(minute)))
    return known


WINDOW = 'mean("100m")'  # tolerates five silent minutes
SILENCE = {
    "no silence": ([], True),
    "as much as is tolerated, at once": ([150, 151, 152, 153, 154], True),
    "one more than is tolerated, at once": ([150, 151, 152, 153, 154, 155], False),
    "as much as is tolerated, scattered": ([110, 130, 150, 170, 190], True),
    "one more than is tolerated, scattered": ([110, 130, 150, 170, 190, 195], False),
    "more than is tolerated, but not within one window": ([10, 30, 50, 70, 90, 195], True),
}


@pytest.mark.parametrize(("silent", "known"), SILENCE.values(), ids=SILENCE)
def test_silence_in_the_window(silent: list[int], known: bool) -> None:  # noqa: FBT001 - a table's column
    """Up to 5 % of a window may be silent; one minute more, and nothing is known of it."""
    minutes = [minute for minute in range(200) if minute not in silent]
    assert _known_after(WINDOW, minutes)[-1] is known


def test_covered_anew_after_too_long_a_silence() -> None:
    """After a gap, the window is unknown until it was seen whole once more."""
    after = _known_after(WINDOW, [*range(120), *range(126, 300)])[120:]
    assert after == [False] * 99 + [True] * 75


def test_a_short_window_tolerates_three_bars() -> None:
    """Five percent of ten minutes is no bar at all; three are tolerated."""
    assert plan('mean("10m")').gap_s == 180
    assert _known_after('mean("10m")', [*range(20), 23])[-1]
    assert not _known_after('mean("10m")', [*range(20), 24])[-1]


def test_time_is_right_across_silent_minutes() -> None:
    """A window is a stretch of time: a silent minute is in it, with the last close, no volume."""
    names = ('change_pct("10m")', 'mean("10m")', 'volume_usd("10m")')
    book = SeriesBook(names)
    for minute in [*range(15), 18]:
        book.on_bar(_bar(minute, str(100 + minute)))
    values = book.values(BTC, _end(18))
    closes = [109, 110, 111, 112, 113, 114, 114, 114, 114, 118]
    assert values['change_pct("10m")'] == pytest.approx(100 * (118 / 108 - 1))
    assert values['mean("10m")'] == pytest.approx(sum(closes) / 10)
    assert values['volume_usd("10m")'] == pytest.approx(109 + 110 + 111 + 112 + 113 + 114 + 118)


def test_the_shortest_window_of_a_ratio_must_be_covered_too() -> None:
    """Silence that a day forgives and a quarter of an hour does not makes the ratio unknown."""
    name = 'volume_ratio("15m", "4h")'
    known = _known_after(name, [*range(300), *range(304, 340)])[300:]
    assert known == [False] * 11 + [True] * 25
    assert plan(name).gap_s == 180


def test_coarser_bars_end_on_utc_boundaries() -> None:
    """Five-minute bars are 00:00 to 00:05; one whose start was not seen does not count."""
    name = 'mean("5m")'
    coarse = 'ema(2, "5m")'
    book = SeriesBook([coarse, name])
    seen = {}
    for minute in range(3, 25):
        book.on_bar(_bar(minute, str(100 + minute)))
        seen[minute] = book.values(BTC, _end(minute)).get(coarse)
    assert [minute for minute, value in seen.items() if value is None] == list(range(3, 14))
    assert {seen[minute] for minute in range(14, 19)} == {(109 + 114) / 2}
    assert seen[19] == pytest.approx((109 + 114) / 2 + 2 / 3 * (119 - (109 + 114) / 2))


def test_a_coarser_bar_has_its_highest_high_and_lowest_low() -> None:
    """The range of an aggregated bar is that of its minutes."""
    name = 'atr_pct(1, "5m")'
    book = SeriesBook([name])
    for minute in range(5):
        book.on_bar(_bar(minute))
    edges = {5: (101, 99), 6: (104, 100), 7: (103, 97), 8: (102, 98), 9: (100, 100)}
    for minute, (high, low) in edges.items():
        book.on_bar(_bar(minute, high=Decimal(high), low=Decimal(low)))
    assert book.values(BTC, _end(9)) == {name: 7.0}


def test_a_value_outlives_its_bar_by_the_tolerated_silence() -> None:
    """Without news a value is held as long as silence is tolerated, then it is unknown."""
    book = SeriesBook(['mean("10m")', 'mean("2h")'])
    for minute in range(121):
        book.on_bar(_bar(minute))
    assert set(book.values(BTC, _end(120, 239))) == {'mean("10m")', 'mean("2h")'}
    assert set(book.values(BTC, _end(120, 240))) == {'mean("2h")'}
    assert set(book.values(BTC, _end(120, 419))) == {'mean("2h")'}
    assert book.values(BTC, _end(120, 420)) == {}


def test_a_bar_from_the_future_says_nothing() -> None:
    """Clocks may differ by less than a bar; what ends later than that is not believed."""
    book = SeriesBook(['mean("1m")'])
    book.on_bar(_bar(0))
    assert book.values(BTC, _end(0, -60)) == {'mean("1m")': 100.0}
    assert book.values(BTC, _end(0, -61)) == {}


REFUSED = {
    "a bar of another length": ({"interval_s": 300}, BarOutcome.OTHER_LENGTH),
    "a bar off the grid": ({"time": UtcTime(START * 60 * NS_PER_S + 1)}, BarOutcome.OFF_GRID),
    "a bar seen before": ({"time": _end(0).plus_s(-60)}, BarOutcome.LATE),
    "a bar from before 1970": ({"time": UtcTime(-60 * NS_PER_S)}, BarOutcome.LATE),
    "a price of zero": ({"low": Decimal(0)}, BarOutcome.IMPOSSIBLE),
    "a close above the high": ({"close": Decimal(101)}, BarOutcome.IMPOSSIBLE),
    "a close below the low": ({"low": Decimal("100.5")}, BarOutcome.IMPOSSIBLE),
    "no price at all": ({"close": Decimal("NaN")}, BarOutcome.IMPOSSIBLE),
    "a price below all prices": ({"low": Decimal("1e-19")}, BarOutcome.IMPOSSIBLE),
    "a price above all prices": ({"high": Decimal("1e19")}, BarOutcome.IMPOSSIBLE),
    "an endless price": ({"high": Decimal("Infinity")}, BarOutcome.IMPOSSIBLE),
    "a negative volume": ({"volume": Decimal(-1)}, BarOutcome.IMPOSSIBLE),
    "an endless volume": ({"volume": Decimal("Infinity")}, BarOutcome.IMPOSSIBLE),
}


@pytest.mark.parametrize(("other", "outcome"), REFUSED.values(), ids=REFUSED)
def test_bars_that_are_refused(other: dict[str, object], outcome: BarOutcome) -> None:
    """A refused bar is counted by reason and changes no value."""
    book = SeriesBook(['mean("1m")'])
    book.on_bar(_bar(0))
    assert book.on_bar(_bar(1, **other)) is outcome
    assert book.health(BTC) == BarHealth(_end(0), 1, 0, {outcome: 1})
    assert book.values(BTC, _end(0)) == {'mean("1m")': 100.0}


def test_products_do_not_share_anything() -> None:
    """Each product has its own memory; of one never seen nothing is known."""
    book = SeriesBook(['mean("1m")'])
    book.on_bar(_bar(0))
    book.on_bar(_bar(5, "7", ETH))
    assert book.values(BTC, _end(0)) == {'mean("1m")': 100.0}
    assert book.values(ETH, _end(5)) == {'mean("1m")': 7.0}
    assert book.completed(Symbol("SOL", "USD")) is None
    assert book.values(Symbol("SOL", "USD"), _end(5)) == {}
    assert book.health(Symbol("SOL", "USD")) == BarHealth(None, 0, 0, {})


def test_silent_minutes_are_counted() -> None:
    """Health tells how many minutes nobody sent."""
    book = SeriesBook([])
    for minute in (0, 1, 4, 1_000):
        book.on_bar(_bar(minute))
    assert book.health(BTC).silent == 2 + 995
    assert book.completed(BTC) == _end(1_000)


def test_a_product_whose_first_bar_was_refused_knows_nothing() -> None:
    """A refusal alone makes no value and no completed bar."""
    book = SeriesBook(['mean("1m")'])
    assert book.on_bar(_bar(0, low=Decimal(0))) is BarOutcome.IMPOSSIBLE
    assert book.values(BTC, _end(0)) == {}
    assert book.completed(BTC) is None


def test_volume_covers_anew_after_bars_without_it() -> None:
    """A bar built from quotes says nothing about volume: its window starts again after it."""
    name = 'volume_usd("5m")'
    book = SeriesBook([name])
    known = []
    for minute in range(20):
        book.on_bar(_bar(minute), BarSource.QUOTES if minute == 9 else BarSource.RECORDED)
        known.append(name in book.values(BTC, _end(minute)))
    assert known == [False] * 4 + [True] * 5 + [False] * 5 + [True] * 6


def test_other_base_bars() -> None:
    """On five-minute bars, windows are measured in those, and tolerate three of them."""
    name = 'change_pct("1h")'
    book = SeriesBook([name], base_s=300)
    for place in range(13):
        book.on_bar(_bar(5 * place, str(100 + place), interval_s=300))
    values = book.values(BTC, _end(64))
    assert values == {name: pytest.approx(12.0)}
    assert plan(name, 300).gap_s == 900

"""The registry of producers against the signatures of the language, and its hash."""

from __future__ import annotations

import dataclasses

import pytest

from engine.expr.functions import SERIES_FUNCTIONS
from engine.series import PRODUCERS, SeriesBook, plan, producers_hash, refusal


def test_every_series_function_has_one_producer() -> None:
    """What can be written in a policy can be computed, and nothing else is."""
    assert set(PRODUCERS) == set(SERIES_FUNCTIONS)


WARM_UP = {
    'change_pct("60m")': (61, 61 * 60, 180),
    'highest("24h")': (1441, 1441 * 60, 72 * 60),
    'mean("60m")': (60, 3600, 180),
    'volume_ratio("1h", "24h")': (1440, 86_400, 180),
    'ema(20, "1h")': (20, 72_000, 3600),
    'rsi(14, "5m")': (15, 4500, 180),
    'zscore(200, "1d")': (200, 200 * 86_400, 10 * 86_400),
}


@pytest.mark.parametrize("name", WARM_UP)
def test_warm_up_and_tolerated_gap_are_stated(name: str) -> None:
    """Each series says how long it waits, and what silence it tolerates."""
    series = plan(name)
    assert (series.warm_up_bars, series.warm_up_s, series.gap_s) == WARM_UP[name]


REFUSED = {
    "not a series": ("quote.bid", 60, "is not a series fact in canonical form"),
    "an unknown function": ('median("1h")', 60, "is not a series fact in canonical form"),
    "not in canonical form": ("mean('1h')", 60, "is not a series fact in canonical form"),
    "a window between bars": ('mean("90s")', 60, "90 s is not a multiple"),
    "a window between coarser base bars": ('mean("7m")', 300, "420 s is not a multiple"),
    "bars finer than the base": ('ema(20, "30s")', 60, "30 s is not a multiple"),
    "bars across boundaries of the base": ('ema(20, "7m")', 300, "420 s is not a multiple"),
    "a window of years": ('mean("400d")', 60, "looks back further"),
    "too many bars": ('mean("40d")', 60, "looks back further"),
    "bars of years": ('ema(9999, "1d")', 60, "looks back further"),
}


@pytest.mark.parametrize(("name", "base_s", "words"), REFUSED.values(), ids=REFUSED)
def test_names_that_no_producer_can_answer(name: str, base_s: int, words: str) -> None:
    """A refusal names the series and says why; book and plan refuse alike."""
    reason = refusal(name, base_s)
    assert reason is not None
    assert words in reason
    assert f"`{name}`" in reason
    with pytest.raises(ValueError, match="`"):
        SeriesBook([name], base_s)


def test_names_that_can_be_answered_are_not_refused() -> None:
    """The longest window that is usual, and the smallest, are fine."""
    assert [refusal(name) for name in ('ema(200, "1d")', 'mean("1m")', 'mean("30d")')] == [None] * 3


def test_the_hash_is_stable() -> None:
    """A release that changes no meaning changes no hash."""
    assert producers_hash() == ("c016cf5f674f35585ba0f77ba366d2aa2763542c2467798c18773853154fe9d9")


def test_the_hash_follows_the_version_of_any_producer() -> None:
    """A new meaning of one producer is a new hash."""
    found = {producers_hash()}
    for name, producer in PRODUCERS.items():
        newer = dataclasses.replace(producer, version=producer.version + 1)
        found.add(producers_hash({**PRODUCERS, name: newer}))
    assert len(found) == 1 + len(PRODUCERS)

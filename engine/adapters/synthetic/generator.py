"""The seeded market: quotes on a cadence and one-minute bars, in the order of their receipt.

In: a `MarketSpec` and a seed. Out: an iterator of `Quote` and `Bar`, prices on each product's
increment. Refuses lengths and cadences outside the spec's bounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.adapters.synthetic.listings import LISTINGS
from engine.adapters.synthetic.script import (
    CRASH_DEPTH_RATIO,
    CRASH_SPREAD_RATIO,
    OUTLIER_RATIO,
    SCRIPT_HOURS,
    SPREAD_BLOW_OUT_RATIO,
    THIN_DEPTH_RATIO,
    IncidentKind,
    incidents_at,
    phase_at,
)
from engine.adapters.synthetic.walk import STEP_S, Walk, bell, seeded
from engine.errors import Diagnostic
from engine.model.market import Bar, Quote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal
    from random import Random

    from engine.adapters.synthetic.listings import Listing
    from engine.model.times import UtcTime

BAR_S = 60
MAX_HOURS = 24 * 31
MAX_HISTORY_HOURS = 24 * 8
CADENCES_S = (10, 20, 30, 60)
_MINUTES_PER_DAY = 1440


@dataclass(frozen=True, slots=True)
class MarketSpec:
    """How long and how dense; the script's six hours are the last of `hours`.

    `start` is the first quote. Bars begin `history_hours` earlier, so that windows of a day
    are covered when the first quote comes.
    """

    start: UtcTime
    hours: int = SCRIPT_HOURS
    history_hours: int = 24
    quote_every_s: int = 30
    listings: tuple[Listing, ...] = LISTINGS


def check_spec(spec: MarketSpec) -> tuple[Diagnostic, ...]:
    """What is wrong with a spec; empty when it can be generated."""
    bounds = (
        ("hours", spec.hours, SCRIPT_HOURS, MAX_HOURS),
        ("history_hours", spec.history_hours, 0, MAX_HISTORY_HOURS),
    )
    findings = [
        Diagnostic("M520", f"{name} is {value}, and may be {least} to {most}")
        for name, value, least, most in bounds
        if not least <= value <= most
    ]
    if spec.quote_every_s not in CADENCES_S:
        cadences = ", ".join(map(str, CADENCES_S))
        message = f"a quote every {spec.quote_every_s} s: it may be every {cadences} s"
        findings.append(Diagnostic("M520", message))
    return tuple(findings)


def generate(spec: MarketSpec, seed: int) -> Iterator[Quote | Bar]:
    """The market of a seed; raises ValueError for a spec that `check_spec` refuses."""
    if wrong := check_spec(spec):
        raise ValueError(wrong[0].message)
    return _generate(spec, seed)


def _generate(spec: MarketSpec, seed: int) -> Iterator[Quote | Bar]:
    market = seeded(seed, 0)
    coins = [_Coin(each, seed, number) for number, each in enumerate(spec.listings, start=1)]
    script_begin_s = (spec.hours - SCRIPT_HOURS) * 3600
    first_s, last_s = -spec.history_hours * 3600, spec.hours * 3600
    for at_s in range(first_s, last_s + 1, STEP_S):
        time = spec.start.plus_s(at_s)
        script_s = at_s - script_begin_s
        if at_s > first_s:
            shock = bell(market)
            for coin in coins:
                coin.move(script_s, shock)
        if at_s > first_s and at_s % BAR_S == 0:
            yield from [coin.bar(time.plus_s(-BAR_S), script_s) for coin in coins]
        if at_s >= 0 and at_s % spec.quote_every_s == 0:
            quotes = [coin.quote(time, script_s) for coin in coins]
            yield from (quote for quote in quotes if quote is not None)


class _Coin:
    """One listing's price walk, and its quotes and bars on the product's grid."""

    def __init__(self, listing: Listing, seed: int, stream: int) -> None:
        self._listing = listing
        self._tick = listing.product.price_increment
        self._tick_usd = float(self._tick)
        # Quotes draw from their own stream: another cadence leaves the prices as they are.
        self._walk = Walk(listing, seeded(seed, stream))
        self._quotes_random = seeded(seed, stream + 1000)
        self._bars_random = seeded(seed, stream + 2000)
        self._minute = [self._ticks(self._walk.price_usd)]

    def move(self, script_s: int, shock: float) -> None:
        self._walk.move(script_s, shock)
        self._minute.append(self._ticks(self._walk.price_usd))

    def bar(self, begin: UtcTime, script_s: int) -> Bar:
        """The minute that ends now; the next one begins where it closes."""
        ticks = self._minute
        self._minute = [ticks[-1]]
        volume_usd = self._listing.volume_24h_usd / _MINUTES_PER_DAY
        ratio = phase_at(script_s - BAR_S).volume_ratio * _around(self._bars_random, 0.5)
        return Bar(
            symbol=self._listing.symbol,
            time=begin,
            interval_s=BAR_S,
            open=ticks[0] * self._tick,
            high=max(ticks) * self._tick,
            low=min(ticks) * self._tick,
            close=ticks[-1] * self._tick,
            volume=self._size(volume_usd * ratio),
        )

    def quote(self, time: UtcTime, script_s: int) -> Quote | None:
        """What is quoted now; None while the feed is stale."""
        listing = self._listing
        wrong = incidents_at(listing.symbol, script_s)
        spread_ratio, bid_ratio, ask_ratio = (_around(self._quotes_random, 0.3) for _ in range(3))
        spread_usd = self._walk.price_usd * listing.spread_bps / 10_000
        width = max(1, round_half_up(spread_usd * spread_ratio * _spread(wrong) / self._tick_usd))
        bid = self._ticks(self._walk.price_usd * _jump(wrong)) - width // 2
        ask = bid + width
        if IncidentKind.CROSSED in wrong:
            bid, ask = ask, bid
        if IncidentKind.STALE_FEED in wrong:
            return None
        offered = IncidentKind.ONE_SIDED not in wrong
        depth_usd = listing.depth_usd * _depth(wrong)
        return Quote(
            symbol=listing.symbol,
            time=time,
            bid=bid * self._tick,
            ask=ask * self._tick if offered else None,
            bid_size=self._size(depth_usd * bid_ratio),
            ask_size=self._size(depth_usd * ask_ratio) if offered else None,
        )

    def _ticks(self, price_usd: float) -> int:
        return round_half_up(price_usd / self._tick_usd)

    def _size(self, value_usd: float) -> Decimal:
        step = self._listing.size_step
        return max(1, round_half_up(value_usd / self._walk.price_usd / float(step))) * step


def round_half_up(value: float) -> int:
    """The nearest whole number to a number that is not negative."""
    return int(value + 0.5)


def _around(random: Random, width_ratio: float) -> float:
    """A ratio around 1, up to `width_ratio` to either side."""
    return 1.0 - width_ratio + 2.0 * width_ratio * random.random()


def _spread(wrong: frozenset[IncidentKind]) -> float:
    if IncidentKind.SPREAD_BLOW_OUT in wrong:
        return SPREAD_BLOW_OUT_RATIO
    return CRASH_SPREAD_RATIO if IncidentKind.CRASH in wrong else 1.0


def _depth(wrong: frozenset[IncidentKind]) -> float:
    if IncidentKind.THIN_DEPTH in wrong:
        return THIN_DEPTH_RATIO
    return CRASH_DEPTH_RATIO if IncidentKind.CRASH in wrong else 1.0


def _jump(wrong: frozenset[IncidentKind]) -> float:
    return OUTLIER_RATIO if IncidentKind.OUTLIER in wrong else 1.0

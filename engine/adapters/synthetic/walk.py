"""Prices that wander, rise, fall and crash, the same on every machine.

In: a listing, a seed, the script. Out: a level that moves every ten seconds.
Arithmetic is + - * / on binary64 and a seeded Mersenne Twister's `random()`, no function of the
machine's mathematical library: equal bytes everywhere.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from engine.adapters.synthetic.script import CRASH_STEPS, INCIDENTS, IncidentKind, phase_at

if TYPE_CHECKING:
    from engine.adapters.synthetic.listings import Listing

STEP_S = 10
_STEPS_PER_HOUR = 3600 / STEP_S
_MARKET_NOISE = 1.6e-4  # of the price, per step on a calm day: about 4 bps a minute
_OWN_NOISE = 1.0e-4
_SQRT_3 = 1.7320508075688772
_CRASH_S = next(each.begin_s for each in INCIDENTS if each.kind is IncidentKind.CRASH)


def seeded(seed: int, stream: int) -> Random:
    """An independent stream of a seed's randomness."""
    return Random(seed * 1_000_003 + stream)  # noqa: S311 - an invented market, not a secret


def bell(random: Random) -> float:
    """A number of mean 0 and variance 1: four uniforms are close enough to a bell."""
    total = random.random() + random.random() + random.random() + random.random()
    return (total - 2.0) * _SQRT_3


class Walk:
    """One coin's price in dollars; `move` takes it ten seconds on."""

    def __init__(self, listing: Listing, random: Random) -> None:
        self._listing = listing
        self._random = random
        self.price_usd = listing.price_usd

    def move(self, script_s: int, market_shock: float) -> None:
        """Go to second `script_s` of the script; the shock is common to all coins."""
        listing = self._listing
        noise_ratio = phase_at(script_s).noise_ratio
        drift = phase_at(script_s - listing.lag_min * 60).drift_pct_h / 100 / _STEPS_PER_HOUR
        if script_s >= _CRASH_S:
            drift = 0.0  # the crash ends every trend at once, late joiners' too
        shock = _MARKET_NOISE * market_shock + _OWN_NOISE * bell(self._random)
        change = listing.beta_ratio * (drift + noise_ratio * shock)
        fall_ratio = CRASH_STEPS.get(script_s - _CRASH_S, 1.0)
        self.price_usd = self.price_usd * (1.0 + change) * fall_ratio

"""What happens in the synthetic market, minute by minute.

Out: `PHASES`, the market's drift and noise; `INCIDENTS`, what a careful trader refuses to trade
on; `CRASH_STEPS`, the fall at the end. All times count from the beginning of the script, which
is the last six hours of every synthetic market; before it, nothing but noise.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from enum import Enum

from engine.model.symbols import Symbol

SCRIPT_HOURS = 6


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of market weather, from `begin_min` to the next phase.

    `drift_pct_h` is the market's, before a coin's beta; the ratios are against a calm day.
    """

    begin_min: int
    name: str
    drift_pct_h: float
    noise_ratio: float
    volume_ratio: float


PHASES = (
    Phase(0, "chop", 0.0, 1.0, 1.0),
    Phase(95, "first rally", 8.0, 1.2, 3.0),
    Phase(140, "pullback", -3.0, 1.0, 1.2),
    Phase(175, "second rally", 8.0, 1.3, 3.5),
    Phase(225, "turn to bear", -8.0, 1.6, 2.0),
    Phase(260, "rebound", 8.0, 1.3, 3.0),
    Phase(305, "crash", 0.0, 4.0, 12.0),
    Phase(315, "calm", 0.0, 0.6, 0.8),
)


_PHASE_BEGINS_S = [phase.begin_min * 60 for phase in PHASES]


class IncidentKind(Enum):
    """What goes wrong with the market or with its data."""

    SPREAD_BLOW_OUT = "spread blow-out"
    THIN_DEPTH = "thin depth"
    STALE_FEED = "stale feed"
    ONE_SIDED = "one-sided book"
    OUTLIER = "outlier tick"
    CROSSED = "crossed quote"
    CRASH = "crash"


@dataclass(frozen=True, slots=True)
class Incident:
    """One labelled incident; without a symbol it befalls all. The end is not part of it."""

    kind: IncidentKind
    symbol: Symbol | None
    begin_s: int
    end_s: int
    words: str


def _incident(kind: IncidentKind, base: str, begin_s: int, length_s: int, words: str) -> Incident:
    symbol = Symbol(base, "USD") if base else None
    return Incident(kind, symbol, begin_s, begin_s + length_s, words)


# Each falls into a stretch in which a strategy wants to trade just that coin.
INCIDENTS = (
    _incident(
        IncidentKind.SPREAD_BLOW_OUT, "ETH", 112 * 60, 14 * 60, "the spread is 80 times as wide"
    ),
    _incident(
        IncidentKind.THIN_DEPTH, "AVAX", 120 * 60, 16 * 60, "a few hundred dollars rest at the top"
    ),
    _incident(IncidentKind.STALE_FEED, "SOL", 192 * 60, 13 * 60, "no quotes, while its bars go on"),
    _incident(IncidentKind.ONE_SIDED, "DOGE", 200 * 60, 10 * 60, "nobody offers: there is no ask"),
    _incident(
        IncidentKind.OUTLIER, "BTC", 212 * 60, 30, "quoted 9 % above the market, without a trade"
    ),
    _incident(IncidentKind.CROSSED, "ETH", 278 * 60, 60, "the bid is above the ask"),
    _incident(
        IncidentKind.CRASH, "", 305 * 60, 10 * 60, "every coin falls by 60 %, gapping through stops"
    ),
)

SPREAD_BLOW_OUT_RATIO = 80.0
THIN_DEPTH_RATIO = 0.005
OUTLIER_RATIO = 1.09
CRASH_SPREAD_RATIO = 12.0
CRASH_DEPTH_RATIO = 0.1

# Seconds into the crash, and what is left of each price then. The first step lies between two
# quotes and is deep enough that even a book at 8 % risk loses more than 3 % before a stop can act.
CRASH_STEPS = {10: 0.5, 40: 0.91, 70: 0.94, 130: 0.96, 190: 0.975, 250: 0.985}


def phase_at(script_s: int) -> Phase:
    """The weather at a second of the script; before it, the first phase."""
    return PHASES[max(0, bisect_right(_PHASE_BEGINS_S, script_s) - 1)]


def incidents_at(symbol: Symbol, script_s: int) -> frozenset[IncidentKind]:
    """What is going wrong with a symbol at a second of the script."""
    return frozenset(
        each.kind
        for each in INCIDENTS
        if each.begin_s <= script_s < each.end_s and each.symbol in {None, symbol}
    )

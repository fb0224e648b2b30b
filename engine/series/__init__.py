"""Series facts: what a stretch of completed bars says, one producer each.

In: completed bars (or quotes and trades, built into bars). Out: known values by canonical name,
such as `change_pct("60m")`; one that is absent is unknown. The same source runs per bar
(`SeriesBook`) and over whole recordings (`produce`), equal to the last bit.
"""

from __future__ import annotations

from engine.series.batch import BarColumns, SeriesColumns, produce
from engine.series.book import BarHealth, BarOutcome, SeriesBook
from engine.series.builder import BarBuilder, BarSource, preferred
from engine.series.compiled import Runtime
from engine.series.producers import (
    BASE_S,
    PRODUCERS,
    PRODUCERS_VERSION,
    Producer,
    Series,
    plan,
    producers_hash,
    refusal,
)

__all__ = [
    "BASE_S",
    "PRODUCERS",
    "PRODUCERS_VERSION",
    "BarBuilder",
    "BarColumns",
    "BarHealth",
    "BarOutcome",
    "BarSource",
    "Producer",
    "Runtime",
    "Series",
    "SeriesBook",
    "SeriesColumns",
    "plan",
    "preferred",
    "produce",
    "producers_hash",
    "refusal",
]

"""Series facts: what a stretch of completed bars says, one producer each.

In: completed bars (or quotes and trades, built into bars). Out: known values by canonical name,
such as `change_pct("60m")`; one that is absent is unknown. The same source runs per bar
(`SeriesBook`) and over whole recordings (`produce`), equal to the last bit. Each name is imported
when it is first used: a seal needs the producers alone. `__init__.pyi` tells their types.
"""

from __future__ import annotations

from importlib import import_module

_HOMES = {
    "BASE_S": "engine.series.producers",
    "PRODUCERS": "engine.series.producers",
    "PRODUCERS_VERSION": "engine.series.producers",
    "BarBuilder": "engine.series.builder",
    "BarColumns": "engine.series.batch",
    "BarHealth": "engine.series.book",
    "BarOutcome": "engine.series.book",
    "BarSource": "engine.series.builder",
    "Producer": "engine.series.producers",
    "Runtime": "engine.series.compiled",
    "Series": "engine.series.producers",
    "SeriesBook": "engine.series.book",
    "SeriesColumns": "engine.series.batch",
    "plan": "engine.series.producers",
    "preferred": "engine.series.builder",
    "produce": "engine.series.batch",
    "producers_hash": "engine.series.producers",
    "refusal": "engine.series.producers",
}

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


def __getattr__(name: str) -> object:
    """Import a public name from its home; raises AttributeError for any other."""
    home = _HOMES.get(name)
    if home is None:
        message = f"module 'engine.series' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(home), name)

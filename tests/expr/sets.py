"""A vocabulary as a policy set has it: the built-in facts, parameters, and facts of its rules."""

from __future__ import annotations

from engine.expr.facts import VOCABULARY
from engine.expr.units import unit_of_name
from engine.expr.vocabulary import FactScope, FactSpec, FactType

_PARAMETERS = {
    "max_age_s": "30",
    "max_skew_ms": "500",
    "max_spread_bps": "25",
    "max_pct": '2.5 if regime.name == "bull" else 1',
    "fraction_pct": '3 if regime.name == "bull" else 0.03',
    "negative_pct": "-5",
    "zero_pct": "0",
    "max_usd": "3000",
    "share_ratio": "0.25",
    "hold_h": "48",
    "factor": "3",
    "measured_pct": "share_pct(quote.bid, quote.ask)",
}


def parameter(name: str, definition: str) -> FactSpec:
    """One parameter, its unit by its name."""
    return FactSpec(
        name=f"params.{name}",
        type=FactType.NUMBER,
        unit=unit_of_name(name),
        scope=FactScope.ACCOUNT,
        producer="",
        sentence="a number of the set",
        definition=definition,
    )


SET = VOCABULARY.extended(
    (
        *(parameter(name, definition) for name, definition in _PARAMETERS.items()),
        parameter("x", "1"),
        FactSpec(
            "breaker.daily_stop.tripped",
            FactType.FLAG,
            None,
            FactScope.ACCOUNT,
            "cycle.facts.rules",
            "whether the breaker is tripped",
        ),
    )
)

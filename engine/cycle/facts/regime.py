"""Facts of the market as a whole, told by the Deployment's reference product."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.expr.facts import Regime

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.cycle.judging.programme import Questions
    from engine.expr.nodes import Value

SERIES = {
    "regime.trend_7d_pct": 'change_pct("7d")',
    "regime.volatility_pct": 'volatility_pct("7d")',
}
"""The series of the reference product that each of these facts is."""


def regime_facts(questions: Questions, facts: Mapping[str, Value]) -> dict[str, Value]:
    """`regime.*` from the account's facts and those of the reference product.

    Crash is asked before bear before bull. One that is undecided before any holds makes the
    regime unknown: a missing fact may have been the crash.
    """
    found = {fact: facts[series] for fact, series in SERIES.items() if series in facts}
    # The conditions of the regime may name its trend and volatility too.
    return {**found, "regime.name": _name(questions, {**facts, **found}).value}


def _name(questions: Questions, facts: Mapping[str, Value]) -> Regime:
    verdicts = questions.motor.evaluate(facts).verdicts
    for regime in (Regime.CRASH, Regime.BEAR, Regime.BULL):
        verdict = verdicts[questions.places[regime.value]]
        if verdict is None:
            return Regime.UNKNOWN
        if verdict:
            return regime
    return Regime.CHOP

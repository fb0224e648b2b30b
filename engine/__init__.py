"""Mandate: the rules of trading as reviewed, sealed policy.

The public names of the library; each is imported when it is first used, so that importing a
part of the engine does not load the rest. `__init__.pyi` tells their types.
"""

from __future__ import annotations

from importlib import import_module

_HOMES = {
    "ApprovedOrder": "engine.model.orders",
    "Decision": "engine.model.decisions",
    "Diagnostic": "engine.errors",
    "Intent": "engine.model.orders",
    "Judge": "engine.cycle.judge",
    "Loaded": "engine.policyset.opening",
    "MandateError": "engine.errors",
    "Mode": "engine.model.orders",
    "OrderIntent": "engine.model.orders",
    "Place": "engine.errors",
    "PolicySet": "engine.policyset.policyset",
    "Reason": "engine.model.decisions",
    "ReasonCode": "engine.model.decisions",
    "RunSettings": "engine.run",
    "Session": "engine.run",
    "Severity": "engine.errors",
    "Simulation": "engine.simulation.result",
    "Situation": "engine.cycle.judging.situation",
    "Terms": "engine.simulation.terms",
    "Verdict": "engine.model.decisions",
    "frames": "engine.simulation.frames",
    "load_policy_set": "engine.policyset.opening",
    "prepare": "engine.run",
    "rejudge": "engine.cycle.rejudge",
    "simulate": "engine.run.simulating",
    "verify": "engine.ledger.verify",
}

__all__ = [
    "ApprovedOrder",
    "Decision",
    "Diagnostic",
    "Intent",
    "Judge",
    "Loaded",
    "MandateError",
    "Mode",
    "OrderIntent",
    "Place",
    "PolicySet",
    "Reason",
    "ReasonCode",
    "RunSettings",
    "Session",
    "Severity",
    "Simulation",
    "Situation",
    "Terms",
    "Verdict",
    "frames",
    "load_policy_set",
    "prepare",
    "rejudge",
    "simulate",
    "verify",
]


def __getattr__(name: str) -> object:
    """Import a public name from its home; raises AttributeError for any other."""
    home = _HOMES.get(name)
    if home is None:
        message = f"module 'engine' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(home), name)

"""The way to real money in stages: what each asks for, what there is, and what stands against it.

In: a set, a ledger, what surrounds them. Out: `Evidence`, piece by piece. Reads only; the numbers
that decide are those of the Deployment's `going_live`.
"""

from __future__ import annotations

from engine.run.going_live.chronicle import Chronicle, chronicle_of
from engine.run.going_live.evidence import Evidence, Proof, Rung, verdict_of
from engine.run.going_live.examining import Examined, Ledger, evidence_for
from engine.run.going_live.gathering import Asked, gathered
from engine.run.going_live.venue import VenueSeen

__all__ = [
    "Asked",
    "Chronicle",
    "Evidence",
    "Examined",
    "Ledger",
    "Proof",
    "Rung",
    "VenueSeen",
    "chronicle_of",
    "evidence_for",
    "gathered",
    "verdict_of",
]

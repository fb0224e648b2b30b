"""What a trader should be told before money depends on it: armed, missing, tripped, near, routed.

In: a policy set, a ledger, and what surrounds them. Out: `Check`s by section. Reads only, so it may
be asked beside a running trader.
"""

from __future__ import annotations

from engine.run.doctor.checks import Check, Level, Section
from engine.run.doctor.examination import Surroundings, examine
from engine.run.doctor.keys import KeySeen, key_seen
from engine.run.doctor.routes import try_routes

__all__ = [
    "Check",
    "KeySeen",
    "Level",
    "Section",
    "Surroundings",
    "examine",
    "key_seen",
    "try_routes",
]

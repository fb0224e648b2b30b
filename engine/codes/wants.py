"""The catalogue, M380-M389: what may be traded, and strategies whose source is Python."""

from __future__ import annotations

from engine.codes.code import Code

WANT_CODES: tuple[Code, ...] = (
    Code(
        "M380",
        "strategy of an unknown group",
        "A strategy that may trade only products of a group that is not there trades nothing.",
        "groups: [LAYER_2] beside a UniverseFilter with LAYER2",
    ),
    Code(
        "M389",
        "parameter of a tier and of all tiers",
        "Two numbers under one name: nobody could say which of them a tier asks for.",
        "params: {stay_ratio: 0.875} beside a tier with params: {stay_ratio: 0.5}",
    ),
)

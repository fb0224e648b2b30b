"""The catalogue, M4xx."""

from __future__ import annotations

from engine.codes.code import Code

CYCLE_CODES: tuple[Code, ...] = ()

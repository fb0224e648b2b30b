"""The catalogue, M3xx."""

from __future__ import annotations

from engine.codes.code import Code

POLICY_CODES: tuple[Code, ...] = ()

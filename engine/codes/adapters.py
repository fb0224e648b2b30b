"""The catalogue, M5xx."""

from __future__ import annotations

from engine.codes.code import Code

ADAPTER_CODES: tuple[Code, ...] = ()

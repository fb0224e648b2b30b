"""The catalogue, M2xx."""

from __future__ import annotations

from engine.codes.code import Code

EXPRESSION_CODES: tuple[Code, ...] = ()

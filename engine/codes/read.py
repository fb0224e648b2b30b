"""The catalogue, M1xx."""

from __future__ import annotations

from engine.codes.code import Code

READ_CODES: tuple[Code, ...] = ()

"""One entry of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A finding's stable code: its short title, why it is refused, and text that earns it."""

    code: str
    title: str
    why: str
    example: str

"""The whole corpus of seeded mistakes, by what they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mistakes.of_plans import PLANS, SIZES, TIMES
from mistakes.of_rails import RAILS
from mistakes.of_relations import BOUNDS, NAMES
from mistakes.of_words import KEYS, SECRETS, UNITS, VALUES

if TYPE_CHECKING:
    from mistakes.mistake import Mistake

MISTAKES: tuple[Mistake, ...] = (
    *KEYS,
    *VALUES,
    *SECRETS,
    *UNITS,
    *NAMES,
    *BOUNDS,
    *RAILS,
    *SIZES,
    *PLANS,
    *TIMES,
)

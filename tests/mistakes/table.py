"""The whole corpus of seeded mistakes, by what they are about."""

from __future__ import annotations

from mistakes.mistake import Mistake
from mistakes.of_plans import PLANS, SIZES, TIMES
from mistakes.of_relations import BOUNDS, NAMES, RAILS
from mistakes.of_words import KEYS, SECRETS, UNITS, VALUES

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

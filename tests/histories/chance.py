"""Chance that a seed decides: one stream for each purpose, so that none disturbs another.

In: a seed and a purpose. Out: draws. Strings seed a generator through SHA-512, whatever
PYTHONHASHSEED is, so the same seed draws the same in every process.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


class Chance:
    """Draws of one purpose."""

    def __init__(self, seed: int, purpose: str) -> None:
        self._random = random.Random(f"{seed}/{purpose}")  # noqa: S311 - replayed, not secret

    def ratio(self) -> float:
        """A number in [0, 1)."""
        return self._random.random()

    def happens(self, ratio: float) -> bool:
        """Whether something of this likelihood happens."""
        return self._random.random() < ratio

    def between(self, low: float, high: float) -> float:
        """A number from `low` to `high`."""
        return low + (high - low) * self._random.random()

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def early(self, high: int) -> int:
        """A whole number from 1 to `high`: small ones are as likely as large ones."""
        return max(1, round(high ** self._random.random()))

    def choice(self, options: Sequence[T]) -> T:
        """One of these."""
        return options[int(self._random.random() * len(options))]

    def some(self, options: Sequence[T], count: int) -> list[T]:
        """So many different ones of these, at most all."""
        return self.mixed(options)[:count]

    def mixed(self, options: Sequence[T]) -> list[T]:
        """All of these in another order."""
        left = list(options)
        return [left.pop(int(self._random.random() * len(left))) for _ in range(len(left))]

    def token_bytes(self, count: int) -> bytes:
        """`count` bytes (the Rng port)."""
        return self._random.randbytes(count)

    def uniform(self, low: float, high: float) -> float:
        """A number from `low` to `high` (the Rng port)."""
        return self.between(low, high)

"""Randomness: the system's, or a sequence that a seed decides.

In: how many bytes, or which range. Out: bytes and numbers. Neither is on the decision path.
"""

from __future__ import annotations

import hashlib
import secrets

_MANTISSA_BITS = 53


class SystemRng:
    """Unpredictable."""

    def token_bytes(self, count: int) -> bytes:
        """`count` unpredictable bytes."""
        return secrets.token_bytes(count)

    def uniform(self, low: float, high: float) -> float:
        """A number in [low, high]."""
        return secrets.SystemRandom().uniform(low, high)


class SeededRng:
    """The same seed gives the same sequence, on any machine and any version of Python.

    SHA-256 of the seed and a counter: an own definition, since the generators of libraries
    may change between releases.
    """

    def __init__(self, seed: bytes) -> None:
        self._seed = hashlib.sha256(b"mandate/seeded-rng/v1\0" + seed).digest()
        self._blocks = 0

    def token_bytes(self, count: int) -> bytes:
        """The next `count` bytes; what is left of a block is not used."""
        blocks = -(-count // hashlib.sha256().digest_size)
        return b"".join(self._block() for _ in range(blocks))[:count]

    def uniform(self, low: float, high: float) -> float:
        """A number in [low, high], in steps of 2^-53 of the range."""
        ratio = (int.from_bytes(self._block()[:8], "big") >> (64 - _MANTISSA_BITS)) / (
            1 << _MANTISSA_BITS
        )
        return min(high, low + (high - low) * ratio)

    def _block(self) -> bytes:
        self._blocks += 1
        return hashlib.sha256(self._seed + self._blocks.to_bytes(8, "big")).digest()

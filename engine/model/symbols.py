"""Product names: one canonical form, `BASE-QUOTE`, from the spellings that venues use.

In: `BTC-USD`, `BTC/USD`, `BTC_USD`, `XBT-USD`. Out: `Symbol`. Refuses what has no clear split.
The quote currency is kept as traded: BTC-USDT is not BTC-USD.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

_CODE = re.compile(r"[A-Z0-9]{1,20}")
_SEPARATOR = re.compile(r"[-/_]")
_SAME_ASSET = {"XBT": "BTC"}
_QUOTES = ("USDT", "USDC", "BUSD", "USD", "EUR", "GBP", "BTC", "ETH")


@dataclass(frozen=True, slots=True, order=True)
class Symbol:
    """One product: what is traded (`base`) against what pays for it (`quote`)."""

    base: str
    quote: str
    # Made once, since products key nearly every mapping of a cycle.
    _text: str = field(init=False, repr=False, compare=False)
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_text", f"{self.base}-{self.quote}")
        object.__setattr__(self, "_hash", hash(self._text))

    def __reduce__(self) -> tuple[type[Symbol], tuple[str, str]]:
        # A text's hash differs from process to process, so it never travels to another.
        return Symbol, (self.base, self.quote)

    @classmethod
    def parse(cls, text: str) -> Symbol:
        """Read any usual spelling; raises ValueError when base and quote cannot be told apart."""
        return _parsed(text)

    def __str__(self) -> str:
        return self._text

    def __hash__(self) -> int:
        return self._hash


@lru_cache(maxsize=4096)  # the fold reads the same few names out of every record
def _parsed(text: str) -> Symbol:
    upper = text.strip().upper()
    parts = _SEPARATOR.split(upper) if _SEPARATOR.search(upper) else _split_joined(upper)
    if len(parts) != 2 or not all(_CODE.fullmatch(part) for part in parts):  # noqa: PLR2004 - base and quote
        message = f"not a product name: {text!r}"
        raise ValueError(message)
    base, quote = (_SAME_ASSET.get(part, part) for part in parts)
    return Symbol(base, quote)


def _split_joined(text: str) -> list[str]:
    quote = next((q for q in _QUOTES if text.endswith(q) and len(text) > len(q)), None)
    return [text[: -len(quote)], quote] if quote else [text]

"""A market that walks at random: one quote for each product every few seconds.

In: chance, and which defects it has. Out: the true quotes, by which the venue matches, and
messages of the venue's stream as a trader hears them, defects included.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from histories.faults import OF_QUOTES, Fault

from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from histories.chance import Chance
    from histories.plan import Plan

PRODUCTS = (
    (Symbol("BTC", "USD"), 20_000),
    (Symbol("ETH", "USD"), 1_000),
    (Symbol("SOL", "USD"), 50),
)
TICK_S = 5.0
_CENT = Decimal("0.01")
_STEP_RATIO = 0.0025
_SILENCE_RATIO = 0.06
_SILENCE_TICKS = (2, 12)
_WRONG = {
    Fault.QUOTES_NAN: "NaN",
    Fault.QUOTES_NEGATIVE: "-5.00",
    Fault.QUOTES_ZERO: "0.00",
    Fault.QUOTES_HUGE: "1e308",
}
Level = tuple[str, str, str]
"""Side, price and size as the stream writes them."""


@dataclass(slots=True)
class Touch:
    """The best bid and ask of one product, and how much stands there in base units."""

    bid: Decimal
    ask: Decimal
    size: Decimal


@dataclass(slots=True)
class Market:
    """The true market of a history."""

    plan: Plan
    chance: Chance
    touches: dict[Symbol, Touch] = field(default_factory=dict)
    _mids: dict[Symbol, float] = field(default_factory=dict)
    _silent: dict[Symbol, int] = field(default_factory=dict)
    healed: bool = False
    _defects: list[Fault] = field(init=False)

    def __post_init__(self) -> None:
        self._defects = [each for each in OF_QUOTES if each in self.plan.faults]
        for symbol, price in PRODUCTS[: self.plan.products]:
            self._mids[symbol] = float(price)
            self._touch(symbol)

    def step(self) -> None:
        """Let prices walk."""
        for symbol in self._mids:
            self._mids[symbol] *= 1 + self.chance.between(-_STEP_RATIO, _STEP_RATIO)
            self._touch(symbol)

    def heard(self) -> Iterator[tuple[Symbol, list[Level]]]:
        """What the stream tells of this moment: nothing of a product that is silent."""
        for symbol, touch in self.touches.items():
            if not self._quiet(symbol):
                yield symbol, self._levels(touch)

    def _touch(self, symbol: Symbol) -> None:
        mid = Decimal(round(self._mids[symbol] * 100)) * _CENT
        half = max(_CENT, (mid * Decimal("0.0005")).quantize(_CENT))
        size = Decimal(round(self.chance.between(0.2, 3.0) * 1000)) / mid
        self.touches[symbol] = Touch(mid - half, mid + half, size.quantize(Decimal("0.0001")))

    def _quiet(self, symbol: Symbol) -> bool:
        if self.healed or Fault.QUOTES_STALE not in self.plan.faults:
            return False
        left = self._silent.get(symbol, 0)
        if not left and self.chance.happens(_SILENCE_RATIO):
            left = self.chance.whole(*_SILENCE_TICKS)
        self._silent[symbol] = max(0, left - 1)
        return left > 0

    def _levels(self, touch: Touch) -> list[Level]:
        bid, ask, size = str(touch.bid), str(touch.ask), str(touch.size)
        defect = self._defect()
        if defect is Fault.QUOTES_CROSSED:
            bid, ask = ask, bid
        elif defect in _WRONG and self.chance.happens(0.5):
            bid = _WRONG[defect]
        elif defect in _WRONG:
            ask = _WRONG[defect]
        return [("bid", bid, size), ("offer", ask, size)]

    def _defect(self) -> Fault | None:
        if self.healed or not self._defects:
            return None
        if not self.chance.happens(self.plan.defect_ratio):
            return None
        return self.chance.choice(self._defects)

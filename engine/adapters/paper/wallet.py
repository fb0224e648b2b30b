"""The account: units by currency, and what working orders hold of them.

In: amounts to move and to hold. Out: what is there, and what is free.
Refuses to go below zero: that is a mistake of the venue, never of its user, and raises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.paper.money import exactly
from engine.model.numbers import ZERO

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal


class OverdrawnError(ArithmeticError):
    """A currency would have gone below zero."""


class Wallet:
    """Units held by currency; a hold belongs to one order and is part of the units."""

    __slots__ = ("_held", "_holds", "_units")

    def __init__(self, units: Mapping[str, Decimal]) -> None:
        self._units = dict(units)
        self._holds: dict[str, tuple[str, Decimal]] = {}
        # Sums of the holds by currency: asked for at every order, of which there may be thousands.
        self._held: dict[str, Decimal] = {}

    def units(self) -> dict[str, Decimal]:
        """Everything, holds included."""
        return dict(self._units)

    def free(self, currency: str) -> Decimal:
        """What no working order holds."""
        with exactly():
            return self._units.get(currency, ZERO) - self._held.get(currency, ZERO)

    def hold(self, order: str, currency: str, units: Decimal) -> None:
        """Hold `units` for `order`, instead of what it held before."""
        self.release(order)
        self._holds[order] = (currency, units)
        with exactly():
            self._held[currency] = self._held.get(currency, ZERO) + units

    def release(self, order: str) -> None:
        """Let go of what `order` holds, if anything."""
        currency, units = self._holds.pop(order, ("", ZERO))
        if currency:
            with exactly():
                self._held[currency] -= units

    def move(self, currency: str, units: Decimal) -> None:
        """Add `units` (negative takes away); raises OverdrawnError below zero."""
        with exactly():
            total = self._units.get(currency, ZERO) + units
        # INVARIANT: no balance is ever below zero; holds and the entry checks see to it.
        if total < 0:
            message = f"{currency} would stand at {total}"
            raise OverdrawnError(message)
        self._units[currency] = total

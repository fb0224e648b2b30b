"""Numbers and times as the page shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.markup import Html, element

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.model.times import UtcTime

NONE = "-"
_UNITS_S = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))
_PARTS = 2


def usd(amount: Decimal | float | None) -> str:
    """`1,234.56`, or that nobody knows."""
    return "unknown" if amount is None else f"{amount:,.2f}"


def signed(amount: Decimal | float | None) -> str:
    """A result with its sign."""
    return "unknown" if amount is None else f"{amount:+,.2f}"


def pct(share: Decimal | float | None) -> str:
    """A share with its sign."""
    return "unknown" if share is None else f"{share:+.2f} %"


def clock(moment: UtcTime | None) -> str:
    """`2026-01-05 09:49:00`; a dash where it never came."""
    return NONE if moment is None else str(moment)[:19].replace("T", " ")


def stamp(moment: UtcTime | None) -> Html:
    """The same in a table, never broken over lines."""
    return element("time", clock(moment))


def lasting(seconds: float | None) -> str:
    """`6h 2m`."""
    if seconds is None:
        return NONE
    parts, left = [], round(seconds)
    for size, unit in _UNITS_S:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts[:_PARTS]) or "0s"


def grade(amount: Decimal | float | None) -> str:
    """The class of a result: good, bad, or neither."""
    if not amount:
        return ""
    return "good" if amount > 0 else "bad"

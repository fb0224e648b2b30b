"""Seeded markets as columns and as bars, for the tests of series."""

from __future__ import annotations

import random
from array import array
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from engine.model.market import Bar
from engine.model.times import NS_PER_S, UtcTime
from engine.series import BarColumns

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.symbols import Symbol

    MakeColumns = Callable[..., BarColumns]


def _columns(
    seed: int, count: int, *, silence: float = 0.0, longest: int = 5, first: int = 27_000_000
) -> BarColumns:
    dice = random.Random(seed)  # noqa: S311 - a seeded market, not a secret
    minute, price = first - 1, 100.0
    columns = BarColumns(array("q"), *(array("d") for _ in range(4)))
    for _ in range(count):
        minute += 1 + (dice.randint(1, longest) if dice.random() < silence else 0)
        start, price = price, price * (1.0 + dice.gauss(0.0, 0.002))
        edges = min(start, price), max(start, price)
        columns.opened_ns.append(minute * 60 * NS_PER_S)
        columns.high.append(edges[1] * (1.0 + abs(dice.gauss(0.0, 0.001))))
        columns.low.append(edges[0] * (1.0 - abs(dice.gauss(0.0, 0.001))))
        columns.close.append(price)
        columns.volume.append(dice.expovariate(0.1) if dice.random() > 0.1 else 0.0)
    return columns


def _bars(columns: BarColumns, symbol: Symbol) -> list[Bar]:
    return [
        Bar(
            symbol,
            UtcTime(columns.opened_ns[i]),
            60,
            Decimal(columns.close[i]),
            Decimal(columns.high[i]),
            Decimal(columns.low[i]),
            Decimal(columns.close[i]),
            Decimal(columns.volume[i]),
        )
        for i in range(len(columns.opened_ns))
    ]


@pytest.fixture(scope="session")
def market() -> MakeColumns:
    """`market(seed, count, silence=, longest=, first=)`: one-minute bars of a random walk."""
    return _columns


@pytest.fixture(scope="session")
def as_bars() -> Callable[[BarColumns, Symbol], list[Bar]]:
    """The same bars as values of the trade; Decimal holds the floats exactly."""
    return _bars

"""How many bars a second the series take, live and in a batch.

Run as a script, where the project is installed, it prints.

The test only holds that the batch is not slower than the live path, however busy the machine is.
"""

from __future__ import annotations

import importlib.util
import random
import time
from array import array
from decimal import Decimal

import pytest

from engine.model.market import Bar
from engine.model.symbols import Symbol
from engine.model.times import NS_PER_S, UtcTime
from engine.series import BarColumns, Runtime, SeriesBook, produce

NAMES = (
    'change_pct("60m")',
    'highest("24h")',
    'lowest("24h")',
    'mean("24h")',
    'volume_ratio("1h", "24h")',
    'volume_usd("24h")',
    'ema(20, "5m")',
    'rsi(14, "1h")',
    'atr_pct(14, "5m")',
    'zscore(60, "1m")',
    'volatility_pct("24h")',
)
BTC = Symbol("BTC", "USD")


def _columns(count: int) -> BarColumns:
    dice = random.Random(1)  # noqa: S311 - a seeded market, not a secret
    columns = BarColumns(array("q"), *(array("d") for _ in range(4)))
    price = 100.0
    for minute in range(27_000_000, 27_000_000 + count):
        price *= 1.0 + dice.gauss(0.0, 0.001)
        columns.opened_ns.append(minute * 60 * NS_PER_S)
        columns.high.append(price * 1.001)
        columns.low.append(price * 0.999)
        columns.close.append(price)
        columns.volume.append(dice.random())
    return columns


def _bar(columns: BarColumns, i: int) -> Bar:
    shown = (columns.close, columns.high, columns.low, columns.close, columns.volume)
    values = (Decimal(each[i]) for each in shown)
    return Bar(BTC, UtcTime(columns.opened_ns[i]), 60, *values)


def live_s(names: tuple[str, ...], columns: BarColumns) -> float:
    """Seconds for a book to take all bars, one by one."""
    bars = [_bar(columns, i) for i in range(len(columns.opened_ns))]
    book = SeriesBook(names)
    start = time.perf_counter()
    for bar in bars:
        book.on_bar(bar)
    return time.perf_counter() - start


def batch_s(names: tuple[str, ...], columns: BarColumns, runtime: Runtime) -> float:
    """Seconds for a batch over all bars."""
    start = time.perf_counter()
    produce(names, columns, runtime=runtime)
    return time.perf_counter() - start


@pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="needs extra `simulate`")
def test_a_compiled_batch_is_faster_than_the_same_bars_one_by_one() -> None:
    """Over recordings, compiled series take less time than a book would (usually 30 times less)."""
    columns = _columns(5_000)
    batch_s(NAMES[:3], columns, Runtime.COMPILED)
    assert batch_s(NAMES[:3], columns, Runtime.COMPILED) < live_s(NAMES[:3], columns)


def main() -> None:
    """Print what was measured, per series and bar."""
    few, many = _columns(10_000), _columns(500_000)
    print(f"compile all: {batch_s(NAMES, few, Runtime.COMPILED):.1f} s, once")  # noqa: T201 - a script's output
    for names in (*((name,) for name in NAMES), NAMES):
        live = live_s(names, few) / len(names) / len(few.opened_ns)
        batch = batch_s(names, many, Runtime.COMPILED) / len(names) / len(many.opened_ns)
        label = names[0] if len(names) == 1 else f"all {len(names)}, each"
        print(  # noqa: T201 - a script's output
            f"{label:28} live {live * 1e6:6.2f} us ({1 / live:11,.0f} bars/s)"
            f"   batch {batch * 1e9:6.1f} ns ({1 / batch:13,.0f} bars/s)"
        )


if __name__ == "__main__":
    main()

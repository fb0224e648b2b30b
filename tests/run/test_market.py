"""The market of a run: which bars, which products, which receipts cycles run on."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from policyset.sets import shipped

from engine.adapters.recorded import Recording, open_recording
from engine.adapters.recorded.files.writing import write_recording
from engine.model.market import Bar, Quote, Trade
from engine.model.symbols import Symbol
from engine.model.times import UtcTime
from engine.run.market import bar_length_s, bar_sources, cycle_times, products_of
from engine.series import BarSource

if TYPE_CHECKING:
    from pathlib import Path

    from engine.model.market import MarketEvent

START = UtcTime.parse("2025-11-22T10:00:00Z")
BTC, ETH, SOL = (Symbol(base, "USD") for base in ("BTC", "ETH", "SOL"))
ONE = Decimal(1)


def quotes(*symbols: Symbol) -> list[MarketEvent]:
    """A quote a minute of each."""
    return [
        Quote(each, START.plus_s(60 * n), ONE, ONE, ONE, ONE) for n in range(3) for each in symbols
    ]


def bars(symbol: Symbol, seconds: int) -> list[MarketEvent]:
    """Three bars of a length."""
    times = [START.plus_s(seconds * n) for n in range(3)]
    return [Bar(symbol, each, seconds, ONE, ONE, ONE, ONE, ONE) for each in times]


def trades(symbol: Symbol) -> list[MarketEvent]:
    """Two trades."""
    return [Trade(symbol, START.plus_s(n), ONE, ONE, n == 1) for n in range(2)]


def recording(folder: Path, **files: list[MarketEvent]) -> Recording:
    """These events, a file a kind."""
    for name, events in files.items():
        assert write_recording(folder / f"{name}.csv", events) == ()
    opened = open_recording([folder / f"{name}.csv" for name in files])
    assert isinstance(opened, Recording)
    return opened


def test_cycles_run_on_quotes_where_there_are_any(tmp_path: Path) -> None:
    """Bars alone cannot be traded: no cycle runs on them."""
    both = recording(tmp_path, quotes=quotes(BTC), bars=bars(BTC, 300))
    assert [len(each) for each in cycle_times(both)] == [3]
    (tmp_path / "alone").mkdir()
    alone = recording(tmp_path / "alone", bars=bars(BTC, 300))
    assert cycle_times(alone) == []


@pytest.mark.parametrize(
    ("lengths", "length"), [((300,), 300), ((60,), 60), ((60, 300), 60), ((1,), 60)]
)
def test_bars_of_one_length_keep_it(lengths: tuple[int, ...], length: int, tmp_path: Path) -> None:
    """Of several lengths, or shorter ones than a minute, the base is a minute."""
    files = {
        f"bars{each}": bars(symbol, each) for each, symbol in zip(lengths, (BTC, ETH), strict=False)
    }
    assert bar_length_s(recording(tmp_path, **files)) == length


def test_each_product_has_its_best_source_of_bars(tmp_path: Path) -> None:
    """Recorded bars before trades, trades before quotes, and quotes where nothing else is."""
    opened = recording(
        tmp_path, quotes=quotes(BTC, ETH, SOL), trades=trades(ETH), bars=bars(BTC, 60)
    )
    source = bar_sources(opened)
    assert [source(each) for each in (BTC, ETH, SOL)] == [
        BarSource.RECORDED,
        BarSource.TRADES,
        BarSource.QUOTES,
    ]
    assert source(Symbol("XYZ", "USD")) is BarSource.QUOTES


def test_products_are_those_of_the_deployment() -> None:
    """Listed ones have their own grid; any other only where a grid for all is stated."""
    listed = products_of(shipped("recorded").deployment, [BTC, SOL])
    assert listed[BTC].base_min_size == Decimal("0.001")
    assert str(Symbol("BTC", "EUR")) in {str(each) for each in listed}
    any_pair = products_of(shipped("any_pair").deployment, [SOL])
    assert any_pair[SOL].base_increment == Decimal("0.00000001")
    nothing = shipped("recorded").deployment.model_copy(update={"paper": None})
    assert products_of(nothing, [BTC]) == {}

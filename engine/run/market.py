"""The market of a run: what the recording holds of each product, and when cycles can run on it.

In: an opened recording, the Deployment. Out: bar sources, the products of the paper venue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.recorded import RecordingKind
from engine.model.market import Product
from engine.model.symbols import Symbol
from engine.series import BASE_S, BarSource, preferred

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.adapters.recorded import Recording
    from engine.kinds.deployment.document import DeploymentSpec, Grid

_SOURCES = {
    RecordingKind.BARS: BarSource.RECORDED,
    RecordingKind.TRADES: BarSource.TRADES,
    RecordingKind.QUOTES: BarSource.QUOTES,
}


def cycle_times(recording: Recording) -> Sequence[Sequence[int]]:
    """The receipts that cycles run on: those of quotes, recorded or derived."""
    return [t.times for t in recording.tables if t.kind is RecordingKind.QUOTES and len(t)]


def bar_length_s(recording: Recording) -> int:
    """The length of the recorded bars, if all have one; else one minute."""
    lengths = {
        seconds
        for table in recording.tables
        if table.kind is RecordingKind.BARS
        for seconds in table.intervals_s
    }
    (length,) = lengths if len(lengths) == 1 else (BASE_S,)
    return max(length, BASE_S)


def bar_sources(recording: Recording) -> Callable[[Symbol], BarSource]:
    """For each product, the best source of bars in the recording; quotes where it has none."""
    length = bar_length_s(recording)
    found: dict[Symbol, set[BarSource]] = {}
    for table in recording.tables:
        source = _SOURCES.get(table.kind)
        if source is None:
            continue
        for code in set(table.codes):
            if source is BarSource.RECORDED and table.intervals_s[code] != length:
                continue
            found.setdefault(table.symbols[code], set()).add(source)
    best = {symbol: preferred(sources) for symbol, sources in found.items()}
    return lambda symbol: best.get(symbol) or BarSource.QUOTES


def products_of(deployment: DeploymentSpec, symbols: Sequence[Symbol]) -> dict[Symbol, Product]:
    """The products of the paper venue: those listed, and any other where a grid is stated."""
    if deployment.paper is None:
        return {}
    found: dict[Symbol, Product] = {}
    if deployment.paper.any_product is not None:
        for symbol in symbols:
            found[symbol] = _product(symbol, deployment.paper.any_product)
    for each in deployment.paper.products:
        symbol = Symbol.parse(each.symbol)
        found[symbol] = _product(symbol, each)
    return found


def _product(symbol: Symbol, grid: Grid) -> Product:
    return Product(
        symbol,
        grid.base_increment,
        grid.price_increment,
        grid.base_min_size,
        grid.quote_min_size,
    )

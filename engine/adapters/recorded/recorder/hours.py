"""Recording files by kind and hour: what is in them stays, what is new comes after it.

In: events. Out: Parquet files that the recorded reader opens, each replaced whole, so that a
reader sees the rows up to one moment and no torn file. Refuses a file of an earlier start that is
no recording of ours.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from engine.adapters.recorded.files.writing import frame_of, parquet_bytes, read_frame
from engine.adapters.recorded.layout import RecordingKind
from engine.model.market import Bar, Book, Quote, Trade
from engine.model.times import NS_PER_S, UtcTime

if TYPE_CHECKING:
    from engine.adapters.recorded.files.writing import Frame
    from engine.model.market import MarketEvent
    from engine.ports import Disk

_HOUR_NS = 3600 * NS_PER_S
Key = tuple[RecordingKind, int]


def kind_of(event: MarketEvent) -> RecordingKind:
    """Which file an event belongs to."""
    match event:
        case Quote():
            return RecordingKind.QUOTES
        case Trade():
            return RecordingKind.TRADES
        case Book():
            return RecordingKind.BOOKS
        case Bar():
            return RecordingKind.BARS
        case _:
            assert_never(event)


def file_name(key: Key) -> str:
    """`quotes-2026-11-22T18.parquet`: the kind, and the hour in UTC."""
    kind, hour = key
    return f"{kind.value}-{str(UtcTime(hour * _HOUR_NS))[:13]}.parquet"


@dataclass(slots=True)
class _Hour:
    """One file: what is durable, and what is not yet."""

    durable: Frame | None
    fresh: list[MarketEvent] = field(default_factory=list)


@dataclass(slots=True)
class Hours:
    """The files that are open; older hours are let go once they are durable."""

    disk: Disk
    rows: int = 0
    _open: dict[Key, _Hour] = field(default_factory=dict)

    def take(self, event: MarketEvent) -> None:
        """Add an event to the file of its kind and hour; it is durable after `flush`."""
        key = kind_of(event), event.time.ns // _HOUR_NS
        if key not in self._open:
            self._open[key] = _Hour(self._kept(file_name(key)))
        self._open[key].fresh.append(event)

    def flush(self) -> None:
        """Make everything durable; raises OSError, and what was durable before stays so."""
        for key, hour in self._open.items():
            if hour.fresh:
                frame = frame_of(hour.fresh, hour.durable)
                self.disk.replace(file_name(key), parquet_bytes(frame))
                self.rows += len(hour.fresh)
                hour.durable, hour.fresh = frame, []
        newest = max((hour for _, hour in self._open), default=0)
        self._open = {key: each for key, each in self._open.items() if key[1] == newest}

    def last_quotes(self) -> dict[str, UtcTime]:
        """The newest durable quote of each product, where it is one and not the mark of a gap."""
        names = self.disk.names(f"{RecordingKind.QUOTES.value}-")
        frame = self._kept(names[-1]) if names else None
        return {} if frame is None else _newest(frame)

    def _kept(self, name: str) -> Frame | None:
        try:
            data = self.disk.read(name)
        except FileNotFoundError:
            return None
        return read_frame(name, data)


def _newest(frame: Frame) -> dict[str, UtcTime]:
    rows = frame.select("symbol", "ts", "bid", "ask").sort("ts").iter_rows()
    newest = {symbol: (ns, bid, ask) for symbol, ns, bid, ask in rows}
    return {
        symbol: UtcTime(ns)
        for symbol, (ns, bid, ask) in newest.items()
        if not (bid is None and ask is None)
    }

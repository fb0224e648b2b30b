"""Recordings written by hand, one row at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from engine.adapters.recorded import Recording, open_recording

if TYPE_CHECKING:
    from pathlib import Path

T0 = 1_767_600_000 * 10**9  # 2026-01-05T08:00:00Z
S = 10**9
HEADERS = {
    "quotes": "ts,symbol,bid,ask,bid_size,ask_size",
    "timed_quotes": "ts,symbol,bid,ask,exchange_ts",
    "bars": "ts,symbol,open,high,low,close,volume",
    "trades": "ts,symbol,price,size,side",
    "numbered_trades": "ts,symbol,price,size,side,trade_id",
    "books": "ts,symbol,side,level,price,size",
}


class Write(Protocol):
    """Writes a CSV file of a kind; a row `12 BTC-USD,…` is twelve seconds after T0."""

    def __call__(self, kind: str, *rows: str, name: str = "") -> Path:
        """The file's path."""
        ...


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A writer of CSV recordings into the test's own folder."""

    def write_csv(kind: str, *rows: str, name: str = "") -> Path:
        path = tmp_path / f"{name or kind}.csv"
        stamped = (
            f"{T0 + int(float(s) * S)},{rest}" for s, _, rest in (r.partition(" ") for r in rows)
        )
        path.write_text("\n".join((HEADERS[kind], *stamped, "")), encoding="utf-8")
        return path

    return write_csv


class Open(Protocol):
    """Opens files that must open."""

    def __call__(self, *paths: Path) -> Recording:
        """The recording."""
        ...


@pytest.fixture
def opened() -> Open:
    """Open files, and fail with the findings when they do not open."""

    def open_them(*paths: Path) -> Recording:
        recording = open_recording(paths)
        assert isinstance(recording, Recording), recording
        return recording

    return open_them

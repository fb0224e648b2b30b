"""Market events to a recording file that `open_recording` reads back.

In: events of one kind, and comment lines for CSV. Out: `.csv` text or a `.parquet` file, whole
or not at all. Refuses other suffixes, absent polars, and a place that cannot be written.
"""

from __future__ import annotations

import io
from decimal import Decimal
from typing import TYPE_CHECKING, assert_never

from engine.errors import Diagnostic, MandateError, Place, with_extra
from engine.model.market import Bar, Book, MarketEvent, Quote, Trade

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    import polars as pl

    Frame = pl.DataFrame

_Row = dict[str, int | str | Decimal | None]
_TEXT = frozenset({"symbol", "side"})
_WHOLE = frozenset({"ts", "exchange_ts", "level"})


def write_recording(
    path: Path, events: Iterable[MarketEvent], comments: Sequence[str] = ()
) -> tuple[Diagnostic, ...]:
    """Write events of one kind; the findings are empty when the file stands.

    Raises ValueError when the events are of several kinds: one file holds one kind.
    `comments` become leading `# ` lines of CSV; Parquet has no place for them.
    """
    rows = [row for event in events for row in _rows(event)]
    if not rows:
        return (Diagnostic("M503", "no rows to write", Place(str(path), 1, 1)),)
    columns = list(rows[0])
    if any(list(row) != columns for row in rows):
        message = "one file holds one kind of recording"
        raise ValueError(message)
    match path.suffix:
        case ".csv":
            return _write(path, _csv(columns, rows, comments))
        case ".parquet":
            data = _parquet(columns, rows)
            return _write(path, data) if isinstance(data, bytes) else (_without_polars(path),)
        case suffix:
            message = f"`{suffix or path.name}` is not a format of recordings"
            help_text = "recordings are .csv or .parquet files"
            return (Diagnostic("M501", message, Place(str(path), 1, 1), help_text),)


def _rows(event: MarketEvent) -> Iterator[_Row]:
    head: _Row = {"ts": event.time.ns, "symbol": str(event.symbol)}
    match event:
        case Quote():
            yield head | _quote(event)
        case Bar():
            names = ("open", "high", "low", "close", "volume")
            yield head | {name: getattr(event, name) for name in names}
        case Trade():
            side = "sell" if event.taker_sold else "buy"
            yield head | {"price": event.price, "size": event.size, "side": side}
        case Book():
            yield from (head | level for level in _levels(event))
        case _:
            assert_never(event)


def _quote(quote: Quote) -> _Row:
    sizes: _Row = {"bid_size": quote.bid_size, "ask_size": quote.ask_size}
    venue_time = quote.venue_time
    exchange_ts = None if venue_time is None else venue_time.ns
    return {"bid": quote.bid, "ask": quote.ask, **sizes, "exchange_ts": exchange_ts}


def _levels(book: Book) -> Iterator[_Row]:
    for side, levels in (("bid", book.bids), ("ask", book.asks)):
        for number, level in enumerate(levels):
            yield {"side": side, "level": number, "price": level.price, "size": level.size}


def _csv(columns: Sequence[str], rows: Sequence[_Row], comments: Sequence[str]) -> bytes:
    # A column in which nothing is known (the venue's time, of a synthetic market) is not written.
    known = [name for name in columns if name != "exchange_ts" or any(r[name] for r in rows)]
    text = io.StringIO()
    text.writelines(f"# {line}\n" for line in comments)
    text.write(",".join(known) + "\n")
    text.writelines(",".join(_field(row[name]) for name in known) + "\n" for row in rows)
    return text.getvalue().encode()


def _field(value: Decimal | float | str | None) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    return "" if value is None else str(value)


def _parquet(columns: Sequence[str], rows: Sequence[_Row]) -> bytes | None:
    try:
        return parquet_bytes(_frame(columns, rows))
    except ImportError:
        return None


def _frame(columns: Sequence[str], rows: Sequence[_Row]) -> Frame:
    import polars as pl  # noqa: PLC0415 - an extra, imported on first use

    types = {
        name: pl.String if name in _TEXT else pl.Int64 if name in _WHOLE else pl.Float64
        for name in columns
    }
    plain = {name: [_plain(row[name]) for row in rows] for name in columns}
    return pl.DataFrame(plain, schema=types)


def frame_of(events: Iterable[MarketEvent], after: Frame | None = None) -> Frame:
    """Events of one kind as a frame of rows in the order of time, with those that are there.

    Raises ImportError where polars is not installed.
    """
    rows = [row for event in events for row in _rows(event)]
    fresh = _frame(list(rows[0]), rows)
    whole = fresh if after is None else after.vstack(fresh)
    return whole.sort("ts", "symbol", maintain_order=True)


def parquet_bytes(frame: Frame) -> bytes:
    """A frame as the bytes of a file."""
    stream = io.BytesIO()
    frame.write_parquet(stream, compression="zstd")
    return stream.getvalue()


def read_frame(name: str, data: bytes) -> Frame:
    """The rows of a file that was written here; raises MandateError for any other."""
    import polars as pl  # noqa: PLC0415 - an extra, imported on first use

    try:
        return pl.read_parquet(io.BytesIO(data))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        message = f"damaged Parquet file: {str(error).splitlines()[0]}"
        mend = "move it away: a recording goes on after the rows that are there"
        raise MandateError([Diagnostic("M502", message, Place(name, 1, 1), mend)]) from error


def _plain(value: Decimal | float | str | None) -> float | str | None:
    return float(value) if isinstance(value, Decimal) else value


def _without_polars(path: Path) -> Diagnostic:
    message = "writing Parquet needs the extra `simulate`, which is not installed"
    help_text = with_extra("simulate", "write .csv")
    return Diagnostic("M510", message, Place(str(path), 1, 1), help_text)


def _write(path: Path, data: bytes) -> tuple[Diagnostic, ...]:
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        part.replace(path)  # a reader sees the whole file or none
    except OSError as error:
        words = (error.strerror or "I/O error").lower()
        return (Diagnostic("M513", f"cannot write it: {words}", Place(str(path), 1, 1)),)
    return ()

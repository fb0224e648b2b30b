"""Parquet to columns, through polars: the extra `simulate`, imported on first use.

In: the bytes of a Parquet file. Out: a `RawTable`. Refuses, with the file: absent polars, a
truncated or damaged file, and columns of another type than their kind needs.
"""

from __future__ import annotations

import io
from array import array
from typing import TYPE_CHECKING

from engine.adapters.recorded.layout import Layout, recognise
from engine.adapters.recorded.tables import IMPOSSIBLE, NO_SIDE, NO_TIME, RawTable
from engine.errors import Diagnostic, Place, with_extra

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

_MAGIC = b"PAR1"
_SMALLEST = 12  # magic, footer length, magic


def read_parquet(file: str, data: bytes) -> RawTable | tuple[Diagnostic, ...]:
    """Read one Parquet recording."""
    if len(data) < _SMALLEST or data[:4] != _MAGIC or data[-4:] != _MAGIC:
        return (_damaged(file, "its beginning or its end is missing"),)
    try:
        import polars as pl  # noqa: PLC0415 - an extra, imported on first use
    except ImportError:
        return (_without_polars(file),)
    # A panic of the Rust side is no PolarsError: it derives from BaseException alone.
    try:
        return _read(file, data)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        return (_damaged(file, str(error).split("\n", 1)[0]),)


def _read(file: str, data: bytes) -> RawTable | tuple[Diagnostic, ...]:
    import polars as pl  # noqa: PLC0415 - an extra, imported on first use

    schema = pl.read_parquet_schema(io.BytesIO(data))
    layout = recognise(file, list(schema))
    if isinstance(layout, Diagnostic):
        return (layout,)
    wanted = layout.read_from(list(schema))
    findings = [_type_finding(file, name, schema[name]) for name in wanted]
    if refused := tuple(each for each in findings if each):
        return refused
    ignored = tuple(name for name in schema if name not in wanted)
    table = _table(file, layout, wanted, lambda name: _column(data, name), ignored)
    if table.times:
        return table
    return (Diagnostic("M503", "no rows", Place(file, 1, 1), "record something first"),)


def _column(data: bytes, name: str) -> pl.Series:
    """One column alone: a year of quotes does not fit twice into a small machine."""
    import polars as pl  # noqa: PLC0415 - an extra, imported on first use

    return pl.read_parquet(io.BytesIO(data), columns=[name])[name]


def _damaged(file: str, words: str) -> Diagnostic:
    help_text = "copy or record it again; a file that is still being written cannot be opened"
    return Diagnostic("M502", f"damaged Parquet file: {words}", Place(file, 1, 1), help_text)


def _without_polars(file: str) -> Diagnostic:
    message = "reading Parquet needs the extra `simulate`, which is not installed"
    help_text = with_extra("simulate", "use a CSV recording")
    return Diagnostic("M510", message, Place(file, 1, 1), help_text)


def _type_finding(file: str, name: str, dtype: pl.DataType) -> Diagnostic | None:
    what, fits = _expected(name, dtype)
    if fits:
        return None
    message = f"column `{name}` holds {str(dtype).lower()}, and must hold {what}"
    return Diagnostic("M506", message, Place(file, 1, 1), "write the recording again")


def _expected(name: str, dtype: pl.DataType) -> tuple[str, bool]:
    import polars as pl  # noqa: PLC0415 - an extra, imported on first use

    if name in {"ts", "exchange_ts"}:
        zoned = isinstance(dtype, pl.Datetime) and dtype.time_zone is not None
        return "integer nanoseconds, or times with a zone", dtype.is_integer() or zoned
    if name in {"symbol", "side"}:
        return "text", isinstance(dtype, (pl.String, pl.Categorical, pl.Enum))
    if name == "trade_id":
        return "whole numbers or text", dtype.is_integer() or isinstance(dtype, pl.String)
    return "numbers", dtype.is_numeric()


def _table(
    file: str,
    layout: Layout,
    wanted: Sequence[str],
    column: Callable[[str], pl.Series],
    ignored: tuple[str, ...],
) -> RawTable:
    names, codes = _symbols(column("symbol"))
    return RawTable(
        file=file,
        layout=layout,
        times=_times(column("ts")),
        names=names,
        codes=codes,
        numbers={name: _numbers(column(name)) for name in layout.numbers if name in wanted},
        sides=_sides(column("side"), layout.sides) if layout.sides else None,
        venue_times=_times(column("exchange_ts")) if "exchange_ts" in wanted else None,
        ids=column("trade_id").to_list() if "trade_id" in wanted else None,
        ignored=ignored,
    )


def _symbols(column: pl.Series) -> tuple[tuple[str, ...], array[int]]:
    text = column.cast(str).fill_null("")
    names = tuple(text.unique().sort().to_list())
    return names, _coded(text, names, 0)


def _sides(column: pl.Series, words: Sequence[str]) -> array[int]:
    return _coded(column.cast(str).str.to_lowercase(), words, NO_SIDE)


def _coded(text: pl.Series, words: Sequence[str], default: int) -> array[int]:
    import polars as pl  # noqa: PLC0415 - an extra, imported on first use

    codes = text.replace_strict(
        list(words), list(range(len(words))), default=default, return_dtype=pl.Int64
    )
    return _integers(codes.fill_null(default))


def _times(column: pl.Series) -> array[int]:
    import polars as pl  # noqa: PLC0415 - an extra, imported on first use

    whole = column.dt.epoch("ns") if isinstance(column.dtype, pl.Datetime) else column
    return _integers(whole.cast(pl.Int64, strict=False).fill_null(NO_TIME))


def _integers(column: pl.Series) -> array[int]:
    values = array("q")
    values.frombytes(column.to_numpy().tobytes())
    return values


def _numbers(column: pl.Series) -> array[float]:
    import polars as pl  # noqa: PLC0415 - an extra, imported on first use

    # NaN in the file is impossible, null is absent: see the invariant in `tables`.
    floats = column.cast(pl.Float64).fill_nan(IMPOSSIBLE).fill_null(float("nan"))
    values = array("d")
    values.frombytes(floats.to_numpy().tobytes())
    return values

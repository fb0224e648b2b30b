"""`trader record`: a market in files, to run a policy set on.

In: a directory, and a venue or a seed. Out: recordings, and what is in them. An invented market
says so in the first line of each file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path  # noqa: TC003 - Typer reads the annotations
from typing import Annotated

import typer

from cli.exit_codes import ExitCode
from cli.trader_verbs.options import AuthorityOption, duration, quiet_log, worded
from cli.trader_verbs.shown import counted
from engine.adapters.synthetic import DEMO_SEED, DEMO_SPEC, describe
from engine.model.symbols import Symbol
from engine.run.recording import (
    RecordingTerms,
    nothing_to_record,
    record_synthetic,
    venue_recording,
)

_EVERY_CHANGE = "change"


class Suffix(Enum):
    """The formats of recordings."""

    CSV = ".csv"
    PARQUET = ".parquet"


def _seconds(text: str) -> float:
    """`90s` or `15m`."""
    return float(duration(text))


def _spacing(text: str) -> float:
    return 0.0 if text == _EVERY_CHANGE else _seconds(text)


@dataclass(frozen=True, slots=True)
class Products:
    """Several products in one word: a bare tuple is to Typer as many words as it has parts."""

    symbols: tuple[Symbol, ...] = ()


@worded
def _products(text: str) -> Products:
    return Products(tuple(dict.fromkeys(Symbol.parse(each.strip()) for each in text.split(","))))


def record(  # noqa: PLR0913 - one parameter an option: Typer builds the command from them
    *,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the files go.")],
    synthetic: Annotated[
        bool, typer.Option("--synthetic", help="An invented market, with incidents worth refusing.")
    ] = False,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed, another market.")] = (
        DEMO_SEED
    ),
    hours: Annotated[int, typer.Option("--hours", help="How long the quotes go on.")] = (
        DEMO_SPEC.hours
    ),
    suffix: Annotated[Suffix, typer.Option("--suffix", help="The files' format.")] = Suffix.CSV,
    venue: Annotated[
        str | None,
        typer.Option(
            "--venue", metavar="NAME", help="`coinbase`, or the address of a venue on loopback."
        ),
    ] = None,
    venue_ca: AuthorityOption = None,
    products: Annotated[
        Products | None,
        typer.Option(
            "--products", metavar="LIST", parser=_products, help="Such as BTC-USD,ETH-USD."
        ),
    ] = None,
    every: Annotated[
        float,
        typer.Option(
            "--every",
            metavar="TIME",
            parser=_spacing,
            help="Quotes at least so far apart, such as 1s; `change` keeps every change.",
        ),
    ] = _EVERY_CHANGE,  # type: ignore[assignment]  # Typer parses defaults too
    depth: Annotated[
        int, typer.Option("--depth", min=1, max=1000, help="Levels of each side of the books.")
    ] = 10,
    lasting: Annotated[
        float | None,
        typer.Option(
            "--for", metavar="TIME", parser=_seconds, help="Stop after so long, such as 8h."
        ),
    ] = None,
) -> ExitCode:
    """Write a market to files that `trader run --quotes` reads.

    A venue is recorded until it is stopped (or `--for`): quotes, trades and books by the hour. A
    second start goes on after the last durable row, and what nobody heard is marked as a gap.
    """
    if (venue is None) == (not synthetic):
        mend = "`--venue coinbase --products BTC-USD`, or `--synthetic` for an invented market"
        raise nothing_to_record(mend)
    if venue is None:
        return _record_synthetic(out, seed, hours, suffix)
    named = products.symbols if products else ()
    return _record_venue(RecordingTerms(venue, venue_ca, named, out, every, depth, lasting))


def _record_synthetic(out: Path, seed: int, hours: int, suffix: Suffix) -> ExitCode:
    written = record_synthetic(out, seed, hours, suffix.value)
    for path in written:
        typer.echo(f"wrote {path}, {path.stat().st_size:,} bytes")
    typer.echo("\n" + "\n".join(describe(replace(DEMO_SPEC, hours=hours), seed)))
    return ExitCode.FINE


def _record_venue(terms: RecordingTerms) -> ExitCode:
    quiet_log(shown=True)
    begin = venue_recording(terms)
    names = ", ".join(str(each) for each in terms.products)
    pace = "every change" if terms.every_s == 0 else f"{terms.every_s:g} s apart"
    typer.echo(
        f"recording {names} from {terms.name} into {terms.directory}: "
        f"quotes {pace}, trades, books of {terms.depth} levels"
    )
    done = begin()
    typer.echo(
        f"{counted(done.rows, 'event')}, {counted(done.gaps, 'gap')} marked, "
        f"{counted(done.losses, 'connection')} lost: "
        f"`trader run --quotes {terms.directory}` trades on it"
    )
    return ExitCode.FINE

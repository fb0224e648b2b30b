"""`trader record`: a market in files, to run a policy set on.

In: a directory, a seed. Out: recordings, and what is in them. In this release the market is
invented; every file says so in its first line.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from pathlib import Path  # noqa: TC003 - Typer reads the annotations
from typing import Annotated

import typer

from cli.exit_codes import ExitCode
from engine.adapters.synthetic import DEMO_SEED, DEMO_SPEC, describe
from engine.run.recording import record_synthetic, refuse_venue


class Suffix(Enum):
    """The formats of recordings."""

    CSV = ".csv"
    PARQUET = ".parquet"


def record(
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
) -> ExitCode:
    """Write quotes and bars to files that `trader run --quotes` reads."""
    if not synthetic:
        raise refuse_venue()
    written = record_synthetic(out, seed, hours, suffix.value)
    for path in written:
        typer.echo(f"wrote {path}, {path.stat().st_size:,} bytes")
    typer.echo("\n" + "\n".join(describe(replace(DEMO_SPEC, hours=hours), seed)))
    return ExitCode.FINE

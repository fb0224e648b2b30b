"""`policy sweep [DIR]… --grid AXIS… --quotes FILE…`: many variants of sets over many recordings.

In: sets, axes of values, recordings, terms. Out: a table or JSON, and a plot where it is asked
for. Results are kept by content: a sweep that was killed goes on where it was, and a cluster gives
what this machine gives, hash for hash. Exit status 1 where a variant is no policy set.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from cli.exit_codes import ExitCode
from cli.output.progress import bar_for
from cli.policy_verbs.sets import chosen, misuse
from cli.policy_verbs.simulating import options  # noqa: TC001 - Typer reads the annotations
from cli.policy_verbs.simulating.terms import terms_of
from engine.adapters.system.whole_file import write_whole
from engine.run.sweeping.sweep import Wanted, Workers, planned
from engine.run.sweeping.sweep import sweep as swept
from engine.simulation.sweeping.axes import read_axes
from engine.simulation.sweeping.plot import drawn
from engine.simulation.sweeping.summary import points, rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.run.sweeping.sweep import Swept
    from engine.simulation.sweeping.summary import Row

FORMATS = ("text", "json")
_COLUMNS = ("result", "drawdown %", "denied", "denied USD", "sent", "trades", "fees")


def sweep(  # noqa: PLR0913 - the options of the verb
    directories: Annotated[
        list[Path] | None, typer.Argument(metavar="[DIR]…", help="Sets to vary.")
    ] = None,
    *,
    quotes: Annotated[
        list[str],
        typer.Option(
            metavar="FILE[,FILE…]",
            help="A recording: files of one market, or a directory of them; again for another.",
        ),
    ],
    grid: Annotated[
        list[str],
        typer.Option(metavar="AXIS", help="`Kind/name:path=1,2,3`; again for another axis."),
    ] = [],  # noqa: B006 - Typer's way to say none
    out: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Where results are kept and found again.")
    ] = Path("runs/sweep"),
    jobs: Annotated[
        int, typer.Option(min=1, metavar="N", help="Processes of this machine.")
    ] = os.cpu_count() or 1,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Work on the Dask cluster there, not here."),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Draw figures against the first axis.")
    ] = None,
    format: Annotated[  # noqa: A002 - an option is the parameter of its name
        str, typer.Option(metavar="FORMAT", help="text or json.")
    ] = "text",
    since: options.SinceOption = None,
    until: options.UntilOption = None,
    equity: options.EquityOption = None,
) -> ExitCode:
    """Simulate every combination of values, sets and recordings, and compare what came of them.

    Each unit is worked once, ever: its result is found again by the hashes of program, set and
    recording.
    """
    if format not in FORMATS:
        return misuse("sweep", f"there is no format `{format}`; formats are text, json")
    terms = terms_of(
        since=since,
        until=until,
        equity=equity,
        mode=None,
        latency=0.0,
        stress=1,
        spread_bps=None,
        depth=None,
    )
    recordings = tuple(tuple(map(Path, each.split(","))) for each in quotes)
    sets = tuple(directories or [chosen(None)])
    out.mkdir(parents=True, exist_ok=True)
    units = planned(Wanted(sets, read_axes(grid), recordings, terms))
    bar = bar_for(sys.stderr, "units")
    try:
        found = swept(units, Workers(out, jobs, cluster), bar.begin, bar.advance)
    finally:
        bar.close()
    return _told(found, grid, plot, format)


def _told(found: Swept, grid: Sequence[str], plot: Path | None, form: str) -> ExitCode:
    rows = rows_of(found.units, found.results)
    if plot is not None:
        write_whole(plot, drawn(grid[0].partition("=")[0] if grid else "", points(rows)).encode())
    if form == "json":
        body = {"sweep": found.hash, "units": [row.body() for row in rows]}
        typer.echo(orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode())
    else:
        typer.echo(_table(rows), nl=False)
        already = len(rows) - found.worked
        typer.echo(f"{len(rows)} units, {already} known already; sweep {found.hash}")
    return ExitCode.FINDINGS if any(row.refused for row in rows) else ExitCode.FINE


def _table(rows: Sequence[Row]) -> str:
    several_sets = len({row.unit.directory for row in rows}) > 1
    several = len({row.unit.files for row in rows}) > 1
    lines = [("variant", *(["set"] if several_sets else []), *(["recording"] if several else []))]
    lines[0] = (*lines[0], *_COLUMNS)
    for row in rows:
        named = [row.variant]
        named += [row.unit.directory.name] if several_sets else []
        named += [row.recording] if several else []
        lines.append((*named, *_cells(row)))
    wide = [max(len(each) for each in column) for column in zip(*lines, strict=True)]
    return "".join(
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, wide, strict=True))
        ).rstrip()
        + "\n"
        for line in lines
    )


def _cells(row: Row) -> list[str]:
    if row.refused:
        told = row.told["refused"]
        return [
            "no set",
            *([""] * (len(_COLUMNS) - 2)),
            str(told[0]) if isinstance(told, list) else "",
        ]
    told = row.told
    result = "unknown" if told["result"] is None else f"{float(str(told['result'])):,.2f}"
    return [
        result,
        f"{float(str(told['drawdown_pct'])):.2f}",
        str(told["denied"]),
        f"{float(str(told['denied_usd'])):,.0f}",
        str(told["sent"]),
        str(told["trades"]),
        f"{float(str(told['fees'])):,.2f}",
    ]

"""`policy log [DIR] [NAME]`: which commit last changed which effective value, by whom, which way.

In: the folder of a set in a git checkout. Out: by value the last commit that changed it, or with
`--commits` every change of every commit, the newest first. Patches of overlays are applied, so what
is told is what took effect.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.output.progress import bar_for
from cli.policy_verbs.sets import Directory, chosen, misuse, near
from cli.trader_verbs.options import FormatOption, OutputFormat
from cli.trader_verbs.shown import columns, counted
from engine.adapters.environment.remembered import Remembered
from engine.provenance.history import history
from engine.run.directions import directed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cli.output.progress import Bar
    from engine.adapters.environment.commits import Landed
    from engine.provenance.history import Change, Entry, History

_COMMIT_DIGITS = 10


def log(
    directory: Directory = None,
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="Only this document.", show_default=False),
    ] = "",
    *,
    commits: Annotated[
        bool, typer.Option("--commits", help="Every change, commit by commit, the newest first.")
    ] = False,
    most: Annotated[
        int, typer.Option("--max-count", min=1, help="Look at so many commits at most.")
    ] = 200,
    output: FormatOption = OutputFormat.TEXT,
) -> ExitCode:
    """Say which commit last changed which effective value of a set, by whom, and which way.

    The branch is read as it landed: what a merge brought is told of the merge. What the solver
    proves is told by document. What was worked out once of two commits is kept in the user's cache.
    """
    where = chosen(directory)
    bar = bar_for(sys.stderr, "commits")
    try:
        found = history(where, most, directed, Remembered.of_user("log"), _progress(bar))
    finally:
        bar.close()
    names = {each.document.partition("/")[2] for entry in found.entries for each in entry.changes}
    if name and name not in names:
        return misuse("log", f"no commit of these changed `{name}`{near(name, names)}")
    if output is OutputFormat.JSON:
        typer.echo(json.dumps(_as_json(found, name), sort_keys=True))
    else:
        sys.stdout.writelines(_commits(found, name) if commits else _last(found, name))
    return ExitCode.FINE


def _progress(bar: Bar) -> Callable[[int, int], None]:
    """A step of the history as one of the bar."""

    def step(done: int, total: int) -> None:
        if not done:
            bar.begin(total)
        else:
            bar.advance()

    return step


def _named(change: Change, name: str) -> bool:
    return not name or change.document.partition("/")[2] == name


def _last(found: History, name: str) -> Iterator[str]:
    """Each value with its last commit, by document."""
    rows: dict[str, list[tuple[str, ...]]] = {}
    for (document, _), (landed, change) in sorted(found.last.items()):
        if _named(change, name):
            rows.setdefault(document, []).append((*_cells(change), *_stamp(landed)))
    for document, lines in rows.items():
        yield f"{document}\n{columns(lines)}\n"
    yield _summary(found)


def _commits(found: History, name: str) -> Iterator[str]:
    """Each commit with what it changed."""
    for entry in found.entries:
        changes = [each for each in entry.changes if _named(each, name)]
        if changes or not (name or entry.policy_set):
            yield f"{'  '.join(_stamp(entry.landed))}\n  {entry.landed.subject}\n"
            yield f"  {entry.policy_set or 'makes no set: `policy lint` at this commit says why'}\n"
            rows = [(each.document, *_cells(each)) for each in changes]
            yield f"{columns(rows)}\n" if rows else "\n"
    yield _summary(found)


def _cells(change: Change) -> tuple[str, str, str]:
    """The path, the old and new value, and the way."""
    if not change.path:
        return ("", "removed" if change.new is None else "added", change.way.value)
    told = f"{change.old or 'none'} -> {change.new or 'none'}"
    return (change.path, told, change.way.value)


def _stamp(landed: Landed) -> tuple[str, str, str]:
    return (landed.commit[:_COMMIT_DIGITS], str(landed.time)[:10], landed.author)


def _summary(found: History) -> str:
    changed = sum(bool(each.changes) for each in found.entries)
    words = f"{counted(found.commits, 'commit')}, {changed} changed what takes effect"
    oldest = found.entries[-1].landed if found.entries else None
    since = f"; the rest is as of {oldest.commit[:_COMMIT_DIGITS]}" if oldest else ""
    return f"{words}{since}\n"


def _as_json(found: History, name: str) -> dict[str, object]:
    return {
        "commits": [_entry(each, name) for each in found.entries],
        "last": [
            {**_change(change), **_landed(landed)}
            for _, (landed, change) in sorted(found.last.items())
            if _named(change, name)
        ],
    }


def _entry(entry: Entry, name: str) -> dict[str, object]:
    changes = [_change(each) for each in entry.changes if _named(each, name)]
    return {**_landed(entry.landed), "policy_set": entry.policy_set, "changes": changes}


def _landed(landed: Landed) -> dict[str, object]:
    return {
        "commit": landed.commit,
        "author": landed.author,
        "time": str(landed.time),
        "subject": landed.subject,
    }


def _change(change: Change) -> dict[str, object]:
    return {
        "document": change.document,
        "path": change.path,
        "old": change.old,
        "new": change.new,
        "way": change.way.value.replace(" ", "_").upper(),
    }

"""`policy review BASE [HEAD]`: a change of policy as a reviewer reads it, in one comment.

In: two folders with sets below them, or git revisions of one. Out: the verdict on stdout, and in
`--out` the comment, SARIF, annotations and JSON. Exit status 0: may be merged with the usual
approval; 1: looser, weaker, broken, or tests fail; 3: not known. The workflow of this repository
runs its parts apart: what decides never runs in one process with what a pull request brought.
"""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from cli.exit_codes import ExitCode
from cli.output.format import Format, write_findings
from cli.policy_verbs.reviewing.comment import comment
from cli.policy_verbs.reviewing.pairs import pairs, sets_below
from cli.policy_verbs.reviewing.verdicts import Verdict
from cli.policy_verbs.sets import chosen, misuse
from engine.adapters.environment.revisions import as_of
from engine.adapters.system.whole_file import write_whole
from engine.policyset.reading.files import top_of

if TYPE_CHECKING:
    from engine.comparison.activating.standing import Standing
    from engine.errors import Diagnostic
    from engine.ledger.bodies import Json

JUDGED, PLAYED = "judge.json", "play.json"


@dataclass(frozen=True, slots=True)
class _Market:
    """What there is to play on."""

    quotes: tuple[Path, ...]
    simulated: tuple[str, ...]
    ledger: str | None


class Part(Enum):
    """What is done: all of it, or one step of a workflow."""

    ALL = "all"
    JUDGE = "judge"
    PLAY = "play"
    COMMENT = "comment"


def review(  # noqa: PLR0913 - the options of the verb
    base: Annotated[
        str, typer.Argument(metavar="BASE", help="A folder with sets, or a git revision.")
    ],
    head: Annotated[
        str,
        typer.Argument(
            metavar="HEAD",
            help="The same; left out, the sets as they are here.",
            show_default=False,
        ),
    ] = "",
    *,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write it all.")],
    part: Annotated[Part, typer.Option(help="One step of a workflow, or all.")] = Part.ALL,
    quotes: Annotated[
        list[Path], typer.Option("--quotes", metavar="FILE", help="Simulate over this recording.")
    ] = [],  # noqa: B006 - Typer's way to say none
    simulated: Annotated[
        list[str],
        typer.Option("--simulate", metavar="SET", help="Simulate this set; may be given again."),
    ] = [],  # noqa: B006 - Typer's way to say none
    state: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A trader's status as JSON: what activation would do."),
    ] = None,
    ledger: Annotated[
        str | None, typer.Option(metavar="DIR", help="Judge this ledger's decisions again.")
    ] = None,
    accepted: Annotated[
        bool, typer.Option("--accepted", help="Somebody for risk has accepted what is looser.")
    ] = False,
) -> ExitCode:
    """Judge a change of policy, play it, and tell it in one comment.

    Every set below the folders is looked at; the worst of them is the verdict.
    """
    here = chosen(None)
    out.mkdir(parents=True, exist_ok=True)
    if part is not Part.COMMENT:
        with ExitStack() as stack:
            folders = [_folder(stack, each, here) for each in (base, head or str(here))]
            market = _Market(tuple(quotes), tuple(simulated), ledger)
            if (words := _unplayable(market, folders)) is not None:
                return misuse("review", words)
            if part is not Part.PLAY:
                _judge(folders[0], folders[1], state, out)
            if part is not Part.JUDGE:
                _play(folders, market, out)
    if part in (Part.JUDGE, Part.PLAY):
        return ExitCode.FINE
    return _tell(out, accepted=accepted)


def _unplayable(market: _Market, folders: list[Path]) -> str | None:
    """What of the market is asked for in vain: nobody would miss a simulation that did not run."""
    if bool(market.quotes) != bool(market.simulated):
        return "`--simulate SET` says what to play and `--quotes FILE` on what: both, or neither"
    known = {path for each in folders for path in sets_below(each)}
    strangers = [each for each in market.simulated if each not in known]
    if not strangers:
        return None
    told = ", ".join(f"`{each}`" for each in sorted(known))
    return f"no set `{strangers[0]}` to simulate; there are {told or 'none'}"


def _folder(stack: ExitStack, named: str, here: Path) -> Path:
    folder = Path(named)
    return folder if folder.is_dir() else stack.enter_context(as_of(named, here))


def _judge(base: Path, head: Path, state: Path | None, out: Path) -> None:
    from cli.policy_verbs.reviewing.judging import judge  # noqa: PLC0415 - the part asked for

    judged, findings = judge(pairs(base, head), _standing(state), top_of(head))
    _write(out / JUDGED, judged)
    _findings(findings, Format.SARIF, out / "lint.sarif")
    _findings(findings, Format.GITHUB, out / "annotations.txt")


def _standing(file: Path | None) -> Standing | None:
    if file is None:
        return None
    from cli.policy_verbs.diff import standing_in  # noqa: PLC0415 - only with a state

    return standing_in(file)


def _play(folders: list[Path], market: _Market, out: Path) -> None:
    from cli.policy_verbs.reviewing.playing import Stage, play  # noqa: PLC0415 - as above

    base, head = folders
    stage = Stage(head, market.quotes, market.simulated, market.ledger)
    _write(out / PLAYED, play(pairs(base, head), stage))


def _tell(out: Path, *, accepted: bool) -> ExitCode:
    judged = _read(out / JUDGED)
    if judged is None:
        return misuse("review", f"`{out / JUDGED}` is not there: run the part `judge` first")
    played = _read(out / PLAYED)
    text = comment(judged, played)
    write_whole(out / "comment.md", text.encode())
    sys.stdout.write(text.partition("\n")[0] + "\n")
    status = Verdict(str(judged["verdict"])).status(accepted=accepted)
    failed = played is not None and not _passed(played)
    return ExitCode.FINDINGS if failed else status


def _passed(played: dict[str, Json]) -> bool:
    sets = cast("list[dict[str, dict[str, Json]]]", played["sets"])
    return all(each["tests"]["passed"] for each in sets)


def _write(path: Path, told: dict[str, object]) -> None:
    write_whole(path, (json.dumps(told, sort_keys=True) + "\n").encode())


def _read(path: Path) -> dict[str, Json] | None:
    if not path.is_file():
        return None
    told: dict[str, Json] = json.loads(path.read_bytes())
    return told


def _findings(findings: list[Diagnostic], chosen_format: Format, path: Path) -> None:
    with path.open("w", encoding="utf-8") as stream:
        write_findings(findings, chosen_format, stream)

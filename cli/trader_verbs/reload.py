"""`trader reload`: have a running loop take the set that its policy directory makes now.

In: a ledger, a reason, a person; perhaps the hash that the set must have. Out: a command file. The
loop checks the set beside its work, takes it at a cycle's boundary, or keeps the one that it has.
"""

from __future__ import annotations

import re
from typing import Annotated

import typer

from cli.exit_codes import ExitCode
from cli.trader_verbs.asking import (
    ReasonOption,
    WhoOption,
    confirmed,
    drop,
    one_line,
    tell,
)
from cli.trader_verbs.options import LedgerOption, YesOption, worded
from engine.adapters.environment import user_name
from engine.cycle.clockwork import Command
from engine.run.ledgers import LedgerView

_HASH = re.compile("[0-9a-f]{64}")


@worded
def _set_hash(text: str) -> str:
    """A set's whole hash; Click shows the words to whoever typed another thing."""
    if _HASH.fullmatch(text) is None:
        message = f"`{text}` is no hash of a set: `policy hash DIR` prints its 64 digits"
        raise ValueError(message)
    return text


def reload(
    *,
    named: Annotated[
        str | None,
        typer.Option(
            "--set",
            metavar="HASH",
            parser=_set_hash,
            help="Take exactly this set, as `policy hash` prints it; else what was committed.",
        ),
    ] = None,
    ledger: LedgerOption,
    reason: ReasonOption,
    who: WhoOption = "",
    yes: YesOption = False,
) -> ExitCode:
    """Take the set that lies in the policy directory now, whole or not at all.

    It is loaded, linted, tested and compared beside the loop. A set that fails is refused with its
    findings, and the one that runs goes on. `trader status` tells what became of it.
    """
    view = LedgerView.open(ledger)
    what = "the set in the policy directory" if named is None else f"the set {named}"
    if not confirmed(f"let the loop trade by {what}?", yes=yes):
        return ExitCode.FINDINGS
    drop(view, Command("reload", named or "", who or user_name(), one_line(reason)))
    then = "it checks it, and takes it at a cycle's boundary"
    tell(f"taking {what} is ordered", view.holder(), then)
    typer.echo(f"  what becomes of it: `trader status --ledger {ledger}`")
    return ExitCode.FINE

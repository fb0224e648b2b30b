"""`trader tighten`: less risk at once, for a stated time, without a pull request.

In: a ledger, a reason, a person; a product or nothing, or one value of one document. Out: a command
that the loop records: a latch against new risk, or another set that is proved to be tighter, taken
at a cycle's boundary. Refuses (M930 to M933) what is looser, what nobody can say to be tighter,
what changes nothing, and what would hold back ways out. Nobody ends it early.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

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
from cli.trader_verbs.options import LastingOption, LedgerOption, YesOption  # noqa: TC001 - Typer reads them
from engine.adapters.environment import user_name
from engine.cycle.clockwork import Command
from engine.cycle.orders import tightening
from engine.ledger.tightenings import Wanted
from engine.model.times import duration_text
from engine.policyset.laying import sealed_document
from engine.run.hearing import set_of
from engine.run.ledgers import LedgerView
from engine.run.status import status_of
from engine.run.tightening import changes, tightened

if TYPE_CHECKING:
    from engine.policyset.policyset import PolicySet


def tighten(  # noqa: PLR0913 - the options of the verb
    target: Annotated[
        str,
        typer.Argument(
            metavar="[TARGET]", help="A product, as BTC-USD; a document, as RiskLimit/max_position."
        ),
    ] = "",
    change: Annotated[
        str,
        typer.Argument(
            metavar="[PATH=VALUE]", help="A value of the document, as `policy set` takes it."
        ),
    ] = "",
    *,
    lasting: LastingOption,
    ledger: LedgerOption,
    reason: ReasonOption,
    who: WhoOption = "",
    yes: YesOption = False,
) -> ExitCode:
    """Take risk away for a stated time; ways out go on, and nobody can end it early.

    Without a value no new risk is taken, in one product or in any, and entries that work are
    cancelled. With one, as `max_position params.max_position_pct.bull=1`, that value is in force
    until then, once it was proved that it allows no more and protects no less.
    """
    view = LedgerView.open(ledger)
    person, why = who or user_name(), one_line(reason)
    if change:
        path, value = _parted(change)
        return _value(view, Wanted(target, path, value, lasting), (person, why), yes=yes)
    if _is_document(target):
        typer.echo(f"trader tighten: what of `{target}`? add PATH=VALUE", err=True)
        return ExitCode.USAGE
    what, length = target or "anything", duration_text(lasting)
    if not confirmed(f"take no new risk in {what} for {length}?", yes=yes):
        return ExitCode.FINDINGS
    drop(view, Command("tighten", tightening.target_of(target, lasting), person, why))
    tell(f"no new risk in {what} for {length} is ordered", view.holder(), "it begins at its tick")
    return ExitCode.FINE


def _value(view: LedgerView, wanted: Wanted, by: tuple[str, str], *, yes: bool) -> ExitCode:
    """Check it here, so that a person learns at once; the loop checks it again."""
    if not wanted.path:
        typer.echo(f"trader tighten: `{wanted.value}` is not PATH=VALUE", err=True)
        return ExitCode.USAGE
    running = set_of(status_of(view))
    if running is None:
        typer.echo("trader tighten: this release cannot build the set of the ledger", err=True)
        return ExitCode.UNDECIDED
    head = tightened(running, wanted)
    what, length = "; ".join(changes(running, head)), duration_text(wanted.seconds)
    if not confirmed(f"{what}, for {length}?", yes=yes):
        return ExitCode.FINDINGS
    who, why = by
    drop(view, Command("tighten", _whole(running, wanted).text, who, why))
    then = "it checks it too, and takes it at a cycle's boundary"
    tell(f"{what}, for {length}: ordered", view.holder(), then)
    typer.echo(f"  it makes policy set {head.hash}; `trader status` tells what becomes of it")
    return ExitCode.FINE


def _parted(change: str) -> tuple[str, str]:
    """The path and the value; without a path where it is no change of a value."""
    path, equals, value = change.partition("=")
    return (path.removeprefix("spec.").strip(), one_line(value)) if equals else ("", change)


def _is_document(target: str) -> bool:
    """Products are written in capitals, documents are not."""
    return bool(target) and target != target.upper()


def _whole(running: PolicySet, wanted: Wanted) -> Wanted:
    """The order with its document's whole name, as every record of it has it."""
    found = sealed_document(running, wanted.document)
    return wanted if found is None else replace(wanted, document=found.document.id)

"""`policy init DIR`: a conservative policy set of one's own, to begin with.

In: a directory, the equity of the account, its quote currency, the venue; asked for on a
terminal where the options leave them out. Out: our shipped documents as a base, a small set of
patches over it that fits the account, paper trading only, and the schemas for an editor.
Refuses a directory that holds anything, and values with which the set would not lint clean:
then nothing is written.
"""

from __future__ import annotations

import re
import sys
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from cli.exit_codes import ExitCode
from cli.policy_verbs.first_tests import first_tests
from cli.policy_verbs.lint import describe, inspect
from cli.policy_verbs.scaffold import BASE, Account, proposals, set_name
from cli.policy_verbs.schema import generated
from cli.policy_verbs.sets import SET_FILE, MisuseError, misuse
from cli.policy_verbs.templates import SCHEMAS, files_of, shipped
from engine.checks.running import run_policy_tests
from engine.errors import MandateError
from engine.kinds.base import content_of
from engine.kinds.deployment.document import DeploymentDocument, DeploymentSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cli.policy_verbs.templates import Shipped
    from engine.errors import Diagnostic

VENUES: tuple[str, ...] = get_args(DeploymentSpec.model_fields["venue"].annotation)
LARGEST_EQUITY = Decimal(10) ** 9
# The order of the first tests, as a share of equity: within what one position may be, and worth
# an order, in each of the sets that are proposed.
_SHARES_PCT = (Decimal(2), Decimal(8))
_NUMBER = re.compile(r"[0-9]{1,10}(\.[0-9]{1,8})?")


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty directory.")],
    *,
    equity: Annotated[
        str | None, typer.Option(metavar="USD", help="What the account is worth, in USD.")
    ] = None,
    quote_currency: Annotated[
        str | None, typer.Option(metavar="CODE", help="What it trades against: USD or USDC.")
    ] = None,
    venue: Annotated[
        str | None, typer.Option(metavar="NAME", help=f"Where it is: {', '.join(VENUES)}.")
    ] = None,
) -> ExitCode:
    """Write a conservative policy set for an account of this size, for paper trading.

    On a terminal, what is not given is asked for. Nothing is ever overwritten.
    """
    try:
        _refuse_used(directory)
        ours = shipped()
        return _begin(directory, _account(equity, quote_currency, venue, ours), ours)
    except MisuseError as error:
        return misuse("init", str(error))
    except typer.Abort:
        return ExitCode.INTERRUPTED


def _refuse_used(directory: Path) -> None:
    if directory.exists() and not directory.is_dir():
        message = f"`{directory}` is a file"
        raise MisuseError(message)
    held = sorted(each.name for each in directory.glob("*") if not each.name.startswith("."))
    if held:
        message = f"`{directory}` holds `{held[0]}` already, and nothing is overwritten"
        raise MisuseError(message)


def _account(
    equity: str | None, quote_currency: str | None, venue: str | None, ours: Shipped
) -> Account:
    currencies = _currencies(ours)
    choice = ", ".join(currencies)
    least = Account.smallest_usd(ours)
    worth = _asked(
        "--equity",
        "What is the account worth, in USD?",
        equity,
        lambda typed: _amount(typed, least),
    )
    against = _asked(
        "--quote-currency",
        f"What does it trade against ({choice})?",
        quote_currency,
        lambda typed: _one_of(currencies, typed.upper()),
    )
    where = _asked(
        "--venue",
        f"Where is it ({', '.join(VENUES)})?",
        venue,
        lambda typed: _one_of(VENUES, typed.lower()),
    )
    return Account(Decimal(worth), against, where)


def _currencies(ours: Shipped) -> tuple[str, ...]:
    """The numeraire, and what the shipped set states a rate for."""
    (deployment,) = ours.of_kind("Deployment")
    spec = content_of(deployment, DeploymentDocument).spec
    return (spec.numeraire, *spec.rates)


def _asked(option: str, question: str, given: str | None, read: Callable[[str], str]) -> str:
    """The option's value, or a person's answer; they are asked until it can be read."""
    if given is None and not sys.stdin.isatty():
        message = f"say `{option}`: there is no terminal to ask on"
        raise MisuseError(message)
    while True:
        typed = given if given is not None else typer.prompt(question, prompt_suffix=" ", err=True)
        try:
            return read(typed.strip())
        except ValueError as error:
            if given is not None:
                message = f"`{option} {given}`: {error}"
                raise MisuseError(message) from error
            typer.echo(f"  {error}", err=True)


def _amount(typed: str, least: Decimal) -> str:
    """A number of dollars; commas between thousands are taken out."""
    bare = typed.replace(",", "")
    if not _NUMBER.fullmatch(bare) or not least <= Decimal(bare) <= LARGEST_EQUITY:
        message = f"write a number of USD from {least:f} to {LARGEST_EQUITY:,f}"
        raise ValueError(message)
    return bare


def _one_of(known: tuple[str, ...], typed: str) -> str:
    if typed not in known:
        message = f"write one of {', '.join(known)}"
        raise ValueError(message)
    return typed


def _begin(directory: Path, account: Account, ours: Shipped) -> ExitCode:
    rest = files_of(ours, BASE) | {f"{SCHEMAS}/{n}": text for n, text in generated().items()}
    findings: tuple[Diagnostic, ...] = ()
    texts = proposals(account, ours, set_name(directory.resolve().name))
    for own, share_pct in zip(texts, _SHARES_PCT, strict=True):
        files = {SET_FILE: own, **first_tests(account, ours, share_pct), **rest}
        findings = _findings(files)
        if not findings:
            _write(directory, files)
            return _say(directory, ours.of_kind("Strategy")[0].name)
    raise MandateError(findings)


def _findings(files: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """What lint and the first tests say of the files, which are in a temporary directory yet."""
    with TemporaryDirectory(prefix="policy-init-") as name:
        _write(Path(name), files)
        policy_set, findings = inspect(Path(name))
        if findings or policy_set is None:
            return findings
        return run_policy_tests(policy_set, Path(name)).diagnostics


def _write(directory: Path, files: Mapping[str, str]) -> None:
    try:
        for name, text in files.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
    except OSError as error:
        message = f"cannot write to `{directory}`: {(error.strerror or '').lower()}"
        raise MisuseError(message) from error


def _say(directory: Path, strategy: str) -> ExitCode:
    policy_set, findings = inspect(directory)
    typer.echo(describe(directory, policy_set, findings), nl=False)
    typer.echo(
        f"\n{directory / SET_FILE} says what is yours: the account, amounts, which strategies are "
        f"on.\n{directory / BASE} holds the shipped set, over which it is laid.\nNext:\n"
        f"  policy show {directory} --effective\n"
        f"  policy test {directory} --coverage\n"
        f"  policy set --policies {directory} {strategy} enabled=true\n"
        f"  trader run --policies {directory} --mode paper"
    )
    return ExitCode.FINE

"""`policy lint [DIR]`: everything that can be known about a policy set without market data.

In: a directory. Out: all findings at once, in file order, and in text form one line on the set.
With `--fix` the safe mends are written first, and told on stderr.
Exit status 1 when a finding is an error; warnings are shown and refuse nothing.
"""

from __future__ import annotations

import sys
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.output.format import Format, write_findings
from cli.policy_verbs.sets import Directory, MisuseError, chosen, misuse, now
from engine.errors import Severity, in_file_order
from engine.policyset.lint import lint as find_lints
from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from engine.errors import Diagnostic
    from engine.policyset.policyset import PolicySet


_OPEN = "M748"
"""The code of a proof that did not come to an end."""


def lint(
    directory: Directory = None,
    *,
    equity: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            metavar="USD",
            help="Look for possible order sizes at this equity, and not at the planned.",
            show_default=False,
        ),
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Write the mends that leave no room for doubt.")
    ] = False,
    prove: Annotated[
        bool,
        typer.Option("--prove", help="Ask the solver as well what no order or no state can be."),
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what `--fix` would write, and write nothing.")
    ] = False,
    output: Annotated[
        Format, typer.Option("--format", help="Text to read, or findings for a program.")
    ] = Format.TEXT,
) -> ExitCode:
    """Check a policy set: every document, and what they say together.

    All findings are shown at once. The exit status is 1 when one of them is an error. With `--fix`,
    those are left that need a person; what was written is told, with both hashes. With `--prove`,
    a solver looks for limits that decide nothing, orders that none can pass, and ways out that are
    blocked; status 3 when a question was not answered.
    """
    where = chosen(directory)
    look = partial(inspect, where, equity_usd=None if equity is None else Decimal(str(equity)))
    try:
        if diff:
            return _show_mends(where, look)
        policy_set, findings = _mended(where, look) if fix else look()
    except MisuseError as error:
        return misuse("lint", str(error))
    if prove and policy_set is not None:
        findings = in_file_order((*findings, *_proved(policy_set)))
    write_findings(findings, output, sys.stdout)
    if output is Format.TEXT:
        sys.stdout.write(("\n" if findings else "") + describe(where, policy_set, findings))
    if refuses(findings):
        return ExitCode.FINDINGS
    return ExitCode.UNDECIDED if any(each.code == _OPEN for each in findings) else ExitCode.FINE


def _proved(policy_set: PolicySet) -> tuple[Diagnostic, ...]:
    from engine.comparison.proving.lint import prove  # noqa: PLC0415 - lint itself needs no solver

    return prove(policy_set)


def inspect(
    directory: Path,
    drafts: Mapping[Path, bytes] | None = None,
    *,
    equity_usd: Decimal | None = None,
) -> tuple[PolicySet | None, tuple[Diagnostic, ...]]:
    """The set in `directory`, if it can be had, and all that is to be said about it."""
    loaded = load_policy_set(directory, drafts=drafts)
    if loaded.policy_set is None:
        return None, loaded.diagnostics
    lints = find_lints(loaded.policy_set, now=now(), equity_usd=equity_usd)
    return loaded.policy_set, in_file_order((*loaded.diagnostics, *lints))


def _mended(
    directory: Path, look: Callable[..., tuple[PolicySet | None, tuple[Diagnostic, ...]]]
) -> tuple[PolicySet | None, tuple[Diagnostic, ...]]:
    """Write every safe mend; what is left is to be said."""
    from cli.policy_verbs import fixes  # noqa: PLC0415 - only a set that is mended pays for it

    mended = fixes.mend_set(directory, look)
    fixes.write(mended)
    sys.stderr.writelines(fixes.told(mended, written=True))
    return mended.after, mended.findings


def _show_mends(
    directory: Path, look: Callable[..., tuple[PolicySet | None, tuple[Diagnostic, ...]]]
) -> ExitCode:
    from cli.policy_verbs import fixes  # noqa: PLC0415 - only a set that is mended pays for it

    mended = fixes.mend_set(directory, look)
    sys.stdout.write(fixes.differences(mended))
    sys.stderr.writelines(fixes.told(mended, written=False))
    sys.stderr.write(describe(directory, mended.after, mended.findings))
    return ExitCode.FINDINGS if mended.texts or refuses(mended.findings) else ExitCode.FINE


def refuses(findings: tuple[Diagnostic, ...]) -> bool:
    """Whether one of the findings is an error."""
    return any(each.severity is Severity.ERROR for each in findings)


def describe(directory: Path, policy_set: PolicySet | None, found: tuple[Diagnostic, ...]) -> str:
    """One line: which set this is, how much is in it, and what was found."""
    from cli.output.text import summary  # noqa: PLC0415 - machine formats do without

    if policy_set is None:
        return f"{directory}: no usable policy set: {summary(found)}\n"
    documents, rules = len(policy_set.sealed), len(policy_set.rules)
    size = f"{_count(documents, 'document')}, {_count(rules, 'rule')}"
    return f"{policy_set.name} {policy_set.hash}: {size}, {summary(found)}\n"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"

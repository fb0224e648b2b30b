"""`trader report`: what the ledger means in money, for a person's books.

In: a ledger, a stretch of time, the method of lots. Out: results, fills, fees or lots as text, CSV
or JSON. Money is exact to the last digit, each currency by itself: nothing is converted.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.trader_verbs.options import LedgerOption  # noqa: TC001 - Typer reads the annotations
from cli.trader_verbs.reporting.intended import execution_table, shadow_table
from cli.trader_verbs.reporting.tables import (
    day_table,
    fees_table,
    fills_table,
    lots_table,
    results_table,
)
from cli.trader_verbs.reporting.writing import ReportFormat, Table, write_table
from engine.errors import Diagnostic, MandateError
from engine.reporting import (
    Books,
    Method,
    booked,
    compared,
    day_of,
    executions,
    fees_of,
    results_of,
)
from engine.run.ledgers import LedgerView
from engine.run.status import status_of
from engine.simulation.terms import instant

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime
    from engine.reporting import Lot

FromOption = Annotated[
    str | None, typer.Option("--from", metavar="TIME", help="A day, or UTC; else the beginning.")
]
ToOption = Annotated[
    str | None, typer.Option("--to", metavar="TIME", help="Before then; else up to now.")
]
LotsOption = Annotated[
    Method, typer.Option("--lots", help="Which lot is sold first: the oldest, the dearest, all.")
]
CurrencyOption = Annotated[
    str | None,
    typer.Option("--currency", metavar="CODE", help="Products quoted in this currency only."),
]
ReportFormatOption = Annotated[
    ReportFormat, typer.Option("--format", help="Text to read, CSV for spreadsheets, or JSON.")
]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which part of a ledger is meant."""

    ledger: str
    since: UtcTime | None
    until: UtcTime | None
    currency: str | None

    def books(self, method: Method) -> Books:
        """Its books up to the end of the stretch."""
        return booked(LedgerView.open(self.ledger).records(), method, self.until)

    def within(self, time: UtcTime, symbol: Symbol) -> bool:
        """Whether something that happened then, to this product, is meant."""
        if self.currency is not None and symbol.quote != self.currency.upper():
            return False
        return self.since is None or time >= self.since


def _asked(ledger: str, since: str | None, until: str | None, currency: str | None) -> _Asked:
    """What is meant; raises MandateError (M806) with each of the two that is no instant."""
    found: list[UtcTime | None] = []
    wrong: list[Diagnostic] = []
    for option, text in (("--from", since), ("--to", until)):
        try:
            found.append(None if text is None else instant(option, text))
        except MandateError as error:
            wrong += error.diagnostics
    if wrong:
        raise MandateError(wrong)
    return _Asked(ledger, found[0], found[1], currency)


def day(
    *,
    ledger: LedgerOption,
    of: Annotated[
        str | None, typer.Option("--of", metavar="DAY", help="Which, in UTC; else the last one.")
    ] = None,
    output: ReportFormatOption = ReportFormat.TEXT,
) -> ExitCode:
    """One day in a page: its result, its orders, what refused, what tripped, who did what."""
    within = None if of is None else instant("--of", of)
    found = day_of(LedgerView.open(ledger).records(), within)
    write_table(day_table(found), output, sys.stdout)
    return ExitCode.FINE


def pnl(
    *,
    ledger: LedgerOption,
    since: FromOption = None,
    until: ToOption = None,
    lots: LotsOption = Method.FIFO,
    currency: CurrencyOption = None,
    output: ReportFormatOption = ReportFormat.TEXT,
) -> ExitCode:
    """Results of what was sold, by product, after both fees; and what is still held, at cost."""

    def table(books: Books, asked: _Asked) -> Table:
        closed = [each for each in books.closed if asked.within(each.closed, each.symbol)]
        return results_table(results_of(closed), _held(books, asked))

    return _report(_asked(ledger, since, until, currency), lots, output, table)


def fills(
    *,
    ledger: LedgerOption,
    since: FromOption = None,
    until: ToOption = None,
    currency: CurrencyOption = None,
    output: ReportFormatOption = ReportFormat.TEXT,
) -> ExitCode:
    """Every execution, with the order, the strategy and the policy set behind it."""

    def table(books: Books, asked: _Asked) -> Table:
        return fills_table([each for each in books.fills if asked.within(each.time, each.symbol)])

    return _report(_asked(ledger, since, until, currency), Method.FIFO, output, table)


def fees(
    *,
    ledger: LedgerOption,
    since: FromOption = None,
    until: ToOption = None,
    currency: CurrencyOption = None,
    output: ReportFormatOption = ReportFormat.TEXT,
) -> ExitCode:
    """Fees by product, of resting and of immediate orders, with what they are in basis points."""

    def table(books: Books, asked: _Asked) -> Table:
        chosen = [each for each in books.fills if asked.within(each.time, each.symbol)]
        return fees_table(fees_of(chosen))

    return _report(_asked(ledger, since, until, currency), Method.FIFO, output, table)


def lots(
    *,
    ledger: LedgerOption,
    since: FromOption = None,
    until: ToOption = None,
    lots: LotsOption = Method.FIFO,
    currency: CurrencyOption = None,
    output: ReportFormatOption = ReportFormat.TEXT,
) -> ExitCode:
    """Every lot that was closed, when it had been bought and what it came to; then those held."""

    def table(books: Books, asked: _Asked) -> Table:
        closed = [each for each in books.closed if asked.within(each.closed, each.symbol)]
        return lots_table(closed, _held(books, asked))

    return _report(_asked(ledger, since, until, currency), lots, output, table)


def execution(
    *,
    ledger: LedgerOption,
    since: FromOption = None,
    until: ToOption = None,
    currency: CurrencyOption = None,
    output: ReportFormatOption = ReportFormat.TEXT,
) -> ExitCode:
    """Every order that was allowed: the price and size that were intended, against its fills.

    Intended is the middle of the market at the decision. Slippage is what the fills cost beyond it;
    the shortfall counts from the beginning of the wish, over all its rungs, with fees.
    """
    asked = _asked(ledger, since, until, currency)
    found = executions(LedgerView.open(ledger).records(), asked.until)
    chosen = [each for each in found if asked.within(each.time, each.symbol)]
    write_table(execution_table(chosen), output, sys.stdout)
    return ExitCode.FINE


def shadow(
    *,
    ledger: LedgerOption,
    since: FromOption = None,
    until: ToOption = None,
    currency: CurrencyOption = None,
    output: ReportFormatOption = ReportFormat.TEXT,
) -> ExitCode:
    """Where a second set (`trader run --shadow DIR`) would have decided otherwise, and its cost.

    What it would have let go is valued at the fills of the order that went; without one, at the
    worst price that was intended and the fee that is assumed: an estimate.
    """
    asked = _asked(ledger, since, until, currency)
    view = LedgerView.open(ledger)
    found = compared(view.records(), _assumed_fee(view), asked.until)
    chosen = [each for each in found.differ if asked.within(each.time, each.symbol)]
    write_table(shadow_table(found, chosen), output, sys.stdout)
    return ExitCode.FINE


def _assumed_fee(view: LedgerView) -> Decimal:
    """What the set that the ledger ends with assumes; nothing where it cannot be built again."""
    named = status_of(view).named
    policy_set = None if named is None else named.policy_set
    return Decimal(0) if policy_set is None else policy_set.deployment.fees.taker_bps


def _held(books: Books, asked: _Asked) -> list[Lot]:
    """What is held at the end, whenever it was bought."""
    always = replace(asked, since=None)
    return [each for each in books.open if always.within(each.opened, each.symbol)]


def _report(
    asked: _Asked, method: Method, output: ReportFormat, table: Callable[[Books, _Asked], Table]
) -> ExitCode:
    write_table(table(asked.books(method), asked), output, sys.stdout)
    return ExitCode.FINE

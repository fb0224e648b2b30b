"""`trader venue`: a local paper Coinbase that real clients can talk to.

In: where it lives, where it answers, what it shows, what the account begins with. Out: addresses,
certificate and keys, and how to point clients at them; then it serves until it is interrupted.
Refuses what `engine.venue.running` refuses, before it listens.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import typer

from cli.exit_codes import ExitCode
from cli.trader_verbs.options import FormatOption, OutputFormat
from cli.trader_verbs.venue_options import (
    STATE,
    CashOption,
    DepositOption,
    DuplicateIdsOption,
    FaultRateOption,
    FaultsOption,
    MakerOption,
    PaceOption,
    PlainPortOption,
    PortOption,
    ProductsOption,
    QuotesOption,
    ScriptOption,
    SeedOption,
    StateOption,
    TakerOption,
    WithdrawOption,
)
from cli.trader_verbs.venue_page import page
from engine.adapters.paper import DuplicateIds, PaperFees
from engine.venue.extra import refuse_without_extra

if TYPE_CHECKING:
    from pathlib import Path

    from engine.venue.running import Ready


def venue(  # noqa: PLR0913 - the options of the verb
    *,
    state: StateOption = STATE,
    port: PortOption = 8443,
    plain_port: PlainPortOption = 8480,
    quotes: QuotesOption = [],  # noqa: B006 - Typer's way to say none
    seed: SeedOption = 7,
    pace: PaceOption = 1.0,
    cash: CashOption = [],  # noqa: B006 - Typer's way to say none
    maker_bps: MakerOption = "60",  # type: ignore[assignment]  # Typer parses a default too
    taker_bps: TakerOption = "120",  # type: ignore[assignment]  # Typer parses a default too
    duplicate_ids: DuplicateIdsOption = DuplicateIds.RETURNS_OLD,
    products: ProductsOption = None,
    script: ScriptOption = None,
    deposit: DepositOption = None,
    withdraw: WithdrawOption = None,
    faults: FaultsOption = None,
    fault_rate: FaultRateOption = None,
    output: FormatOption = OutputFormat.TEXT,
) -> ExitCode:
    """Serve a paper Coinbase on loopback, until it is interrupted; no money here is real."""
    refuse_without_extra()
    if deposit is not None or withdraw is not None:
        return _move_money(state, deposit, withdraw)
    from engine.venue.running import VenueOptions, serve  # noqa: PLC0415 - the extra comes first

    options = VenueOptions(
        state=state,
        port=port,
        plain_port=plain_port,
        quotes=tuple(quotes),
        seed=seed,
        pace=pace or None,
        cash=tuple(cash),
        fees=PaperFees(maker_bps, taker_bps),
        duplicate_ids=duplicate_ids,
        products=products,
        script=script,
        faults=faults,
        fault_rate_pct=fault_rate,
    )
    serve(options, _tell_json if output is OutputFormat.JSON else _tell_text)
    return ExitCode.FINE


def _move_money(state: Path, deposit: str | None, withdraw: str | None) -> ExitCode:
    """Do it at the venue that runs, instead of starting one."""
    from engine.venue.running.hand import tell  # noqa: PLC0415 - the extra comes first
    from engine.venue.running.options import cash_of  # noqa: PLC0415 - the extra comes first

    for text, sign in ((deposit, ""), (withdraw, "-")):
        for currency, units in cash_of([] if text is None else [text]).items():
            tell(state, "transfer", {"currency": currency, "units": f"{sign}{units}"})
            typer.echo(f"{'withdrew' if sign else 'deposited'} {units} {currency}")
    return ExitCode.FINE


def _tell_text(ready: Ready) -> None:
    sys.stdout.write(page(ready))
    sys.stdout.flush()


def _tell_json(ready: Ready) -> None:
    told = {
        "rest": ready.addresses.rest,
        "websocket": ready.addresses.websocket,
        "plain_websocket": ready.addresses.plain_websocket,
        "certificate": str(ready.home.certificate),
        "keys": {label: str(file) for label, file in ready.home.key_files.items()},
    }
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()

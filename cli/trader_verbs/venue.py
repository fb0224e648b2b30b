"""`trader venue`: a local paper Coinbase that real clients can talk to.

In: where it lives, where it answers, what it shows, what the account begins with. Out: addresses,
certificate and keys, and how to point clients at them; then it serves until it is interrupted.
Refuses what `engine.venue.running` refuses, before it listens.
"""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.trader_verbs.options import FormatOption, OutputFormat, number
from cli.trader_verbs.venue_page import page
from engine.adapters.paper import DuplicateIds, PaperFees
from engine.venue.extra import refuse_without_extra

if TYPE_CHECKING:
    from engine.venue.running import Ready

FaultsOption = Annotated[
    Path | None,
    typer.Option("--faults", metavar="FILE", help="A plan of what goes wrong on purpose."),
]
FaultRateOption = Annotated[
    Decimal | None,
    typer.Option("--fault-rate", metavar="PCT", parser=number, help="So many requests go wrong."),
]
DepositOption = Annotated[
    str | None,
    typer.Option("--deposit", metavar="USD=100", help="At the venue that runs in --state."),
]
WithdrawOption = Annotated[
    str | None,
    typer.Option("--withdraw", metavar="USD=100", help="At the venue that runs in --state."),
]


def venue(  # noqa: PLR0913 - the options of the verb
    *,
    state: Annotated[
        Path, typer.Option("--state", metavar="DIR", help="Its certificate, keys and memory.")
    ] = Path("runs/venue"),
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="For HTTPS and wss; 0: any free one.")
    ] = 8443,
    plain_port: Annotated[
        int, typer.Option("--plain-port", min=0, max=65535, help="For plain ws; 0: any free one.")
    ] = 8480,
    quotes: Annotated[
        list[Path],
        typer.Option("--quotes", metavar="FILE", help="A recording to show; else a synthetic one."),
    ] = [],  # noqa: B006 - Typer's way to say none
    seed: Annotated[
        int, typer.Option("--seed", min=0, help="Of the synthetic market and the faults.")
    ] = 7,
    pace: Annotated[
        float, typer.Option("--pace", min=0, help="Recorded seconds a real second; 0: at once.")
    ] = 1.0,
    cash: Annotated[
        list[str],
        typer.Option("--cash", metavar="USD=100000", help="What a new account begins with."),
    ] = [],  # noqa: B006 - Typer's way to say none
    maker_bps: Annotated[
        Decimal, typer.Option("--maker-bps", metavar="BPS", parser=number, help="Fee of who rests.")
    ] = "60",  # type: ignore[assignment]  # Typer parses a default as it does an argument
    taker_bps: Annotated[
        Decimal, typer.Option("--taker-bps", metavar="BPS", parser=number, help="Fee of who takes.")
    ] = "120",  # type: ignore[assignment]  # Typer parses a default as it does an argument
    duplicate_ids: Annotated[
        DuplicateIds, typer.Option("--duplicate-ids", help="What a repeated order id does.")
    ] = DuplicateIds.RETURNS_OLD,
    products: Annotated[
        Path | None,
        typer.Option("--products", metavar="FILE", help="What is listed: a body of `/products`."),
    ] = None,
    script: Annotated[
        Path | None,
        typer.Option("--script", metavar="FILE", help="Deposits and the like, a JSON line each."),
    ] = None,
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

"""The options of `trader venue`: what each is called, and what it says of itself."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from cli.trader_verbs.options import number
from engine.adapters.paper import DuplicateIds

STATE = Path("runs/venue")
"""Where a venue lives unless another place is named."""

StateOption = Annotated[
    Path, typer.Option("--state", metavar="DIR", help="Its certificate, keys and memory.")
]
PortOption = Annotated[
    int, typer.Option("--port", min=0, max=65535, help="For HTTPS and wss; 0: any free one.")
]
PlainPortOption = Annotated[
    int, typer.Option("--plain-port", min=0, max=65535, help="For plain ws; 0: any free one.")
]
QuotesOption = Annotated[
    list[Path],
    typer.Option("--quotes", metavar="FILE", help="A recording to show; else a synthetic one."),
]
SeedOption = Annotated[
    int, typer.Option("--seed", min=0, help="Of the synthetic market and the faults.")
]
PaceOption = Annotated[
    float, typer.Option("--pace", min=0, help="Recorded seconds a real second; 0: at once.")
]
CashOption = Annotated[
    list[str],
    typer.Option("--cash", metavar="USD=100000", help="What a new account begins with."),
]
MakerOption = Annotated[
    Decimal, typer.Option("--maker-bps", metavar="BPS", parser=number, help="Fee of who rests.")
]
TakerOption = Annotated[
    Decimal, typer.Option("--taker-bps", metavar="BPS", parser=number, help="Fee of who takes.")
]
DuplicateIdsOption = Annotated[
    DuplicateIds, typer.Option("--duplicate-ids", help="What a repeated order id does.")
]
ProductsOption = Annotated[
    Path | None,
    typer.Option("--products", metavar="FILE", help="What is listed: a body of `/products`."),
]
ScriptOption = Annotated[
    Path | None,
    typer.Option("--script", metavar="FILE", help="Deposits and the like, a JSON line each."),
]
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

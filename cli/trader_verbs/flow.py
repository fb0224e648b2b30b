"""`trader flow`: a person says what was paid in or out.

In: a ledger, what it was, how much of which currency, a reason. Out: a command file that the loop
takes in; it books the flow if the venue shows that much which our records do not, and refuses it
otherwise. Refuses (M415) an amount or a currency that is none.
"""

from __future__ import annotations

from enum import Enum
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
from cli.trader_verbs.options import LedgerOption, YesOption  # noqa: TC001 - Typer reads them
from engine.adapters.environment import user_name
from engine.cycle.clockwork import Command
from engine.ledger.bodies import written
from engine.run.accounts import flow_asked
from engine.run.ledgers import LedgerView

if TYPE_CHECKING:
    from decimal import Decimal


class FlowKind(Enum):
    """What it was; a reward is paid in."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    REWARD = "reward"


def flow(  # noqa: PLR0913 - the parts of the command line
    kind: Annotated[FlowKind, typer.Argument(help="What it was.")],
    amount: Annotated[str, typer.Argument(help="How much, without a sign: 2000.")],
    currency: Annotated[str, typer.Argument(help="Of what: USD, BTC.")],
    *,
    ledger: LedgerOption,
    reason: ReasonOption,
    who: WhoOption = "",
    yes: YesOption = False,
) -> ExitCode:
    """Say what was paid in or out; it moves balances and is no result of any window.

    It is booked only where the venue shows it: an invented deposit would be invented equity.
    """
    view = LedgerView.open(ledger)
    units, shown = flow_asked(view, amount, currency, out=kind is FlowKind.WITHDRAWAL)
    told = f"a {kind.value} of {written(abs(units))} {currency}"
    if not confirmed(f"record {told}? {_seen(shown, currency)}", yes=yes):
        return ExitCode.FINDINGS
    why = f"{kind.value}: {one_line(reason)}"
    target = f"{written(units)} {currency}"
    drop(view, Command("flow", target, who or user_name(), why))
    tell(f"{told} is ordered to be recorded; {_seen(shown, currency)}", view.holder(), _THEN)
    return ExitCode.FINE


_THEN = "it books it, if the venue shows it"


def _seen(shown: Decimal | None, currency: str) -> str:
    """What the last comparison said of the currency."""
    if shown is None:
        return f"by the last comparison venue and ledger agree on {currency}"
    more = "more" if shown > 0 else "less"
    return f"the venue shows {written(abs(shown))} {currency} {more} than our records"

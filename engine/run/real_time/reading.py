"""`trader reconcile` without a loop: a visit that reads the account, and records what it read.

In: a ledger that nobody runs, the way to its venue. Out: the same answer as a loop's, from the same
command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle import clockwork
from engine.run.accounts import answer_after
from engine.run.real_time.visiting import visiting

if TYPE_CHECKING:
    from engine.adapters.coinbase.exchange import CoinbaseExchange
    from engine.cycle.clockwork import Command
    from engine.cycle.desk import Desk
    from engine.run.accounts import Answered
    from engine.run.ledgers import LedgerView
    from engine.run.settings import VenueSettings


def read(view: LedgerView, command: Command, venue: VenueSettings) -> Answered:
    """Carry the command out here; raises MandateError (`visiting`)."""

    async def obey(desk: Desk, _exchange: CoinbaseExchange) -> int:
        last = desk.recorder.last
        await clockwork.obey(desk, desk.clock.now(), command)
        return 0 if last is None else last.sequence

    with visiting(view, venue) as visit:
        before = visit.run(obey)
    answer = answer_after(view, command, before)
    if answer is None:
        message = "what is obeyed is recorded before it returns"
        raise AssertionError(message)  # pragma: no cover - `clockwork.obey` syncs its record
    return answer

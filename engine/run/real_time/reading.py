"""`trader reconcile` without a loop: a visit that reads the account, and records what it read.

In: a ledger that nobody runs, the way to its venue. Out: the same answer as a loop's, from the same
command; and what came of flows that a person had told and nobody had taken in.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from engine.cycle import clockwork, operator
from engine.cycle.reconciling import reading
from engine.run.accounts import answer_after
from engine.run.real_time.visiting import visiting

if TYPE_CHECKING:
    from engine.adapters.coinbase.exchange import CoinbaseExchange
    from engine.cycle.clockwork import Command
    from engine.cycle.desk import Desk
    from engine.run.accounts import Answered
    from engine.run.ledgers import LedgerView
    from engine.run.settings import VenueSettings

_FLOWS = frozenset({"flow"})


def read(view: LedgerView, command: Command, venue: VenueSettings) -> Answered:
    """Carry the command out here; raises MandateError (`visiting`)."""

    async def obey(desk: Desk, _exchange: CoinbaseExchange) -> tuple[int, tuple[str, ...]]:
        taken = await _take_flows(view, desk, command)
        last = desk.recorder.last
        await clockwork.obey(desk, desk.clock.now(), command)
        return (0 if last is None else last.sequence), taken

    with visiting(view, venue) as visit:
        before, taken = visit.run(obey)
    answer = answer_after(view, command, before)
    if answer is None:
        message = "what is obeyed is recorded before it returns"
        raise AssertionError(message)  # pragma: no cover - `clockwork.obey` syncs its record
    return replace(answer, taken=taken)


async def _take_flows(view: LedgerView, desk: Desk, command: Command) -> tuple[str, ...]:
    """Take in flows that wait for a loop; what came of each.

    They are booked only as far as the venue shows them now, so the account is read before them.
    Nothing else that waits is touched: it is about orders, which nobody watches here.
    """
    waiting = operator.take_commands(view.disk, _FLOWS)
    first = next(waiting, None)
    if first is None:
        return ()
    told: list[str] = []
    await reading.full(desk, desk.clock.now(), who=command.who, rebuild=False)
    for each in chain((first,), waiting):
        if each.id not in desk.state.commands:
            outcome = await clockwork.obey(desk, desk.clock.now(), each)
            told.append(f"flow {each.target} by {each.who} ({each.why}): {outcome}")
    return tuple(told)

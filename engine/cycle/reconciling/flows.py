"""Flows found and confirmed: a balance that moved without a fill is paid in or out, or a mistake.

In: differences that have stood, the venue's own transfers, what a person says. Out: records of
flows. Small ones that the venue tells of are booked by themselves, as far as the ExecutionPolicy
lets them; every other waits for a person. Refuses to book what the venue does not show: an
invented deposit would be invented equity.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from engine.cycle.reconciling.comparing import Proposal
from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.model.numbers import ZERO, decimal_of
from engine.ports import VenueError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from engine.cycle.desk import Desk
    from engine.ledger.bodies import Body
    from engine.model.account import Transfer
    from engine.model.times import UtcTime

VENUE = "venue"
"""Who confirmed a flow that was booked by itself."""


async def explain(desk: Desk, now: UtcTime, away: dict[str, Decimal]) -> dict[str, Decimal]:
    """Ask what was paid in or out; returns what is still unexplained or waits for a person."""
    left = {}
    for currency, units in away.items():
        proposal = await _proposal(desk, now, currency, units)
        if proposal.transfers and _small(desk, currency, units):
            what = ", ".join(f"{each.what} {each.transfer_id}" for each in proposal.transfers)
            book(desk, now, currency, units, proposal.transfers, who=VENUE, why=what)
        else:
            left[currency] = units
    return left


async def _proposal(desk: Desk, now: UtcTime, currency: str, units: Decimal) -> Proposal:
    """What the venue's transfers say of a difference; asked anew when it moved, or at each scan."""
    terms = desk.policy_set.execution.reconcile
    known = desk.comparing.proposals.get(currency)
    if known and known.amount == units and now.since_s(known.asked) < terms.scan_every:
        return known
    since = now.plus_s(-terms.look_back)
    genesis = desk.state.genesis or now
    told: Sequence[Transfer] = ()
    # A venue that does not tell is no reason to keep quiet about the difference.
    with suppress(VenueError):
        told = await desk.exchange.transfers(currency, max(since, genesis))
    new = [each for each in told if each.transfer_id not in desk.state.transfers_seen]
    proposal = Proposal(units, _explaining(new, units), now)
    desk.comparing.proposals[currency] = proposal
    return proposal


def _explaining(new: list[Transfer], units: Decimal) -> tuple[Transfer, ...]:
    """All of them together, or the one, that is exactly what differs; none where nothing is."""
    if sum((each.amount for each in new), ZERO) == units:
        return tuple(new)
    return next(((each,) for each in new if each.amount == units), ())


def _small(desk: Desk, currency: str, units: Decimal) -> bool:
    most = desk.policy_set.execution.reconcile.accept_transfers_usd
    unit = desk.valuation.rate(currency)
    if unit is None:
        unit = desk.valuation.coin(currency)
    return unit is not None and abs(units) * unit <= most


def book(  # noqa: PLR0913 - a flow has that many parts
    desk: Desk,
    now: UtcTime,
    currency: str,
    amount: Decimal,
    transfers: tuple[Transfer, ...],
    *,
    who: str,
    why: str,
) -> None:
    """Record one flow with who said so and why, and the venue's transfers that it was."""
    body: Body = {
        "currency": currency,
        "amount": bodies.written(amount),
        "who": who,
        "why": why,
        "transfers": [each.transfer_id for each in transfers],
    }
    desk.recorder.record(RecordKind.CASH_FLOW, now, body)
    # A difference of the same size that comes after is another one.
    desk.comparing.proposals.pop(currency, None)


def words(desk: Desk, currency: str) -> str:
    """What a person can do about a difference in a currency, to stand behind its numbers."""
    proposal = desk.comparing.proposals.get(currency)
    if proposal is None:
        return ""
    amount = bodies.written(abs(proposal.amount))
    order = f"`trader flow {_verb(proposal.amount)} {amount} {currency}`"
    if not proposal.transfers:
        return f"; no transfer of the venue explains it: find out, then {order} if it was one"
    what = ", ".join(f"{each.what} {each.transfer_id}" for each in proposal.transfers)
    return f"; the venue tells of {what}: {order} confirms it"


def _verb(amount: Decimal) -> str:
    return "deposit" if amount > 0 else "withdrawal"


def confirm(desk: Desk, now: UtcTime, told: str, *, who: str, why: str) -> str:
    """Book a flow that a person names as `2000 USD`; what came of it.

    Only what the venue shows and our records do not: with its sign, and no more of it.
    """
    number, _, currency = told.partition(" ")
    try:
        amount = decimal_of(number)
    except ValueError:
        return f"refused: `{told}` is no amount of a currency"
    away = desk.state.away.get(currency, ZERO)
    if not amount or abs(amount) > abs(away) or (amount > 0) is not (away > 0):
        return f"refused: the venue shows {bodies.written(away)} {currency} that nobody explained"
    proposal = desk.comparing.proposals.get(currency)
    found = proposal.transfers if proposal and proposal.amount == amount else ()
    book(desk, now, currency, amount, found, who=who, why=why)
    rest = away - amount
    return "booked" if not rest else f"booked; {bodies.written(rest)} is still unexplained"

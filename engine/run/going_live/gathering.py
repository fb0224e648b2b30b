"""Gathering what a stage asks for: the ledger read and verified, the venue asked.

In: a set, a ledger, what the process sees, the way to a venue. Out: `Examined`. A ledger that is
not whole is not believed in anything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.run.doctor import examine
from engine.run.going_live.chronicle import Chronicle, chronicle_of
from engine.run.going_live.examining import Examined, Ledger
from engine.run.going_live.venue import ask_venue
from engine.run.status import Status, status_of

if TYPE_CHECKING:
    from engine.model.approvals import Approval
    from engine.policyset.policyset import PolicySet
    from engine.run.doctor import Surroundings
    from engine.run.ledgers import LedgerView
    from engine.run.settings import VenueSettings


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about: a set, and who approved it where a host's trust was named."""

    policy_set: PolicySet
    approval: Approval | None = None


def gathered(
    asked: Asked, view: LedgerView | None, seen: Surroundings, venue: VenueSettings
) -> Examined:
    """Everything, read once."""
    policy_set = asked.policy_set
    ledger = None if view is None else _read(view, policy_set)
    state = None if ledger is None else ledger.status.state
    last = None if ledger is None else ledger.chronicle.last
    approval = asked.approval
    if approval is None and state is not None and state.policy_set == policy_set.hash:
        approval = state.approval
    return Examined(
        policy_set=policy_set,
        now=seen.now,
        checks=examine(policy_set, None, seen),
        venue=ask_venue(policy_set, venue, last),
        free_bytes=seen.free_bytes,
        ledger=ledger,
        approval=approval,
    )


def _read(view: LedgerView, policy_set: PolicySet) -> Ledger:
    terms = policy_set.deployment.going_live
    silence_s = 0.0 if terms is None else float(terms.silence)
    report = view.verify()
    if not report.intact:
        return Ledger(Status(), Chronicle(silence_s), report)
    return Ledger(status_of(view), chronicle_of(view.records(), silence_s), report)

"""Everything that is asked before a stage, in the order in which a person should read it.

In: `Examined`, all that was gathered. Out: evidence. Nothing is asked here; what was not gathered
is told as lacking, or as what nobody could tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.run.going_live import account, alerts, records, stating

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.ledger.verify import VerifyReport
    from engine.model.approvals import Approval
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet
    from engine.run.doctor.checks import Check
    from engine.run.going_live.chronicle import Chronicle
    from engine.run.going_live.evidence import Evidence, Rung
    from engine.run.going_live.venue import VenueSeen
    from engine.run.status import Status


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was read of a ledger: where it stands, what it shows, whether it is whole."""

    status: Status
    chronicle: Chronicle
    verified: VerifyReport


@dataclass(frozen=True, slots=True)
class Examined:
    """A set, and all that was gathered about it; `ledger` None where none was named.

    `approval` is of this very set; `checks` are those of the ordinary examination.
    """

    policy_set: PolicySet
    now: UtcTime
    checks: Sequence[Check]
    venue: VenueSeen
    free_bytes: int | None = None
    ledger: Ledger | None = None
    approval: Approval | None = None


def evidence_for(rung: Rung, examined: Examined) -> Iterator[Evidence]:
    """What stands for and against this stage."""
    policy_set, ledger, now = examined.policy_set, examined.ledger, examined.now
    yield from stating.stated(policy_set, rung)
    yield stating.signed(examined.approval)
    yield stating.examined(examined.checks)
    yield from records.shown_by(policy_set, rung, ledger, now)
    if examined.free_bytes is not None:
        yield records.room(examined.free_bytes)
    if ledger is None or ledger.verified.intact:
        yield from alerts.heard(policy_set, ledger, now)
    yield from account.of_venue(policy_set, examined.venue, now)

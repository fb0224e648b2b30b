"""Whether trading cost what the set assumes: measured fills against the Deployment's fees.

In: a set, what a ledger shows. Out: evidence, one for resting and one for immediate executions. The
paper account of this process charges what is assumed, so there it is no surprise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.numbers import canonical_number
from engine.model.orders import Mode
from engine.run.going_live.evidence import Evidence, Proof, either

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from engine.policyset.policyset import PolicySet
    from engine.run.going_live.chronicle import Chronicle

_BPS = 10_000


def fees(policy_set: PolicySet, seen: Chronicle) -> Iterator[Evidence]:
    """Measured against assumed, resting executions first."""
    assumed = policy_set.deployment.fees
    for maker, bps in ((True, assumed.maker_bps), (False, assumed.taker_bps)):
        yield _sort(policy_set, seen, bps, maker=maker)


def _sort(policy_set: PolicySet, seen: Chronicle, bps: Decimal, *, maker: bool) -> Evidence:
    terms = policy_set.deployment.going_live
    name = f"fees {'maker' if maker else 'taker'}"
    above = terms.fee_above_bps if terms is not None else 0
    needed = f"at most {canonical_number(bps + above)} bps"
    paid = [e for (kind, _), e in sorted(seen.paid.items()) if kind is maker and e.notional]
    if not paid:
        return Evidence(name, Proof.LOOK, "no such execution yet", needed)
    worst = max(_BPS * each.fee / each.notional for each in paid)
    count = sum(each.fills for each in paid)
    charged = ", as the paper account is told to charge" if seen.mode == Mode.PAPER.value else ""
    found = f"{worst:.2f} bps over {count:,} fill{'' if count == 1 else 's'}{charged}"
    mend = "assume what is charged (`fees`), and look what that makes of every entry"
    return either(name, found, needed, mend, met=worst <= bps + above)

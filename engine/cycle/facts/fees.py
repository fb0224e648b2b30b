"""Fees: what the Deployment assumes, and how far what was really paid lies above it.

In: the fills of the last day, the assumed fees, what the venue says that it takes. Out:
`venue.fee_*`. Too few fills say nothing; a venue that does not say takes what was assumed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.numbers import ZERO
from engine.model.times import NS_PER_S

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.cycle.desk import Desk
    from engine.expr.nodes import Value
    from engine.model.times import UtcTime

MINIMUM_SAMPLE = 5
_DAY_S = 86_400
_BPS = 10_000


def fee_facts(desk: Desk, now: UtcTime) -> dict[str, Value]:
    """`venue.fee_*`; of resting and immediate orders the one that lies further above counts."""
    fees = desk.policy_set.deployment.fees
    told = None if desk.key is None else desk.key.fees
    over = [
        paid - assumed
        for maker, assumed in ((True, fees.maker_bps), (False, fees.taker_bps))
        if (paid := _paid_bps(desk, now, maker=maker)) is not None
    ]
    if told is not None:
        # A tier that fell is above what was assumed before the first order has paid for it.
        over += [told.maker_bps - fees.maker_bps, told.taker_bps - fees.taker_bps]
    rates = told or fees
    return {
        "venue.fee_maker_bps": float(rates.maker_bps),
        "venue.fee_taker_bps": float(rates.taker_bps),
        "venue.fee_over_assumed_bps": float(max(over, default=ZERO)),
    }


def _paid_bps(desk: Desk, now: UtcTime, *, maker: bool) -> Decimal | None:
    """All fees of one kind over all they were paid for, in the numeraire."""
    rate, since_ns = desk.valuation.rate, now.ns - _DAY_S * NS_PER_S
    paid = [each for each in desk.state.pace.fees if each.maker is maker]
    # Nearly always too few or none at all: nothing is to be valued then.
    if len(paid) < MINIMUM_SAMPLE:
        return None
    parts = [
        (each.fee * worth, each.notional * worth)
        for each in paid
        if each.time.ns > since_ns and (worth := rate(each.currency)) is not None
    ]
    notional = sum((part for _, part in parts), ZERO)
    if len(parts) < MINIMUM_SAMPLE or notional == 0:
        return None
    return _BPS * sum((fee for fee, _ in parts), ZERO) / notional

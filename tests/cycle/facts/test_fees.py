"""Fees: what was really paid, against what the set assumes and its cost guard counts with."""

from __future__ import annotations

from decimal import Decimal

import pytest
from fakes.bench import BTC, Bench

from engine.cycle.facts.fees import MINIMUM_SAMPLE, fee_facts
from engine.ledger.state import FeePaid

# The base assumes 40 bps for resting orders and 60 for immediate ones.
Paid = tuple[bool, int, str, str, str, int]  # maker, how often, currency, notional, fee, age
PAID: dict[str, tuple[list[Paid], float]] = {
    "nothing yet": ([], 0.0),
    "as assumed": ([(True, 5, "USD", "100", "0.40", 0), (False, 5, "USD", "100", "0.60", 0)], 0.0),
    "resting orders cost more": ([(True, 5, "USD", "100", "0.50", 0)], 10.0),
    "immediate orders cost more": ([(False, 5, "USD", "100", "1.20", 0)], 60.0),
    "the one that lies further above counts": (
        [(True, 5, "USD", "100", "0.45", 0), (False, 5, "USD", "100", "0.50", 0)],
        5.0,
    ),
    "all below": ([(True, 5, "USD", "100", "0.10", 0)], -30.0),
    "too few fills say nothing": ([(False, 4, "USD", "100", "5", 0)], 0.0),
    "of one kind each": (
        [(False, 4, "USD", "100", "5", 0), (True, 4, "USD", "100", "5", 0)],
        0.0,
    ),
    "those of yesterday are over": ([(False, 5, "USD", "100", "5", 86_400)], 0.0),
    "those of a second later are not": ([(False, 5, "USD", "100", "0.70", 86_399)], 10.0),
    "large fills weigh more": (
        [(False, 4, "USD", "10", "0.60", 0), (False, 1, "USD", "960", "5.60", 0)],
        20.0,
    ),
    "weighed in one currency": (
        [(False, 5, "USD", "120", "0.72", 0), (False, 5, "EUR", "100", "1.60", 0)],
        50.0,
    ),
    "a currency without a rate does not count": ([(False, 5, "XYZ", "100", "9", 0)], 0.0),
    "a rebate is a fee below nothing": ([(True, 5, "USD", "100", "-0.10", 0)], -50.0),
    "fills of no value": ([(True, 5, "USD", "0", "0", 0)], 0.0),
}


@pytest.mark.parametrize(("paid", "over_bps"), PAID.values(), ids=PAID)
def test_fees_paid_are_held_against_those_assumed(paid: list[Paid], over_bps: float) -> None:
    """By kind of order, over 24 hours, weighed by value in the numeraire, from five fills on."""
    bench = Bench()
    now = bench.clock.now()
    for maker, count, currency, notional, fee, age_s in paid:
        each = FeePaid(now.plus_s(-age_s), maker, currency, Decimal(notional), Decimal(fee))
        bench.state.pace.fees.extend([each] * count)
    facts = fee_facts(bench.desk, now)
    assert facts["venue.fee_over_assumed_bps"] == pytest.approx(over_bps)
    assert (facts["venue.fee_maker_bps"], facts["venue.fee_taker_bps"]) == (40.0, 60.0)


def test_the_fees_are_those_of_the_fills_in_the_ledger() -> None:
    """A venue that charges twice what was assumed is seen after five fills, also by a restart."""
    bench = Bench()
    bench.venue.fee_bps = Decimal(120)
    for _ in range(MINIMUM_SAMPLE):
        assert fee_facts(bench.desk, bench.clock.now())["venue.fee_over_assumed_bps"] == 0.0
        bench.hold(BTC, "20")
        bench.wait(30)
    assert fee_facts(bench.desk, bench.clock.now())["venue.fee_over_assumed_bps"] == 80.0
    assert bench.replayed().pace.fees == bench.state.pace.fees

"""What a comparison found, in sentences that a reviewer can read aloud."""

from __future__ import annotations

import pytest
from cycle.small_sets import DEPLOYMENT, limit, set_of

from engine.comparison.proving.conditions import conditions_of
from engine.comparison.proving.permission import Finding, Permission, Witness
from engine.comparison.proving.states import State
from engine.comparison.telling import witness_sentence
from engine.model.orders import Intent

OPEN = DEPLOYMENT.replace("read_only: true", "read_only: false")
LIMITS = (
    limit("age", "quote.age_s <= 5"),
    limit("count", "portfolio.open_positions_count <= 3"),
    limit("spread", "quote.spread_bps <= 20"),
    limit("value", "order.notional_usd <= 500"),
)
FACTS = {
    "quote.age_s": 6.0,
    "portfolio.open_positions_count": 4.0,
    "quote.spread_bps": 30.0,
    "order.notional_usd": 900.0,
}
ENDS = {
    1: "refused by RiskLimit/age: `quote.age_s` is 6, and may be at most 5",
    2: "; RiskLimit/count: `portfolio.open_positions_count` is 4, and may be at most 3",
    3: "; and by 1 more: RiskLimit/spread",
    4: "; and by 2 more: RiskLimit/spread, RiskLimit/value",
}


@pytest.mark.parametrize(("count", "end"), ENDS.items())
def test_a_witness_tells_two_refusals_whole_and_the_others_by_name(count: int, end: str) -> None:
    """However many rules refused it, none is left out and the sentence can be read aloud."""
    policy_set = set_of(OPEN, *LIMITS)
    limits = [
        each for each in conditions_of(policy_set, Intent.ENTRY) if each.id.startswith("RiskLimit/")
    ]
    witness = Witness(State(FACTS, frozenset()), tuple(limits[:count]))
    finding = Finding(Intent.ENTRY, Permission.LOOSER, witness)
    assert witness_sentence(finding, witness, policy_set.vocabulary).endswith(end)

"""The first records of a run: what a new set changes about values is kept with its activation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cycle.small_sets import DEPLOYMENT, set_of
from cycle.trading_desk import START, Bench

from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.run.assembly.beginning import begin

if TYPE_CHECKING:
    from engine.ledger.bodies import Body
    from engine.policyset.ceilings import Ceilings
    from engine.policyset.policyset import PolicySet

PLAIN = set_of()
PRICED = set_of(DEPLOYMENT.replace("unpriced: block", "unpriced: last"))
WORDED = set_of(DEPLOYMENT.replace("stage: supervised", "stage: canary"))


@dataclass(frozen=True, slots=True)
class Set:
    """What a beginning asks of a stream."""

    policy_set: PolicySet
    ceilings: Ceilings | None = None
    approval: None = None


def _unasked() -> Body:
    raise AssertionError


def activations(*sets: PolicySet) -> list[Body]:
    """What runs with these sets, one after another on one ledger, record of their activations."""
    made = Bench(sets[0])
    for each in sets:
        begin(Set(each), made.desk, START, _unasked)  # type: ignore[arg-type] # all that is asked
    records = made.journal.records()
    return [bodies.of_record(e) for e in records if e.kind is RecordKind.SET_ACTIVATED]


def test_the_terms_before_are_kept_where_a_new_set_has_others() -> None:
    """The first set has none before it; another way of valuing is told, other words are not."""
    told = activations(PLAIN, PLAIN, WORDED, PRICED, PLAIN)
    assert [bodies.text(each, "policy_set") for each in told] == [
        each.hash for each in (PLAIN, WORDED, PRICED, PLAIN)
    ]
    before = [each.get("valued_before") for each in told]
    assert before[:2] == [None, None]
    assert [each["unpriced"] for each in before[2:] if isinstance(each, dict)] == ["block", "last"]

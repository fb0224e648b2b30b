"""The first records of a run: what a new set changes about values is kept with its activation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cycle.small_sets import DEPLOYMENT, limit, set_of
from cycle.trading_desk import START, Bench

from engine.adapters.system.memory_disk import MemoryDisk
from engine.cycle.records.activation import activation_body
from engine.cycle.reloading.candidate import Compared
from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.run.assembly.beginning import begin
from engine.run.assembly.restarting import change_since

if TYPE_CHECKING:
    from engine.ledger.bodies import Body
    from engine.policyset.ceilings import Ceilings
    from engine.policyset.policyset import PolicySet
    from engine.ports import Disk
    from engine.run.tightening import Laid

PLAIN = set_of()
PRICED = set_of(DEPLOYMENT.replace("unpriced: block", "unpriced: last"))
WORDED = set_of(DEPLOYMENT.replace("stage: supervised", "stage: canary"))


@dataclass(frozen=True, slots=True)
class Set:
    """What a beginning asks of a stream."""

    policy_set: PolicySet
    disk: Disk
    ceilings: Ceilings | None = None
    approval: None = None
    laid: Laid | None = None


def _unasked() -> Body:
    raise AssertionError


def activations(*sets: PolicySet) -> list[Body]:
    """What runs with these sets, one after another on one ledger, record of their activations."""
    made = Bench(sets[0])
    for each in sets:
        begin(Set(each, made.disk), made.desk, START, _unasked)  # type: ignore[arg-type] # all that is asked
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


LIMITED = set_of(
    limit("value", "order.notional_usd <= 500"),
    DEPLOYMENT.replace("read_only: true", "read_only: false"),
)
WIDER = set_of(
    limit("value", "order.notional_usd <= 900"),
    DEPLOYMENT.replace("read_only: true", "read_only: false"),
)


def test_a_start_under_another_set_tells_what_that_changes() -> None:
    """As a reload does; the first set leads from nowhere, and an old one may be taken again."""
    told = activations(LIMITED, LIMITED, WIDER, LIMITED)
    changes = [each.get("comparison") for each in told]
    assert changes == [
        None,
        {"permission": "LOOSER", "protection": "SAME", "why": ""},
        {"permission": "NOT_LOOSER", "protection": "SAME", "why": ""},
    ]
    assert [each.get("before") for each in told] == [None, LIMITED.hash, WIDER.hash]


def test_a_set_of_old_that_means_nothing_any_more_is_unknown() -> None:
    """Documents that this release reads otherwise cannot be compared, and that is no refusal."""
    made = Bench(PLAIN)
    made.record(RecordKind.SET_ACTIVATED, {**activation_body(PLAIN), "documents": []})
    begin(Set(LIMITED, made.disk), made.desk, START, _unasked)  # type: ignore[arg-type] # as above
    *_, last = made.journal.records()
    change = bodies.mapping(bodies.of_record(last), "comparison")
    assert (change["permission"], change["protection"]) == ("UNKNOWN", "UNKNOWN")
    assert PLAIN.hash in str(change["why"])


def test_a_set_that_no_record_holds_is_unknown() -> None:
    """A ledger cannot end with a set that it never held; asked for one, it says so."""
    change = change_since(MemoryDisk(), PLAIN.hash, LIMITED)
    assert change == Compared.unknown(f"no record holds the documents of {PLAIN.hash}")

"""What `policy controls` says of a set is what its rules do."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pytest
from policyset.sets import NOW, SHIPPED, altered, composed, documents, shipped

from engine.model.times import UtcTime
from engine.policyset.controls.carriers import CARRIERS
from engine.policyset.controls.catalogue import CONTROLS
from engine.policyset.controls.report import EvidenceKind, Status, controls_of
from engine.policyset.lint.measures import Measures

if TYPE_CHECKING:
    from engine.kinds.base import Document
    from engine.policyset.controls.evidence import Carrier
    from engine.policyset.controls.report import ControlRow

LIMIT = (
    "kind: RiskLimit\nmetadata: {{name: {name}, description: For a test., control: {control}}}\n"
    "spec: {{scope: order, intents: {intents}, require: '{require}', params: {{a_usd: 2000}}, "
    "modes: {modes}, on_breach: deny, stage: {stage}}}\n"
)
COLLAR = "RiskLimit/max_order_value"


def limit(**said: str) -> str:
    """A limit on the order value that carries C02, but for what is said otherwise."""
    usual = {
        "name": "max_order_value",
        "control": "C02",
        "intents": "[entry, add]",
        "require": "order.notional_usd <= params.a_usd",
        "modes": "[dry_run, paper, live]",
        "stage": "enforce",
    }
    return LIMIT.format(**(usual | said))


def rows(parts: tuple[Document, ...], at: UtcTime = NOW) -> dict[str, ControlRow]:
    """The rows of the set that the documents make, by id."""
    return {each.id: each for each in controls_of(composed(parts), at)}


@cache
def shipped_rows() -> dict[str, ControlRow]:
    """The rows of the conservative set."""
    return rows(documents())


def names(row: ControlRow, kind: EvidenceKind = EvidenceKind.DOCUMENT) -> list[str]:
    """What carries a row, of one kind."""
    return [each.name for each in row.by if each.kind is kind]


def test_there_are_thirty_in_their_order() -> None:
    """C01 to C30, each once."""
    assert list(shipped_rows()) == [f"C{number:02}" for number in range(1, 31)]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_sets_claim_nothing_that_they_do_not_carry(name: str) -> None:
    """A document that names a control carries it, in each set that we ship."""
    found = rows(documents(name)).values()
    assert {row.id: row.claims for row in found if row.claims and name != "rehearsal"} == {}


def test_a_rehearsal_does_not_count_what_it_only_warns_of() -> None:
    """The guards of a rehearsal warn, so what they would carry is not called enforced."""
    assert rows(documents("rehearsal"))["C12"].status is Status.ABSENT


@pytest.mark.parametrize("part", [p for p in CARRIERS if p.needed], ids=lambda p: p.words)
def test_every_part_that_is_needed_is_missed_when_it_is_gone(part: Carrier) -> None:
    """Without the rules that carry one part, the control is absent, and the part is named."""
    whole = shipped()
    measures = Measures(whole)
    rest = tuple(rule for rule in whole.rules if not part.carried_by(rule, measures))
    (row,) = (
        each for each in controls_of(replace(whole, rules=rest), NOW) if each.id == part.control
    )
    assert row.status is Status.ABSENT
    assert part.words in row.missing


NOT_CARRIED = {
    "in shadow": {"stage": "shadow"},
    "with a warning": {"stage": "warn"},
    "on paper only": {"modes": "[paper]"},
    "for entries only": {"intents": "[entry]"},
    "from below": {"require": "order.notional_usd >= params.a_usd"},
    "by another fact": {"require": "portfolio.gross_usd <= params.a_usd"},
}


@pytest.mark.parametrize("said", NOT_CARRIED.values(), ids=NOT_CARRIED)
def test_a_claim_alone_carries_nothing(said: dict[str, str]) -> None:
    """A document that names C02 and does not enforce a maximum value is told as a claim."""
    row = rows(altered(documents(), limit(**said)))["C02"]
    assert (row.status, row.claims) == (Status.ABSENT, (COLLAR,))
    assert row.missing == ("maximum order value",)
    assert names(row) == []


def test_a_rule_carries_what_it_does_and_not_what_it_is_called() -> None:
    """A maximum value that claims another control carries C02 all the same."""
    found = rows(altered(documents(), limit(control="C03")))
    assert (found["C02"].status, names(found["C02"])) == (Status.ENFORCED, [COLLAR])
    assert found["C03"].claims == (COLLAR,)


WAIVER = """
kind: Waiver
metadata: {name: rotation, description: For a test.}
spec:
  rule: RiskLimit/max_position
  scope: {symbols: [BTC-USD]}
  instead: {params: {max_position_pct: 6}}
  reason: for a test
  approved_by: the desk's lead
  from: "2026-01-05T08:00:00Z"
  until: "2026-01-06T08:00:00Z"
  at_end: hold
"""
INSTANTS = {
    "before": ("2026-01-05T07:59:59Z", Status.ENFORCED),
    "at its beginning": ("2026-01-05T08:00:00Z", Status.WAIVED),
    "just before its end": ("2026-01-06T07:59:59Z", Status.WAIVED),
    "at its end": ("2026-01-06T08:00:00Z", Status.ENFORCED),
}


@pytest.mark.parametrize(("at", "status"), INSTANTS.values(), ids=INSTANTS)
def test_a_control_is_waived_while_a_waiver_of_its_rule_is_in_force(
    at: str, status: Status
) -> None:
    """The rule's control is waived from the waiver's first instant to before its last."""
    found = rows(altered(documents(), WAIVER.lstrip()), UtcTime.parse(at))
    assert found["C28"].status is status
    assert names(found["C28"], EvidenceKind.WAIVER) == (
        ["Waiver/rotation"] if status is Status.WAIVED else []
    )
    others = {row.status for row in found.values() if row.id != "C28"}
    assert Status.WAIVED not in others


def test_a_process_is_never_called_enforced() -> None:
    """What people carry is a process, and names what carries it or will."""
    for control in (each for each in CONTROLS if each.process):
        row = shipped_rows()[control.id]
        assert row.status is Status.PROCESS
        assert row.by

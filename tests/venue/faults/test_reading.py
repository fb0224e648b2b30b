"""A fault plan is read strictly: every mistake is told with its place and its mend."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from engine.errors import MandateError
from engine.venue.faults.kinds import PARTS, Effect, Fault, FaultKind
from engine.venue.faults.mishaps import Mishap, MishapKind, StreamChance, StreamLine, StreamPlan
from engine.venue.faults.plan import Chance, FaultPlan
from engine.venue.faults.quota import Quota
from engine.venue.faults.reading import (
    EVERY_FAULT,
    asked_faults,
    load_fault_plan,
    plan_by_chance,
)

DEMO = Path(__file__).resolve().parents[3] / "demo/faults.yaml"
HEAD = """\
apiVersion: mandate/v1
kind: FaultPlan
metadata: {name: plan, description: What goes wrong.}
spec:
  seed: 7
"""
CHANCE = """\
  chance:
    rate_pct: 10
    faults: [request_lost, status]
    late_arrival_s: [1, 120]
    list_lag_s: [0, 30]
    hold_s: [0, 1.5]
    lasts_s: [1, 30]
    drip_s: [0.1, 2]
"""


def plan_file(folder: Path, text: str) -> Path:
    """The text in a file."""
    path = folder / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_plan_is_read_as_it_is_written(tmp_path: Path) -> None:
    """Script and chance, each number as it stands."""
    script = """\
  script:
    - method: POST
      path: /orders
      having: BTC-USD
      skip: 2
      times: 1
      fault: {kind: late_arrival, delay_s: 1.5}
    - method: GET
      path: "/orders/historical/*"
      fault: {kind: status, status: 429, effect: after, retry_after_s: 3}
"""
    plan = load_fault_plan(plan_file(tmp_path, HEAD + script + CHANCE))
    late, refused = plan.script
    assert (plan.seed, late.having, late.skip, late.times) == (7, b"BTC-USD", 2, 1)
    assert late.fault == Fault(FaultKind.LATE_ARRIVAL, delay_s=1.5)
    expected = Fault(FaultKind.STATUS, status=429, effect=Effect.AFTER, retry_after_s=3)
    assert refused.fault == expected
    kinds = frozenset({FaultKind.REQUEST_LOST, FaultKind.STATUS})
    assert plan.chance == Chance(
        0.1, kinds, (1.0, 120.0), (0.0, 30.0), (0.0, 1.5), (1.0, 30.0), (0.1, 2.0)
    )


STREAMS = """\
  streams:
    script:
      - {channel: l2_data, mishap: message_lost, skip: 3, times: 1}
      - {channel: user, mishap: silence, lasts_s: 2}
    chance: {rate_pct: 1, mishaps: [disconnect], lasts_s: [0, 1]}
  quota: {private_per_s: 30, public_per_s: 10}
"""


def test_streams_and_the_quota_are_read_too(tmp_path: Path) -> None:
    """Messages go wrong by a script and by chance of their own."""
    plan = load_fault_plan(plan_file(tmp_path, HEAD + STREAMS))
    assert plan.quota == Quota(30.0, 10.0)
    assert plan.streams == StreamPlan(
        7,
        (
            StreamLine("l2_data", Mishap(MishapKind.LOST), 3, 1),
            StreamLine("user", Mishap(MishapKind.SILENCE, 2.0)),
        ),
        StreamChance(0.01, (MishapKind.CUT,), (0.0, 1.0)),
    )
    scripted = STREAMS.replace(
        "    chance: {rate_pct: 1, mishaps: [disconnect], lasts_s: [0, 1]}\n", ""
    )
    assert load_fault_plan(plan_file(tmp_path, HEAD + scripted)).streams.chance is None


def test_a_plan_or_a_rate_or_neither(tmp_path: Path) -> None:
    """Never both: the rate would be said twice."""
    path = plan_file(tmp_path, HEAD)
    assert asked_faults(None, None, 3) is None
    assert asked_faults(path, None, 3) == FaultPlan(7)
    assert asked_faults(None, Decimal(10), 3) == plan_by_chance(Decimal(10), 3)
    with pytest.raises(MandateError, match="M612"):
        asked_faults(path, Decimal(10), 3)


def line(fault: str, method: str = "POST", path: str = "/orders") -> str:
    """A script of one line."""
    return f"{HEAD}  script:\n    - method: {method}\n      path: {path}\n      fault: {fault}\n"


MISTAKES = {
    "another kind": (HEAD.replace("FaultPlan", "RiskLimit"), [("M610", 2)]),
    "no kind": ("a: 1\n", [("M610", 1)]),
    "no mapping": ("- 1\n", [("M610", 1)]),
    "no YAML": ("a: [\n", [("M112", 2)]),
    "unknown fault": (line("{kind: late_arival, delay_s: 1}"), [("M306", 9)]),
    "unknown method": (line("{kind: html_body}", method="PUT"), [("M306", 7)]),
    "unknown key": (line("{kind: html_body, colour: red}"), [("M303", 9)]),
    "a path without its slash": (line("{kind: html_body}", path="orders"), [("M307", 8)]),
    "a part missing": (line("{kind: late_arrival}"), [("M611", 9)]),
    "a part too many": (line("{kind: html_body, word: HELLO}"), [("M611", 9)]),
    "both": (line("{kind: status, delay_s: 1}"), [("M611", 9)] * 3),
    "a status of no trouble": (line("{kind: status, status: 200, effect: after}"), [("M306", 9)]),
    "longer than ten minutes": (line("{kind: late_arrival, delay_s: 601}"), [("M611", 9)]),
    "a span that ends first": (HEAD + CHANCE.replace("[1, 120]", "[120, 1]"), [("M611", 9)]),
    "a silence that ends first": (HEAD + STREAMS.replace("[0, 1]", "[1, 0]"), [("M611", 10)]),
    "an unknown mishap": (HEAD + STREAMS.replace("silence", "noise"), [("M306", 9)]),
    "no quota at all": (HEAD + STREAMS.replace("30", "0"), [("M308", 11)]),
    "a rate above all": (HEAD + CHANCE.replace("10\n", "101\n"), [("M308", 7)]),
}


@pytest.mark.parametrize(("text", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_its_place(
    tmp_path: Path, text: str, expected: list[tuple[str, int]]
) -> None:
    """All of them at once, each with a mend."""
    with pytest.raises(MandateError) as refused:
        load_fault_plan(plan_file(tmp_path, text))
    found = refused.value.diagnostics
    assert [(each.code, each.place.line) for each in found if each.place] == expected
    assert all(each.help for each in found)


def test_a_plan_that_is_not_there_is_no_plan(tmp_path: Path) -> None:
    """Nothing goes right by accident."""
    with pytest.raises(MandateError, match="M610"):
        load_fault_plan(tmp_path / "none.yaml")


def test_a_rate_alone_is_a_plan_of_every_fault() -> None:
    """All but the one that ends in a person's hands; a rate beyond all requests is refused."""
    plan = plan_by_chance(Decimal(10), 3)
    assert (plan.seed, plan.chance) == (3, Chance(0.1, EVERY_FAULT))
    for rate in (Decimal(-1), Decimal(101)):
        with pytest.raises(MandateError, match="M612"):
            plan_by_chance(rate, 3)


def test_the_plan_that_is_shown_to_users_has_everything() -> None:
    """Every fault that may come by chance, and every mishap of a stream."""
    plan = load_fault_plan(DEMO)
    assert plan.chance is not None
    assert plan.chance.kinds == EVERY_FAULT
    assert plan.streams.chance is not None
    assert set(plan.streams.chance.kinds) == set(MishapKind)
    assert plan.quota == Quota(30.0, 10.0)


def test_every_fault_has_its_parts() -> None:
    """No kind is without a line in the table that says what it is told."""
    assert set(PARTS) == set(FaultKind)

"""Exit plans of open positions when the set changes: tightened freely, widened only on request."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal

import pytest
from cycle.small_sets import set_of, strategy
from cycle.trading_desk import BTC, Bench, bench, done
from hypothesis import given
from hypothesis import strategies as st

from engine.cycle import cycle
from engine.cycle.steps import plans
from engine.cycle.steps.plans import plan_of, tightened
from engine.ledger.records import RecordKind, decode_body
from engine.model.orders import ExitPlan

HELD = ExitPlan(
    stop_pct=Decimal(5),
    blind_exit_after_s=1800,
    target_pct=Decimal(10),
    trailing_pct=Decimal(4),
    max_hold_s=86_400,
    when="position.hold_h >= 20",
)
# What the position has, what the new set states, and what it has then without and with
# `applies_to_open`. "-" is nothing at all, "=" the statement itself.
FIELDS = """
field               held  stated  without  with
stop_pct            5     3       3        =
stop_pct            5     8       5        =
target_pct          10    6       6        =
target_pct          10    20      10       =
target_pct          10    -       10       =
target_pct          -     10      10       =
trailing_pct        4     2       2        =
trailing_pct        4     9       4        =
trailing_pct        4     -       4        =
trailing_pct        -     4       4        =
max_hold_s          3600  60      60       =
max_hold_s          3600  7200    3600     =
max_hold_s          3600  -       3600     =
max_hold_s          -     3600    3600     =
blind_exit_after_s  1800  60      60       =
blind_exit_after_s  1800  3600    1800     =
when                a     b       a        =
when                a     -       a        =
when                -     b       b        =
"""
CONDITIONS = {"a": "position.hold_h >= 20", "b": "position.hold_h >= 30"}
EXIT = {
    "stop_pct": "stop_pct",
    "target_pct": "target_pct",
    "trailing_pct": "trailing_pct",
    "max_hold_s": "max_hold",
    "blind_exit_after_s": "blind_exit_after",
    "when": "when",
}
ROWS = [line.split() for line in FIELDS.strip().splitlines()[1:]]


def value(name: str, text: str) -> Decimal | int | str | None:
    """A cell of the table as a plan has it."""
    if text == "-":
        return None
    if name == "when":
        return CONDITIONS[text]
    return int(text) if name.endswith("_s") else Decimal(text)


def stating(plan: ExitPlan, *, applies_to_open: bool, enabled: bool = True) -> str:
    """A strategy that states this plan."""
    parts = [f"applies_to_open: {str(applies_to_open).lower()}"]
    for name, key in EXIT.items():
        part = getattr(plan, name)
        if part is not None:
            parts.append(f"{key}: {part}{'s' if name.endswith('_s') else ''}")
    return strategy(
        "follower", exit=f"{{{', '.join(parts)}}}", enabled="true" if enabled else "false"
    )


def plan_under(held: ExitPlan, *texts: str) -> ExitPlan:
    """What a position that was opened with a plan has after a cycle under another set."""
    made = bench(*texts)
    made.hold(BTC, "2", "100", plan=held)
    made.quote(BTC)
    made.venue.cash = dict(made.state.cash)
    done(cycle.run(made.desk, made.now))
    return made.state.positions[BTC].plan


@pytest.mark.parametrize(("name", "held", "stated", "without", "widened"), ROWS)
def test_each_field_moves_to_its_safer_side(
    name: str, held: str, stated: str, without: str, widened: str
) -> None:
    """Sooner is safer for every part; the other direction takes `applies_to_open`."""
    before = replace(HELD, **{name: value(name, held)})
    said = replace(HELD, **{name: value(name, stated)})
    after = plan_under(before, stating(said, applies_to_open=False))
    assert getattr(after, name) == value(name, without)
    assert replace(after, **{name: None}) == replace(HELD, **{name: None})
    assert widened == "="
    assert plan_under(before, stating(said, applies_to_open=True)) == said


GONE = {
    "removed": (),
    "disabled, and wider": (
        stating(replace(HELD, stop_pct=Decimal(9)), applies_to_open=False, enabled=False),
    ),
}


@pytest.mark.parametrize("texts", GONE.values(), ids=GONE)
def test_a_strategy_that_is_gone_leaves_the_plan(texts: tuple[str, ...]) -> None:
    """Removing or disabling a strategy stops its entries, and never an exit."""
    assert plan_under(HELD, *texts) == HELD


def test_a_disabled_strategy_may_still_tighten() -> None:
    """Its document is part of the set: what it states of open positions holds."""
    said = replace(HELD, stop_pct=Decimal(2))
    assert plan_under(HELD, stating(said, applies_to_open=False, enabled=False)) == said


def _changes(made: Bench) -> list[dict[str, object]]:
    records = made.journal.records()
    return [decode_body(each.body) for each in records if each.kind is RecordKind.PLAN_CHANGED]


def test_a_change_is_recorded_once_with_what_it_was() -> None:
    """The ledger says which field moved from what to what, under which set, and only then."""
    said = replace(HELD, stop_pct=Decimal(3), max_hold_s=None)
    made = bench(stating(said, applies_to_open=False))
    made.hold(BTC, "2", "100", plan=HELD)
    this = made.round()
    for _ in range(2):
        plans.run(made.desk, this)
    (told,) = _changes(made)
    assert told["changed"] == {"stop_pct": ["5", "3"]}
    assert told["policy_set"] == made.policy_set.hash


def test_a_tightened_stop_sells_in_the_same_cycle() -> None:
    """A new set's stop counts for what is open as soon as it is in force."""
    made = bench(stating(replace(HELD, stop_pct=Decimal(2)), applies_to_open=False))
    made.hold(BTC, "2", "100", plan=HELD)
    made.quote(BTC, "97", "97.1")
    made.venue.cash = dict(made.state.cash)
    done(cycle.run(made.desk, made.now))
    assert [each.intent.reason for each in made.venue.sent] == ["stop -3.00 % <= -2 %"]


NUMBERS = st.decimals("0.5", "50", places=1)
SECONDS = st.integers(1, 10**6)
PLANS = st.builds(
    ExitPlan,
    NUMBERS,
    SECONDS,
    st.none() | NUMBERS,
    st.none() | NUMBERS,
    st.none() | SECONDS,
    st.none() | st.sampled_from(sorted(CONDITIONS.values())),
)


@given(PLANS, PLANS)
def test_a_tightened_plan_leaves_no_later_than_either(held: ExitPlan, stated: ExitPlan) -> None:
    """Field by field it is the sooner of the two, and tightening twice is tightening once."""
    plan = tightened(held, stated)
    assert tightened(plan, stated) == plan
    for name in {each.name for each in fields(ExitPlan)} - {"when"}:
        known = [v for v in (getattr(held, name), getattr(stated, name)) if v is not None]
        assert getattr(plan, name) == (min(known) if known else None)
    assert (plan.when is None) is (held.when is None and stated.when is None)


def test_a_plan_is_what_the_document_states() -> None:
    """A new entry gets the plan that tightening would compare with."""
    policy_set = set_of(stating(HELD, applies_to_open=False))
    ((name, spec),) = policy_set.strategies
    assert plan_of(policy_set, name, spec.exit) == HELD

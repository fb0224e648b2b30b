"""Recorded decisions under another set: each flip in its direction, and nothing told by guess."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from cycle.cases import situation, wish
from cycle.small_sets import limit, set_of
from cycle.stories import MODE, Story
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.comparison.rejudging.flips import Turn
from engine.comparison.rejudging.judging import rejudge_under
from engine.cycle.judge import Judge
from engine.cycle.judging.situation import Block
from engine.errors import MandateError
from engine.model.orders import Intent

if TYPE_CHECKING:
    from engine.comparison.rejudging.flips import Rejudged
    from engine.cycle.judging.situation import Situation
    from engine.model.orders import OrderIntent
    from engine.policyset.policyset import PolicySet

VALUE = "order.notional_usd <= {}"
TIGHT, MIDDLE, WIDE = (
    set_of(limit("value", VALUE.format(usd), on_breach="resize")) for usd in (100, 500, 2000)
)
DENYING = set_of(limit("value", VALUE.format(500)))
AGED = set_of(limit("age", "quote.age_s <= 5"))
YOUNG = set_of(limit("value", VALUE.format(500)), limit("young", "quote.age_s <= 5"))
BY_GROUP = set_of(limit("group", "portfolio.group_pct_after <= 10", scope="group"))
SHADOWED = set_of(limit("young", "quote.age_s <= 5", stage="shadow"))
SETS = {"tight": TIGHT, "middle": MIDDLE, "wide": WIDE, "denying": DENYING}
TWO_USD = Decimal(2)


def story_of(policy_set: PolicySet, *decided: tuple[OrderIntent, Situation]) -> Story:
    """A ledger in which this set decided about these orders."""
    story = Story(policy_set)
    story.activate()
    for order, around in decided:
        story.decide(order, around)
    return story


def under(candidate: PolicySet, recorded: PolicySet, **changes: object) -> Rejudged:
    """One order of 1,000 USD, decided by `recorded` and asked of `candidate`."""
    story = story_of(recorded, (wish(), situation(**changes)))  # type: ignore[arg-type] # by name
    return rejudge_under(candidate, story.records())


TURNS = {
    "half as large then": (TIGHT, MIDDLE, Turn.LARGER, 400),
    "as asked for now": (MIDDLE, WIDE, Turn.LARGER, 500),
    "smaller now": (WIDE, TIGHT, Turn.SMALLER, 900),
    "allowed now": (DENYING, WIDE, Turn.ALLOWED, 1000),
    "denied now": (WIDE, DENYING, Turn.DENIED, 1000),
}


@pytest.mark.parametrize(("then", "now", "turn", "usd"), TURNS.values(), ids=TURNS)
def test_a_flip_has_its_direction_and_its_money(
    then: PolicySet, now: PolicySet, turn: Turn, usd: int
) -> None:
    """What leaves more is looser, and the difference in size is told in the numeraire."""
    found = under(now, then)
    assert (found.decisions, found.flips, found.doubtful) == (1, 1, 0)
    assert found.turns[turn].notional == usd
    assert found.by == {"RiskLimit/value": 1}
    assert found.first is not None
    assert found.first.turn is turn
    assert turn.looser == (found.first.judged.quantity > found.first.recorded.decision.quantity)


def test_money_counts_at_the_rate_of_the_record() -> None:
    """A product in another currency is counted at what that was worth when it was decided."""
    found = under(WIDE, DENYING, rate=TWO_USD)
    assert found.turns[Turn.ALLOWED].notional == 2 * 1000
    unrated = under(TIGHT, WIDE, intent=Intent.EXIT, rate=None)
    assert unrated.flips in {0, 1}
    assert all(total.notional == 0 for total in unrated.turns.values())


def test_the_set_that_decided_is_not_asked_again() -> None:
    """What a set decided under itself is `audit rejudge`'s to prove; here it is the same."""
    found = under(MIDDLE, MIDDLE)
    assert (found.decisions, found.flips, found.sets) == (1, 0, {MIDDLE.hash})


UNTOLD = {
    "a fact that no rule of then asked for": (AGED, DENYING, {}, {"quote.age_s"}),
    "beside a rule that is content": (YOUNG, WIDE, {}, {"quote.age_s"}),
    "facts of a group that nobody recorded": (BY_GROUP, WIDE, {}, {"the facts of other groups"}),
    "asked and unknown then": (AGED, YOUNG, {"quote.age_s": None}, set()),
    "only a rule in shadow lacks it": (SHADOWED, WIDE, {}, set()),
    "denied all the same": (YOUNG, MIDDLE, {}, set()),
}


@pytest.mark.parametrize(("now", "then", "facts", "lacking"), UNTOLD.values(), ids=UNTOLD)
def test_what_the_ledger_does_not_hold_is_not_guessed(
    now: PolicySet, then: PolicySet, facts: dict[str, None], lacking: set[str]
) -> None:
    """A decision that turns on an unrecorded fact is untold; one that does not is told."""
    order = wish(quantity="1") if lacking else wish()
    story = story_of(then, (order, situation(facts)))
    found = rejudge_under(now, story.records())
    assert set(found.untold) == lacking
    assert found.doubtful == bool(lacking)
    assert not (lacking and found.flips)


def test_a_group_that_was_recorded_is_judged() -> None:
    """Where the groups are the same, the rule by group is asked with what was recorded of them."""
    group = {"group.name": "majors", "portfolio.group_at_risk_usd": 500.0}
    wide = set_of(limit("group", "portfolio.group_pct_after <= 20", scope="group"))
    found = under(BY_GROUP, wide, groups=(group,))
    assert found.turns[Turn.DENIED].count == 1


def test_what_stood_in_the_way_stands() -> None:
    """Breakers, the universe and the product are as recorded: no set of limits lifts a halt."""
    halt = Block("HALTED", (), exits_too=True)
    assert under(WIDE, DENYING, blocks=(halt,)).flips == 0


def test_a_decision_without_its_set_is_refused() -> None:
    """A ledger whose beginning is missing cannot say what was recorded: M440, with the mend."""
    story = Story(WIDE)
    story.decide(wish(), situation())
    with pytest.raises(MandateError) as refused:
        rejudge_under(TIGHT, story.records())
    assert [each.code for each in refused.value.diagnostics] == ["M440"]


SIZES = st.decimals("0.001", 40, places=3)


@given(
    st.lists(SIZES, min_size=1, max_size=6),
    st.sampled_from(sorted(SETS)),
    st.sampled_from(sorted(SETS)),
)
@settings(max_examples=40)
def test_a_flip_is_what_a_fresh_judge_decides(
    sizes: list[Decimal], before: str, after: str
) -> None:
    """Every decision is told as the two judges decide it, and the totals are their sums."""
    then, now = SETS[before], SETS[after]
    orders = [wish(quantity=size) for size in sizes]
    story = story_of(then, *((order, situation()) for order in orders))
    found = rejudge_under(now, story.records())
    pairs = [
        [Judge(each, MODE).judge(order, situation()).quantity for each in (then, now)]
        for order in orders
    ]
    assert found.flips == sum(was != is_now for was, is_now in pairs)
    money = sum(total.notional for total in found.turns.values())
    assert money == sum(abs(is_now - was) * 100 for was, is_now in pairs)
    looser = sum(total.count for turn, total in found.turns.items() if turn.looser)
    assert looser == sum(is_now > was for was, is_now in pairs)

"""Which rules may make an order smaller: those that allow less as it grows, and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policyset.sets import shipped

from engine.errors import Place, Snippet
from engine.expr.backends.closure import compile_motor
from engine.expr.grammar import parse
from engine.kinds.rule import OnBreach, Rule, RuleRole, Scope, Stage
from engine.model.orders import Intent, Mode
from engine.policyset.sizing_rules import check_sizing, depends_on_size

if TYPE_CHECKING:
    from engine.expr.nodes import Node, Value

VOCABULARY = shipped().vocabulary
ADDING = frozenset({Intent.ENTRY, Intent.ADD})


def tree_of(text: str) -> Node:
    """The tree of an expression."""
    tree = parse(Snippet.of(text)).tree
    assert tree is not None
    return tree


def rule(
    text: str,
    role: RuleRole = RuleRole.LIMIT,
    on_breach: OnBreach = OnBreach.RESIZE,
    intents: frozenset[Intent] = ADDING,
) -> Rule:
    """A rule that asks to resize."""
    return Rule(
        id="RiskLimit/one",
        role=role,
        scope=Scope.ORDER,
        intents=intents,
        modes=frozenset(Mode),
        tree=tree_of(text),
        stage=Stage.ENFORCE,
        on_breach=on_breach,
        minimum=False,
        text=text,
        place=Place("f.yaml", 1, 1),
    )


ACCEPTED = {
    "value below a number": "order.notional_usd <= 100",
    "value below a number, strictly": "order.notional_usd < 100",
    "a number above the value": "100 >= order.notional_usd",
    "quantity": "order.quantity <= 3",
    "share of equity": "order.size_pct <= 3",
    "position after the order": "position.pct_after <= 3",
    "group after the order": "portfolio.group_pct_after <= 3",
    "total after the order": "portfolio.at_risk_pct_after <= 15",
    "depth over the order": "order.depth_ratio >= 2",
    "two bounds": "order.notional_usd <= 100 and order.quantity <= 3",
    "a way around that does not depend on size": "asset.excluded or order.notional_usd <= 9",
    "a rule without size at all": "quote.spread_bps <= 50",
    "a chain": "order.quantity <= 3 <= 4",
    "a sum of what grows": "order.notional_usd + position.value_usd <= 100",
    "a difference that grows": "order.notional_usd - position.value_usd <= 100",
    "less of it on the right": "position.value_usd <= 100 - order.notional_usd",
    "the larger of two": "max(order.notional_usd, position.value_usd) <= 100",
    "a product of what is not negative": "order.quantity * quote.ask <= 100",
    "the value divided by what stands still": "order.notional_usd / 2 <= 100",
    "either branch of a test": "(order.quantity if asset.excluded else 2 * order.quantity) <= 9",
    "the branch of a buy": '(order.quantity if order.side == "BUY" else -order.quantity) <= 9',
    "a double negative": "-(-order.notional_usd) <= 9",
    "the negative on the right": "-100 <= -order.notional_usd",
}
REFUSED = {
    "a minimum": "order.notional_usd >= 15",
    "a number below the value": "15 <= order.notional_usd",
    "exactly a value": "order.notional_usd == 15",
    "anything but a value": "order.notional_usd != 15",
    "a band": "15 <= order.notional_usd <= 100",
    "not too large": "not order.notional_usd > 100",
    "a minimum beside a maximum": "order.notional_usd <= 100 and order.quantity >= 1",
    "a minimum as a way around": "order.notional_usd <= 100 or order.quantity >= 1",
    "depth below a number": "order.depth_ratio <= 2",
    "the value on both sides": "order.notional_usd <= 2 * order.notional_usd - 5",
    "a product with what may be negative": 'order.notional_usd * change_pct("1h") <= 100',
    "a whole that may be negative": 'order.notional_usd / change_pct("1h") <= 100',
    "a share of what grows with it": "share_pct(order.notional_usd, order.notional_usd + 5) <= 50",
    "the distance from a number": "abs(order.notional_usd - 50) <= 100",
    "a branch by size": "(order.notional_usd if order.quantity > 1 else 0) <= 100",
    "one branch up, one down": "(order.quantity if asset.excluded else 0 - order.quantity) <= 9",
    "a default": "default(order.notional_usd, 5) <= 100",
    "whether it is known": "has(order.notional_usd)",
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_allows_less_as_the_order_grows_may_resize(name: str) -> None:
    """Each of these, once refused, is refused for every larger order."""
    assert list(check_sizing([rule(ACCEPTED[name])], VOCABULARY)) == []


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_shown_to_shrink_may_not_resize(name: str) -> None:
    """Each of these can pass a larger order, or is not shown never to; the text is told."""
    (found,) = check_sizing([rule(REFUSED[name])], VOCABULARY)
    assert found.code == "M340"
    assert REFUSED[name] in found.message


@pytest.mark.parametrize("intent", [i for i in Intent if not i.adds_risk])
def test_only_orders_that_add_risk_are_resized(intent: Intent) -> None:
    """An exit is never made smaller by a limit."""
    one = rule("order.notional_usd <= 9", intents=ADDING | {intent})
    assert [d.code for d in check_sizing([one], VOCABULARY)] == ["M341"]


def test_only_limits_and_guards_that_resize_are_asked() -> None:
    """A rule that denies, or that is no limit, may say what it likes."""
    denies = rule("order.notional_usd >= 15", on_breach=OnBreach.DENY)
    trips = rule("order.notional_usd >= 15", role=RuleRole.TRIP)
    guard = rule("order.notional_usd >= 15", role=RuleRole.GUARD)
    assert len(list(check_sizing([denies, trips, guard], VOCABULARY))) == 1


SIZES = (
    ("order.notional_usd", True),
    ("order.size_pct", True),
    ("position.pct_after", True),
    ("limit.max_position.used_pct", True),
    ("position.pct", False),
    ("order.limit_price", False),
)


@pytest.mark.parametrize(("name", "wanted"), SIZES)
def test_size_is_seen_through_definitions(name: str, wanted: object) -> None:
    """A derived fact depends on size when what it is made of does."""
    assert depends_on_size(tree_of(f"{name} <= 1"), VOCABULARY) is wanted


@given(
    name=st.sampled_from(sorted(ACCEPTED)),
    small=st.floats(0, 1e6),
    more=st.floats(0, 1e6),
    others=st.tuples(*[st.floats(0, 1e6)] * 3),
    excluded=st.booleans(),
)
def test_the_proof_agrees_with_the_motor(
    name: str, small: float, more: float, others: tuple[float, ...], *, excluded: bool
) -> None:
    """What sizing may use never refuses an order and passes a larger one, whatever the facts."""
    motor = compile_motor([tree_of(ACCEPTED[name])], VOCABULARY)
    verdicts = [
        motor.evaluate(facts(s, others, excluded=excluded)).verdicts[0]
        for s in (small, small + more)
    ]
    assert verdicts != [False, True]


def facts(size: float, others: tuple[float, ...], *, excluded: bool) -> dict[str, Value]:
    """The facts of a buy of `size` units at a price of 1."""
    value, depth, equity = others
    return {
        "order.side": "BUY",
        "order.quantity": size,
        "order.notional_usd": size,
        "quote.bid": 1.0,
        "quote.ask": 1.0,
        "position.value_usd": value,
        "position.pending_buy_usd": 0.0,
        "portfolio.equity_usd": equity + 1.0,
        "portfolio.group_at_risk_usd": value,
        "portfolio.at_risk_usd": value,
        "book.depth_20bps_usd": depth,
        "asset.excluded": excluded,
    }

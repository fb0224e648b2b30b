"""Ranges hold every value that can be, and an answer that they give is the answer."""

from __future__ import annotations

import pytest
from expr.trees import FLAG_FACTS, NUMBER_FACTS, SERIES_FACTS, flags, numbers
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Snippet
from engine.expr.backends.interpret import interpret
from engine.expr.checking.ranges import Range, Ranges
from engine.expr.facts import VOCABULARY
from engine.expr.grammar import parse
from engine.expr.nodes import Fact, Node, walk

RANGES = Ranges(VOCABULARY)
_SIZES = st.floats(0, 1e9, allow_nan=False) | st.sampled_from([0.0, 1.0, 100.0])


Facts = dict[str, float | bool | str | None]


@st.composite
def asked(draw: st.DrawFn, trees: st.SearchStrategy[Node]) -> tuple[Node, Facts]:
    """A tree, and what a snapshot could hold of its facts: in range, the bid not above the ask."""
    tree = draw(trees)
    names = {each.name for each in walk(tree) if isinstance(each, Fact)}
    facts: Facts = {}
    for name in (each for each in NUMBER_FACTS + SERIES_FACTS if each in names):
        spec = VOCABULARY.spec(name)
        low = 0.0 if spec is None or spec.low is None else float(spec.low)
        facts[name] = draw(st.none() | _SIZES.map(lambda value, low=low: low + value))
    bid, ask = facts.get("quote.bid"), facts.get("quote.ask")
    if isinstance(bid, float) and isinstance(ask, float) and bid > ask:
        facts["quote.bid"], facts["quote.ask"] = ask, bid
    facts |= {each: draw(st.none() | st.booleans()) for each in FLAG_FACTS if each in names}
    facts |= {"order.symbol": "BTC-USD", "order.side": "BUY", "regime.name": "chop"}
    return tree, facts


@settings(max_examples=150)
@given(asked(numbers()))
def test_a_number_lies_in_its_range(question: tuple[Node, Facts]) -> None:
    """Whatever the facts, a number that is decided is inside the range of its tree."""
    tree, facts = question
    value = interpret(tree, facts, VOCABULARY)
    if isinstance(value, float):
        found = RANGES.of(tree)
        assert found.low <= value <= found.high


@settings(max_examples=150)
@given(asked(flags()))
def test_an_answer_is_the_answer(question: tuple[Node, Facts]) -> None:
    """Where ranges settle a question, no facts decide it otherwise."""
    tree, facts = question
    answer = RANGES.answer(tree)
    if answer is not None:
        assert interpret(tree, facts, VOCABULARY) in {answer, None}


SETTLED = (
    ("quote.age_s >= 0", True),
    ("quote.age_s < 0", False),
    ("quote.age_s <= 5", None),
    ("abs(position.pnl_pct) >= 0", True),
    ("position.pnl_pct >= -100", True),
    ("position.pnl_pct + 100 >= 0", True),
    ("position.pct >= 0", True),
    ("quote.bid <= quote.ask", True),
    ("quote.ask < quote.bid", False),
    ("quote.ask <= quote.bid", None),
    ("pace.orders_1m_count <= pace.orders_1h_count", True),
    ("clamp(position.pnl_pct, 0, 1) <= 1", True),
    ("min(quote.age_s, 5) > 5", False),
    ("max(quote.age_s, 5) < 5", False),
    ("default(quote.age_s, 3) >= 0", True),
    ("position.value_usd / portfolio.equity_usd >= 0", True),
    ("position.pnl_pct / portfolio.equity_usd >= 0", None),
    ("-quote.age_s <= 0", True),
    ("quote.age_s * -1 <= 0", True),
    ("quote.age_s - 1 >= -1", True),
    ("quote.crossed or quote.age_s >= 0", True),
    ("quote.crossed and quote.age_s < 0", False),
    ("not quote.age_s >= 0", False),
    ("at_least(2, quote.crossed, quote.one_sided, quote.age_s < 0)", None),
    ("at_least(2, quote.crossed, quote.age_s < 0)", False),
    ("at_least(1, quote.crossed, quote.age_s >= 0)", True),
    ("(quote.age_s if quote.crossed else 1) >= 0", True),
    ("(quote.age_s >= 0) if quote.crossed else quote.age_s < 0", None),
    ("quote.age_s == -1", False),
    ("quote.age_s != -1", True),
    ("0 <= quote.age_s <= 5", None),
    ('regime.name == "bull"', None),
    ("quote.age_s / 0 >= 0", None),
    ("quote.age_s / -0.0 >= 0", None),
    ("share_pct(quote.bid, 0) >= 0", None),
)


@pytest.mark.parametrize(("text", "answer"), SETTLED)
def test_what_is_settled(text: str, answer: bool | None) -> None:  # noqa: FBT001 - a table's column
    """What facts' ranges, arithmetic and invariants settle, and what they leave open."""
    tree = parse(Snippet.of(text)).tree
    assert tree is not None
    assert RANGES.answer(tree) is answer


def test_narrower_facts_settle_more() -> None:
    """Facts that are known to be narrower here count as such."""
    tree = parse(Snippet.of("quote.age_s <= 5 or quote.crossed")).tree
    assert tree is not None
    assert Ranges(VOCABULARY, {"quote.age_s": Range(0, 4)}).answer(tree) is True
    assert Ranges(VOCABULARY, {}, {"quote.crossed": True}).answer(tree) is True

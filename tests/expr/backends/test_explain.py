"""Rules and their outcomes in words."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from expr.trees import trees
from hypothesis import given

from engine.errors import Snippet
from engine.expr.backends.backend import NotDefinedError
from engine.expr.backends.closure import compile_motor
from engine.expr.backends.explain import explain, explain_answer, explain_outcome, glossary
from engine.expr.backends.words.wording import number_words, value_words
from engine.expr.facts import VOCABULARY
from engine.expr.grammar import parse
from engine.expr.nodes import Call, Compare, Fact, Number
from engine.expr.units import Unit

if TYPE_CHECKING:
    from engine.expr.nodes import Node, Value

WORDS = {
    "quote.spread_bps <= 50": "spread_bps of the quote is at most 50 bps",
    "order.notional_usd <= 5000": "notional_usd of the order is at most 5,000 usd",
    "portfolio.drawdown_pct < 12.5": "drawdown_pct of the portfolio is below 12.5 %",
    "quote.age_s > 1": "age_s of the quote is above 1 s",
    "quote.age_s >= 1": "age_s of the quote is at least 1 s",
    "0 <= quote.age_s <= 5": (
        "0 s is at most age_s of the quote and age_s of the quote is at most 5 s"
    ),
    "order.side == 'BUY'": "side of the order is BUY",
    "order.side != ''": 'side of the order is not ""',
    "portfolio.pnl_day_pct > -3": "pnl_day_pct of the portfolio is above -3 %",
    "-portfolio.pnl_day_pct < 3": "minus pnl_day_pct of the portfolio is below 3 %",
    "quote.crossed": "crossed of the quote",
    "not quote.crossed and venue.reachable": (
        "crossed of the quote is false and reachable of the venue is true"
    ),
    "quote.crossed or not (venue.reachable and quote.one_sided)": (
        "crossed of the quote is true or"
        " not (reachable of the venue is true and one_sided of the quote is true)"
    ),
    "quote.ask - quote.bid > 2": "(ask of the quote minus bid of the quote) is above 2",
    "asset.status in ('online', 'halted')": "status of the asset is one of online or halted",
    "clock.hour_utc in (1, 2, 3)": "hour_utc of the clock is one of 1, 2 or 3",
    "'majors' in asset.groups": "majors is among groups of the asset",
    "asset.listing_age_d <= (8 if regime.name == 'bull' else 5)": (
        "listing_age_d of the asset is at most (8 d if name of the regime is bull, otherwise 5 d)"
    ),
    "abs(portfolio.pnl_day_pct) < 3": "the size of pnl_day_pct of the portfolio is below 3 %",
    "min(quote.bid, quote.ask, 5) > 0": (
        "the smallest of bid of the quote, ask of the quote and 5 is above 0"
    ),
    "max(quote.age_s, 1) > 0": "the largest of age_s of the quote and 1 s is above 0 s",
    "clamp(quote.age_s, 0, 9) > 1": "age_s of the quote held between 0 s and 9 s is above 1 s",
    "share_pct(order.notional_usd, portfolio.equity_usd) <= 3": (
        "notional_usd of the order in percent of equity_usd of the portfolio is at most 3 %"
    ),
    "has(quote.bid)": "bid of the quote is known",
    "default(quote.age_s, 9) < 5": "age_s of the quote (9 s when unknown) is below 5 s",
    "at_least(2, quote.crossed, has(quote.bid), quote.age_s < 5)": (
        "at least 2 of these hold: crossed of the quote is true; bid of the quote is known;"
        " age_s of the quote is below 5 s"
    ),
    'change_pct("60m") > 1': 'change_pct("60m") is above 1 %',
    "order.quantity * quote.bid <= 5000": (
        "(quantity of the order times bid of the quote) is at most 5,000 usd"
    ),
    "portfolio.gross_usd / portfolio.equity_usd < 2": (
        "(gross_usd of the portfolio divided by equity_usd of the portfolio) is below 2"
    ),
    "(quote.age_s if quote.crossed else 3) < 2": (
        "(age_s of the quote if crossed of the quote is true, otherwise 3 s) is below 2 s"
    ),
    "fees < 2": "fees is below 2",
    "true": "true",
}

FACTS: dict[str, Value] = {
    "quote.bid": 99.0,
    "quote.ask": 101.0,
    "quote.age_s": 2.0,
    "quote.crossed": False,
    "order.side": "BUY",
    "order.notional_usd": 1250.0,
    "asset.status": "halted",
    "asset.groups": frozenset({"majors"}),
    "regime.name": "chop",
    'change_pct("60m")': 0.5,
    "position.value_usd": 100.0,
    "portfolio.equity_usd": 1000.0,
}

OUTCOMES = {
    "quote.spread_bps <= 50": "spread 200 bps > 50 bps",
    "quote.spread_bps <= 500": "spread 200 bps <= 500 bps",
    "quote.age_s < 5 and quote.bid > 100 and quote.ask > 200": "bid 99 <= 100; ask 101 <= 200",
    "quote.age_s < 5 or quote.bid > 100": "age 2 s < 5 s",
    "quote.age_s > 5 or quote.bid > 100": "age 2 s <= 5 s; bid 99 <= 100",
    "0 <= quote.age_s <= 1": "age 2 s > 1 s",
    "not quote.crossed": "crossed is false",
    "order.side == 'SELL'": "side BUY != SELL",
    "regime.name == 'bull'": "regime chop != bull",
    "position.pct <= 5": "position 10 % > 5 %",
    "asset.status in ('online', 'post_only')": "status halted not in online, post_only",
    "asset.status in ('online', 'halted')": "status halted in online, halted",
    "'memes' in asset.groups": "memes not in asset.groups",
    "has(asset.listing_age_d)": "asset.listing_age_d is unknown",
    "has(quote.bid)": "quote.bid is known",
    "at_least(2, quote.crossed, quote.age_s < 5, has(asset.excluded))": "1 of 3 hold, 2 needed",
    "quote.bid * 2 <= quote.ask": "198 (quote.bid * 2) > ask 101",
    "order.notional_usd <= 1000": "notional 1,250 usd > 1,000 usd",
    "quote.age_s < 1 if quote.crossed else quote.bid > 100": "crossed is false; bid 99 <= 100",
    "default(asset.excluded, quote.crossed)": "crossed is false",
    "default(quote.crossed, true)": "crossed is false",
    "quote.bid / 3 == 33": "33 (quote.bid / 3) == 33",
    "quote.bid / 7 < 14": "14.1429 (quote.bid / 7) >= 14",
    "quote.bid + 0.0000001 <= 99": "99.0000001 (quote.bid + 0.0000001) > 99",
    "asset.listing_age_d < 5": "undecided: unknown asset.listing_age_d",
    "1 / 0 > 1": "undecided: no number results",
    'change_pct("60m") > 1': 'change_pct("60m") 0.5 % <= 1 %',
    "false": "false is false",
}


def tree(text: str) -> Node:
    """A parsed expression."""
    parsed = parse(Snippet.of(text)).tree
    assert parsed is not None
    return parsed


@pytest.mark.parametrize("text", WORDS)
def test_a_rule_reads_as_a_clause(text: str) -> None:
    """Each part of the language has its words, and numbers carry their units."""
    assert explain(tree(text), VOCABULARY) == WORDS[text]


@pytest.mark.parametrize("text", OUTCOMES)
def test_an_outcome_shows_what_settled_it(text: str) -> None:
    """The parts that decided are shown with their numbers, and no others."""
    assert explain_outcome(tree(text), FACTS, VOCABULARY) == OUTCOMES[text]


def test_each_rule_of_a_set_is_told_apart() -> None:
    """Answers of a motor are explained rule by rule."""
    answers = compile_motor([tree("quote.age_s < 1"), tree("quote.bid > 1")], VOCABULARY).evaluate(
        FACTS
    )
    assert [explain_answer(answers, rule) for rule in (0, 1)] == ["age 2 s >= 1 s", "bid 99 > 1"]


@given(tree=trees())
def test_every_tree_has_words(tree: Node) -> None:
    """Nothing that the grammar can produce is without words, and all are on one line."""
    words = explain(tree, VOCABULARY)
    assert words
    assert "\n" not in words


def test_a_function_without_words_is_named() -> None:
    """An operation that cannot be explained is an error with a name."""
    rule = Compare((Call("cosine", (Fact("quote.bid"),)), Number(Decimal(1))), ("<",))
    with pytest.raises(NotDefinedError, match="`cosine` is not defined in backend `explain`"):
        explain(rule, VOCABULARY)


def test_the_glossary_has_each_fact_once() -> None:
    """The vocabulary's sentences stand beside the rule, in its order, strangers left out."""
    rule = tree("quote.bid < quote.ask or quote.bid < my.own")
    assert glossary(rule, VOCABULARY) == ("quote.bid: best bid", "quote.ask: best ask")


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (1250.5, Unit.USD, "1,250.5 usd"),
        (0.1, Unit.RATIO, "0.1"),
        (3.0, None, "3"),
        (5e-324, None, f"0.{'0' * 323}5"),
        (1e308, Unit.BPS, "1e+308 bps"),
        (Decimal("0.50"), Unit.BASE, "0.5 units"),
    ],
)
def test_numbers_read_well(value: float | Decimal, unit: Unit | None, words: str) -> None:
    """Thousands are grouped, needless zeros are gone, the unit follows."""
    assert number_words(value, unit) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (frozenset({"b", "a", "c"}), "a, b and c"),
        (frozenset(), "nothing"),
        (True, "true"),
        ("", '""'),
    ],
)
def test_values_of_every_type_read_well(value: Value, words: str) -> None:
    """Sets are listed in order, and what is empty is still seen."""
    assert value_words(value, None) == words

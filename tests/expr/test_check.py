"""What the checker finds in well-formed expressions, where, with which words and mend."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from expr.sets import SET
from expr.trees import flags, trees
from hypothesis import given, settings

from engine.codes import CODES
from engine.errors import Diagnostic, Severity, Snippet
from engine.expr.check import ALL_SCOPES, Expectation, check, type_of
from engine.expr.facts import VOCABULARY
from engine.expr.grammar import parse
from engine.expr.printing import print_tree
from engine.expr.units import Unit
from engine.expr.vocabulary import FactScope, FactType
from engine.model.orders import Mode

if TYPE_CHECKING:
    from engine.expr.nodes import Node

RULE = Expectation()
NUMBER = Expectation(type=FactType.NUMBER, rule=False)


@dataclass(frozen=True, slots=True)
class Row:
    """An expression, the code and text that are found, and a part of the mend."""

    text: str
    code: str
    part: str
    mend: str
    expect: Expectation = RULE


def found(text: str, expect: Expectation = RULE) -> tuple[Diagnostic, ...]:
    """Parse and check a text that is its own file."""
    snippet = Snippet.of(text)
    tree = parse(snippet).tree
    assert tree is not None
    return check(tree, snippet, SET, expect=expect)


def underlined(finding: Diagnostic) -> str:
    """The part of the line that a finding points at."""
    place = finding.place
    assert place is not None
    return place.source_line[place.column - 1 : place.column - 1 + place.width]


GOOD = {
    "a guard": "quote.spread_bps <= params.max_spread_bps",
    "a limit with a table": "position.pct_after <= params.max_pct",
    "percent turned into basis points": "quote.spread_bps <= params.max_pct * 100",
    "basis points turned into percent": "quote.spread_bps / 100 <= params.max_pct",
    "a ratio turned into basis points": (
        "10000 * (quote.ask - quote.bid) / quote.mid <= params.max_spread_bps"
    ),
    "a ratio turned into percent in two steps": (
        "order.conviction * 50 * 2 > params.max_pct > 100 * (quote.ask / quote.bid)"
    ),
    "hours turned into seconds": "position.hold_h * 3600 > quote.age_s",
    "money times a ratio": "order.notional_usd <= portfolio.equity_usd * params.share_ratio",
    "money times percent over a hundred": (
        "order.notional_usd <= portfolio.equity_usd * (params.max_pct / 100)"
    ),
    "money times a hundredth": (
        "order.notional_usd <= portfolio.equity_usd * (params.max_pct * 0.01)"
    ),
    "price times size is money": "order.quantity * quote.ask <= params.max_usd",
    "money over price is size": "params.max_usd / quote.ask >= order.quantity",
    "one over a ratio": "1 / order.conviction < params.factor",
    "a bare parameter takes any unit": "quote.jump_sigma_60s <= params.factor",
    "a bare parameter among others": "min(params.factor, quote.bid) < quote.ask",
    "an enum against its values": 'order.side == "BUY" or regime.name in ("bull", "chop")',
    "an enum against a text fact": "position.strategy == order.strategy",
    "a literal on the left": '"BUY" == order.side',
    "flags against flags": "quote.crossed == quote.one_sided",
    "a text in a set of texts": '"majors" in asset.groups and order.symbol not in asset.groups',
    "an open enum takes any text": 'asset.tier == "whatever the set names"',
    "absence": "has(quote.bid) and default(quote.crossed, true)",
    "a default of its own unit": "default(quote.age_s, params.max_age_s) < params.max_age_s",
    "a default of an enum": 'default(regime.name, "unknown") == "bull"',
    "counting": "at_least(2, quote.crossed, quote.one_sided, engine.kill_switch)",
    "a choice of numbers": (
        'order.notional_usd <= (params.max_usd if order.side == "BUY" else portfolio.equity_usd)'
    ),
    "if, then, as a choice": 'quote.crossed if order.side == "BUY" else true',
    "a comparison with zero": "portfolio.pnl_day_pct > 0",
    "series facts": 'change_pct("60m") > params.max_pct and ema(20, "1m") > quote.mid',
    "a parameter of zero": "position.pct_after <= params.zero_pct",
    "clamping": "clamp(quote.bid, quote.mid, quote.ask) > 0 and abs(portfolio.pnl_day_pct) > 0",
    "a share": "share_pct(order.notional_usd, portfolio.equity_usd) <= params.max_pct",
    "a choice of a text and an enum": '(regime.name if quote.crossed else order.symbol) == "x"',
    "a fact of another mode with a default": (
        "default(venue.clock_skew_ms, 0) <= params.max_skew_ms and not has(venue.clock_skew_ms)"
    ),
    "a breaker of the set": "not breaker.daily_stop.tripped",
}

BAD = {
    "a misspelt fact": Row(
        "quote.spred_bps <= params.max_spread_bps",
        "M203",
        "quote.spred_bps",
        "did you mean `quote.spread_bps`? quote has: ask, bid, crossed, one_sided, spread_bps",
    ),
    "a fact of no group": Row("zzz.qqq", "M203", "zzz.qqq", "groups are: "),
    "a fact in the wrong group": Row(
        "order.spread_bps < params.x", "M203", "order.spread_bps", "order has: "
    ),
    "a parameter that is not declared": Row(
        "quote.bid > params.max_agee_s", "M203", "params.max_agee_s", "`params.max_age_s`?"
    ),
    "a function without brackets": Row(
        "ema > quote.bid", "M203", "ema", "`ema` is a function: write `ema(n, bar)`"
    ),
    "a number as a flag": Row(
        "order.quantity and quote.crossed", "M220", "order.quantity", "compare it"
    ),
    "a negated number": Row("not quote.bid", "M220", "quote.bid", "compare it"),
    "a counted number": Row("at_least(1, quote.bid)", "M220", "quote.bid", "compare it"),
    "a test that is text": Row(
        "quote.crossed if order.symbol else quote.one_sided", "M220", "order.symbol", "compare it"
    ),
    "the sum of a flag": Row(
        "quote.crossed + quote.bid > quote.ask", "M220", "quote.crossed", "a number"
    ),
    "a negative text": Row("-order.symbol < quote.bid", "M220", "order.symbol", "a number"),
    "the size of a flag": Row("abs(quote.crossed) > 0", "M220", "quote.crossed", "a number"),
    "a flag against a number": Row("quote.crossed == 3", "M220", "3", "two flags"),
    "a set against a text": Row('asset.groups == "x"', "M220", '"x"', "with `in`"),
    "a text among numbers": Row('quote.bid in (1, "x")', "M220", '"x"', "the item's own type"),
    "a text in an enum": Row(
        "order.symbol in regime.name",
        "M220",
        "regime.name",
        "did you mean `order.symbol == regime.name`?",
    ),
    "a number in a set of texts": Row("quote.bid in asset.groups", "M220", "quote.bid", "a text"),
    "a choice of unlike values": Row(
        "(quote.bid if quote.crossed else order.symbol) == 1", "M220", "order.symbol", "one type"
    ),
    "a default of another type": Row(
        'default(quote.age_s, "x") < params.max_age_s', "M220", '"x"', "one type"
    ),
    "money against basis points": Row(
        "order.notional_usd <= params.max_spread_bps",
        "M221",
        "params.max_spread_bps",
        "units are declared",
    ),
    "basis points against percent": Row(
        "quote.spread_bps <= params.max_pct",
        "M221",
        "params.max_pct",
        "write `params.max_pct * 100` to have it in bps",
    ),
    "percent against basis points": Row(
        "params.max_pct >= quote.spread_bps",
        "M221",
        "quote.spread_bps",
        "write `params.max_pct * 100` to have it in bps",
    ),
    "a ratio against percent": Row(
        "order.conviction <= params.max_pct", "M221", "params.max_pct", "`order.conviction * 100`"
    ),
    "milliseconds against seconds": Row(
        "venue.latency_p95_ms <= quote.age_s", "M221", "quote.age_s", "`quote.age_s * 1000`"
    ),
    "a sum of two units": Row(
        "quote.bid + order.quantity > quote.ask", "M221", "order.quantity", "units are declared"
    ),
    "a share of unlike things": Row(
        "share_pct(quote.bid, portfolio.equity_usd) > params.max_pct",
        "M221",
        "portfolio.equity_usd",
        "units are declared",
    ),
    "the unlike third of three": Row(
        "max(1, quote.bid, quote.age_s) > 0", "M221", "quote.age_s", "units are declared"
    ),
    "a conversion by the wrong factor": Row(
        "quote.spread_bps <= params.max_pct * 10", "M221", "params.max_pct * 10", "* 10 * 100"
    ),
    "a default of another unit": Row(
        "default(quote.age_s, quote.bid) > 0", "M221", "quote.bid", "units are declared"
    ),
    "money times percent": Row(
        "portfolio.equity_usd * params.max_pct > order.notional_usd",
        "M222",
        "portfolio.equity_usd * params.max_pct",
        "y_pct / 100",
    ),
    "money times basis points": Row(
        "order.notional_usd * order.cost_bps > params.max_usd",
        "M222",
        "order.notional_usd * order.cost_bps",
        "y_bps / 10000",
    ),
    "money over time": Row(
        "params.max_usd / quote.age_s > params.factor",
        "M222",
        "params.max_usd / quote.age_s",
        "like over like",
    ),
    "one over money": Row(
        "1 / params.max_usd > params.factor", "M222", "1 / params.max_usd", "like over like"
    ),
    "a number where a rule stands": Row("quote.bid", "M223", "quote.bid", "compare it"),
    "a flag where a number stands": Row(
        "quote.crossed", "M223", "quote.crossed", "of that type", NUMBER
    ),
    "a number in another unit": Row(
        "quote.bid",
        "M221",
        "quote.bid",
        "units are declared",
        Expectation(type=FactType.NUMBER, unit=Unit.USD, rule=False),
    ),
    "percent where basis points are wanted": Row(
        "position.pct",
        "M221",
        "position.pct",
        "`position.pct * 100` to have it in bps",
        Expectation(type=FactType.NUMBER, unit=Unit.BPS, rule=False),
    ),
    "a set of texts where one value is wanted": Row(
        "asset.groups", "M223", "asset.groups", "with `in`", Expectation(type=None, rule=False)
    ),
    "a value that the enum has not": Row(
        'regime.name == "chopp"',
        "M224",
        '"chopp"',
        "did you mean `chop`? it has: bull, chop, bear, crash, unknown",
    ),
    "a value in other letters": Row('"buy" == order.side', "M224", '"buy"', "`BUY`?"),
    "a choice that the enum has not": Row(
        'order.intent not in ("entry", "enter")', "M224", '"enter"', "`entry`?"
    ),
    "a default that the enum has not": Row(
        'default(regime.name, "zz") == order.symbol', "M224", '"zz"', "it has: "
    ),
    "a rule that is true": Row("true", "M225", "true", "leave it out"),
    "or true": Row("quote.crossed or true", "M225", "true", "leave it out"),
    "a constant comparison": Row("quote.crossed and 1 < 2", "M225", "1 < 2", "leave it out"),
    "not false": Row("not false and quote.crossed", "M225", "not false", "leave it out"),
    "a constant test": Row(
        "quote.crossed if 1 < 2 else quote.one_sided", "M225", "1 < 2", "leave it out"
    ),
    "a constant branch": Row(
        "quote.crossed if quote.one_sided else 1 < 2", "M225", "1 < 2", "leave it out"
    ),
    "a constant among counted flags": Row(
        "at_least(1, quote.crossed, true)", "M225", "true", "leave it out"
    ),
    "a fact against itself": Row("quote.age_s <= quote.age_s", "M225", "quote.age_s", "use `has`"),
    "a division by zero": Row(
        "quote.bid / 0 > quote.ask", "M225", "quote.bid / 0", "divide by a fact"
    ),
    "a loss looked for in a depth": Row(
        "portfolio.drawdown_pct >= -10", "M225", "-10", "as a positive number"
    ),
    "the same by a parameter": Row(
        "params.negative_pct > portfolio.drawdown_pct",
        "M225",
        "params.negative_pct",
        "as a positive number",
    ),
    "an error ratio in percent": Row(
        "venue.reads_error_ratio_5m > 5", "M225", "5", "did you mean `0.05`?"
    ),
    "a literal threshold": Row("quote.age_s <= 30", "M226", "30", "move it into `params`"),
    "a literal threshold on the left": Row("30 >= quote.age_s", "M226", "30", "into `params`"),
    "a negative literal threshold": Row(
        "portfolio.pnl_day_pct < -(3)", "M226", "-(3)", "into `params`"
    ),
    "a fraction for percent": Row(
        "position.pct_after <= 0.03", "M227", "0.03", "did you mean `3`?"
    ),
    "a fraction in a table": Row(
        "position.pct_after <= params.fraction_pct",
        "M227",
        "params.fraction_pct",
        "did you mean `3`?",
    ),
    "a fraction with a sign": Row(
        "portfolio.pnl_day_pct > -params.fraction_pct",
        "M227",
        "-params.fraction_pct",
        "did you mean `-3`?",
    ),
    "a fraction against a computed percentage": Row(
        "share_pct(quote.bid, quote.ask) <= params.fraction_pct",
        "M227",
        "params.fraction_pct",
        "did you mean `3`?",
    ),
    "seconds for days": Row(
        "quote.age_s < 90000", "M227", "90000", "thresholds in s lie between 0.05 and 86400"
    ),
    "percent for a ratio": Row(
        "quote.bid / quote.ask < 20000", "M227", "20000", "did you mean `200`?"
    ),
    "a quote where no symbol is": Row(
        "quote.crossed",
        "M228",
        "quote.crossed",
        "at hand here: the account, the venue",
        Expectation(scopes=frozenset({FactScope.ACCOUNT, FactScope.VENUE})),
    ),
    "a series where no symbol is": Row(
        'rsi(14, "1h") > params.max_pct',
        "M228",
        'rsi(14, "1h")',
        "at hand here: the account",
        Expectation(scopes=frozenset({FactScope.ACCOUNT})),
    ),
    "a live fact in every mode": Row(
        "venue.clock_skew_ms <= params.max_skew_ms",
        "M229",
        "venue.clock_skew_ms",
        "say `modes: [live]`",
    ),
    "a live fact on paper": Row(
        "venue.clock_skew_ms <= params.max_skew_ms",
        "M229",
        "venue.clock_skew_ms",
        "leave it out here",
        Expectation(modes=frozenset({Mode.PAPER})),
    ),
    "the order of texts": Row('order.symbol < "BTC"', "M230", "order.symbol", "use `==`"),
    "the order of flags": Row("quote.crossed >= quote.one_sided", "M230", "quote.crossed", "`==`"),
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_nothing_is_found_in_sound_rules(text: str) -> None:
    """A sound rule has no finding of any weight."""
    assert found(text) == ()


@pytest.mark.parametrize("row", BAD.values(), ids=BAD)
def test_findings(row: Row) -> None:
    """What is wrong is found once, at its part of the text, with a mend."""
    findings = [each for each in found(row.text, row.expect) if each.code == row.code]
    assert len(findings) == 1
    assert underlined(findings[0]) == row.part
    assert row.mend in findings[0].help


def test_a_set_without_parameters_is_told_to_declare_one() -> None:
    """Where no parameter is declared, the mend says where one would be."""
    snippet = Snippet.of("quote.age_s < params.max_age_s")
    tree = parse(snippet).tree
    assert tree is not None
    (finding,) = check(tree, snippet, VOCABULARY, expect=RULE)
    assert finding.help == "declare it under `params`"


def test_all_findings_are_told_at_once() -> None:
    """Independent findings stand together, in the order of the text."""
    text = 'order.side == "buy" and quote.spred_bps < 3 and quote.bid < order.quantity'
    assert [each.code for each in found(text)] == ["M224", "M203", "M221"]


def test_one_slip_is_told_once() -> None:
    """What depends on an unknown fact is silent, and a fact used twice is told at both places."""
    assert [each.code for each in found("quote.bit + 1 > abs(quote.bit) * params.x")] == [
        "M203"
    ] * 2
    assert [each.code for each in found("quote.bit in (1, 'x') or quote.bid in asset.grups")] == [
        "M203",
        "M203",
    ]
    text = "(quote.bit if quote.crossed else 1) + max(1, quote.bit) > -quote.bit / 2"
    assert {each.code for each in found(text)} == {"M203"}


def test_only_thresholds_and_their_size_are_warnings() -> None:
    """Everything else refuses the set."""
    weights = {
        (row.code, each.severity)
        for row in BAD.values()
        for each in found(row.text, row.expect)
        if each.code == row.code
    }
    assert {code for code, weight in weights if weight is Severity.WARNING} == {"M226", "M227"}
    assert {code for code, weight in weights if weight is Severity.ERROR} >= {"M203", "M225"}


@pytest.mark.parametrize("text", ["1 < 2", "quote.age_s < 5", "position.pct < 0.03", "true"])
def test_definitions_may_be_constant(text: str) -> None:
    """What is no rule may hold literals and need not vary."""
    assert found(text, Expectation(type=None, rule=False)) == ()


def test_bounds_count_only_beyond() -> None:
    """A threshold at the edge of what is possible can still be met."""
    assert "M225" not in {each.code for each in found("portfolio.drawdown_pct > params.zero_pct")}
    assert "M225" not in {each.code for each in found("order.conviction < 1")}


def test_computed_parameters_are_no_thresholds() -> None:
    """A parameter that is not written as a number is not judged as one."""
    assert found("position.pct_after < params.measured_pct") == ()


TYPES = {
    "quote.bid": (FactType.NUMBER, Unit.PRICE),
    "quote.ask - quote.bid": (FactType.NUMBER, Unit.PRICE),
    "quote.ask / quote.bid": (FactType.NUMBER, Unit.RATIO),
    "quote.ask * order.quantity": (FactType.NUMBER, Unit.USD),
    "-position.pct": (FactType.NUMBER, Unit.PCT),
    "2 * 3": (FactType.NUMBER, None),
    "2 * quote.age_s": (FactType.NUMBER, Unit.S),
    "min(1, quote.age_s)": (FactType.NUMBER, Unit.S),
    "share_pct(quote.bid, quote.ask)": (FactType.NUMBER, Unit.PCT),
    "1 if quote.crossed else quote.bid": (FactType.NUMBER, Unit.PRICE),
    "position.pct * 100 + quote.spread_bps": (FactType.NUMBER, Unit.BPS),
    'volume_ratio("1h", "24h")': (FactType.NUMBER, Unit.RATIO),
    "order.symbol": (FactType.TEXT, None),
    "regime.name": (FactType.ENUM, None),
    "asset.groups": (FactType.TEXT_SET, None),
    "has(asset.groups)": (FactType.FLAG, None),
    "1 < 2": (FactType.FLAG, None),
    "quote.bit": (None, None),
    "quote.bid + order.symbol": (None, None),
    "quote.bit and true": (None, None),
}


@pytest.mark.parametrize(("text", "expected"), TYPES.items())
def test_types(text: str, expected: tuple[FactType | None, Unit | None]) -> None:
    """Each expression has the type and unit that follow from its facts, or none with an error."""
    tree = parse(Snippet.of(text)).tree
    assert tree is not None
    typed = type_of(tree, SET)
    assert (typed.type, typed.unit) == expected
    assert typed.known == (expected[0] is not None)


@settings(deadline=None, max_examples=80)
@given(trees())
def test_any_tree_is_answered(tree: Node) -> None:
    """Whatever the tree, findings are in our words, placed, explained and in order."""
    snippet = Snippet.of(print_tree(tree))
    parsed = parse(snippet).tree
    assert parsed is not None
    findings = check(parsed, snippet, SET, expect=RULE)
    places = [(each.place.line, each.place.column) for each in findings if each.place]
    assert len(places) == len(findings)
    assert places == sorted(places)
    for finding in findings:
        assert finding.code in CODES
        assert finding.help
        assert not re.match(r"[A-Z]", finding.message)
        assert not finding.message.endswith(".")


@settings(deadline=None, max_examples=100)
@given(flags())
def test_well_typed_trees_are_flags(tree: Node) -> None:
    """A tree of flags is a flag, or has a finding about units, values or order, not types."""
    findings = check(tree, Snippet.of(""), SET, expect=Expectation(rule=False))
    assert {each.code for each in findings} <= {"M221", "M222", "M224", "M230"}
    assert (type_of(tree, SET).type is FactType.FLAG) == (not findings)


def test_everything_is_at_hand_by_default() -> None:
    """An expectation that says nothing asks for a rule, anywhere, in every mode."""
    assert Expectation() == Expectation(FactType.FLAG, None, ALL_SCOPES, frozenset(Mode), rule=True)

"""Documents become one set: what tables and waivers decide, and what only a whole can tell."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from policyset.sets import altered, codes, composed, documents, shipped

from engine.expr.backends.closure import compile_value
from engine.expr.nodes import Fact
from engine.expr.units import Unit
from engine.expr.vocabulary import FactScope
from engine.kinds.rule import RuleRole
from engine.policyset.composing import NO_TIER, compose

if TYPE_CHECKING:
    from engine.expr.nodes import Value
    from engine.policyset.policyset import PolicySet

SINGLE = ("Deployment/account", "Schedule/rhythm", "UniverseFilter/spot", "ExecutionPolicy/orders")


def number(policy_set: PolicySet, name: str, **facts: Value) -> Value | None:
    """What a fact of the set is worth where these facts hold (`_` for the dot)."""
    given = {key.replace("__", "."): value for key, value in facts.items()}
    return compile_value(Fact(name), policy_set.vocabulary)(given)


@pytest.mark.parametrize("gone", SINGLE)
def test_a_set_has_one_of_each_kind_that_there_is_one_of(gone: str) -> None:
    """A set without one of the four is refused, and nothing else is said of it."""
    result = compose([each for each in documents() if each.id != gone], "test")
    assert result.policy_set is None
    assert codes(result.diagnostics) == ["M335"]
    assert gone.partition("/")[0] in result.diagnostics[0].message


def test_the_order_of_documents_means_nothing() -> None:
    """The same documents in any order are the same set, with the same rules in the same order."""
    parts = list(documents("recorded"))
    for seed in range(5):
        random.Random(seed).shuffle(parts)  # noqa: S311 - a test needs no secrets
        again = composed(parts)
        assert again.hash == shipped("recorded").hash
        assert [rule.id for rule in again.rules] == [rule.id for rule in shipped("recorded").rules]


REGIMES = (("bull", 3.6), ("chop", 3.0), ("bear", 1.8), ("crash", 0.0), ("unknown", 1.8))


@pytest.mark.parametrize(("regime", "wanted"), REGIMES)
def test_a_table_by_regime_has_the_value_of_the_regime(regime: str, wanted: float) -> None:
    """`by: regime.name` picks the case that holds."""
    name = "policy.max_position.max_position_pct"
    assert number(shipped(), name, regime__name=regime) == wanted


GROUPS = (("LAYER1", 10.0), ("LAYER2", 6.0), ("MEME", 4.0), ("DEFI", 5.0), ("others", 3.0))


@pytest.mark.parametrize(("group", "wanted"), GROUPS)
def test_a_table_per_group_has_the_value_of_the_group(group: str, wanted: float) -> None:
    """`per: group` picks the group at hand; what is in none counts among the others."""
    assert number(shipped(), "policy.max_group.max_group_pct", group__name=group) == wanted


def test_a_table_without_its_fact_is_undecided() -> None:
    """No case is taken for granted when nobody knows which one holds."""
    assert number(shipped(), "policy.max_position.max_position_pct") is None


def test_parameters_carry_the_unit_of_their_name() -> None:
    """`max_order_usd` is in dollars and `max_position_pct` in percent, wherever they are named."""
    vocabulary = shipped().vocabulary
    units = {
        "policy.max_order_value.max_order_usd": Unit.USD,
        "policy.max_position.max_position_pct": Unit.PCT,
        "policy.orders.max_quote_age_s": Unit.S,
        "policy.spot.major.max_spread_bps": Unit.BPS,
    }
    for name, unit in units.items():
        spec = vocabulary.spec(name)
        assert spec is not None
        assert spec.unit is unit


def waiver(name: str, symbols: str, params: str, rule: str = "RiskLimit/max_position") -> str:
    """A waiver of 2026."""
    return (
        f"kind: Waiver\nmetadata: {{name: {name}, description: An exception.}}\n"
        f"spec:\n  rule: {rule}\n  scope: {{symbols: [{symbols}]}}\n"
        f"  instead: {{params: {{{params}}}}}\n  reason: a test\n  approved_by: nobody\n"
        '  from: "2026-01-01T00:00:00Z"\n  until: "2026-02-01T00:00:00Z"\n  at_end: hold\n'
    )


WAIVED = (
    ("in force", {"waiver__more__active": True}, "chop", 6.0),
    ("in force, whatever the regime", {"waiver__more__active": True}, "crash", 6.0),
    ("expired or not begun", {"waiver__more__active": False}, "chop", 3.0),
    ("expired, by regime", {"waiver__more__active": False}, "bear", 1.8),
    ("nobody knows whether it is in force", {}, "chop", None),
)


@pytest.mark.parametrize(("_name", "facts", "regime", "wanted"), WAIVED)
def test_a_waiver_changes_the_parameter_while_it_is_in_force(
    _name: str, facts: dict[str, Value], regime: str, wanted: float | None
) -> None:
    """The waived value counts while the waiver is in force, and the document's own otherwise."""
    policy_set = composed(altered(documents(), waiver("more", "BTC-USD", "max_position_pct: 6")))
    name = "policy.max_position.max_position_pct"
    assert number(policy_set, name, regime__name=regime, **facts) == wanted


def test_a_waiver_of_symbols_makes_the_parameter_one_of_symbols() -> None:
    """What is waived for one product has a value only where a product is at hand."""
    by_symbol = composed(
        altered(
            documents(),
            waiver("more", "BTC-USD", "max_order_usd: 9000", "RiskLimit/max_order_value"),
        )
    )
    for_all = composed(
        altered(documents(), waiver("more", "", "max_order_usd: 9000", "RiskLimit/max_order_value"))
    )
    name = "policy.max_order_value.max_order_usd"
    scopes = [s.vocabulary.specs[name].scope for s in (shipped(), by_symbol, for_all)]
    assert scopes == [FactScope.ACCOUNT, FactScope.SYMBOL, FactScope.ACCOUNT]
    active = [s.vocabulary.specs["waiver.more.active"].scope for s in (by_symbol, for_all)]
    assert active == [FactScope.SYMBOL, FactScope.ACCOUNT]


def test_waivers_of_parts_reach_guards_and_tiers() -> None:
    """A guard's and a tier's numbers are waived like a limit's."""
    guards = waiver("wide", "", "max_spread_bps: 90", "ExecutionPolicy/orders")
    tier = waiver("thin", "BTC-USD", "min_depth_usd: 10", "UniverseFilter/spot#major")
    policy_set = composed(altered(documents(), guards, tier))
    assert number(policy_set, "policy.orders.max_spread_bps", waiver__wide__active=True) == 90
    assert number(policy_set, "policy.spot.major.min_depth_usd", waiver__thin__active=True) == 10
    assert number(policy_set, "policy.spot.middle.min_depth_usd") == 25_000


JANUARY, FEBRUARY = ("2026-01-01", "2026-02-01"), ("2026-02-01", "2026-03-01")
OF_ONE_NUMBER = {
    "at the same time": (("", JANUARY), ("", ("2026-01-31", "2026-03-01")), True),
    "one after the other": (("", JANUARY), ("", FEBRUARY), False),
    "for other products": (
        ("symbols: [BTC-USD]", JANUARY),
        ("symbols: [ETH-USD]", JANUARY),
        False,
    ),
    "for one product and for a group": (
        ("symbols: [BTC-USD]", JANUARY),
        ("groups: [LAYER1]", JANUARY),
        True,
    ),
    "for groups that may share a coin": (
        ("groups: [LAYER2]", JANUARY),
        ("groups: [LAYER1]", JANUARY),
        True,
    ),
    "for other strategies": (
        ("strategies: [momentum]", JANUARY),
        ("strategies: [breakout]", JANUARY),
        False,
    ),
}


def dated(name: str, scope: str, span: tuple[str, str]) -> str:
    """A waiver for whom and when."""
    text = waiver(name, "", "max_order_usd: 9000", "RiskLimit/max_order_value")
    text = text.replace("symbols: []", scope)
    begin, end = span
    return text.replace("2026-02-01", end, 1).replace("2026-01-01", begin, 1)


@pytest.mark.parametrize(("one", "two", "refused"), OF_ONE_NUMBER.values(), ids=OF_ONE_NUMBER)
def test_one_number_has_one_value_at_a_time(
    one: tuple[str, tuple[str, str]], two: tuple[str, tuple[str, str]], *, refused: bool
) -> None:
    """Two waivers of one parameter that could both count for one order are M390, at both places."""
    texts = dated("one", *one), dated("two", *two)
    found = compose(altered(documents(), *texts), "test").diagnostics
    assert [each.code for each in found] == (["M390"] if refused else [])
    if refused:
        assert "`one` and `two` give `max_order_usd`" in found[0].message
        assert len(found[0].related) == 1


NOT_THERE = {
    "a tier": ("tiers: [mayor]", "did you mean `major`?"),
    "a group": ("groups: [LAYR1]", "did you mean `LAYER1`?"),
    "a strategy": ("strategies: [momentun]", "did you mean `momentum`?"),
}


@pytest.mark.parametrize(("scope", "mend"), NOT_THERE.values(), ids=NOT_THERE)
def test_a_waiver_for_what_is_not_there_is_refused(scope: str, mend: str) -> None:
    """It would never count, and nobody would know: M391."""
    text = waiver("one", "", "max_position_pct: 5").replace("symbols: []", scope)
    (found,) = compose(altered(documents(), text), "test").diagnostics
    assert (found.code, found.help.partition(" it has")[0]) == ("M391", mend)


def test_the_universe_has_no_exception_for_a_strategy() -> None:
    """It is asked before any strategy is: M392."""
    text = waiver("one", "", "min_depth_usd: 10", "UniverseFilter/spot#major")
    text = text.replace("symbols: []", "strategies: [momentum]")
    assert [f.code for f in compose(altered(documents(), text), "test").diagnostics] == ["M392"]


TABLES_INSTEAD = {
    "whole": ("bull: 6, chop: 5, bear: 2, crash: 0, unknown: 2", []),
    "without a case": ("bull: 6, chop: 5, bear: 2, crash: 0", ["M333"]),
    "with a strange case": ("bull: 6, chop: 5, bear: 2, crash: 0, unknown: 2, bul: 1", ["M332"]),
}


@pytest.mark.parametrize(("cases", "wanted"), TABLES_INSTEAD.values(), ids=TABLES_INSTEAD)
def test_a_table_of_a_waiver_is_held_to_what_tables_are_held_to(
    cases: str, wanted: list[str]
) -> None:
    """A case that it forgets would be an order that nobody decides."""
    text = waiver("one", "", f"max_position_pct: {{by: regime.name, {cases}}}")
    found = compose(altered(documents(), text), "test").diagnostics
    assert [each.code for each in found] == wanted


USED = (
    ({"order.notional_usd": 750.0}, "limit.max_order_value.used_pct", 50.0),
    ({"order.price_vs_mid_bps": 30.0}, "limit.price_collar.used_pct", 30.0),
    ({"pace.entries_24h_count": 10.0}, "limit.max_orders_24h.used_pct", 25.0),
    ({"order.price_vs_mid_bps": -30.0}, "limit.price_collar.used_pct", -30.0),
    ({}, "limit.max_order_value.used_pct", None),
)


@pytest.mark.parametrize(("facts", "name", "wanted"), USED)
def test_how_much_of_a_limit_is_used(
    facts: dict[str, Value], name: str, wanted: float | None
) -> None:
    """`limit.NAME.used_pct` is the measure over the limit, undecided where the measure is."""
    assert compile_value(Fact(name), shipped().vocabulary)(facts) == wanted


def test_a_limit_of_zero_has_no_usage() -> None:
    """Of a limit of 0 nothing can be a share."""
    facts = {"regime__name": "crash", "position__value_usd": 5.0, "position__pending_buy_usd": 0.0}
    facts |= {"order__notional_usd": 1.0, "order__side": "BUY", "portfolio__equity_usd": 100.0}
    assert number(shipped(), "limit.max_position.used_pct", **facts) is None


def test_only_plain_bounds_have_a_usage() -> None:
    """A minimum or a flag has no share that is used; a bound with an exception has."""
    names = {n for n in shipped().vocabulary if n.startswith("limit.")}
    assert "limit.max_position.used_pct" in names
    assert "limit.min_trade_gap.used_pct" not in names
    assert "limit.no_self_match.used_pct" not in names
    assert "limit.max_open_positions.used_pct" in names


def test_tiers_are_the_values_of_the_facts_about_them() -> None:
    """`asset.tier` has the tiers of the set, and the word for none of them."""
    assert shipped().vocabulary.specs["asset.tier"].values == ("major", "middle", "minor", NO_TIER)
    assert shipped("recorded").vocabulary.specs["order.tier"].values == ("recorded", NO_TIER)


def test_disabled_strategies_are_composed_and_not_run() -> None:
    """The rules of every strategy of the base are checked, and none of them proposes."""
    entries = [rule.id for rule in shipped().of_role(RuleRole.ENTRY)]
    assert entries == [f"{each.id}#entry" for each in documents() if each.kind == "Strategy"]
    assert shipped().strategies == ()
    assert [name for name, _ in shipped("paper").strategies] == [
        "breakout",
        "mean_reversion",
        "momentum",
    ]


def test_every_finding_of_every_document_is_told() -> None:
    """Two mistakes in two documents are two findings, and no set is made."""
    texts = [
        f"kind: RiskLimit\nmetadata: {{name: {name}, description: Wrong.}}\n"
        "spec: {scope: order, intents: [entry], require: quote.nothing > 1, on_breach: deny, "
        "stage: enforce}\n"
        for name in ("one", "two")
    ]
    result = compose(altered(documents(), *texts), "test")
    assert result.policy_set is None
    assert codes(result.diagnostics) == ["M203", "M203"]

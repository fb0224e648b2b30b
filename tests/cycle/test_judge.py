"""The judge's verdicts: what is allowed, what is made smaller, what is denied and why."""

from __future__ import annotations

from decimal import Decimal

import pytest
from cycle.cases import judged, reasons, situation, wish
from cycle.small_sets import guards, limit, set_of
from cycle.trading_desk import product
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cycle.judge import Judge
from engine.cycle.judging.situation import Block
from engine.model.decisions import Outcome, ReasonCode, Verdict
from engine.model.market import ProductStatus
from engine.model.orders import Intent, Mode

RISKY = [intent for intent in Intent if intent.adds_risk]
LEAVING = [intent for intent in Intent if not intent.adds_risk]

VALUE = "order.notional_usd <= "
VERDICTS = {
    "no rules: as asked": ((), "allow", "10"),
    "a limit that holds: as asked": ((limit("a", VALUE + "1000"),), "allow", "10"),
    "a limit that does not hold denies": ((limit("a", VALUE + "999"),), "deny", "0"),
    "a limit that resizes": (
        (limit("a", VALUE + "250", on_breach="resize"),),
        "resize",
        "2.5",
    ),
    "down to the grid, not to the cent": (
        (limit("a", VALUE + "250.009", on_breach="resize"),),
        "resize",
        "2.5",
    ),
    "of two that resize the tighter one binds": (
        (
            limit("a", VALUE + "250", on_breach="resize"),
            limit("b", "order.size_pct <= 2", on_breach="resize"),
        ),
        "resize",
        "2",
    ),
    "a strict bound is not reached": (
        (limit("a", "order.quantity < 2.5", on_breach="resize"),),
        "resize",
        "2.4999",
    ),
    "a rule that resizes and does not know size denies": (
        (limit("a", "quote.spread_bps <= 5", on_breach="resize"),),
        "deny",
        "0",
    ),
    "a deny rule is asked at the asked size, though a smaller one would pass": (
        (limit("a", VALUE + "500"), limit("b", VALUE + "250", on_breach="resize")),
        "deny",
        "0",
    ),
    "a minimum is asked after sizing": (
        (
            limit("a", VALUE + "250", on_breach="resize"),
            limit("b", "order.notional_usd >= 300", minimum="true"),
        ),
        "deny",
        "0",
    ),
    "a minimum that the smaller order meets": (
        (
            limit("a", VALUE + "250", on_breach="resize"),
            limit("b", "order.notional_usd >= 200", minimum="true"),
        ),
        "resize",
        "2.5",
    ),
    "a deny rule that only the smaller order breaks denies it": (
        (
            limit("a", VALUE + "250", on_breach="resize"),
            limit("b", "order.notional_usd >= 300"),
        ),
        "deny",
        "0",
    ),
    "rules of other intents do not bind": (
        (limit("a", VALUE + "1", intents="[add]"),),
        "allow",
        "10",
    ),
    "rules of other modes do not bind": ((limit("a", VALUE + "1", modes="[live]"),), "allow", "10"),
    "a warning is no denial": ((limit("a", VALUE + "1", stage="warn"),), "allow", "10"),
    "a shadow resizes nothing": (
        (limit("a", VALUE + "1", stage="shadow", on_breach="resize"),),
        "allow",
        "10",
    ),
    "a guard denies as a limit does": (
        (
            guards(
                "{name: spread, intents: [entry], require: quote.spread_bps <= 5,"
                " on_breach: deny, stage: enforce}"
            ),
        ),
        "deny",
        "0",
    ),
}


@pytest.mark.parametrize(("texts", "verdict", "quantity"), VERDICTS.values(), ids=VERDICTS)
def test_a_verdict_is_what_the_rules_make_of_the_order(
    texts: tuple[str, ...], verdict: str, quantity: str
) -> None:
    """Ten units at 100 are allowed, made smaller or denied, exactly as the rules say."""
    decision = judged(set_of(*texts), wish())
    assert (decision.verdict.value, decision.quantity) == (verdict, Decimal(quantity))
    assert decision.asked == Decimal(10)


REASONS = {
    "a limit names itself and its numbers": (
        (limit("a", VALUE + "999"),),
        "LIMIT_BREACHED rule=RiskLimit/a value=1000 op=<= limit=999",
    ),
    "a guard says that it is one": (
        (
            guards(
                "{name: fresh, intents: [entry], require: quote.age_s <= 0.5,"
                " on_breach: deny, stage: enforce}"
            ),
        ),
        "GUARD_BREACHED rule=ExecutionPolicy/orders#fresh value=1 op=<= limit=0.5",
    ),
    "a rule without a comparison names itself alone": (
        (limit("a", "quote.one_sided"),),
        "LIMIT_BREACHED rule=RiskLimit/a",
    ),
    "a breach beside a missing fact is a breach": (
        (limit("a", "quote.spread_bps <= 5 and venue.latency_p95_ms <= 100"),),
        "LIMIT_BREACHED rule=RiskLimit/a value=10 op=<= limit=5",
    ),
    "of two comparisons, the one that failed": (
        (limit("a", "quote.age_s <= 5 and quote.spread_bps <= 5"),),
        "LIMIT_BREACHED rule=RiskLimit/a value=10 op=<= limit=5",
    ),
    "undecided, with the missing fact": (
        (limit("a", "venue.latency_p95_ms <= 100"),),
        "LIMIT_UNDECIDED rule=RiskLimit/a missing=venue.latency_p95_ms",
    ),
    "an undecided guard": (
        (
            guards(
                "{name: quick, intents: [entry], require: venue.latency_p95_ms <= 5,"
                " on_breach: deny, stage: enforce}"
            ),
        ),
        "GUARD_UNDECIDED rule=ExecutionPolicy/orders#quick missing=venue.latency_p95_ms",
    ),
    "undecided where it would only resize": (
        (limit("a", "order.notional_usd <= asset.volume_24h_usd", on_breach="resize"),),
        'LIMIT_UNDECIDED rule=RiskLimit/a missing=volume_usd("24h")',
    ),
    "an undecided minimum": (
        (limit("a", "order.notional_usd >= asset.min_notional_usd", minimum="true"),),
        "LIMIT_UNDECIDED rule=RiskLimit/a missing=asset.min_notional_usd",
    ),
}


@pytest.mark.parametrize(("texts", "reason"), REASONS.values(), ids=REASONS)
def test_a_denial_names_the_rule_and_its_numbers(texts: tuple[str, ...], reason: str) -> None:
    """A reason is the rule with the comparison that failed, or with the facts that were missing."""
    assert [str(each) for each in judged(set_of(*texts), wish()).reasons] == [reason]


def test_nothing_left_names_every_binding_limit() -> None:
    """When no size is valid, the denial names all limits that bind, not only the first."""
    full = limit("a", "position.pct_after <= 3", on_breach="resize")
    spent = limit("b", "portfolio.at_risk_pct_after <= 15", on_breach="resize")
    roomy = limit("c", "order.notional_usd <= 5000", on_breach="resize")
    around = situation({"position.value_usd": 300.0, "portfolio.at_risk_usd": 1500.0})
    decision = judged(set_of(full, spent, roomy), wish(), around)
    assert reasons(decision) == [
        "NOTHING_LEFT:RiskLimit/a,RiskLimit/b",
        "LIMIT_BREACHED:RiskLimit/a",
        "LIMIT_BREACHED:RiskLimit/b",
    ]


def test_all_refusals_are_told_together() -> None:
    """A denial holds every reason at once: blocks first, then each rule that refuses."""
    policy_set = set_of(limit("a", VALUE + "1"), limit("b", "quote.age_s <= 0.1"))
    block = Block(ReasonCode.BREAKER_TRIPPED.value, (("breaker", "x"),), exits_too=False)
    around = situation(rate=None, blocks=(block,))
    assert reasons(judged(policy_set, wish(), around)) == [
        "BREAKER_TRIPPED:x",
        "NO_RATE:USD",
        "LIMIT_UNDECIDED:RiskLimit/a",
        "LIMIT_BREACHED:RiskLimit/b",
    ]


# What stops an exit, and what does not: four things do (the lost lease is at the wire).
HALT = Block(ReasonCode.HALTED.value, (("by", "operator"),), exits_too=True)
NO_LEDGER = Block(ReasonCode.LEDGER_NOT_DURABLE.value, (), exits_too=True)
REDUCE = Block(ReasonCode.BREAKER_TRIPPED.value, (("breaker", "x"),), exits_too=False)
DOUBT = Block(ReasonCode.BREAKER_UNDECIDED.value, (("breaker", "x"),), exits_too=False)
OUTSIDE = Block(ReasonCode.NOT_IN_UNIVERSE.value, (), exits_too=False)
WINDOW = Block(ReasonCode.MAINTENANCE.value, (("window", "w"),), exits_too=False)
STOPPERS = {
    "nothing in the way": ({}, True, True),
    "halted": ({"blocks": (HALT,)}, False, False),
    "a ledger that is not durable": ({"blocks": (NO_LEDGER,)}, False, False),
    "a product that is halted": ({"traded": product(status=ProductStatus.HALTED)}, False, False),
    "a product that takes cancels only": (
        {"traded": product(status=ProductStatus.CANCEL_ONLY)},
        False,
        False,
    ),
    "a product that nobody knows": ({"traded": None}, False, False),
    "reducing": ({"blocks": (REDUCE,)}, False, True),
    "a breaker in doubt": ({"blocks": (DOUBT,)}, False, True),
    "outside of the universe": ({"blocks": (OUTSIDE,)}, False, True),
    "a maintenance window": ({"blocks": (WINDOW,)}, False, True),
    "no rate": ({"rate": None}, False, True),
    "a product that takes limit orders only": (
        {"traded": product(status=ProductStatus.LIMIT_ONLY)},
        True,
        True,
    ),
}


@pytest.mark.parametrize(("around", "enters", "leaves"), STOPPERS.values(), ids=STOPPERS)
@pytest.mark.parametrize("intent", Intent, ids=lambda each: each.value)
def test_exactly_these_things_stop_an_exit(
    intent: Intent, around: dict[str, object], *, enters: bool, leaves: bool
) -> None:
    """New risk is stopped by all of them; a way out only by halt, ledger, and product."""
    here = situation(intent=intent, **around)  # type: ignore[arg-type] # a row of the table
    allowed = judged(set_of(), wish(intent), here).verdict.allowed
    assert allowed is (enters if intent.adds_risk else leaves)


@pytest.mark.parametrize("intent", LEAVING, ids=lambda each: each.value)
def test_doubt_never_denies_an_exit_and_a_decided_breach_does(intent: Intent) -> None:
    """A rule that names exits denies them by a decided breach, and lets them out in doubt."""
    rule = limit("calm", "quote.age_s <= 5", intents="[exit, trim, purge]")
    least = limit("least", "quote.age_s >= 0.2", intents="[exit, trim, purge]", minimum="true")
    policy_set = set_of(rule, least)
    outcomes = {
        age: judged(policy_set, wish(intent), situation({"quote.age_s": age}, intent=intent))
        for age in (1.0, 9.0, 0.1, None)
    }
    assert {age: reasons(each) for age, each in outcomes.items()} == {
        1.0: [],
        9.0: ["LIMIT_BREACHED:RiskLimit/calm"],
        0.1: ["LIMIT_BREACHED:RiskLimit/least"],
        None: [],
    }
    assert {each.outcome for each in outcomes[None].evaluations} == {Outcome.UNDECIDED}


NAMES = st.sampled_from(
    ["quote.age_s", "portfolio.equity_usd", "venue.latency_p95_ms", "regime.name", "quote.bid"]
)
EVERY = "[entry, add, exit, trim, purge]"
DOUBTFUL = set_of(
    limit("age", "quote.age_s <= 5", intents=EVERY),
    limit("size", "order.size_pct <= 50", intents=EVERY),
    limit("venue", "venue.latency_p95_ms <= 1000", intents=EVERY),
    limit("calm", 'regime.name != "crash"'.replace("'", "''"), intents=EVERY),
    limit("least", "order.notional_usd >= 1", intents=EVERY, minimum="true"),
)
KNOWN = {"venue.latency_p95_ms": 10.0}


@given(st.sets(NAMES), st.sampled_from(list(Intent)))
def test_missing_facts_deny_new_risk_and_no_exit(missing: set[str], intent: Intent) -> None:
    """Whatever facts are missing, an exit leaves, and new risk leaves only where nothing asks."""
    around = situation({**KNOWN, **dict.fromkeys(missing)}, intent=intent)
    decision = judged(DOUBTFUL, wish(intent), around)
    if not intent.adds_risk:
        assert decision.verdict is Verdict.ALLOW
    else:
        assert decision.verdict.allowed is not bool(missing - {"quote.bid"})
        told = {name for each in decision.evaluations for name in each.missing}
        assert told == missing - {"quote.bid"}


@given(st.floats(0.1, 1e6), st.floats(0.0, 1e6), st.sampled_from(RISKY))
@settings(max_examples=50)
def test_every_rule_is_recorded_with_its_numbers(most: float, asked: float, intent: Intent) -> None:
    """A decision holds each rule evaluated, passed or not, enforced or not, with its headroom."""
    around = situation({"quote.age_s": asked, "engine.cycle_s": most}, intent=intent)
    rule = "quote.age_s <= engine.cycle_s"
    policy_set = set_of(
        *(limit(stage, rule, stage=stage) for stage in ("enforce", "warn", "shadow"))
    )
    decision = judged(policy_set, wish(intent), around)
    assert [each.rule for each in decision.evaluations] == [
        "RiskLimit/enforce",
        "RiskLimit/shadow",
        "RiskLimit/warn",
    ]
    for each in decision.evaluations:
        assert each.outcome is (Outcome.PASS if asked <= most else Outcome.BREACH)
        (compared,) = each.comparisons
        assert (compared.left, compared.op, compared.right) == (asked, "<=", most)
        assert compared.headroom == most - asked


GROUPED = limit(
    "theme",
    "portfolio.group_pct_after <= params.most_pct",
    scope="group",
    on_breach="resize",
    params="{most_pct: {per: group, majors: 6, layers: 4, others: 2}}",
)
GROUPS = {
    "one group, room for all of it": ({"majors": 0.0}, "allow", "5", []),
    "one group, room for a part": ({"majors": 400.0}, "resize", "2", ["majors"]),
    "in two groups it obeys both": (
        {"layers": 300.0, "majors": 300.0},
        "resize",
        "1",
        ["layers", "majors"],
    ),
    "the other of the two": (
        {"layers": 0.0, "majors": 550.0},
        "resize",
        "0.5",
        ["layers", "majors"],
    ),
    "in no group it is one of the others": ({"others": 100.0}, "resize", "1", ["others"]),
    "a full group leaves nothing": ({"layers": 400.0, "majors": 0.0}, "deny", "0", ["layers"]),
}


@pytest.mark.parametrize(("held", "verdict", "quantity", "bound"), GROUPS.values(), ids=GROUPS)
def test_a_group_limit_is_asked_for_each_group(
    held: dict[str, float], verdict: str, quantity: str, bound: list[str]
) -> None:
    """A coin obeys the limit of each group that it is in, with that group's parameter."""
    groups = tuple(
        {"group.name": name, "portfolio.group_at_risk_usd": value} for name, value in held.items()
    )
    around = situation({"portfolio.at_risk_usd": 1000.0}, groups=groups)
    decision = judged(set_of(GROUPED), wish(quantity="5"), around)
    assert (decision.verdict.value, decision.quantity) == (verdict, Decimal(quantity))
    assert [each.group for each in decision.evaluations] == sorted(held)
    if not decision.verdict.allowed:
        named = [dict(each.values).get("group") for each in decision.reasons]
        assert named == [None, *bound]


def test_an_unknown_group_denies() -> None:
    """A group whose exposure nobody knows is a doubt, and denies the entry by name."""
    around = situation(groups=({"group.name": "majors"},))
    (reason,) = judged(set_of(GROUPED), wish(), around).reasons
    assert str(reason) == (
        "LIMIT_UNDECIDED rule=RiskLimit/theme group=majors missing=portfolio.group_at_risk_usd"
    )


MINIMUMS = {
    "below the smallest size": ("0.0009", "5000", False),
    "at the smallest size": ("0.001", "5000", True),
    "below the smallest value": ("0.0099", "100", False),
    "at the smallest value": ("0.01", "100", True),
}


@pytest.mark.parametrize(("quantity", "price", "allowed"), MINIMUMS.values(), ids=MINIMUMS)
@pytest.mark.parametrize("intent", [Intent.ADD, Intent.EXIT], ids=lambda each: each.value)
def test_the_venues_minimums_bind_every_order(
    intent: Intent, quantity: str, price: str, *, allowed: bool
) -> None:
    """An order that the venue would refuse as too small is denied before it is sent."""
    decision = judged(set_of(), wish(intent, quantity, price))
    assert decision.verdict.allowed is allowed
    if not allowed:
        assert reasons(decision) == [f"BELOW_VENUE_MINIMUM:{quantity}"]


# At 100 a piece the venue asks for 1 USD; 5 % lower and less 60 bps it takes 0.010590 units.
LEAVABLE = {"0.0105": False, "0.0106": True}


@pytest.mark.parametrize(("quantity", "allowed"), LEAVABLE.items())
def test_an_entry_that_its_stop_could_not_sell_is_denied(quantity: str, *, allowed: bool) -> None:
    """A position worth less than the venue's minimum at its stop would be one to be stuck with."""
    decision = judged(set_of(), wish(quantity=quantity))
    assert decision.verdict.allowed is allowed
    if not allowed:
        (reason,) = decision.reasons
        assert str(reason) == (
            "EXIT_BELOW_MINIMUM quantity=0.0105 least_quantity=0.0106"
            " stop_pct=5 taker_bps=60 min_value=1"
        )


AGES = {
    "within": (limit("age", "quote.age_s <= 5"), 5.0, ()),
    "beyond": (limit("age", "quote.age_s <= 5"), 5.1, ("RiskLimit/age",)),
    "unknown": (limit("age", "quote.age_s <= 5"), None, ("RiskLimit/age",)),
    "in a table by regime": (
        limit(
            "age",
            "quote.age_s <= params.most_s",
            params="{most_s: {by: regime.name, bull: 9, chop: 5, bear: 4, crash: 2, unknown: 3}}",
        ),
        5.1,
        ("RiskLimit/age",),
    ),
    "together with the spread": (
        limit("age", "quote.age_s <= 5 and quote.spread_bps <= 50"),
        5.1,
        ("RiskLimit/age",),
    ),
    "only a warning": (limit("age", "quote.age_s <= 5", stage="warn"), 9.0, ()),
    "nothing about age": (limit("age", "quote.spread_bps <= 5"), 9.0, ()),
    "an order's own matter is the judge's alone": (
        limit("age", "quote.age_s <= 5 or order.notional_usd <= 10"),
        9.0,
        (),
    ),
}


@pytest.mark.parametrize(("text", "age_s", "failed"), AGES.values(), ids=AGES)
def test_the_quotes_age_is_asked_again_by_itself(
    text: str, age_s: float | None, failed: tuple[str, ...]
) -> None:
    """Every enforced rule that a quote's age can break on its own is found before the wire."""
    facts = dict(situation({"quote.age_s": age_s}).facts)
    del facts["order.side"]
    assert Judge(set_of(text), Mode.PAPER).stale_rules(Intent.ENTRY, facts) == failed

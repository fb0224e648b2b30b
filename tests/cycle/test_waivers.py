"""Waivers: in force to the nanosecond, for whom they name and nobody else, and told when used.

Driven through the production path: facts, judge, ledger, and the ledger judged again.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from cycle.cases import judged, situation, wish
from cycle.small_sets import breaker, limit, set_of, strategy
from cycle.trading_desk import BTC, ETH, SOL, START, Bench, done
from pydantic import ValidationError

from engine.cycle import cycle
from engine.cycle.facts.waivers import (
    account_waiver_facts,
    order_waiver_facts,
    symbol_waiver_facts,
    waivers_in_force,
)
from engine.cycle.records.activation import activation_body
from engine.cycle.rejudge import rejudge
from engine.kinds.waiver.document import WaiverDocument
from engine.ledger.records import RecordKind, decode_body
from engine.model.decisions import Verdict
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from engine.cycle.desk import Round
    from engine.ledger.bodies import Body
    from engine.policyset.policyset import PolicySet

VALUE = limit(
    "value", "order.notional_usd <= params.most_usd", params="{most_usd: 50}", on_breach="resize"
)
WANTS = strategy("follower", tiers="[core]", size_pct="'1'")


def waiver(scope: str = "{}", rule: str = "RiskLimit/value", params: str = "most_usd: 80") -> str:
    """A waiver of the value limit for two hours around the start."""
    return f"""
kind: Waiver
metadata: {{name: more, description: An exception.}}
spec:
  rule: {rule}
  scope: {scope}
  instead: {{params: {{{params}}}}}
  reason: a test
  approved_by: A. Person
  from: "2026-03-02T11:00:00Z"
  until: "2026-03-02T13:00:00Z"
  at_end: hold
"""


def active(policy_set: PolicySet, **around: object) -> bool:
    """Whether the waiver counts for an order of BTC by the follower in the core."""
    asked = {"symbol": BTC, "tier": "core", "strategy": "follower", "now": START, **around}
    now = asked["now"]
    assert isinstance(now, UtcTime)
    facts = account_waiver_facts(policy_set, now) | order_waiver_facts(
        policy_set,
        asked["symbol"],  # type: ignore[arg-type] # a builder for tests: parts by name
        str(asked["tier"]),
        str(asked["strategy"]),
        now,
    )
    return facts["waiver.more.active"] is True


EDGES = {
    "a nanosecond before it begins": (-3600 * 10**9 - 1, False),
    "as it begins": (-3600 * 10**9, True),
    "a nanosecond before it ends": (3600 * 10**9 - 1, True),
    "as it ends": (3600 * 10**9, False),
    "long after": (10**18, False),
}


@pytest.mark.parametrize(("ns", "wanted"), EDGES.values(), ids=EDGES)
def test_a_waiver_counts_from_its_first_instant_to_before_its_last(
    ns: int, *, wanted: bool
) -> None:
    """Not yet begun and expired it is inert: exactly at `until` nothing is excepted any more."""
    policy_set = set_of(VALUE, waiver())
    now = UtcTime(START.ns + ns)
    assert active(policy_set, now=now) is wanted
    assert ("more" in waivers_in_force(policy_set, now)) is wanted
    left = account_waiver_facts(policy_set, now)["waiver.more.left_h"]
    assert isinstance(left, float)
    assert (left == 0) is (now.ns >= START.ns + 3600 * 10**9)


NAMED = {
    "everybody": ("{}", {}, True),
    "its product": ("{symbols: [BTC-USD]}", {}, True),
    "another product": ("{symbols: [BTC-USD]}", {"symbol": ETH}, False),
    "a coin of its group": ("{groups: [majors]}", {}, True),
    "a coin of another group": ("{groups: [majors]}", {"symbol": SOL}, False),
    "its tier": ("{tiers: [core]}", {}, True),
    "another tier": ("{tiers: [core]}", {"tier": "rest"}, False),
    "no tier": ("{tiers: [core]}", {"tier": "none"}, False),
    "its strategy": ("{strategies: [follower]}", {}, True),
    "another strategy": ("{strategies: [follower]}", {"strategy": "other"}, False),
    "all that is named": ("{symbols: [BTC-USD], tiers: [core], strategies: [follower]}", {}, True),
    "only a part of what is named": (
        "{symbols: [BTC-USD], strategies: [follower]}",
        {"symbol": ETH},
        False,
    ),
}


@pytest.mark.parametrize(("scope", "around", "wanted"), NAMED.values(), ids=NAMED)
def test_a_waiver_counts_for_whom_it_names(
    scope: str, around: dict[str, object], *, wanted: bool
) -> None:
    """Every list that is not empty has to name the order."""
    assert active(set_of(VALUE, WANTS, waiver(scope)), **around) is wanted


def test_a_waiver_for_a_group_lifts_that_groups_cap_alone() -> None:
    """A coin in two groups, one of them excepted: the other's cap binds it as before."""
    caps = limit(
        "theme",
        "portfolio.group_pct_after <= params.cap_pct",
        scope="group",
        on_breach="resize",
        params="{cap_pct: {per: group, majors: 2, layers: 3, others: 1}}",
    )
    policy_set = set_of(caps, waiver("{groups: [majors]}", "RiskLimit/theme", "cap_pct: 5"))
    assert symbol_waiver_facts(policy_set, ETH, "core", START) == {"waiver.more.active": True}
    groups = tuple(
        {"group.name": name, "portfolio.group_at_risk_usd": 0.0} for name in ("layers", "majors")
    )
    facts = {"waiver.more.active": True}
    both = judged(policy_set, wish(quantity="10"), situation(facts, groups=groups))
    one = judged(policy_set, wish(quantity="10"), situation(facts, groups=groups[1:]))
    idle = judged(
        policy_set,
        wish(quantity="10"),
        situation({"waiver.more.active": False}, groups=groups[1:]),
    )
    assert [each.quantity for each in (both, one, idle)] == [Decimal(3), Decimal(5), Decimal(2)]


BEYOND_WAIVING = (
    "CircuitBreaker/kill_switch",
    "CircuitBreaker/daily_stop",
    "Deployment/account",
    "Strategy/follower",
    "Ceilings/account",
)


@pytest.mark.parametrize("rule", BEYOND_WAIVING)
def test_breakers_and_ceilings_cannot_be_waived(rule: str) -> None:
    """There is no exception from a stop: the form of a waiver has no place to write one."""
    plain = {
        "apiVersion": "mandate/v1",
        "kind": "Waiver",
        "metadata": {"name": "no", "description": "No."},
        "spec": {
            "rule": rule,
            "scope": {},
            "instead": {"params": {"a_pct": 1}},
            "reason": "a test",
            "approved_by": "nobody",
            "from": "2026-03-02T11:00:00Z",
            "until": "2026-03-02T13:00:00Z",
            "at_end": "hold",
        },
    }
    with pytest.raises(ValidationError) as caught:
        WaiverDocument.model_validate(plain)
    assert [each["loc"] for each in caught.value.errors()] == [("spec", "rule")]


def turn(*texts: str) -> tuple[Bench, Round]:
    """One whole cycle with a quoted product, its set activated in the ledger."""
    made = Bench(set_of(WANTS, VALUE, *texts))
    made.record(RecordKind.SET_ACTIVATED, activation_body(made.policy_set))
    made.quote()
    made.venue.cash = dict(made.state.cash)
    return made, done(cycle.run(made.desk, made.now))


def bodies(made: Bench, kind: RecordKind) -> list[Body]:
    """The bodies of the records of a kind."""
    return [decode_body(each.body) for each in made.journal.records() if each.kind is kind]  # type: ignore[misc] # decoded JSON is Json


USED = {
    "it made the order larger": ((waiver(),), ["more"], Verdict.RESIZE),
    "the order was small enough without it": (
        (waiver(), limit("small", "order.notional_usd <= 20", on_breach="resize")),
        [],
        Verdict.RESIZE,
    ),
    "the order was denied with it too": (
        (waiver(), limit("never", "order.notional_usd <= 5")),
        [],
        Verdict.DENY,
    ),
    "it is for another product": ((waiver("{symbols: [ETH-USD]}"),), [], Verdict.RESIZE),
    "it is over": (
        (waiver().replace("2026-03-02T13", "2026-03-02T12"),),
        [],
        Verdict.RESIZE,
    ),
    "a breaker is tripped": (
        (waiver(), breaker("stop", "quote.spread_bps >= 0", scope="symbol")),
        [],
        Verdict.DENY,
    ),
}


@pytest.mark.parametrize(("texts", "names", "verdict"), USED.values(), ids=USED)
def test_a_waiver_that_decided_is_recorded(
    texts: tuple[str, ...], names: list[str], verdict: Verdict
) -> None:
    """An order that would be denied or smaller without it names it; no other order does."""
    made, this = turn(*texts)
    assert [each.decision.verdict for each in this.orders] == [verdict]
    used = bodies(made, RecordKind.WAIVER_USED)
    assert [each["waiver"] for each in used] == names
    if names:
        (told,) = used
        (order,) = this.orders
        assert told["rule"] == "RiskLimit/value"
        assert (told["approved_by"], told["until"]) == ("A. Person", "2026-03-02T13:00:00Z")
        assert told["client_order_id"] == order.client_order_id
        without = Decimal(str(told["quantity_without"]))
        assert without < Decimal(str(told["quantity"])) == order.decision.quantity


def test_a_waived_decision_is_the_same_when_it_is_judged_again() -> None:
    """What was in force is in the record, so the same bytes come out of set and record alone."""
    made, this = turn(waiver("{strategies: [follower], symbols: [BTC-USD]}"))
    assert [each.decision.quantity for each in this.orders] == [Decimal("0.7992")]
    report = rejudge(made.journal.records())
    assert report.decisions == 1
    assert report.agrees


def test_without_the_waiver_the_same_order_is_another() -> None:
    """The fact alone makes the difference: nothing else in the record knows of the waiver."""
    policy_set = set_of(VALUE, waiver())
    order = replace(wish(), symbol=BTC)
    quantities = [
        judged(policy_set, order, situation({"waiver.more.active": active})).quantity
        for active in (True, False)
    ]
    assert quantities == [Decimal("0.8"), Decimal("0.5")]

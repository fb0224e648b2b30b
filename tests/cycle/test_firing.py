"""How often rules fire: every rule of the mode has its count, and a dead one shows as such."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from cycle.cases import judged, wish
from cycle.small_sets import STRATEGY, alert, breaker, limit, set_of, strategy
from cycle.trading_desk import START
from hypothesis import given
from hypothesis import strategies as st

from engine.cycle.desk import Round, Told
from engine.cycle.firing import Firing, RuleCount
from engine.cycle.judging.programme import Programme
from engine.kinds.rule import RuleRole
from engine.model.orders import Mode

if TYPE_CHECKING:
    from engine.policyset.policyset import PolicySet

SET = set_of(
    breaker("wide", "quote.age_s > 50", scope="symbol"),
    breaker("later", "engine.kill_switch", modes="[live]"),
    alert("wide_too", "quote.age_s > 80", scope="symbol"),
    limit("dear", "order.notional_usd <= 5000"),
    limit("small", "order.notional_usd <= 100", on_breach="resize"),
    limit("dead", "order.notional_usd <= 10000000"),
    STRATEGY,
    strategy("leaver", exit="{stop_pct: 5, when: quote.age_s > 70, blind_exit_after: 1h}"),
)
OTHER = set_of(
    breaker("wide", "quote.age_s > 50", scope="symbol"),
    limit("small", "order.notional_usd <= 50", on_breach="resize"),
    STRATEGY,
)


def counts(firing: Firing) -> dict[str, RuleCount]:
    """By rule."""
    return {each.rule: each for each in firing.counts()}


def round_of(policy_set: PolicySet, *quantities: str) -> Round:
    """A cycle in which orders of these sizes at 100 USD were judged."""
    this = Round(1, START)
    for quantity in quantities:
        order = wish(quantity=quantity)
        this.orders.append(Told(None, order, judged(policy_set, order), "denied"))
    return this


def test_every_rule_of_the_mode_has_a_count() -> None:
    """Also those that nobody asked; rules of other modes are not counted against anybody."""
    found = counts(Firing(SET, Programme(SET, Mode.PAPER)))
    assert "CircuitBreaker/later" not in found
    assert {each.asked for each in found.values()} == {0}
    assert {each.fired_pct for each in found.values()} == {0.0}
    assert "CircuitBreaker/later" in counts(Firing(SET, Programme(SET, Mode.LIVE)))


def test_limits_are_counted_from_decisions() -> None:
    """A breach fires; who denied or shrank an order was binding; a limit of no effect shows 0."""
    firing = Firing(SET, Programme(SET, Mode.PAPER))
    firing.add(round_of(SET, "0.5", "2", "60"))
    found = counts(firing)
    numbers = {
        name: (each.asked, each.fired, each.bound)
        for name in ("dear", "small", "dead")
        if (each := found[f"RiskLimit/{name}"])
    }
    assert numbers == {"dear": (3, 1, 1), "small": (3, 2, 1), "dead": (3, 0, 0)}


@given(st.lists(st.sampled_from([None, 10.0, 60.0, 75.0, 90.0]), max_size=30))
def test_other_rules_are_counted_where_they_are_asked(spreads: list[float | None]) -> None:
    """Held, failed and undecided are the plain tallies of the answers, whatever their order."""
    programme = Programme(SET, Mode.PAPER)
    firing = Firing(SET, programme)
    leave = SET.rule("Strategy/leaver#exit_when")
    assert leave is not None
    for spread in spreads:
        facts = {} if spread is None else {"quote.age_s": spread}
        programme.symbol_breakers.motor.evaluate(facts)
        programme.symbol_alerts.motor.evaluate(facts)
        programme.condition("quote.age_s > 70").evaluate(facts)
    found = counts(firing)
    rules = {"CircuitBreaker/wide": 50, "AlertRule/wide_too": 80, leave.id: 70}
    for name, least in rules.items():
        wanted = Counter(None if each is None else each > least for each in spreads)
        each = found[name]
        assert (each.held, each.failed, each.undecided) == (
            wanted[True],
            wanted[False],
            wanted[None],
        )
        assert each.fired == wanted[True]


def test_a_question_asked_twice_counts_once() -> None:
    """A step that looks before it asks does not double the rate; the next facts count again."""
    motor = Programme(SET, Mode.PAPER).symbol_breakers.motor
    facts = {"quote.age_s": 60.0}
    for each in (facts, facts, dict(facts), facts):
        motor.evaluate(each)
    assert motor.answered(0) == {True: 3}


def test_a_share_is_of_the_questions_asked() -> None:
    """A limit fires by failing, any other rule by holding."""
    limit_, signal = (
        RuleCount("x", role, "enforce", held=1, failed=3, undecided=4)
        for role in (RuleRole.LIMIT, RuleRole.SIGNAL)
    )
    assert (limit_.fired_pct, signal.fired_pct) == (37.5, 12.5)


def test_a_reload_keeps_what_was_counted() -> None:
    """Rules of both sets are told, those that they share with the sum of both."""
    first, second = Programme(SET, Mode.PAPER), Programme(OTHER, Mode.PAPER)
    firing = Firing(SET, first)
    firing.add(round_of(SET, "2"))
    first.symbol_breakers.motor.evaluate({"quote.age_s": 60.0})
    firing.follow(SET, first)
    firing.follow(OTHER, second)
    firing.add(round_of(OTHER, "2"))
    second.symbol_breakers.motor.evaluate({"quote.age_s": 10.0})
    found = counts(firing)
    wide = found["CircuitBreaker/wide"]
    assert (wide.held, wide.failed) == (1, 1)
    assert found["RiskLimit/small"].asked == 2
    assert "RiskLimit/dead" in found
    assert found["RiskLimit/dead"].asked == 1

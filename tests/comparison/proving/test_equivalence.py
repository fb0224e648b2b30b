"""A changed set answers as its base does, or a state shows where not, or it is open and said."""

from __future__ import annotations

import pytest
from comparison.proving.test_permission import LOOSER, OPEN, SAME, SHARE, value
from cycle.small_sets import (
    DEPLOYMENT,
    EXECUTION,
    SCHEDULE,
    STRATEGY,
    UNIVERSE,
    alert,
    breaker,
    guards,
    limit,
    set_of,
)

from engine.comparison.proving.equivalence import Original, Sameness, equivalent
from engine.expr.backends.interpret import interpret
from engine.model.orders import Intent

STALE = "quote.age_s > 5"
SIZED = limit("share", SHARE, params="{max_pct: 3}", on_breach="resize")
TRIMMED = limit(
    "held",
    "position.pct_after <= params.max_pct",
    scope="symbol",
    params="{max_pct: 3}",
    trim="{after: 1h, at_least_pct: 5}",
)
Texts = tuple[str, ...]

ALIKE: dict[str, tuple[Texts, Texts]] = {
    **{name: pair for name, pair in SAME.items() if name != "shrinking or denying"},
    "words": ((value(500),), (value(500).replace("A document.", "Another sentence."),)),
    "a limit of another name": ((value(500),), (value(500).replace("{name: value,", "{name: v,"),)),
    "behind a tighter one": (
        (value(500), limit("late", "order.notional_usd <= 800")),
        (value(500), limit("late", "order.notional_usd <= 900")),
    ),
    "an alert by de Morgan": (
        (alert("late", f"not ({STALE} and quote.spread_bps > 9)", scope="symbol"),),
        (alert("late", "quote.age_s <= 5 or quote.spread_bps <= 9", scope="symbol"),),
    ),
    "an alert that cannot fire": (
        (alert("never", "venue.unknown_orders_count > venue.unknown_orders_count + 1"),),
        (alert("never", "venue.unknown_orders_count + 2 < venue.unknown_orders_count"),),
    ),
    "a number written otherwise": (
        (STRATEGY,),
        (STRATEGY.replace('size_pct: "2"', 'size_pct: "4 / 2"'),),
    ),
    "a guard in another place": (
        (
            guards(
                *(
                    f"{{name: {each}, intents: [entry], require: quote.spread_bps <= 20, "
                    "on_breach: deny, stage: enforce}"
                    for each in ("a", "b")
                )
            ),
        ),
        (
            guards(
                *(
                    f"{{name: {each}, intents: [entry], require: quote.spread_bps <= 20, "
                    "on_breach: deny, stage: enforce}"
                    for each in ("b", "a")
                )
            ),
        ),
    ),
}
DIFFERENT: dict[str, tuple[Texts, Texts, str]] = {
    "shrinking or denying": (*SAME["shrinking or denying"], "RiskLimit/value"),
    "a limit that shrinks less": (
        (SIZED,),
        (SIZED.replace("max_pct: 3", "max_pct: 4"),),
        "RiskLimit/share",
    ),
    "a denial in front of what shrinks": (
        (SIZED, limit("most", SHARE, params="{max_pct: 5}")),
        (SIZED, limit("most", SHARE, params="{max_pct: 6}")),
        "RiskLimit/most",
    ),
    "what sells holdings, behind a tighter limit": (
        (TRIMMED, limit("tight", SHARE, params="{max_pct: 2}")),
        (TRIMMED.replace("max_pct: 3", "max_pct: 4"), limit("tight", SHARE, params="{max_pct: 2}")),
        "RiskLimit/held",
    ),
    "a breaker that trips sooner": (
        (breaker("stale", STALE, scope="symbol"),),
        (breaker("stale", STALE.replace("5", "4"), scope="symbol"),),
        "CircuitBreaker/stale",
    ),
    "an alert on trial in this mode": (
        (alert("late", STALE, scope="symbol"),),
        (alert("late", STALE, scope="symbol", modes="[live]"),),
        "AlertRule/late",
    ),
    "a tier": (
        (UNIVERSE,),
        (UNIVERSE.replace("require: quote.spread_bps <= 20", "require: quote.spread_bps < 20"),),
        "UniverseFilter/universe#core_enter",
    ),
    "a size": (
        (STRATEGY,),
        (STRATEGY.replace('size_pct: "2"', 'size_pct: "3"'),),
        "Strategy/follower#size_pct",
    ),
    "a regime": (
        (DEPLOYMENT,),
        (DEPLOYMENT.replace("<= -8", "< -8"),),
        "Deployment/account#crash",
    ),
    "a minimum": (
        (limit("dust", "order.notional_usd >= 10", minimum="true"),),
        (limit("dust", "order.notional_usd > 10", minimum="true"),),
        "RiskLimit/dust",
    ),
}
NOBODY_SAYS: dict[str, tuple[Texts, Texts]] = {
    "a stop": ((STRATEGY,), (STRATEGY.replace("stop_pct: 5", "stop_pct: 6"),)),
    "a reset": (
        (breaker("stale", STALE, scope="symbol"),),
        (breaker("stale", STALE, scope="symbol", reset="{after: 20m}"),),
    ),
    "a rhythm": ((SCHEDULE,), (SCHEDULE.replace("interval: 60s", "interval: 70s"),)),
    "a ladder": ((EXECUTION,), (EXECUTION.replace("time_to_live: 15s", "time_to_live: 16s"),)),
    "a strategy": ((), (STRATEGY,)),
    "a trim": ((), (TRIMMED,)),
}


@pytest.mark.parametrize(("base", "changed"), ALIKE.values(), ids=ALIKE)
def test_what_answers_alike_is_proved(base: Texts, changed: Texts) -> None:
    """A set in other words is proved the same, both ways."""
    one, other = (set_of(OPEN, *texts) for texts in (base, changed))
    for before, after in ((one, other), (other, one)):
        found = equivalent(before, after)
        assert (found.sameness, found.difference, found.open_) == (Sameness.PROVED, None, ())


@pytest.mark.parametrize(("base", "changed", "rule"), DIFFERENT.values(), ids=DIFFERENT)
def test_a_difference_is_shown_in_a_state(base: Texts, changed: Texts, rule: str) -> None:
    """The state is one in which the interpreter gives the two rules two answers."""
    one, other = (set_of(*texts) for texts in (base, changed))
    found = equivalent(one, other)
    assert found.sameness is Sameness.WITNESS
    difference = found.difference
    assert difference is not None
    assert difference.rule == rule
    for policy_set, said in ((one, difference.base), (other, difference.changed)):
        known = policy_set.rule(rule)
        tree = policy_set.values[rule] if known is None else known.tree
        counts = known is None or policy_set.deployment.mode in {m.value for m in known.modes}
        answer = interpret(tree, difference.state.facts, policy_set.vocabulary)
        assert said == (answer if counts else False)


@pytest.mark.parametrize(("base", "head"), LOOSER.values(), ids=LOOSER)
def test_what_allows_more_is_never_the_same(base: Texts, head: Texts) -> None:
    """Every pair of which the one is looser is told apart, or left open; never proved the same."""
    if head == (OPEN,):
        base = (DEPLOYMENT,)
    found = equivalent(set_of(*base), set_of(*head))
    assert found.sameness is not Sameness.PROVED


@pytest.mark.parametrize(("base", "changed"), NOBODY_SAYS.values(), ids=NOBODY_SAYS)
def test_what_no_rule_says_is_open(base: Texts, changed: Texts) -> None:
    """A field that acts without a rule is named, and never taken for the same."""
    found = equivalent(set_of(*base), set_of(*changed))
    assert found.sameness is not Sameness.PROVED
    assert found.open_ or found.difference


def test_many_changes_share_one_base() -> None:
    """A base is encoded once, and says of each change what it says of that change alone."""
    base = Original(set_of(value(500)))
    asked = [base.against(set_of(value(usd))).sameness for usd in (500, 501, 499, 500)]
    first, *_, last = asked
    assert first is last is Sameness.PROVED
    assert asked[1:3] == [Sameness.WITNESS] * 2
    assert base.orders(Intent.ENTRY) is base.orders(Intent.ENTRY)

"""The compiled set: what each step asks, in the mode that runs, and nothing of other modes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from cycle.cases import judged, wish
from cycle.small_sets import STRATEGY, alert, breaker, limit, set_of, strategy
from cycle.trading_desk import START

from engine.cycle.judge import approved
from engine.cycle.judging.programme import Programme
from engine.errors import MandateError
from engine.model.orders import Mode

ALL = set_of(
    breaker("whole", "engine.kill_switch"),
    breaker("venue", "engine.kill_switch", scope="venue"),
    breaker("one", "quote.spread_bps > 50", scope="symbol"),
    breaker("later", "engine.kill_switch", modes="[live]"),
    alert("all", "engine.kill_switch"),
    alert("each", "quote.spread_bps > 50", scope="symbol"),
    limit("volume", "asset.volume_24h_usd >= 5"),
    STRATEGY,
    strategy("asleep", enabled="false"),
)


def test_each_step_has_its_questions() -> None:
    """Breakers and alerts by what they look at, tiers and regimes by name, in a fixed order."""
    programme = Programme(ALL, Mode.PAPER)
    assert programme.account_breakers.names == ("venue", "whole")
    assert programme.symbol_breakers.names == ("one",)
    assert programme.account_alerts.names == ("all",)
    assert programme.symbol_alerts.names == ("each",)
    steps = (programme.regime, programme.enter, programme.stay)
    parts = [[rule.id.partition("#")[2] for rule in step.rules] for step in steps]
    assert parts == [
        ["bear", "bull", "crash"],
        ["core_enter", "rest_enter"],
        ["core_stay", "rest_stay"],
    ]
    assert [each.name for each in programme.strategies] == ["follower"]
    assert Programme(ALL, Mode.LIVE).account_breakers.names == ("later", "venue", "whole")


def test_the_series_of_all_rules_are_asked_for() -> None:
    """What a definition hides is found: the volume of a limit, the changes of the regime."""
    assert Programme(ALL, Mode.PAPER).series == {
        'volume_usd("24h")',
        'change_pct("60m")',
        'change_pct("24h")',
    }


def test_a_condition_is_compiled_once() -> None:
    """Plans of many positions share a condition, and one that cannot be read is told each time."""
    programme = Programme(ALL, Mode.PAPER)
    assert programme.condition("quote.bid > 1") is programme.condition("quote.bid > 1")
    for _ in range(2):
        with pytest.raises(MandateError):
            programme.condition("quote.bid >")


LIVES = {"for a while": (15, START.plus_s(15)), "until cancelled": (None, None)}


@pytest.mark.parametrize(("seconds", "expires"), LIVES.values(), ids=LIVES)
def test_an_order_is_made_at_the_approved_size(seconds: int | None, expires: object) -> None:
    """The judge's size, not the asked one, is in the order, and its end follows from its rung."""
    policy_set = set_of(limit("cap", "order.notional_usd <= 250", on_breach="resize"))
    order = replace(wish(), time_to_live_s=seconds)
    decision = judged(policy_set, order)
    made = approved(decision, order, client_order_id="c", policy_set=policy_set.hash, now=START)
    assert (made.quantity, made.expires) == (Decimal("2.5"), expires)
    assert made.policy_set == policy_set.hash

"""Which small changes the tests of a set notice, kind by kind."""

from __future__ import annotations

import pytest
from checks.suites import folder, one, sample

from engine.checks.mutation.killing import Killing
from engine.checks.mutation.mutants import mutants_of
from engine.checks.mutation.watching import Watched, watch
from engine.checks.naming import Names
from engine.checks.running import gather

STOP = "portfolio.pnl_day_pct <= -policy.daily_stop.loss_pct"
HELD = "{position.value_usd: 260}"
# A test, and mutants that it notices; no other test of the file does.
NOTICED = {
    "a limit that resizes": (
        one("{verdict: resize, quantity: 0.02}", "a", facts=HELD),
        [
            "RiskLimit/max_position: dropped",
            "RiskLimit/max_position: only warns",
            "RiskLimit/max_position: denies and does not resize",
            "RiskLimit/max_position: does not bind entry",
            "policy.max_position.max_position_pct: 3 moved up to 3.01",
            "policy.max_position.max_position_pct: 3 meant in bps",
        ],
    ),
    "an add": (
        one("{verdict: resize}", "a", facts=HELD, order="{intent: add}"),
        ["RiskLimit/max_position: does not bind add"],
    ),
    "an exit": (
        one("{verdict: allow}", "a", facts="{quote.ask: 2020}", order="{intent: exit}"),
        ["ExecutionPolicy/execution#spread: binds exits too"],
    ),
    "a headroom": (
        one("{headroom: {max_order: 400}}", "a"),
        ["policy.max_order.max_order_usd: 500 moved up to 501"],
    ),
    "a breaker at its limit": (
        one("{tripped: [daily_stop]}", "a", facts="{portfolio.pnl_day_pct: -2}", order="none"),
        [
            "CircuitBreaker/daily_stop: dropped",
            f"CircuitBreaker/daily_stop: `<` for `<=` in `{STOP}`",
        ],
    ),
    "a tier": (
        one("{tier: core}", "a", facts="{asset.volume_24h_usd: 50000000}"),
        ["policy.universe.core.enter_usd: 50000000 moved up to 50100000"],
    ),
    "a rule by its name": (
        one("{rules: {account#bull: false}}", "a", facts="{regime.trend_7d_pct: 5}", order="none"),
        ["policy.account.bull_pct: 5 moved down to 4.99"],
    ),
}


def _watched(where, text: str) -> Watched:  # noqa: ANN001 - a path of pytest
    gathered = gather(sample(), folder(where, "  tests:\n" + text))
    assert gathered.findings == ()
    return watch(sample(), gathered.cases, Names(sample()))


@pytest.mark.parametrize("name", NOTICED)
def test_it_is_noticed(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A test that is there for a rule notices what is done to it, and its neighbour does not."""
    text, words = NOTICED[name]
    mutants = {each.words: each for each in mutants_of(sample())}
    with_it = Killing(_watched(tmp_path_factory.mktemp("a"), text))
    without = Killing(_watched(tmp_path_factory.mktemp("b"), one("{state: ACTIVE}", "healthy")))
    for each in words:
        assert with_it.killer(mutants[each]) is not None, each
        assert without.killer(mutants[each]) is None, each


def test_a_test_that_fails_notices_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What fails on the set itself says nothing of a change of it."""
    watched = _watched(tmp_path_factory.mktemp("a"), one("{verdict: deny}", "wrong"))
    assert watched.passing == [False]
    mutants = {each.words: each for each in mutants_of(sample())}
    assert Killing(watched).killer(mutants["RiskLimit/max_position: dropped"]) is None

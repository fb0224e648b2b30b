"""What a proof says of one set: each finding where it is due, none where it is not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cycle.small_sets import DEPLOYMENT, UNIVERSE, alert, breaker, guards, limit, set_of

from engine.comparison.proving import solver
from engine.comparison.proving.lint import prove
from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from engine.errors import Diagnostic

ROOT = Path(__file__).parents[4]
VALUE = "order.notional_usd <= params.max_usd"
DAY = 'change_pct("24h")'
CASES = "bull: 500, chop: 200, bear: {bear}, crash: 0, unknown: 100"


def value(name: str, usd: int, **spec: str) -> str:
    """A limit on an order's value."""
    return limit(name, VALUE, params=f"{{max_usd: {usd}}}", **spec)


def least(usd: int) -> str:
    """A minimum."""
    return limit("least", f"order.notional_usd >= {usd}", minimum="true")


def tabled(bear: int) -> str:
    """A cap by regime."""
    cases = CASES.format(bear=bear)
    return limit("cap", VALUE, params=f"{{max_usd: {{by: regime.name, {cases}}}}}")


def found(*texts: str) -> list[Diagnostic]:
    """What is said of a set."""
    return list(prove(set_of(*texts)))


FINDINGS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "behind a tighter one": (
        (value("tight", 500), value("late", 800)),
        "M740",
        "`RiskLimit/late` refuses nothing that `RiskLimit/tight` would let pass",
    ),
    "behind two together": (
        (
            limit("slips", "order.slippage_bps <= 5"),
            limit("wide", "quote.spread_bps <= 20"),
            limit("both", "order.slippage_bps + quote.spread_bps <= 30"),
        ),
        "M740",
        "`RiskLimit/both` refuses nothing that `RiskLimit/slips`, `RiskLimit/wide` would let pass",
    ),
    "true by an invariant of facts": (
        (limit("sides", "quote.bid <= quote.ask"),),
        "M740",
        "`RiskLimit/sides` refuses nothing: it holds whatever the facts are",
    ),
    "two that exclude each other": (
        (
            limit("low", "quote.spread_bps <= 5", scope="symbol"),
            limit("high", "quote.spread_bps >= 9", scope="symbol"),
        ),
        "M741",
        "no order to entry can pass `RiskLimit/high`, `RiskLimit/low`",
    ),
    "three that exclude each other": (
        (
            limit("a", "order.slippage_bps <= 5"),
            limit("b", "quote.spread_bps <= 5"),
            limit("c", "quote.spread_bps + order.slippage_bps >= 11"),
        ),
        "M741",
        "no order to entry can pass `RiskLimit/a`, `RiskLimit/b`, `RiskLimit/c`",
    ),
    "no size in one regime": (
        (tabled(40), least(50)),
        "M742",
        "no size of an order to entry passes `RiskLimit/cap`, `RiskLimit/least`",
    ),
    "an exit by its size": (
        (value("all", 500, intents="[entry, exit]"),),
        "M743",
        "refuses an order to exit: `order.notional_usd` is 1000, and may be at most 500",
    ),
    "a guard of trims": (
        (
            guards(
                "{name: spread, intents: [entry, trim], require: quote.spread_bps <= 20, "
                "on_breach: deny, stage: enforce}"
            ),
        ),
        "M743",
        "`ExecutionPolicy/orders#spread` refuses an order to trim",
    ),
    "a minimum that does not say so": (
        (limit("small", "order.notional_usd >= 100"),),
        "M744",
        "`RiskLimit/small` refuses an order of ",
    ),
    "a share that falls with size": (
        (limit("deep", "order.depth_ratio <= 20 or order.notional_usd <= 10"),),
        "M744",
        "`RiskLimit/deep` refuses an order of ",
    ),
    "an alert that cannot fire": (
        (alert("never", "venue.unknown_orders_count > 3 and venue.unknown_orders_count < 2"),),
        "M745",
        "`AlertRule/never` can never fire",
    ),
    "a breaker out of range": (
        (breaker("low", "portfolio.drawdown_pct > 2 and portfolio.drawdown_pct < 1"),),
        "M745",
        "`CircuitBreaker/low` can never trip",
    ),
    "a breaker that always trips": (
        (breaker("always", "portfolio.pnl_day_pct < portfolio.pnl_day_pct + 1"),),
        "M746",
        "`CircuitBreaker/always` always holds",
    ),
    "a tier that takes nothing": (
        (UNIVERSE.replace("quote.spread_bps <= 20,", "quote.spread_bps * 0 > 1,"),),
        "M745",
        "`UniverseFilter/universe#core_enter` can never take a product",
    ),
    "a regime that cannot be": (
        (
            DEPLOYMENT.replace(
                'change_pct("24h") >= 4', 'change_pct("24h") < change_pct("24h") - 1'
            ),
        ),
        "M745",
        "`Deployment/account#bull` can never hold",
    ),
}


@pytest.mark.long
@pytest.mark.parametrize(("texts", "code", "words"), FINDINGS.values(), ids=FINDINGS)
def test_each_is_found(texts: tuple[str, ...], code: str, words: str) -> None:
    """One finding, at the rule that it is about, in words with its numbers."""
    (finding,) = (each for each in found(*texts) if each.code == code)
    assert words in finding.message
    assert finding.place is not None
    assert finding.help


FINE: dict[str, tuple[str, ...]] = {
    "limits of their own": (value("most", 500), limit("age", "quote.age_s <= 5", scope="symbol")),
    "the same number for other intents": (
        value("entries", 500, intents="[entry]"),
        value("adds", 800, intents="[add]"),
    ),
    "a limit that only warns": (value("tight", 500), value("late", 800, stage="warn")),
    "a band": (tabled(60), least(50)),
    "nothing is wanted in a crash": (tabled(100), least(50)),
    "an exit that nothing binds": (value("entries", 500),),
    "a declared minimum": (least(100),),
    "a cap that shrinks orders": (value("most", 500, on_breach="resize"),),
    "an alert and a breaker": (
        alert("unknown", "venue.unknown_orders_count > 0"),
        breaker("daily", "portfolio.pnl_day_pct <= -3"),
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("texts", FINE.values(), ids=FINE)
def test_what_is_fine_is_not_found(texts: tuple[str, ...]) -> None:
    """A set whose rules each decide something, in every case, has no finding."""
    assert found(*texts) == []


def test_what_is_not_answered_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A solver without effort answers nothing: every question is told as open, none as fine."""
    monkeypatch.setattr(solver, "EFFORT", 1)
    texts = (
        value("all", 500, intents="[entry, exit]"),
        tabled(40),
        least(50),
        alert("late", "venue.unknown_orders_count * venue.unknown_orders_count > 4"),
    )
    assert {each.code for each in found(*texts)} == {"M748"}


@pytest.mark.nightly
def test_the_shipped_set_has_no_finding() -> None:
    """Every limit of the shipped set decides something, and every alert can fire."""
    assert prove(load_policy_set(ROOT / "policies").required()) == ()

"""Accidents of the system that this replaces, as far as they concern what is wanted.

Each test is named after its accident in the list of those that must not happen again, and says
what a naive engine does there.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from cycle.cases import judged, reasons, situation, wish
from cycle.small_sets import STRATEGY, UNIVERSE, documents, limit, set_of, strategy
from cycle.trading_desk import BTC, DOGE, ETH, SOL, START, Bench, bench, done
from policyset.sets import ROOT, altered, shipped
from policyset.sets import documents as shipped_documents

from engine.cycle import cycle
from engine.cycle.judging.programme import Programme
from engine.cycle.records.activation import activation_body
from engine.cycle.rejudge import rejudge
from engine.cycle.steps import strategies, universe
from engine.ledger.records import RecordKind
from engine.ledger.state import Membership
from engine.model.decisions import Verdict
from engine.model.orders import Intent, Mode
from engine.policyset.composing import compose

if TYPE_CHECKING:
    from engine.cycle.desk import Round
    from engine.cycle.proposing.proposal import Proposal
    from engine.model.symbols import Symbol

DAY_S = 86_400
BASE_S = 300
CAPS = "params: {max_pct: {per: group, majors: 6, layers: 4, others: 10}}"


def turn(made: Bench, later_s: float = 60) -> Round:
    """One whole cycle of production, over a venue that takes every order."""
    made.venue.cash = dict(made.state.cash)
    this = done(cycle.run(made.desk, made.now))
    made.wait(later_s)
    return this


def wanted(made: Bench, *symbols: Symbol) -> tuple[Proposal, ...]:
    """What is wanted of these members, all of the core."""
    this = made.round()
    this.universe = {symbol: Membership("core") for symbol in symbols}
    return strategies.run(made.desk, this)


# A7: themes "L2" and "LAYER2", so that the cap never applied.

MISNAMED = {
    "a cap for a theme that is not there": (
        """
kind: RiskLimit
metadata: {name: max_group, description: A cap a theme.}
spec:
  scope: group
  intents: [entry, add]
  require: portfolio.group_pct_after <= params.max_group_pct
  params: {max_group_pct: {per: group, LAYER1: 10, LAYER_2: 6, MEME: 4, DEFI: 5, others: 3}}
  on_breach: resize
  stage: enforce
""",
        {("M332", "LAYER_2")},
    ),
    "a strategy of a theme that is not there": (
        (ROOT / "strategies" / "momentum.yaml")
        .read_text()
        .replace("  signals:", "  groups: [LAYER_2]\n  signals:", 1),
        {("M380", "LAYER_2")},
    ),
}


@pytest.mark.parametrize(("text", "expected"), MISNAMED.values(), ids=MISNAMED)
def test_a07_a_theme_by_another_name_is_refused(text: str, expected: set[tuple[str, str]]) -> None:
    """Naively both names are text, and the cap of a theme that nobody is in holds for nobody."""
    result = compose(altered(shipped_documents(), text.lstrip()), "test")
    assert result.policy_set is None
    found = [each for each in result.diagnostics if each.severity.value == "error"]
    assert {(each.code, each.message.split("`")[1]) for each in found} == expected
    assert "LAYER2" in found[0].help


GROUPS = (
    limit("max_group", "portfolio.group_pct_after <= params.max_pct", scope="group").rstrip()
    + f"\n  {CAPS}\n"
).replace("on_breach: deny", "on_breach: resize")


@pytest.mark.parametrize(
    ("held", "quantity"),
    [
        ({"majors": 0.0, "layers": 0.0}, "4"),  # 400 of 10,000 USD: the cap of the layers
        ({"majors": 500.0, "layers": 0.0}, "1"),  # 100: what the majors have left
        ({"majors": 0.0, "layers": 350.0}, "0.5"),  # 50: what the layers have left
        ({"majors": 600.0, "layers": 0.0}, "0"),
    ],
)
def test_a07_a_coin_in_two_themes_obeys_both(held: dict[str, float], quantity: str) -> None:
    """Naively a coin has one theme, and the other one's cap does not see it."""
    groups = tuple(
        {"group.name": name, "portfolio.group_at_risk_usd": value} for name, value in held.items()
    )
    decision = judged(set_of(GROUPS), wish(), situation(groups=groups))
    assert decision.quantity == Decimal(quantity)


# A8: a day's volume in units of the base.


def day_of(made: Bench, symbol: Symbol, price: float, volume: str) -> None:
    """A day and an hour of bars, flat but for half a percent, so that every window is covered."""
    count = (DAY_S + 3600) // BASE_S
    made.bars([price * (1 + 0.005 * (index % 2)) for index in range(count)], symbol, volume)


def test_a08_volume_is_money_and_not_units() -> None:
    """Naively 2,880 BTC of a day are "2,880", far below 80 million: the universe is empty."""
    by_value = UNIVERSE.replace(
        "quote.spread_bps <= 20, stay: quote.spread_bps <= 40",
        "asset.volume_24h_usd >= params.enter_usd, params: {enter_usd: 80000000}",
    ).replace("require: quote.spread_bps <= 100", "require: quote.crossed")
    made = Bench(set_of(by_value), base_s=BASE_S)
    for symbol, price, units in ((BTC, 50_000, "10"), (DOGE, 0.1, "100000")):
        day_of(made, symbol, price, units)
        made.quote(symbol, str(price), str(price * 1.0005))
    this = made.round()
    universe.run(made.desk, this)
    assert this.universe == {BTC: Membership("core")}
    value = this.facts(BTC)
    assert made.desk.market.series_values(BTC, made.now)['volume_usd("24h")'] >= 2_880 * 50_000
    assert value["asset.tier"] == "core"
    assert str(this.blockers[DOGE]).startswith("NOT_IN_UNIVERSE")


# A19: a fall of 6 % that was published as +6 and bought.


@pytest.mark.parametrize("name", ["price_move", "momentum", "volume_spike", "breakout"])
def test_a19_a_fall_is_not_bought_as_a_rise(name: str) -> None:
    """Naively the size of a move is what counts, and its sign is lost on the way."""
    text = (ROOT / "strategies" / f"{name}.yaml").read_text()
    text = text.replace("enabled: false", "enabled: true")
    composed = compose(altered(shipped_documents("paper"), text), "test").policy_set
    assert composed is not None
    programme = Programme(composed, Mode.PAPER)
    strategy_ = next(each for each in programme.strategies if each.name == name)
    facts = {
        "quote.bid": 100.0,
        "quote.ask": 100.05,
        'volume_ratio("15m", "4h")': 6.0,
        'volume_ratio("15m", "24h")': 6.0,
    }
    rise = {f'change_pct("{window}")': 6.0 for window in ("5m", "15m", "60m", "4h")}
    fall = {key: -value for key, value in rise.items()}
    asked = strategy_.questions.motor
    assert asked.evaluate({**facts, **rise, 'highest("4h")': 99.0}).verdicts[-1] is True
    assert asked.evaluate({**facts, **fall, 'highest("4h")': 106.0}).verdicts[-1] is False


def test_a19_bars_keep_their_sign_from_the_market_to_the_wish() -> None:
    """A desk that follows rises buys the rise of 6 %, and leaves the fall of 6 % alone."""
    follower = strategy(
        "follower", signals="{rising: 'change_pct(\"5m\") >= 2'}", entry="signals.rising"
    )
    for close, bought in ((106.0, True), (94.0, False)):
        made = bench(follower)
        made.bars([100.0] * 6 + [close])
        made.quote()
        change = made.desk.market.series_values(BTC, made.now)['change_pct("5m")']
        assert change == pytest.approx(close - 100)
        assert bool(wanted(made, BTC)) is bought


# A28: regimes that nobody told, so that their multipliers were dead.

SIZED = strategy(
    "sized",
    size_pct="params.size_pct * params.regime_ratio",
    params="{size_pct: 2, regime_ratio: "
    "{by: regime.name, bull: 1.2, chop: 1, bear: 0.6, crash: 0, unknown: 0.6}}",
)
REGIMES = {
    "a rise of 5 % in a day": (1.05, 1.0, "bull", "2.4"),
    "nothing": (1.0, 1.0, "chop", "2.0"),
    "a fall of 5 % in a day": (0.95, 1.0, "bear", "1.2"),
    "a fall of 10 % in an hour": (1.0, 0.9, "crash", None),
    "nobody knows": (None, 1.0, "unknown", "1.2"),
}


@pytest.mark.parametrize(("day", "hour", "regime", "size"), REGIMES.values(), ids=REGIMES)
def test_a28_the_regime_of_the_market_moves_the_size(
    day: float | None, hour: float, regime: str, size: str | None
) -> None:
    """Naively the regime is the constant "chop", and a crash is bought in full size."""
    made = Bench(set_of(SIZED), base_s=BASE_S)
    if day is not None:
        count, last = DAY_S // BASE_S, 3600 // BASE_S
        closes = [100.0, *(100.0 * day for _ in range(count - last))]
        made.bars([*closes, *(closes[-1] * hour for _ in range(last))], volume="1")
    made.quote()
    assert made.round().account["regime.name"] == regime
    found = wanted(made, BTC)
    assert [each.size_pct for each in found] == ([] if size is None else [Decimal(size)])


def test_a28_every_regime_has_a_producer_and_a_number() -> None:
    """Each shipped table by regime has a number for each regime that can be told, no more."""
    known = shipped().vocabulary.spec("regime.name")
    assert known is not None
    assert set(known.values) == {"bull", "chop", "bear", "crash", "unknown"}


# F19: several strategies at once.

SEVERAL = (
    strategy("broad", conviction="'0.5'", size_pct="'1'"),
    strategy("narrow", conviction="'0.9'", size_pct="'2'", symbols="[ETH-USD]"),
    strategy("cheap", conviction="'0.7 if quote.bid < 50 else 0.1'", size_pct="'3'"),
)


def test_f19_several_strategies_share_a_market() -> None:
    """Per product the surest asks, in the order of conviction; no product is asked for twice."""
    made = bench(*SEVERAL)
    made.quote(BTC)
    made.quote(ETH)
    made.quote(SOL, "40", "40.02")
    this = turn(made)
    placed = [(told.intent.strategy, str(told.intent.symbol)) for told in this.orders]
    assert placed == [("narrow", "ETH-USD"), ("cheap", "SOL-USD"), ("broad", "BTC-USD")]


BUDGETS = {
    "the budget is smaller": ("2", "3", "2", ("RiskLimit/one", "Strategy/follower#budget")),
    "the limit is smaller": ("5", "3", "3", ("RiskLimit/one", "Strategy/follower#budget")),
    "the budget alone": ("2", "30", "2", ("Strategy/follower#budget",)),
    "neither": ("30", "30", "10", ()),
}


@pytest.mark.parametrize(("budget", "cap", "quantity", "names"), BUDGETS.values(), ids=BUDGETS)
def test_f19_budgets_and_limits_make_one_order_smaller(
    budget: str, cap: str, quantity: str, names: tuple[str, ...]
) -> None:
    """Both are asked about the same order at once, so no order depends on which comes first."""
    text = STRATEGY.replace("at_risk_pct: 20", f"at_risk_pct: {budget}")
    one = limit("one", f"position.pct_after <= {cap}", scope="symbol", on_breach="resize")
    decision = judged(set_of(text, one), wish())
    assert decision.verdict is (Verdict.RESIZE if names else Verdict.ALLOW)
    assert (decision.quantity, decision.resized_by) == (Decimal(quantity), names)


def test_f19_a_budget_counts_what_the_strategy_has_already() -> None:
    """Nothing is left of a full budget, and another strategy's is its own."""
    text = STRATEGY.replace("at_risk_pct: 20", "at_risk_pct: 5")
    full = situation({"strategy.at_risk_usd": 500.0})
    decision = judged(set_of(text), wish(), full)
    assert reasons(decision)[0] == "NOTHING_LEFT:Strategy/follower#budget"
    other = situation({"strategy.at_risk_usd": 500.0, "order.strategy": "another"})
    assert judged(set_of(text), wish(), other).verdict is Verdict.ALLOW


# Additions, from the wish to the position.

ADDING = strategy(
    "follower", add="{when: signals.tight, size_pct: '0.5', max_adds_count: 1}", size_pct="'1'"
)


def test_an_addition_keeps_the_plan_and_opens_nothing() -> None:
    """The strategy that holds a position adds once; plan, holder and time of entry stay."""
    made = bench(ADDING, limit("one_a_cycle", "portfolio.new_positions_cycle_count < 1"))
    made.hold(BTC, "2", "99", strategy="follower")
    before = made.state.positions[BTC]
    for symbol in (BTC, ETH):
        made.quote(symbol)
    this = turn(made)
    placed = [(told.intent.intent, str(told.intent.symbol), told.outcome) for told in this.orders]
    assert placed == [(Intent.ADD, "BTC-USD", "sent"), (Intent.ENTRY, "ETH-USD", "sent")]
    number = this.orders[0].intent.number
    made.fill(number, BTC, "0.4", "100", "BUY")
    after = made.state.positions[BTC]
    assert after.quantity == Decimal("2.4")
    assert (after.plan, after.strategy, after.opened) == (
        before.plan,
        before.strategy,
        before.opened,
    )
    assert made.state.pace.adds[-1][1] == BTC


@pytest.mark.parametrize(
    ("changes", "allowed"),
    [
        ({}, True),
        ({"position.strategy": "another"}, False),
        ({"position.adds_24h_count": 1.0}, False),
        ({"position.pnl_pct": -0.01}, False),
        ({"position.pnl_pct": None}, False),
    ],
)
def test_the_judge_holds_additions_to_their_terms(
    changes: dict[str, float | str | None],
    allowed: bool,  # noqa: FBT001 - a table's column
) -> None:
    """Whoever asks: no addition to another's position, below water, in doubt, or once too often."""
    facts = {
        "position.strategy": "follower",
        "position.adds_24h_count": 0.0,
        "position.pnl_pct": 0.0,
        **changes,
    }
    around = situation(facts, intent=Intent.ADD)
    decision = judged(set_of(ADDING), wish(Intent.ADD), around)
    assert decision.verdict.allowed is allowed
    if not allowed:
        assert reasons(decision)[0].endswith(":Strategy/follower#adds")


# A waiver of the universe: the same when it runs and when it is judged again.

WAIVED = UNIVERSE.replace(
    "quote.spread_bps <= 20, stay: quote.spread_bps <= 40",
    "quote.spread_bps <= params.max_bps, params: {max_bps: 5}",
).replace("require: quote.spread_bps <= 100", "require: quote.crossed")
WAIVER = f"""
kind: Waiver
metadata: {{name: just_below, description: A product just below the threshold.}}
spec:
  rule: UniverseFilter/universe#core
  scope: {{symbols: [BTC-USD]}}
  instead: {{params: {{max_bps: 15}}}}
  reason: a test
  approved_by: risk officer
  from: "{START}"
  until: "{START.plus_s(120)}"
  at_end: hold
"""


def test_a_waived_tier_is_judged_again_alike() -> None:
    """What entered by an exception is ordered, recorded, and judged again to the same bytes."""
    made = bench(WAIVED, WAIVER, strategy("follower"))
    made.record(RecordKind.SET_ACTIVATED, activation_body(made.policy_set))
    for symbol in (BTC, ETH):
        made.quote(symbol)
    this = turn(made, later_s=60)
    assert [str(told.intent.symbol) for told in this.orders] == ["BTC-USD"]
    assert made.state.universe == {BTC: Membership("core")}
    report = rejudge(made.journal.records())
    assert (report.decisions, report.agrees) == (1, True)


def test_a_kill_switch_has_no_waiver_and_an_exclusion_has_none() -> None:
    """Only rules with numbers can be waived: a ban and a breaker are not among them."""
    for rule in ("UniverseFilter/universe", "UniverseFilter/universe#core"):
        text = WAIVER.replace("UniverseFilter/universe#core", rule)
        text = text.replace("max_bps", "exclude")
        result = compose(documents(WAIVED, text), "test")
        assert "M338" in [each.code for each in result.diagnostics]

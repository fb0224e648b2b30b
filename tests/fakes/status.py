"""A status in which something of everything stands: what pages and screens of it must show."""

from __future__ import annotations

from decimal import Decimal

from engine.ledger.alerts import AlertState
from engine.ledger.state import Latch, Liquidation, Overdue, State
from engine.ledger.tightenings import RefusedTightening, Tightening, Wanted
from engine.model.decisions import Comparison, Evaluation, Outcome
from engine.model.orders import ExitPlan, Intent, OrderForm, OrderStatus
from engine.model.portfolio import Position, WorkingOrder
from engine.model.symbols import Symbol
from engine.model.times import UtcTime
from engine.run.questions import NamedSet
from engine.run.status import AskedRule, Status

BTC, ETH = Symbol("BTC", "USD"), Symbol("ETH", "USD")
NOON = UtcTime.parse("2026-01-05T12:00:00Z")
PLAN = ExitPlan(Decimal(4), 1800, Decimal(8), Decimal(3), 172_800, "quote.spread_bps > 100")


def position_of(symbol: Symbol, plan: ExitPlan = PLAN) -> Position:
    """A holding that stands above its entry."""
    opened, cost = NOON.plus_s(-7320), Decimal("481.21")
    return Position(
        symbol, Decimal("0.005"), cost, Decimal("1.2"), opened, "momentum", plan, Decimal(99_000)
    )


def working_order(status: OrderStatus, limit: Decimal | None = None) -> WorkingOrder:
    """An entry that was sent."""
    return WorkingOrder(
        number=7,
        client_order_id="84d4e077-54bb-802c-8be9-fa13c3bef15e",
        symbol=ETH,
        intent=Intent.ENTRY,
        form=OrderForm.POST_ONLY,
        quantity=Decimal(2),
        limit_price=limit,
        worst_price=Decimal(3500),
        reference_price=Decimal(3500),
        strategy="momentum",
        reason="rising:true",
        ladder="entry",
        rung=0,
        plan=PLAN,
        created=NOON,
        expires=NOON.plus_s(60) if limit else None,
        status=status,
        filled_quantity=Decimal("0.5"),
    )


def _latch(key: str, resets_at: UtcTime | None, rearm: UtcTime | None) -> Latch:
    return Latch(
        breaker="daily_stop",
        key=key,
        scope="account",
        while_tripped="reducing",
        tripped=NOON,
        resets_at=resets_at,
        rearm_not_before=rearm,
        high_water_mark="keep",
        text="portfolio.pnl_day_pct\n  <= -params.loss_pct",
        cancel="entries",
        on_trip="none",
    )


def _tightening(number: int, value: str) -> Tightening:
    wanted = Wanted("RiskLimit/max_exposure", "params.max_exposure_pct", value, 43_200)
    since = NOON.plus_s(-3600)
    return Tightening(number, wanted, since, since.plus_s(43_200), "ann", "news at night")


def _asked(outcome: Outcome, rule: str, missing: tuple[str, ...] = ()) -> AskedRule:
    left = 12.994 if outcome is Outcome.BREACH else 4.0
    compared = (Comparison(left, "<=", 9.0, 9.0 - left),) if not missing else ()
    return AskedRule(NOON, BTC, Evaluation(rule, None, "enforce", outcome, compared, missing))


def everything() -> Status:
    """Two positions, two orders, three latches, an alert, and three rules that were asked."""
    state = State(mode="paper", account="main", cycle=1441, last_cycle=NOON)
    state.cash = {"USD": Decimal("9203.826"), "BTC": Decimal("0.005"), "ETH": Decimal(0)}
    state.nav.latest, state.nav.high_water = 1.0123, 1.0456
    state.fees, state.realised = Decimal("28.9912"), Decimal("-41.5")
    simple = ExitPlan(Decimal(4), 1800)
    state.positions = {BTC: position_of(BTC), ETH: position_of(ETH, simple)}
    state.working = {
        7: working_order(OrderStatus.OPEN, Decimal("3499.5")),
        8: working_order(OrderStatus.UNKNOWN, None),
    }
    state.latches = {
        ("daily_stop", ""): _latch("", None, NOON.plus_s(3600)),
        ("daily_stop", "BTC-USD"): _latch("BTC-USD", NOON.plus_s(60), None),
        ("daily_stop", "ETH-USD"): _latch("ETH-USD", None, None),
    }
    state.liquidating = {ETH: Liquidation(NOON.plus_s(-600), "ann", "the week is over")}
    state.overdue = {
        "RiskLimit/max_position BTC-USD": Overdue(NOON.plus_s(-7200), Decimal("0.005")),
        "purge ETH-USD": Overdue(NOON.plus_s(-3600), Decimal(2), NOON.plus_s(-60)),
    }
    state.reviewed = "26135a537580" + "0" * 52
    state.tightenings.held = (_tightening(2, "3"),)
    state.tightenings.refused.append(
        RefusedTightening(_tightening(3, "9"), NOON, ("M930: it would allow more",))
    )
    state.alerts = {("losing", ""): AlertState("firing", NOON, NOON)}
    rules: dict[tuple[str, str], AskedRule] = {
        ("RiskLimit/a", ""): _asked(Outcome.PASS, "RiskLimit/a"),
        ("RiskLimit/b", ""): _asked(Outcome.UNDECIDED, "RiskLimit/b", ("quote.age_s",)),
        ("RiskLimit/c", ""): _asked(Outcome.BREACH, "RiskLimit/c"),
    }
    named = NamedSet("tiny", "84d4e07754bb" + "0" * 52, None)
    bids = {"BTC-USD": Decimal("98012.5")}
    return Status(state, named, "REDUCING", "chop", Decimal("10123.456"), bids, rules)

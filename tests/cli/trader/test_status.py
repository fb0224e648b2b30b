"""`trader status`: where a trader stands, for people and for programs."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cycle.small_sets import set_of

from cli.trader_verbs.status_json import status_json
from cli.trader_verbs.status_page import status_page
from engine.adapters.system.lock import FileLock
from engine.comparison.activating.standing import standing_of
from engine.ledger.state import AlertState, Latch, Liquidation, Overdue, RefusedSet, Reload, State
from engine.model.decisions import Comparison, Evaluation, Outcome
from engine.model.orders import ExitPlan, Intent, OrderForm, OrderStatus
from engine.model.portfolio import Position, WorkingOrder
from engine.model.symbols import Symbol
from engine.model.times import UtcTime
from engine.run.questions import NamedSet
from engine.run.ledgers import LedgerView
from engine.run.status import AskedRule, HeldPosition, Status, StatusFollower, status_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from trader.conftest import Ran, Whole
    from syrupy.assertion import SnapshotAssertion

BTC, ETH = Symbol("BTC", "USD"), Symbol("ETH", "USD")
NOON = UtcTime.parse("2026-01-05T12:00:00Z")
PLAN = ExitPlan(Decimal(4), 1800, Decimal(8), Decimal(3), 172_800, "quote.spread_bps > 100")


def _position(symbol: Symbol, plan: ExitPlan = PLAN) -> Position:
    opened, cost = NOON.plus_s(-7320), Decimal("481.21")
    return Position(
        symbol, Decimal("0.005"), cost, Decimal("1.2"), opened, "momentum", plan, Decimal(99_000)
    )


def _working(status: OrderStatus, limit: Decimal | None) -> WorkingOrder:
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


def _asked(outcome: Outcome, rule: str, missing: tuple[str, ...] = ()) -> AskedRule:
    left = 12.994 if outcome is Outcome.BREACH else 4.0
    compared = (Comparison(left, "<=", 9.0, 9.0 - left),) if not missing else ()
    return AskedRule(NOON, BTC, Evaluation(rule, None, "enforce", outcome, compared, missing))


def _status() -> Status:
    state = State(mode="paper", account="main", cycle=1441, last_cycle=NOON)
    state.cash = {"USD": Decimal("9203.826"), "BTC": Decimal("0.005"), "ETH": Decimal(0)}
    state.nav.latest, state.nav.high_water = 1.0123, 1.0456
    state.fees, state.realised = Decimal("28.9912"), Decimal("-41.5")
    simple = ExitPlan(Decimal(4), 1800)
    state.positions = {BTC: _position(BTC), ETH: _position(ETH, simple)}
    state.working = {
        7: _working(OrderStatus.OPEN, Decimal("3499.5")),
        8: _working(OrderStatus.UNKNOWN, None),
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
    state.alerts = {("losing", ""): AlertState("firing", NOON, NOON)}
    rules: dict[tuple[str, str], AskedRule] = {
        ("RiskLimit/a", ""): _asked(Outcome.PASS, "RiskLimit/a"),
        ("RiskLimit/b", ""): _asked(Outcome.UNDECIDED, "RiskLimit/b", ("quote.age_s",)),
        ("RiskLimit/c", ""): _asked(Outcome.BREACH, "RiskLimit/c"),
    }
    named = NamedSet("tiny", "84d4e07754bb" + "0" * 52, None)
    bids = {"BTC-USD": Decimal("98012.5")}
    return Status(state, named, "REDUCING", "chop", Decimal("10123.456"), bids, rules)


def test_page(snapshot: SnapshotAssertion) -> None:
    """The page shows state, money, positions with their stops, orders, latches and limits."""
    assert status_page(_status()) == snapshot


def test_empty_page(snapshot: SnapshotAssertion) -> None:
    """A ledger without a cycle says none in each section, not nothing."""
    assert status_page(Status()) == snapshot


def test_json_says_the_same() -> None:
    """The object holds what the page does, in exact numbers."""
    told = json.loads(status_json(_status()))
    assert (told["state"], told["cycle"], told["time"]) == ("REDUCING", 1441, str(NOON))
    assert told["money"]["cash"] == {"BTC": "0.005", "ETH": "0", "USD": "9203.826"}
    assert told["money"]["equity_usd"] == "10123.456"
    held, blind = told["positions"]
    assert (held["stop_price"], held["bid"], held["plan"]["max_hold_s"]) == (
        "96030",
        "98012.5",
        172_800,
    )
    assert (blind["bid"], blind["to_stop_pct"]) == (None, None)
    assert [each["status"] for each in told["working"]] == ["open", "unknown"]
    assert [each["rearm_not_before"] for each in told["tripped"]] == [
        str(NOON.plus_s(3600)),
        None,
        None,
    ]
    assert told["liquidating"] == [
        {
            "symbol": "ETH-USD",
            "since": str(NOON.plus_s(-600)),
            "who": "ann",
            "why": "the week is over",
        }
    ]
    trim, purge = told["overdue"]
    assert (trim["rule"], trim["symbol"], trim["quantity"], trim["sliced"]) == (
        "RiskLimit/max_position",
        "BTC-USD",
        "0.005",
        None,
    )
    assert (purge["rule"], purge["sliced"]) == ("purge", str(NOON.plus_s(-60)))
    assert [each["outcome"] for each in told["limits"]] == ["pass", "undecided", "breach"]
    assert told["limits"][1]["missing"] == ["quote.age_s"]
    assert json.loads(status_json(Status()))["policy_set"] is None


def test_a_refused_set_is_named_until_it_is_mended(snapshot: SnapshotAssertion) -> None:
    """With all that was found; the set in force stands above it, and since when."""
    status, found = _status(), "M203: unknown fact `quote.spred_bps`"
    refused = RefusedSet("c0ffee" + "0" * 58, NOON, (found, "M780: another account"))
    status.state.reload = Reload(NOON.plus_s(-3600), NOON.plus_s(-60), refused)
    page = status_page(status)
    assert page[: page.index("money")] == snapshot
    told = json.loads(status_json(status))
    assert told["policy_set_since"] == str(NOON.plus_s(-3600))
    assert told["reload"]["asked"] == str(NOON.plus_s(-60))
    assert told["reload"]["refused"]["findings"] == [found, "M780: another account"]
    status.state.reload.refused = RefusedSet(None, NOON, (found,))
    assert "documents that make no set" in status_page(status)


def test_a_halt_by_a_person_is_the_state() -> None:
    """What a person stopped is halted, whatever the last cycle said."""
    status = _status()
    status.state.halted = "by the desk"
    assert status_page(status).startswith("state        HALTED: by the desk\n")
    assert json.loads(status_json(status))["state"] == "HALTED"


def test_the_nearer_stop_counts() -> None:
    """The stop shown is the higher of stop and trailing stop; without a bid nothing is invented."""
    held = HeldPosition(_position(BTC), Decimal(98_000))
    assert held.stop_price == Decimal(99_000) * Decimal("0.97")
    assert held.to_stop_pct == 100 * (1 - held.stop_price / 98_000)
    blind = HeldPosition(_position(BTC, ExitPlan(Decimal(4), 1800)), None)
    assert blind.stop_price == blind.position.entry_price * Decimal("0.96")
    assert (blind.to_stop_pct, blind.result_pct) == (None, None)


def test_a_real_ledger(ask: Callable[..., Ran], ledger: str) -> None:
    """Asked of a ledger, the state is the fold's, and the limits those of the last decisions."""
    with FileLock.acquire(Path(ledger) / "LOCK", NOON):
        page = ask("status", "--ledger", ledger).out
    assert page.startswith("state        REDUCING\npolicy set   tiny\n")
    assert "run by       process " in page
    assert "`trader rearm daily_stop` from " in page
    assert re.search("max_exposure +2026-01-05 .* portfolio.at_risk_pct_after ", page)
    told = json.loads(ask("status", "--ledger", ledger, "--format", "json").out)
    assert (told["cycle"], told["state"]) == (361, "REDUCING")
    assert told["run_by"] is None
    assert {each["rule"] for each in told["limits"]} > {"RiskLimit/max_exposure"}


def test_what_the_ledger_tells_is_there_as_facts() -> None:
    """`policy diff --state` reads it: money, results, the regime, and what each product holds."""
    status = _status()
    status.named = NamedSet("small", "84d4e07754bb" + "0" * 52, set_of())
    standing = standing_of(status_json(status).encode(), "status.json")
    held, *_ = standing.held
    assert held.symbol == BTC
    assert held.plan == PLAN
    assert standing.account["regime.name"] == "chop"
    assert standing.account["portfolio.open_positions_count"] == 2.0
    assert standing.products["BTC-USD"]["position.value_usd"] == pytest.approx(490.0625)
    assert {each.intent for each in standing.working} == {Intent.ENTRY}
    assert ("daily_stop", "BTC-USD") in standing.latched
    assert standing_of(status_json(_status()).encode(), "status.json").account == {}


def test_a_followed_status_is_that_of_the_whole_ledger(whole: Whole, tmp_path: Path) -> None:
    """However a ledger grows between two looks, the later one says what a first look would."""
    written = (whole.folder / "ledger/journal/000001.jsonl").read_bytes().splitlines(keepends=True)
    journal = tmp_path / "journal/000001.jsonl"
    journal.parent.mkdir()
    journal.write_bytes(b"".join(written[:3]))
    follower = StatusFollower(LedgerView.open(str(tmp_path)))
    for count in (3, 40, 41, 200, len(written)):
        journal.write_bytes(b"".join(written[:count]))
        told = status_json(follower.now())
        assert told == status_json(status_of(LedgerView.open(str(tmp_path))))
    last = follower.now()
    assert [each.sequence for each in last.decisions] == sorted(
        each.sequence for each in last.decisions
    )
    assert last.decisions[-1].policy_set == last.state.policy_set
    assert set(last.blockers) >= {"BTC-USD"}

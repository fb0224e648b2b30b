"""`trader status`: where a trader stands, for people and for programs."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cycle.small_sets import set_of
from fakes.status import BTC, NOON, PLAN, everything, position_of

from cli.trader_verbs.status_json import status_json
from cli.trader_verbs.status_page import status_page
from engine.adapters.system.lock import FileLock
from engine.comparison.activating.standing import standing_of
from engine.ledger.state import RefusedSet, Reload
from engine.model.orders import ExitPlan, Intent
from engine.run.ledgers import LedgerView
from engine.run.questions import NamedSet
from engine.run.status import HeldPosition, Status, StatusFollower, status_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from syrupy.assertion import SnapshotAssertion
    from trader.conftest import Ran, Whole


def test_page(snapshot: SnapshotAssertion) -> None:
    """The page shows state, money, positions with their stops, orders, latches and limits."""
    assert status_page(everything()) == snapshot


def test_empty_page(snapshot: SnapshotAssertion) -> None:
    """A ledger without a cycle says none in each section, not nothing."""
    assert status_page(Status()) == snapshot


def test_json_says_the_same() -> None:
    """The object holds what the page does, in exact numbers."""
    told = json.loads(status_json(everything()))
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
    status, found = everything(), "M203: unknown fact `quote.spred_bps`"
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
    status = everything()
    status.state.halted = "by the desk"
    assert status_page(status).startswith("state        HALTED: by the desk\n")
    assert json.loads(status_json(status))["state"] == "HALTED"


def test_the_nearer_stop_counts() -> None:
    """The stop shown is the higher of stop and trailing stop; without a bid nothing is invented."""
    held = HeldPosition(position_of(BTC), Decimal(98_000))
    assert held.stop_price == Decimal(99_000) * Decimal("0.97")
    assert held.to_stop_pct == 100 * (1 - held.stop_price / 98_000)
    blind = HeldPosition(position_of(BTC, ExitPlan(Decimal(4), 1800)), None)
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
    status = everything()
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
    assert standing_of(status_json(everything()).encode(), "status.json").account == {}


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

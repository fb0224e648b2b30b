"""Four days of Coinbase minutes under the set `recorded`, and under the conservative one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import polars as pl
from acceptance.conftest import POLICIES, FinishedRun, finished, ran, run_words

from engine.adapters.system.disk import DirectoryDisk
from engine.cycle.rejudge import rejudge
from engine.ledger.records import RecordKind
from engine.ledger.verify import verify
from engine.model.times import NS_PER_S
from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from pathlib import Path

MINUTE_NS = 60 * NS_PER_S


def test_there_is_a_cycle_for_every_recorded_minute(
    recorded_run: FinishedRun, four_days: list[Path]
) -> None:
    """And each sees the quotes of its own minute; the nights between the days are skipped."""
    stamps = pl.read_parquet(four_days[0], columns=["ts"])["ts"].to_list()
    wanted = {-(-each // MINUTE_NS) * MINUTE_NS for each in stamps}
    cycles = [each for each in recorded_run.records if each.kind is RecordKind.CYCLE]
    instants = [each.time.ns for each in cycles]
    assert instants == sorted(set(instants))
    assert wanted <= set(instants)
    assert len(recorded_run.cycles) == len(cycles) < len(wanted) + 24 * 60


def test_orders_are_sent_others_denied_and_exits_executed(recorded_run: FinishedRun) -> None:
    """The whole path runs: entries, the rests of some, denials with reasons, exits that fill."""
    sent = recorded_run.told("orders")
    denied = recorded_run.told("denied")
    assert Counter(each["intent"] for each in sent).keys() == {"entry", "add", "exit"}
    assert len([each for each in sent if each["outcome"] == "sent"]) > 50
    assert len(denied) > 50
    assert all(each["reasons"] for each in denied)
    filled = recorded_run.bodies(RecordKind.FILLED)
    assert {each["side"] for each in filled} == {"BUY", "SELL"}


def test_stops_sell_on_the_day_of_the_fall(recorded_run: FinishedRun) -> None:
    """On 2018-04-04 positions fall through their stops, and are sold."""
    stops = {
        body["intent"]
        for body in recorded_run.bodies(RecordKind.INTENT)
        if body["ladder"] == "exit_stop" and str(body["reason"]).startswith("stop ")
    }
    sold = {
        body["symbol"]
        for body in recorded_run.bodies(RecordKind.FILLED)
        if body["intent"] in stops and str(body["time"]).startswith("2018-04-04")
    }
    assert len(sold) >= 2


def test_an_exit_reaches_the_rung_that_takes(recorded_run: FinishedRun) -> None:
    """Exits that rested in vain go on: their second rung is reached, and fills."""
    rungs = {
        body["intent"]: body["rung"]
        for body in recorded_run.bodies(RecordKind.INTENT)
        if body["ladder"] == "exit"
    }
    filled = {body["intent"] for body in recorded_run.bodies(RecordKind.FILLED)}
    assert any(rung == 1 and number in filled for number, rung in rungs.items())


def test_euros_are_valued_by_the_stated_rate(recorded_run: FinishedRun) -> None:
    """BTC-EUR is judged in dollars at the rate that the Deployment states."""
    rates = {
        (body["symbol"].partition("-")[2], body["situation"]["rate"])
        for body in recorded_run.bodies(RecordKind.DECISION)
    }
    assert rates == {("USD", "1"), ("EUR", "1.2276")}


def test_every_order_carries_the_hash_of_its_set(recorded_run: FinishedRun) -> None:
    """All 64 digits in the record, and the first twelve in the id that the venue sees."""
    stated = load_policy_set(POLICIES / "recorded").required().hash
    assert ran("policy", "hash", POLICIES / "recorded").stdout == f"{stated}\n"
    orders = recorded_run.told("orders")
    intents = recorded_run.bodies(RecordKind.INTENT)
    assert len(orders) == len(intents)
    for each in (*orders, *intents):
        assert each["policy_set"] == stated
        assert each["client_order_id"].replace("-", "").startswith(stated[:12])
    ids = [each["client_order_id"] for each in intents]
    assert len(set(ids)) == len(ids)


def test_the_chain_holds_and_every_decision_comes_out_the_same(recorded_run: FinishedRun) -> None:
    """From the ledger alone: no bad record, no flipped decision."""
    report = verify(DirectoryDisk(recorded_run.ledger))
    assert report.intact
    again = rejudge(recorded_run.records)
    assert again.agrees
    assert again.decisions == len(recorded_run.told("orders")) + len(recorded_run.told("denied"))
    assert len(again.sets) == 1


def test_two_processes_write_the_same_bytes(twins: tuple[FinishedRun, FinishedRun]) -> None:
    """Same set, same recording: the same hashes, from the first record to the second's last."""
    first, second = ([each.hash for each in run.records] for run in twins)
    assert first[: len(second)] == second
    cycles = twins[1].cycles
    assert twins[0].cycles[: len(cycles)] == cycles
    assert len(cycles) >= 800
    assert twins[1].told("orders")


def test_the_conservative_set_sends_nothing_and_says_why(
    four_days: list[Path], tmp_path: Path
) -> None:
    """A recording of bid and ask tells no volume: nothing qualifies, and `why` names the fact."""
    ledger = tmp_path / "ledger"
    words = run_words(POLICIES, ledger, four_days[:1], "--cycles", "120")
    done = ran("trader", *words)
    assert done.returncode == 0, done.stderr
    run = finished(ledger, done.stdout)
    assert len(run.cycles) == 120
    assert run.told("orders") == []
    assert run.bodies(RecordKind.INTENT) == []
    told = ran("trader", "why", "BTC-USD", "--ledger", ledger)
    assert told.returncode == 0, told.stderr
    assert "volume" in told.stdout
    assert "unknown" in told.stdout

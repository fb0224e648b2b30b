"""`trader report`: the run's own money, for the eye and for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.cycle.records.recovery import recover
from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.run.ledgers import LedgerView

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Ran
    from syrupy.assertion import SnapshotAssertion


def rows(ran: Ran) -> list[dict[str, str]]:
    """A CSV table."""
    assert (ran.status, ran.err) == (0, "")
    return list(csv.DictReader(io.StringIO(ran.out)))


def test_results_are_the_ledger_s_to_the_last_digit(ask: Callable[..., Ran], ledger: str) -> None:
    """What the books say was won is what the state of the ledger says."""
    told = rows(ask("report", "pnl", "--ledger", ledger, "--lots", "average", "--format", "csv"))
    state = recover(LedgerView.open(ledger).records()).state
    results = sum((Decimal(each["result"]) for each in told), Decimal(0))
    assert results == pytest.approx(state.realised, abs=Decimal("1e-18"))
    assert told


def test_every_fill_of_the_ledger_is_told_once(ask: Callable[..., Ran], ledger: str) -> None:
    """With every digit of its price, and the hash of the set that let its order pass."""
    told = rows(ask("report", "fills", "--ledger", ledger, "--format", "csv"))
    records = LedgerView.open(ledger).records()
    fills = [bodies.of_record(each) for each in records if each.kind is RecordKind.FILLED]
    assert [each["fill_id"] for each in told] == [str(each["fill_id"]) for each in fills]
    assert [each["price"] for each in told] == [str(each["price"]) for each in fills]
    assert {len(each["policy_set"]) for each in told} == {64}
    fees = rows(ask("report", "fees", "--ledger", ledger, "--format", "csv"))
    paid = sum((Decimal(str(each["fee"])) for each in fills), Decimal(0))
    assert sum((Decimal(each["fee"]) for each in fees), Decimal(0)) == paid


@pytest.mark.parametrize("report", ["pnl", "fees", "lots"])
def test_page(
    ask: Callable[..., Ran], ledger: str, report: str, snapshot: SnapshotAssertion
) -> None:
    """The page reads as a table, with the sums of each currency below it."""
    ran = ask("report", report, "--ledger", ledger)
    assert (ran.status, ran.err) == (0, "")
    assert ran.out == snapshot


def test_a_stretch_without_trades_says_so(ask: Callable[..., Ran], ledger: str) -> None:
    """An empty table would look like a fault."""
    ran = ask("report", "fills", "--ledger", ledger, "--to", "2020-01-01")
    assert (ran.status, ran.out) == (0, "nothing was traded in that time\n")
    ran = ask("report", "fills", "--ledger", ledger, "--currency", "eur", "--format", "json")
    assert (ran.status, json.loads(ran.out)) == (0, [])


def test_a_stretch_is_of_what_happened_in_it(ask: Callable[..., Ran], ledger: str) -> None:
    """Two stretches that meet hold every fill once."""
    whole = rows(ask("report", "fills", "--ledger", ledger, "--format", "csv"))
    middle = whole[len(whole) // 2]["time"]
    words = ("report", "fills", "--ledger", ledger, "--format", "csv")
    before, after = rows(ask(*words, "--to", middle)), rows(ask(*words, "--from", middle))
    assert before
    assert before + after == whole


def test_both_ends_that_are_no_time_are_told(ask: Callable[..., Ran], ledger: str) -> None:
    """All mistakes at once, each with its mend."""
    ran = ask("report", "lots", "--ledger", ledger, "--from", "x", "--to", "y")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.count("M806") == 2


def test_a_day_says_what_the_other_reports_and_the_status_say(
    ask: Callable[..., Ran], ledger: str
) -> None:
    """Its result is the status's, its fees and fills are those of the other reports."""
    rows = json.loads(ask("report", "day", "--ledger", ledger, "--format", "json").out)
    figures = {(each["about"], each["what"]): each["figure"] for each in rows}
    fills = json.loads(ask("report", "fills", "--ledger", ledger, "--format", "json").out)
    status = json.loads(ask("status", "--ledger", ledger, "--format", "json").out)
    assert figures["day", "UTC"] == "2026-01-05"
    assert figures["orders", "fills"] == str(len(fills))
    assert figures["fees", "of the day"] == f"{sum(Decimal(each['fee']) for each in fills):,.2f}"
    assert figures["result", "of the day"] == f"{status['money']['result_pct']:+.2f} %"
    assert figures["cycles", "all"] == str(status["cycle"])
    assert int(figures["breaker tripped", "daily_stop"]) > 0
    assert int(figures["alert fired", "losing"]) > 0
    assert int(figures["refused by", "max_exposure"]) > 0
    assert figures["at its end", "held"] == "nothing"


def test_a_day_on_which_nothing_was_is_told_as_that(ask: Callable[..., Ran], ledger: str) -> None:
    """The day after is a day without cycles, and what is no day is refused."""
    told = ask("report", "day", "--of", "2026-01-06", "--ledger", ledger).out
    assert re.search(r"^cycles +all +0$", told, re.MULTILINE)
    assert re.search(r"^breaker tripped +none$", told, re.MULTILINE)
    assert ask("report", "day", "--of", "yesterday", "--ledger", ledger).err.startswith("M806")


def test_intended_against_done(ask: Callable[..., Ran], ledger: str) -> None:
    """Every order is told once, and what was traded and charged is what the fills say."""
    told = rows(ask("report", "execution", "--ledger", ledger, "--format", "csv"))
    fills = rows(ask("report", "fills", "--ledger", ledger, "--format", "csv"))
    assert len({each["client_order_id"] for each in told}) == len(told) > 0
    for name in ("notional", "fee"):
        done = sum((Decimal(each[name]) for each in told), Decimal(0))
        assert done == sum((Decimal(each[name]) for each in fills), Decimal(0))
    page = ask("report", "execution", "--ledger", ledger).out
    assert re.search(r"entry: \d+ of \d+ orders filled, .* slippage [+-]", page)
    assert ask("report", "execution", "--ledger", ledger, "--to", "2020-01-01").out == (
        "no order was allowed in that time\n"
    )


def test_without_a_second_set_there_is_nothing_to_compare(
    ask: Callable[..., Ran], ledger: str
) -> None:
    """A run without a shadow says how one is run."""
    told = ask("report", "shadow", "--ledger", ledger)
    assert (told.status, told.out) == (
        0,
        "no second set ran beside this one: `trader run --shadow DIR`\n",
    )


def test_a_shadow_is_compared(
    ask: Callable[..., Ran], run_words: tuple[str, ...], tmp_path: Path
) -> None:
    """A second set that allows less is told with what the orders cost, and what it would have."""
    folder = tmp_path / "tighter"
    shutil.copytree(Path(__file__).parent / "policies", folder)
    rules = folder / "risk.yaml"
    text = rules.read_text(encoding="utf-8")
    assert "max_position_pct: 4" in text
    rules.write_text(text.replace("max_position_pct: 4", "max_position_pct: 1"), encoding="utf-8")
    ledger = str(tmp_path / "ledger")
    ran = ask(*run_words, "--ledger", ledger, "--shadow", str(folder), "--cycles", "60")
    told = rows(ask("report", "shadow", "--ledger", ledger, "--format", "csv"))
    assert told
    assert {each["shadow_verdict"] for each in told} <= {"resize", "deny"}
    page = ask("report", "shadow", "--ledger", ledger).out
    assert re.search(rf"{len(told)} of \d+ decisions differ", page)
    assert re.search(rf"shadow .* differs in {len(told)} of \d+ decisions", ran.out)
    assert "trader report shadow --ledger" in ran.out
    assert "the other's" in page

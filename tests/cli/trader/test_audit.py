"""`trader audit`: the ledger proves itself, decides the same again, and tells of an order."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.cycle.records.activation import activated_set, activation_body
from engine.ledger.records import parse_line
from engine.policyset.opening import load_policy_set
from engine.run.ledgers import LedgerView

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Ran

ROOT = Path(__file__).resolve().parents[3]
JOURNAL = Path("ledger/journal/000001.jsonl")


def _first_order(ledger: str) -> str:
    with LedgerView.open(ledger).index() as index:
        return str(index._rows("SELECT client_order_id FROM orders ORDER BY first_sequence")[0][0])


def test_an_intact_ledger(ask: Callable[..., Ran], ledger: str) -> None:
    """A ledger as it was written is intact, and its last hash is told for safe keeping."""
    ran = ask("audit", "verify", "--ledger", ledger)
    *_, last = LedgerView.open(ledger).records()
    assert ran.status == 0
    assert ran.out == f"intact     {last.sequence:,} records\nlast hash  {last.hash}\n"


def test_a_changed_record_is_named(ask: Callable[..., Ran], ledger: str) -> None:
    """One altered byte is found, and the first bad record is named with its place."""
    lines = JOURNAL.read_bytes().splitlines(keepends=True)
    lines[41] = lines[41].replace(b'"body":{', b'"body":{"a":1,', 1)
    JOURNAL.write_bytes(b"".join(lines))
    ran = ask("audit", "verify", "--ledger", ledger)
    assert (ran.status, ran.out) == (1, "")
    assert "journal/000001.jsonl:42:1: M403: record 42 is not what was written" in ran.err
    assert "not intact: 41 records before the first bad one" in ran.err


def test_every_decision_comes_out_the_same(ask: Callable[..., Ran], ledger: str) -> None:
    """The judge is a function of what was recorded: nothing flips."""
    ran = ask("audit", "rejudge", "--ledger", ledger)
    assert ran.status == 0
    assert "came out otherwise  0\n" in ran.out


def test_a_flip_is_shown(
    ask: Callable[..., Ran], ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A decision that comes out otherwise is shown, both sides, with exit status 1."""
    from engine.cycle.rejudge import Flip, RejudgeReport

    report = RejudgeReport(3, {"f" * 64}, [Flip(7, '{"a":1}', '{"a":2}')])
    monkeypatch.setattr("cli.trader_verbs.audit.judge_again", lambda _records: report)
    ran = ask("audit", "rejudge", "--ledger", ledger)
    assert ran.status == 1
    assert 'record 7\n  recorded {"a":1}\n  judged   {"a":2}\n' in ran.out


@pytest.mark.parametrize("policies", ["recorded", "paper", "small", "any_pair"])
def test_shipped_sets_can_be_built_again(policies: str) -> None:
    """The ledger's own copy of each shipped set makes that set again, with the same hash."""
    policy_set = load_policy_set(ROOT / "policies" / policies).required()
    assert activated_set(activation_body(policy_set)).hash == policy_set.hash


def test_the_story_of_an_order(ask: Callable[..., Ran], ledger: str) -> None:
    """By id, by a unique beginning and by intent the same story: decision, rules, steps, fills."""
    order = _first_order(ledger)
    ran = ask("audit", "show", order, "--ledger", ledger)
    assert ran.status == 0
    assert ask("audit", "show", order[:24], "--ledger", ledger).out == ran.out
    assert ask("audit", "show", "1", "--ledger", ledger).out == ran.out
    for words in (
        f"order       {order}",
        "policy set  tiny",
        "by max_position",
        "exit plan   stop 3 %, target 4 %, trailing 3 %, at most 4h, sold blind after 30m",
        "acknowledged  the venue calls it",
        "portfolio.equity_usd",
    ):
        assert words in ran.out
    assert re.search("  pass  max_exposure +portfolio.at_risk_pct_after", ran.out)
    with LedgerView.open(ledger).index() as index:
        decision = index.records_of_order(order)[0].fields()
    assert f"hash        {decision['policy_set']}" in ran.out


@pytest.mark.parametrize(
    ("key", "code"),
    [("ffffffff", "M452"), ("zz", "M452"), ("999999", "M452")],
    ids=["a beginning of no order", "no key at all", "an intent that is not there"],
)
def test_unknown_orders(key: str, code: str, ask: Callable[..., Ran], ledger: str) -> None:
    """An order that the ledger does not have is refused, and what a key looks like is said."""
    ran = ask("audit", "show", key, "--ledger", ledger)
    assert ran.status == 1
    assert f"{code}: no order of this ledger is `{key}`" in ran.err


def test_a_beginning_of_several(ask: Callable[..., Ran], ledger: str) -> None:
    """A beginning that fits several orders is refused; five of them are listed."""
    order = _first_order(ledger)
    ran = ask("audit", "show", order[:8], "--ledger", ledger)
    assert ran.status == 1
    assert "M453" in ran.err
    assert order in ran.err
    assert ran.err.count(order[:8]) == 6
    assert " more" in ran.err


def test_export_as_stored(ask: Callable[..., Ran], ledger: str) -> None:
    """Exported lines are the stored ones, so whoever gets them can follow the chain."""
    ran = ask("audit", "export", "--ledger", ledger)
    assert ran.out.encode() == JOURNAL.read_bytes()
    some = ask("audit", "export", "--ledger", ledger, "--kind", "filled", "--kind", "sent").out
    kinds = [parse_line(line.encode()) for line in some.splitlines()]
    assert {each.kind.value for each in kinds if each} == {"filled", "sent"}


def test_export_as_table(ask: Callable[..., Ran], ledger: str) -> None:
    """The table has a column for each name, nested values as JSON, and the record's hash."""
    out = ask("audit", "export", "--ledger", ledger, "--kind", "cycle", "--format", "csv").out
    rows = list(csv.DictReader(out.splitlines()))
    assert len(rows) == 361
    assert rows[0]["cycle"] == "1"
    assert "BTC-USD" in json.loads(rows[0]["blockers"])
    assert len(rows[0]["record_hash"]) == 64


def test_a_cell_is_no_formula() -> None:
    """Text that a spreadsheet would run is quoted; numbers, flags and nothing stay."""
    from cli.trader_verbs.exporting import _cell

    cells = [_cell(each) for each in ("=1+1", "@x", "-3", "", True, None, 4, ["a"])]
    assert cells == ["'=1+1", "'@x", "-3", "", "true", None, 4, '["a"]']

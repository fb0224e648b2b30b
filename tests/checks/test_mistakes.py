"""What is wrong with a test is said at its place, and nothing of it is played."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from checks.suites import FACTS, HEAD, folder, one, sample, shipped

from engine.checks.running import gather, run_policy_tests

if TYPE_CHECKING:
    from pathlib import Path

ALLOW = "{verdict: allow}"
MISTAKES = {
    "an unknown fact": ("M711", "quote.spred_bps", one(ALLOW, facts="{quote.spred_bps: 60}")),
    "a function that is misspelled": (
        "M711",
        'chang_pct("5m")',
        one(ALLOW, facts='{chang_pct("5m"): 1}'),
    ),
    "text for a number": ("M714", "old", one(ALLOW, facts="{quote.age_s: old}")),
    "a number for a flag": ("M712", "1", one(ALLOW, facts="{order.self_match: 1}")),
    "a value that an enum never has": ("M712", "bulll", one(ALLOW, facts="{regime.name: bulll}")),
    "a value below what is certain": ("M712", "-9", one(ALLOW, facts="{quote.age_s: -9}")),
    "a series that goes below": ("M712", "1-1x9", one(ALLOW, facts="{quote.age_s: 1-1x9}")),
    "a list with a wrong value": (
        "M712",
        "1",
        one(ALLOW, facts="{order.self_match: [true, 1]}"),
    ),
    "a set of text": ("M713", "asset.groups", one(ALLOW, facts="{asset.groups: [majors]}")),
    "what is defined by others": (
        "M713",
        "position.pct_after",
        one(ALLOW, facts="{position.pct_after: 1}"),
    ),
    "what the order says": ("M713", "order.side", one(ALLOW, facts="{order.side: BUY}")),
    "what a breaker says": (
        "M713",
        "breaker.daily_stop.tripped",
        one(ALLOW, facts="{breaker.daily_stop.tripped: true}"),
    ),
    "what is no series": ("M714", "1+2*3", one(ALLOW, facts="{quote.age_s: 1+2*3}")),
    "series of two lengths": (
        "M715",
        "0 0 0",
        one(ALLOW, facts="{quote.age_s: 1x3, portfolio.pnl_day_pct: 0 0 0}"),
    ),
    "an unknown rule": ("M716", "max_pos", one("{verdict: deny, reasons: [max_pos]}")),
    "an unknown breaker": ("M716", "dayly_stop", one("{tripped: [dayly_stop]}")),
    "an unknown rule to ask": ("M716", "true", one("{rules: {x: true}}")),
    "a strategy that is not enabled": ("M716", "x", one("{proposed_by: [x]}")),
    "an unknown breaker to begin with": ("M716", None, one(ALLOW, tripped="[x]")),
    "an unknown tier to begin with": ("M716", None, one(ALLOW, member_of="x")),
    "a verdict without an order": ("M717", "allow", one(ALLOW, order="none")),
    "nothing expected": ("M717", None, one("{exact: true}")),
    "a cycle that is not there": (
        "M717",
        None,
        one(ALLOW, checkpoints="[{cycle: 9, expect: {verdict: deny}}]"),
    ),
    "two sizes": ("M718", None, one(ALLOW, order="{quantity: 1, notional_usd: 1}")),
    "a market order with a limit": (
        "M718",
        None,
        one(ALLOW, order="{type: market_ioc, limit_price: 1}"),
    ),
    "a limit off the grid": ("M718", None, one(ALLOW, order="{limit_price: 1.001}")),
    "a quantity off the grid": ("M718", None, one(ALLOW, order="{quantity: 0.00001}")),
    "one fact by two names": (
        "M719",
        'volume_usd("24h")',
        one(ALLOW, facts='{asset.volume_24h_usd: 1, volume_usd("24h"): 2}'),
    ),
    "two tests of one name": ("M719", "tried", one(ALLOW) + one(ALLOW)),
    "too many cases": (
        "M722",
        "matrix",
        one(ALLOW, matrix=f"{{quote.age_s: {[*range(100)]}, quote.bid: {[*range(1, 101)]}}}"),
    ),
    "an unknown key": ("M303", None, one(ALLOW, fact="{}")),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_it_is_said_where_it_is(name: str, tmp_path: Path) -> None:
    """One finding of the code, at the key or value that is wrong; the case is not played."""
    code, underlined, text = MISTAKES[name]
    report = run_policy_tests(sample(), folder(tmp_path, "  tests:\n" + text))
    assert [each.code for each in report.findings] == [code], report.findings
    found = report.findings[0].place
    assert found is not None
    told = found.source_line[found.column - 1 :][: found.width]
    assert underlined is None or told == underlined
    assert report.cases == () or name == "two tests of one name"
    assert not report.passed


def test_a_test_says_when_it_is(tmp_path: Path) -> None:
    """No time is taken from the clock on the wall, and none is guessed."""
    facts = FACTS.replace('  at: "2025-11-24T10:00:00Z"\n  every: 30s\n', "")
    text = "  tests:\n" + one(ALLOW) + one(ALLOW, "two", facts="{quote.age_s: 1x3}")
    gathered = gather(sample(), folder(tmp_path, text, facts=facts))
    assert [each.code for each in gathered.findings] == ["M717", "M717", "M717"]


def test_states_are_one_for_each_cycle(tmp_path: Path) -> None:
    """A list of an alert's states that is too short would be matched by half of a run."""
    text = "  tests:\n" + one("{alerts: {x: [firing]}}", facts="{quote.age_s: 1x3}")
    found = gather(sample(), folder(tmp_path, text)).findings
    assert {each.code for each in found} == {"M716", "M717"}


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("other.yaml", "apiVersion: mandate/v1\nkind: RiskLimit\n", "M710"),
        ("other.yaml", "a: &x 1\n", "M116"),
        ("other.yaml", FACTS, "M719"),
        ("deep/other.yaml", "[]\n", "M710"),
    ],
)
def test_hostile_and_foreign_files_are_refused(
    tmp_path: Path, name: str, text: str, code: str
) -> None:
    """The reader of policies reads tests too, and what is neither tests nor facts is named."""
    where = folder(tmp_path, "  tests:\n" + one(ALLOW))
    path = where / "tests" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    report = run_policy_tests(sample(), where)
    assert [each.code for each in report.findings] == [code]
    assert (len(report.cases), report.passed) == (1, False)


def test_a_link_that_leads_out_is_not_followed(tmp_path: Path) -> None:
    """Nothing outside of the repository decides what a test says."""
    where = folder(tmp_path / "a" / "set", "  tests:\n" + one(ALLOW))
    (tmp_path / "out.yaml").write_text(FACTS, encoding="utf-8")
    (where / "tests" / "link.yaml").symlink_to(tmp_path / "out.yaml")
    assert [each.code for each in run_policy_tests(sample(), where).findings] == ["M142"]


def test_facts_that_are_not_there(tmp_path: Path) -> None:
    """A name that no file of facts has is answered with the nearest."""
    text = "  tests:\n" + one(ALLOW)
    report = run_policy_tests(
        sample(), folder(tmp_path, text, head=HEAD.replace("healthy", "helthy"))
    )
    assert [each.help for each in report.findings if each.code == "M723"] == [
        "did you mean `healthy`?"
    ]


def test_an_order_needs_its_parts(tmp_path: Path) -> None:
    """A product, an intent, a strategy and a size are nobody's to guess."""
    facts = FACTS.replace(
        "{symbol: ETH-USD, intent: entry, strategy: any, notional_usd: 100}", "{conviction: 1}"
    )
    report = run_policy_tests(sample(), folder(tmp_path, "  tests:\n" + one(ALLOW), facts=facts))
    assert [each.message for each in report.findings] == [
        "the order says no `symbol`, `intent`, `strategy`, `notional_usd`"
    ]


def test_a_strategy_of_the_set_is_named(tmp_path: Path) -> None:
    """A name that is misspelled would be judged by the budgets of others; so it is refused."""
    text = "  tests:\n" + one(ALLOW, order="{strategy: momentun}")
    report = run_policy_tests(shipped(), folder(tmp_path, text))
    assert [(each.code, each.help) for each in report.findings] == [
        ("M716", "did you mean `momentum`?")
    ]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A folder of the name of a file is no file, and one that nobody may read is a finding."""
    where = folder(tmp_path, "  tests:\n" + one(ALLOW))
    (where / "tests" / "folder.yaml").mkdir()
    gone = where / "tests" / "gone.yaml"
    gone.symlink_to(gone)
    report = run_policy_tests(sample(), where)
    assert (report.findings, len(report.cases)) == ((), 1)


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything has a limit; the finding says what to do."""
    monkeypatch.setattr("engine.checks.reading.MAX_TEST_FILES", 1)
    report = run_policy_tests(sample(), folder(tmp_path, "  tests:\n" + one(ALLOW)))
    assert [each.code for each in report.findings] == ["M722"]


def test_a_price_that_the_ladder_does_not_have(tmp_path: Path) -> None:
    """An order of a form that no rung has, and without a limit, has no price."""
    wanted = "{verdict: deny, reasons: [NO_PRICE]}"
    text = "  tests:\n" + one(wanted, order="{type: limit_ioc}")
    report = run_policy_tests(sample(), folder(tmp_path, text))
    assert report.passed, report.diagnostics


def test_a_product_that_nobody_stated_is_unknown(tmp_path: Path) -> None:
    """Without a grid there is no order, as in a cycle that was told of no such product."""
    facts = re.sub("  product: {.*}\n", "", FACTS)
    text = "  tests:\n" + one("{verdict: deny, reasons: [PRODUCT_UNKNOWN]}")
    report = run_policy_tests(sample(), folder(tmp_path, text, facts=facts))
    assert report.passed, report.diagnostics

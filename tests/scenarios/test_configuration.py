"""The accidents of configuration: what a person wrote, and what must be said of it before it runs.

Each test is named for what happened, and its docstring says what a naive reader of the file does.
The whole corpus of such mistakes is in tests/mistakes.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from mistakes.bench import POLICIES, ROOT, Draft, said_of, text_of
from mistakes.mistake import more
from policyset.sets import NOW, altered, composed, documents, findings

from cli.policy_verbs.lint import inspect
from engine.errors import Severity
from engine.policyset.lint import lint
from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from pathlib import Path

    from engine.errors import Diagnostic


def edited(file: str, old: str, new: str, base: str = "") -> tuple[Diagnostic, ...]:
    """What is said of a shipped set after one edit."""
    text = text_of(file)
    assert old in text
    return said_of(base, Draft(file, text.replace(old, new, 1)))


def with_code(found: tuple[Diagnostic, ...], code: str) -> Diagnostic:
    """The one finding with a code."""
    (one,) = (each for each in found if each.code == code)
    return one


def test_a2_a_daily_stop_under_a_name_that_nothing_reads() -> None:
    """Naive: `params.get("pnl_pct", 0)` finds nothing under the other name, and never stops."""
    found = edited("policies/breakers/daily_stop.yaml", "pnl_pct: -3", "daily_stop_loss_pct: -3")
    unknown = [each for each in found if each.code == "M203"]
    assert {each.message for each in unknown} == {
        "unknown fact `params.pnl_pct`",
        "unknown fact `policy.daily_stop.pnl_pct`",  # by which the alert refers to it
    }
    assert all(each.severity is Severity.ERROR for each in unknown)
    assert with_code(found, "M334").message == (
        "parameter `daily_stop_loss_pct` is declared and never read"
    )


def test_a2_a_limit_that_is_declared_and_read_by_nothing() -> None:
    """Naive: a second number under `params` is loaded, shown, and kept by nobody."""
    file = "policies/risk/max_order_value.yaml"
    found = edited(file, "usd: 1500\n", "usd: 1500\n    max_daily_usd: 5000\n")
    assert with_code(found, "M334").severity is Severity.ERROR


def test_a4_limits_that_leave_no_size_at_255_usd() -> None:
    """Naive: each limit is checked alone, all are well formed, and 192 orders are refused."""
    _, found = inspect(POLICIES, equity_usd=Decimal(255))
    empty = next(each for each in found if each.code == "M353")
    assert "at 255 USD of equity no order" in empty.message
    assert "asks for at least 15 USD" in empty.message
    assert empty.severity is Severity.ERROR
    assert len(empty.related) == 1
    assert lint(composed(documents("small")), now=NOW, equity_usd=Decimal(255)) == ()


_A4 = """
kind: Strategy
metadata: {name: half_a_percent, description: A minimum times 0.8.}
spec:
  enabled: true
  tiers: [major]
  signals: {tight: quote.spread_bps <= params.a_bps}
  entry: signals.tight
  conviction: clamp(1 - quote.spread_bps / params.a_bps, 0, 1)
  min_conviction: 0.2
  size_pct: params.least_pct * params.share_ratio
  params: {a_bps: 10, least_pct: 0.4, share_ratio: 0.8}
  exit: {stop_pct: 4, blind_exit_after: 30m}
  budget: {at_risk_pct: 6}
""".lstrip()


def test_a4_a_share_of_a_minimum_that_the_venue_does_not_take() -> None:
    """Naive: 0.4 % of 255 USD is 1.02 USD and the venue takes 1; times 0.8 it takes none."""
    parts = altered(documents("small"), _A4)
    found = lint(composed(parts), now=NOW, equity_usd=Decimal(255))
    small = with_code(found, "M354")
    assert "asks for at most 0.816 USD" in small.message
    assert small.severity is Severity.ERROR


def test_a4_an_entry_that_could_not_be_sold_again() -> None:
    """Naive: 90 USD are above a minimum of 89.90, and after the fee the exit is below it."""
    found = edited("policies/deployment.yaml", "quote_min_size: 1}", "quote_min_size: 89.9}")
    trapped = with_code(found, "M343")
    assert "less than 90.44 USD cannot be sold again" in trapped.message


def test_a7_a_theme_under_two_names() -> None:
    """Naive: the cap of LAYER2 is kept for a theme without assets, and L2 has none."""
    found = edited("policies/universe/spot.yaml", "LAYER2: [", "L2: [")
    wrong = with_code(found, "M332")
    assert wrong.message == "`LAYER2` is not a value of `group`"
    assert wrong.place is not None
    assert wrong.place.file.endswith("max_group.yaml")


def test_a7_themes_that_add_up_to_more_than_everything() -> None:
    """Naive: 10, 6, 4, 5 and 3 % under 15 % at risk read as five caps that can all be used."""
    reason = (
        "  reason: The caps add up to more than the total at risk on purpose. Any one theme may be "
        "full, not all at once.\n"
    )
    found = edited("policies/risk/max_group.yaml", reason, "")
    assert "add up to 28, above the 15" in with_code(found, "M352").message


def test_a10_a_number_in_the_rule_and_another_in_the_file() -> None:
    """Naive: the file's threshold is edited, and the literal in the rule goes on counting."""
    file = "policies/risk/max_order_value.yaml"
    rule = "order.notional_usd <= "
    found = edited(file, f"{rule}params.max_order_usd", f"{rule}900")
    assert {"M334", "M226"} == {each.code for each in found}


def test_a16_a_set_that_cannot_be_read_is_no_set(tmp_path: Path) -> None:
    """Naive: the parser's error is logged, and yesterday's half of the limits stays in force."""
    broken = tmp_path / "policyset.yaml"
    broken.write_text("apiVersion: mandate/v1\nkind: PolicySet\n<<<<<<< HEAD\nspec: {\n")
    loaded = load_policy_set(tmp_path)
    assert loaded.policy_set is None
    assert [each.code for each in loaded.diagnostics] == ["M112"]
    assert loaded.diagnostics[0].place is not None
    assert loaded.diagnostics[0].place.line == 3


def test_a16_one_broken_file_refuses_the_whole_set() -> None:
    """Naive: the file that does not parse is skipped, and its limit with it."""
    path = ROOT / "policies/risk/max_position.yaml"
    loaded = load_policy_set(POLICIES, drafts={path: b"spec: [\n"})
    assert loaded.policy_set is None


def test_a25_a_rule_that_never_fires_and_one_that_always_does() -> None:
    """Naive: both pass every test on a recording in which nothing is traded."""
    never = more("never", "abs(position.pnl_pct) >= params.a_pct", "a_pct: 0")
    told = with_code(findings(altered(documents(), never)), "M314")
    assert "always true" in told.message
    sign = edited("policies/breakers/daily_stop.yaml", "pnl_pct: -3", "pnl_pct: 3")
    assert "trips before anything has happened" in with_code(sign, "M374").message


def test_a26_four_values_for_the_age_of_a_quote() -> None:
    """Naive: 5, 30 and 60 s are three rules, and whoever raises one believes that it counts."""
    thirty = more("fresh", "quote.age_s <= params.a_s", "a_s: 30")
    sixty = more("fresher", "quote.age_s <= params.a_s", "a_s: 60")
    found = findings(altered(documents(), thirty, sixty))
    dead = [each for each in found if each.code == "M347"]
    assert len(dead) == 3
    assert all(each.related for each in dead)


def test_a26_a_tier_cap_of_0_07_above_a_limit_of_4_percent() -> None:
    """Naive: 0.07 is 0.07 %, and the tier trades nothing; or a reader takes it for 7 %."""
    text = "cap_pct: {by: order.tier, major: 0.07, middle: 0.05, minor: 0.03, none: 0.03}"
    cap = more("tier_cap", "position.pct_after <= params.cap_pct", text)
    found = [each for each in findings(altered(documents(), cap)) if each.code == "M227"]
    assert any("did you mean `7`" in each.help for each in found)


def test_a27_a_day_that_its_hours_never_fill() -> None:
    """Naive: 120 a day reads like a limit, and 24 hours of 3 are 72."""
    hour = text_of("policies/risk/max_orders_1h.yaml").replace("count: 5", "count: 3")
    day = text_of("policies/risk/max_orders_24h.yaml").replace("count: 40", "count: 120")
    found = with_code(findings(altered(documents(), hour, day)), "M351")
    assert "24 x 3 = 72" in found.message


def test_a27_a_tier_floor_below_the_floor_of_all() -> None:
    """Naive: products from 5 M USD enter the tier, and every order in them is denied."""
    floor = more("liquid", "asset.volume_24h_usd >= params.a_usd", "a_usd: 8000000")
    found = [each for each in findings(altered(documents(), floor)) if each.code == "M347"]
    assert [each.message.split("`")[1] for each in found] == ["UniverseFilter/spot#minor_enter"]


def test_a28_a_regime_that_nothing_tells() -> None:
    """Naive: settings for a regime that the code never emits are loaded and never used."""
    file = "policies/risk/max_position.yaml"
    found = edited(file, "bear: 1.8", "sideways: 1.8")
    assert with_code(found, "M332").message == "`sideways` is not a value of `regime.name`"
    assert with_code(found, "M333").message == "the table says nothing for `bear`"


@pytest.mark.parametrize("key", ['"stage "', '" stage"', "Stage", "stages"])
def test_a_key_that_is_nearly_right_is_not_ignored(key: str) -> None:
    """Naive (freqtrade#10478): a key with a space behind it is another key, and has a default."""
    found = edited("policies/risk/max_order_value.yaml", "  stage:", f"  {key}:")
    unknown = with_code(found, "M303")
    assert "did you mean `stage`?" in unknown.help
    assert unknown.fix is not None
    assert (unknown.fix.text, unknown.fix.safe) == ("stage", True)

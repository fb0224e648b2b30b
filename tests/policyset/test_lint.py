"""What lint finds in a policy set, and that it finds nothing in those that we ship."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from kinds.strategy.bad_sources import BAD as BAD_SOURCES
from policyset.sets import (
    NOW,
    SHIPPED,
    altered,
    codes,
    composed,
    documents,
    findings,
    shipped,
)

from engine.codes import CODES
from engine.errors import Severity
from engine.policyset.lint import lint
from engine.policyset.lint.controls import RAILS
from engine.policyset.lint.sizes import SizeBand, size_bands

if TYPE_CHECKING:
    from engine.errors import Diagnostic
    from engine.kinds.base import Document

DOCUMENTS = Path(__file__).parents[1] / "documents"
BAD = sorted((DOCUMENTS / "bad").glob("*.yaml"))
TWINS = sorted((DOCUMENTS / "twins").glob("*.yaml"))
# The set for tests of the engine trades at a loss on purpose, and says so.
_ON_PURPOSE = {"any_pair": ["M318"]}


def mark(finding: Diagnostic) -> str:
    """As the `.expected` files write it: the line in the bad document, else the other file."""
    if finding.place is None:
        return finding.code
    if finding.place.file == "new.yaml":
        return f"{finding.code}:{finding.place.line}:{finding.place.column}"
    return f"{finding.code}:{Path(finding.place.file).name}"


def limit(name: str, require: str, params: str, **other: str) -> str:
    """A limit in one line a field."""
    said = {"scope": "order", "intents": "[entry, add]", "on_breach": "deny", "stage": "enforce"}
    fields = "".join(f"  {key}: {value}\n" for key, value in (said | other).items())
    return (
        f"kind: RiskLimit\nmetadata: {{name: {name}, description: A test.}}\n"
        f"spec:\n  require: {require}\n  params: {{{params}}}\n{fields}"
    )


@cache
def core() -> tuple[Document, ...]:
    """The conservative set without its alerts, which no limit knows of."""
    return tuple(each for each in documents() if each.kind != "AlertRule")


@cache
def found_in(path: Path) -> tuple[Diagnostic, ...]:
    """What there is to say of the conservative set with one bad document in it."""
    return findings(altered(core(), path.read_text()))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_document_earns_exactly_the_findings_beside_it(path: Path) -> None:
    """One bad document in a good set is told, with its code and place, and nothing else is."""
    assert [mark(each) for each in found_in(path)] == path.with_suffix(
        ".expected"
    ).read_text().split()


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_every_finding_is_in_the_form_of_the_house(path: Path) -> None:
    """A finding is explained, says how to mend it, and names no type of the language."""
    for each in found_in(path):
        assert each.code in CODES
        assert each.help
        assert each.message.isprintable()
        assert not each.message.endswith(".")


@pytest.mark.parametrize("path", TWINS, ids=lambda path: path.stem)
def test_the_good_twin_of_a_bad_document_earns_nothing(path: Path) -> None:
    """What differs from the bad document by its mistake alone is in order."""
    assert findings(altered(core(), path.read_text())) == ()
    assert (DOCUMENTS / "bad" / path.name).is_file()


def test_every_code_of_meaning_and_lint_is_earned() -> None:
    """No code from M313 on lacks a document that earns it."""
    earned = {line[:4] for p in BAD for line in p.with_suffix(".expected").read_text().split()}
    earned |= {each[:4] for _, marks in BAD_SOURCES.values() for each in marks}
    # Of two documents at once; each has a test of its own.
    earned |= {"M330", "M381"}
    assert sorted({code for code in CODES if "M313" <= code < "M390"} - earned) == []


@pytest.mark.parametrize("name", SHIPPED, ids=lambda name: name or "base")
def test_the_shipped_sets_are_clean(name: str) -> None:
    """What we ship has not one finding, not even a warning."""
    assert codes(findings(documents(name))) == _ON_PURPOSE.get(name, [])


def test_lint_is_pure() -> None:
    """The same set and time give the same findings."""
    assert lint(shipped("small"), now=NOW) == lint(shipped("small"), now=NOW)


LIVE = documents("live")
_CARRIERS = {
    "C01": {"RiskLimit/price_collar"},
    "C02": {"RiskLimit/max_order_value"},
    "C04": {"RiskLimit/max_messages_1s", "RiskLimit/max_messages_1m"},
    "C07": {
        "CircuitBreaker/daily_stop",
        "AlertRule/daily_stop_near",
        "AlertRule/daily_stop_hit",
    },
    "C11": {"RiskLimit/no_duplicates"},
    "C13": {"CircuitBreaker/kill_switch", "AlertRule/kill_switch_thrown"},
    "C16": {"CircuitBreaker/reconcile_mismatch", "AlertRule/reconcile_differs"},
    "C27": {"ExecutionPolicy/orders", "CircuitBreaker/stale_data", "AlertRule/data_stale"},
    "C28": {"RiskLimit/max_position"},
}
_NO_GUARDS = """
kind: ExecutionPolicy
metadata: {name: orders, description: No guards.}
spec:
  ladders:
    entry: [{order: limit_ioc, collar_bps: 10}]
    exit: [{order: limit_ioc, collar_bps: 50}]
    exit_stop: [{order: market_ioc}]
    trim: [{order: limit_ioc, collar_bps: 50}]
  reconcile:
    scan_every: 5m
    look_back: 24h
    settles_within_s: 10
    slack: {balance_usd: 0.01, fill_usd: 0.2, fill_pct: 2, fee_usd: 0.01}
    accept_transfers_usd: 0
"""


def without(parts: tuple[Document, ...], control: str) -> tuple[Document, ...]:
    """The documents less those that carry a rail, and the alerts that refer to them."""
    kept = tuple(each for each in parts if each.id not in _CARRIERS[control])
    return altered(kept, _NO_GUARDS.lstrip()) if control == "C27" else kept


def test_every_rail_has_a_row() -> None:
    """The table of carriers speaks of every rail."""
    assert sorted(_CARRIERS) == [rail.control for rail in RAILS]


@pytest.mark.parametrize("control", _CARRIERS)
def test_a_live_set_without_a_rail_is_refused(control: str) -> None:
    """Each missing rail is one error in live, one warning elsewhere."""
    for parts, severity in ((LIVE, Severity.ERROR), (documents(), Severity.WARNING)):
        found = findings(without(parts, control))
        assert [(d.code, d.severity) for d in found] == [("M345", severity)]
        assert f"({control})" in found[0].message


@pytest.mark.parametrize("control", _CARRIERS)
def test_a_rail_may_be_renounced_in_words(control: str) -> None:
    """`unlimited: true` with the control and a reason says that none is wanted."""
    words = (
        f"kind: RiskLimit\nmetadata: {{name: none_wanted, description: In words., "
        f"control: {control}}}\nspec: {{scope: order, intents: [entry], on_breach: deny, "
        "stage: enforce, unlimited: true, reason: for a test}\n"
    )
    assert codes(findings(altered(without(LIVE, control), words))) == []


_NOT_A_RAIL = {
    "in shadow": {"stage": "shadow"},
    "on paper only": {"modes": "[paper]"},
    "for entries and not for adds": {"intents": "[entry]"},
    "from the wrong side": {"require": "order.notional_usd >= params.a_usd"},
}


@pytest.mark.parametrize("how", _NOT_A_RAIL)
def test_half_a_rail_is_no_rail(how: str) -> None:
    """A maximum order value counts only enforced, live, for all that adds risk, from above."""
    said = {"require": "order.notional_usd <= params.a_usd", **_NOT_A_RAIL[how]}
    text = limit("half", said.pop("require"), "a_usd: 20", **said)
    assert "M345" in codes(findings(altered(without(LIVE, "C02"), text)))


PAIRS: tuple[tuple[str, str, str, dict[str, str], list[str]], ...] = (
    ("looser", "quote.spread_bps <= params.a_bps", "a_bps: 60", {}, ["M347"]),
    ("equal", "quote.spread_bps <= params.a_bps", "a_bps: 50", {}, ["M347"]),
    ("spelled otherwise", "params.a_bps >= quote.spread_bps", "a_bps: 60", {}, ["M347"]),
    (
        "one of two parts",
        "has(quote.bid) and quote.spread_bps < params.a_bps",
        "a_bps: 60",
        {},
        ["M347"],
    ),
    (
        "in a chain",
        "params.b_bps <= quote.spread_bps <= params.a_bps",
        "a_bps: 60, b_bps: 1",
        {},
        ["M347"],
    ),
    ("in shadow", "quote.spread_bps <= params.a_bps", "a_bps: 60", {"stage": "shadow"}, []),
    (
        "with a way around it",
        "quote.crossed or quote.spread_bps <= params.a_bps",
        "a_bps: 60",
        {},
        ["M347"],
    ),
    (
        "for exits too",
        "quote.spread_bps <= params.a_bps",
        "a_bps: 60",
        {"intents": "[entry, exit]"},
        ["M375"],
    ),
    ("a lower bound", "quote.spread_bps >= params.a_bps", "a_bps: 1", {}, []),
    ("lower than all", "quote.spread_bps >= params.a_bps", "a_bps: 51", {}, ["M348"]),
    ("just possible", "quote.spread_bps >= params.a_bps", "a_bps: 50", {}, []),
    ("just impossible", "quote.spread_bps > params.a_bps", "a_bps: 50", {}, ["M348"]),
    ("of another fact", "quote.bid <= params.a_price", "a_price: 9", {}, []),
)


@pytest.mark.parametrize(("_name", "require", "params", "other", "wanted"), PAIRS)
def test_two_bounds_on_one_measure(
    _name: str, require: str, params: str, other: dict[str, str], wanted: list[str]
) -> None:
    """Beside a guard of 50 bps, a bound is told when it can never bind, and only then."""
    found = findings(altered(core(), limit("other", require, params, **other)))
    assert codes(found) == wanted


def test_both_places_are_told() -> None:
    """A conflict names the loser's place, and the winner's as related."""
    text = limit("other", "quote.spread_bps <= params.a_bps", "a_bps: 60")
    (found,) = findings(altered(core(), text))
    assert found.place is not None
    assert found.place.file == "new.yaml"
    assert [place.file.rpartition("/")[2] for place, _ in found.related] == ["spot.yaml"]


TABLES = (
    ("looser in every case", "bull: 4, chop: 4, bear: 2, crash: 1, unknown: 2", ["M347"]),
    ("tighter in one case", "bull: 4, chop: 2.9, bear: 2, crash: 1, unknown: 2", []),
)


@pytest.mark.parametrize(("_name", "cases", "wanted"), TABLES)
def test_tables_are_compared_case_by_case(_name: str, cases: str, wanted: list[str]) -> None:
    """A table is dead beside another only when it is looser in all cases."""
    table = f"a_pct: {{by: regime.name, {cases}}}"
    text = limit("other", "position.pct_after <= params.a_pct", table, on_breach="resize")
    assert codes(findings(altered(core(), text))) == wanted


def test_a_cap_of_the_day_needs_the_hours_to_fill_it() -> None:
    """24 hours of 3 orders are 72: a daily cap of 72 or more never binds, one of 71 can."""
    hour = limit("max_orders_1h", "pace.orders_1h_count < params.a_count", "a_count: 3")
    for count, wanted in ((120, ["M351"]), (72, ["M351"]), (71, [])):
        day = limit("max_orders_24h", "pace.orders_24h_count < params.a_count", f"a_count: {count}")
        assert codes(findings(altered(core(), hour, day))) == wanted


def test_a_cap_of_the_hour_above_that_of_the_day_never_binds() -> None:
    """What happens in an hour happens in the day."""
    hour = limit("max_orders_1h", "pace.entries_1h_count < params.a_count", "a_count: 50")
    assert codes(findings(altered(core(), hour))) == ["M350"]


CAPS = (
    ("every cap above the total", "portfolio.group_pct_after <= params.a_pct", "16", ["M350"]),
    ("one cap for all groups", "portfolio.group_pct_after <= params.a_pct", "14", []),
)


@pytest.mark.parametrize(("_name", "require", "cap", "wanted"), CAPS)
def test_a_cap_of_every_group(_name: str, require: str, cap: str, wanted: list[str]) -> None:
    """A cap above the total never binds and is told once; one below it is no table to add up."""
    said = {"scope": "group", "on_breach": "resize"}
    flat = limit("max_group", require, f"a_pct: {cap}", **said)
    assert codes(findings(altered(core(), flat))) == wanted


def test_the_size_band_at_255_usd_names_both_limits() -> None:
    """3 % of 255 USD is 7.65 USD: below a minimum order of 15, so no order is possible."""
    (band,) = bands_of("paper", "BTC-USD", "chop")
    assert band.empty
    assert (band.least.usd, band.least.source) == (15, "`ExecutionPolicy/orders#dust`")
    assert (round(band.most.usd, 9), band.most.source) == (7.65, "`RiskLimit/max_position`")


def test_the_small_set_has_room_at_255_usd() -> None:
    """10 % of 255 USD is 25.50 USD: above its minimum order of 5."""
    (band,) = bands_of("small", "BTC-USD", "chop")
    assert not band.empty
    assert (band.least.usd, round(band.most.usd, 9)) == (5, 25.5)


def bands_of(name: str, product: str, regime: str) -> list[SizeBand]:
    """The bands of one product in one regime at 255 USD."""
    bands = size_bands(shipped(name), 255)
    return [b for b in bands if b.product == product and ("regime.name", regime) in b.case]


def test_a_cap_of_zero_is_no_finding() -> None:
    """In a crash nothing is wanted, and lint does not call it a conflict."""
    crash = [b for b in size_bands(shipped(), 5000) if ("regime.name", "crash") in b.case]
    assert crash
    assert not any(band.empty for band in crash)


def test_the_venues_minimum_counts_in_the_numeraire() -> None:
    """A minimum of 10 EUR at a rate of 1.2276 asks for 12.276 USD."""
    parts = altered(documents("recorded"), _NO_GUARDS.lstrip())
    bands = size_bands(composed(parts), 10000)
    assert {round(b.least.usd, 9) for b in bands if b.product == "BTC-EUR"} == {12.276}
    assert {b.least.usd for b in bands if b.product == "BTC-USD"} == {10}


@pytest.mark.parametrize(
    ("name", "named", "wanted"),
    [
        ("paper", "groups: [LAYER2, DEFI]", ["M330"]),
        ("paper", "groups: [LAYER2, MEME]", []),
        ("paper", "groups: [LAYER2]\n  symbols: [BTC-USD]", []),
        ("", "groups: [LAYER2]", []),
        ("live", "groups: [LAYER2]", []),
    ],
)
def test_a_strategy_of_groups_finds_something_listed(
    name: str, named: str, wanted: list[str]
) -> None:
    """Told where the paper venue's list is known, and none of it is in any group that is named."""
    text = (DOCUMENTS / "bad/strategy-of-no-group.yaml").read_text()
    parts = altered(documents(name), text.replace("groups: [L2]", named))
    found = findings(parts)
    assert [each for each in codes(found) if each == "M330"] == wanted


def _alert(when: str) -> str:
    return (
        "kind: AlertRule\nmetadata: {name: heard, description: A test.}\nspec:\n  scope: symbol\n"
        f"  when: |\n    {when}\n  params: {{a_pct: -7}}\n"
        "  severity: warning\n  dedupe: 60s\n  escalate_after: 2m\n  route: log\n"
    )


ASKING = {
    "position.pnl_pct <= params.a_pct": ["M327"],
    "position.managed and position.pnl_pct <= params.a_pct": [],
    "position.pnl_pct <= params.a_pct and position.managed": [],
    "not (not position.managed or position.pnl_pct > params.a_pct)": [],
    "has(position.pnl_pct) and position.pnl_pct <= params.a_pct": [],
    "default(position.pnl_pct, 0) <= params.a_pct": [],
    "position.pnl_pct <= params.a_pct if position.managed else false": [],
    "position.pnl_pct <= params.a_pct if position.strategy == 'x' else false": ["M327"],
    "position.value_usd > 0 and position.pnl_pct <= params.a_pct": [],
    "position.pending_buy_usd > 0 and position.pnl_pct <= params.a_pct": ["M327"],
    "quote.crossed or position.pnl_pct <= params.a_pct": ["M327"],
    "position.strategy in ('a', 'b') or -100 > params.a_pct": ["M327"],
    "position.pct > 0 and -position.drop_from_peak_pct <= params.a_pct": [],
}


@pytest.mark.parametrize("when", ASKING)
def test_a_rule_about_a_position_asks_whether_there_is_one(when: str) -> None:
    """A finding is a rule that something leaves undecided while nothing is held, and no other."""
    found = findings(altered(core(), _alert(when)))
    assert [each for each in codes(found) if each == "M327"] == ASKING[when]


@pytest.mark.parametrize(("stage", "wanted"), [("enforce", ["M327"]), ("shadow", [])])
def test_a_breaker_of_a_position_finds_nothing_held(stage: str, wanted: list[str]) -> None:
    """It would deny every entry of every product; one that only watches denies nothing."""
    text = (
        "kind: CircuitBreaker\nmetadata: {name: other, description: A test.}\nspec:\n"
        "  scope: symbol\n  trip_when: position.hold_h >= params.a_h\n  params: {a_h: 90}\n"
        "  while_tripped: reducing\n  cancel: entries\n  on_trip: none\n"
        f"  reset: {{after: 10m}}\n  stage: {stage}\n"
    )
    found = findings(altered(core(), text))
    assert [each for each in codes(found) if each == "M327"] == wanted


WAIVER = """
kind: Waiver
metadata: {{name: exception, description: For a test.}}
spec:
  rule: {rule}
  scope: {scope}
  instead: {{params: {instead}}}
  reason: for a test
  approved_by: nobody
  from: "2025-01-01T00:00:00Z"
  until: "2025-02-01T00:00:00Z"
  at_end: hold
"""
UNTIL = type(NOW).parse("2025-02-01T00:00:00Z")
OTHER = limit("other", "quote.spread_bps <= params.a_bps", "a_bps: 60")
WAIVED = (
    ("a bound that never binds", OTHER, "", ["M347"]),
    ("unless a waiver lets it bind", OTHER, "max_spread_bps: 90", []),
    ("a waiver that leaves it dead", OTHER, "max_spread_bps: 55", ["M347"]),
)
_PARTS = {
    "every product": ("{}", ["M353"]),
    "a listed one": ("{symbols: [BTC-USD]}", ["M353"]),
    "one that is not listed": ("{symbols: [NONE-USD]}", []),
    "its group": ("{groups: [LAYER1]}", ["M353"]),
}


def _spread_waiver(value: str) -> tuple[str, ...]:
    text = WAIVER.format(rule="ExecutionPolicy/orders", scope="{}", instead=f"{{{value}}}")
    return (text.lstrip(),) if value else ()


@pytest.mark.parametrize(("_name", "other", "value", "wanted"), WAIVED)
def test_a_bound_that_binds_under_a_waiver_is_not_dead(
    _name: str, other: str, value: str, wanted: list[str]
) -> None:
    """Until a waiver ends, what it makes bind is alive; from then on the bound is dead."""
    parts = altered(core(), other, *_spread_waiver(value))
    assert codes(findings(parts, UNTIL.plus_s(-1))) == wanted
    ended = ["M347", "M359"] if value else ["M347"]
    assert sorted(codes(findings(parts, UNTIL))) == ended


@pytest.mark.parametrize("what", _PARTS)
def test_a_waiver_that_leaves_no_order_is_told(what: str) -> None:
    """A cap that is waived below the smallest order is a finding that names the waiver."""
    scope, wanted = _PARTS[what]
    text = WAIVER.format(
        rule="RiskLimit/max_position", scope=scope, instead="{max_position_pct: 0.1}"
    )
    parts = altered(documents("paper"), text.lstrip())
    found = findings(parts, UNTIL.plus_s(-1))
    assert codes(found)[:1] == wanted
    assert all("while the waiver `exception` is in force: " in each.message for each in found)
    assert codes(findings(parts, UNTIL)) == ["M359"]


def test_expiry_is_a_matter_of_the_time_that_is_given() -> None:
    """A waiver is no finding before its end, and an error from that instant on."""
    text = (Path(__file__).parents[1] / "documents/bad/waiver-expired.yaml").read_text()
    parts = altered(documents(), text)
    until = type(NOW).parse("2025-02-01T00:00:00Z")
    assert codes(findings(parts, until.plus_s(-1))) == []
    assert codes(findings(parts, until)) == ["M359"]

"""`policy set`: one value changes, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.policyset.editing.origins import values_of
from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CHANGES = {
    "a number in a table": (
        ["max_position", "params.max_position_pct.chop=2.5"],
        "risk/position.yaml",
        ("chop: 3.0,", "chop: 2.5,"),
    ),
    "a number with a comment behind it": (
        ["RiskLimit/max_order", "params.max_order_usd=400"],
        "risk/orders.yaml",
        ("max_order_usd: 500 # fits", "max_order_usd: 400 # fits"),
    ),
    "a path with its spec": (
        ["universe", "spec.leave_after=7d"],
        "universe.yaml",
        ("leave_after: 48h", "leave_after: 7d"),
    ),
    "a text that stays in quotes": (
        ["rotation", "until=2098-01-01T00:00:00Z"],
        "waiver.yaml",
        ('"2099-11-24T10:00:00Z"', '"2098-01-01T00:00:00Z"'),
    ),
    "a text that comes to need quotes": (
        ["rotation", "reason=agreed: in May"],
        "waiver.yaml",
        ("reason: agreed in the committee", "reason: 'agreed: in May'"),
    ),
    "a value that a patch states": (
        ["--policies", "policies/small", "max_position", "params.max_position_pct.chop=1.5"],
        "small/policyset.yaml",
        ("chop: 2.0,", "chop: 1.5,"),
    ),
    "a list": (
        ["max_order", "intents=[entry]"],
        "risk/orders.yaml",
        ("intents: [entry, add]", "intents: [entry]"),
    ),
    "a table": (
        ["universe", "groups={majors: [BTC], others_too: [ETH]}"],
        "universe.yaml",
        ("{majors: [BTC, ETH]}", "{majors: [BTC], others_too: [ETH]}"),
    ),
    "a key that was not there": (
        ["max_position", "modes=[paper, live]"],
        "risk/position.yaml",
        ("intents: [entry, add]\n", "intents: [entry, add]\n  modes: [paper, live]\n"),
    ),
    "a key that was not there, in an item": (
        ["max_order", "modes=[paper]"],
        "risk/orders.yaml",
        ("intents: [entry, add]\n", "intents: [entry, add]\n      modes: [paper]\n"),
    ),
    "a key in brackets that was not there": (
        ["account", "account.portfolio_id=6b3f0a52-7c1e-4d7a-9f10-2b6f3c8d9e01"],
        "deployment.yaml",
        ("{name: main}", "{name: main, portfolio_id: 6b3f0a52-7c1e-4d7a-9f10-2b6f3c8d9e01}"),
    ),
    "a value that a patch of the overlay comes to state": (
        ["--policies", "policies/small", "universe", "leave_after=7d", "--reason", "so: said"],
        "small/policyset.yaml",
        (
            "reason: a small account",
            """reason: a small account
    - target: UniverseFilter/universe
      set:
        leave_after: 7d
      reason: "so: said\"""",
        ),
    ),
}
"""The words, the file, and what stands in it before and after."""

REFUSED = {
    "text for a number": (["max_order", "params.max_order_usd=lots"], "M311"),
    "a number in another form": (["max_order", "params.max_order_usd=1_000"], "M124"),
    "a comment smuggled in": (["max_order", "params.max_order_usd=5 # five"], "does not fit"),
    "more keys smuggled in": (["min_order", "params.min_order_usd=5, x: 6"], ""),
    "no value": (["max_order", "params.max_order_usd="], "M123"),
    "not one of the choices": (["max_order", "stage=enforced"], "M306"),
    "an expression on no fact": (["daily_stop", "trip_when=portfolio.pnl > 1"], "M203"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_only_the_value_changes(sample: Path, policy: Callable, change: str) -> None:
    """The file is the old one but for the value; comments, layout and quotes stay."""
    words, name, (old, new) = CHANGES[change]
    path = sample / name
    before = path.read_text()
    outcome = policy("set", *words)
    assert path.read_text() == before.replace(old, new, 1) != before
    assert f"policies/{name}:" in outcome.out


@pytest.mark.parametrize("mistake", REFUSED)
def test_what_does_not_load_is_not_written(sample: Path, policy: Callable, mistake: str) -> None:
    """A value with which the set would not load leaves every file as it was."""
    words, code = REFUSED[mistake]
    before = {path: path.read_bytes() for path in sample.rglob("*.yaml")}
    outcome = policy("set", *words)
    assert outcome.status in (1, 2)
    assert code in outcome.err
    assert {path: path.read_bytes() for path in sample.rglob("*") if path.is_file()} == before


def test_several_at_once_are_one_change(sample: Path, policy: Callable) -> None:
    """Values that only fit together are changed together, each told, and linted once."""
    words = ["params.most_usd=400", "require=order.notional_usd <= params.most_usd"]
    path = sample / "risk" / "orders.yaml"
    text = path.read_text().replace("order.notional_usd\n          <= params.max_order_usd\n", "")
    text = text.replace(
        "require: |\n        ", "require: order.notional_usd <= params.max_order_usd\n"
    )
    path.write_text(text)
    assert policy("set", "max_order", *words).status == 1
    assert path.read_text() == text
    whole = policy("set", "max_order", words[1], "params={most_usd: 400}")
    assert "written over several lines" in whole.err
    outcome = policy("set", "max_order", "params.max_order_usd=450", "on_breach=deny")
    assert path.read_text() == text.replace("500 # fits", "450 # fits").replace("resize", "deny")
    assert outcome.out.count(" is now ") == 2
    assert outcome.out.count(" was the set") == 1


@pytest.mark.long
def test_an_overlay_without_patches_gets_them(sample: Path, policy: Callable) -> None:
    """The first patch of an overlay makes its list; the second goes into the same entry."""
    over = sample / "over" / "policyset.yaml"
    over.parent.mkdir()
    head = "apiVersion: mandate/v1\nkind: PolicySet\nmetadata: {name: over, description: O.}\n"
    over.write_text(f"{head}spec:\n  include: [more.yaml]\n  base: ../small\n")
    (over.parent / "more.yaml").write_text(
        "apiVersion: mandate/v1\nkind: AlertRule\nmetadata: {name: more, description: M.}\n"
        "spec: {scope: account, when: not engine.ledger_ok, severity: info, dedupe: 60s, "
        "route: log}\n"
    )
    before = {path: path.read_bytes() for path in sample.rglob("*.yaml") if path != over}
    words = ("set", "--policies", "policies/over", "max_position")
    assert " is now 1.5" in policy(*words, "params.max_position_pct.chop=1.5").out
    assert " is now 2" in policy(*words, "params.max_position_pct.bull=2").out
    assert over.read_text() == (
        f"{head}spec:\n  include: [more.yaml]\n  base: ../small\n  patches:\n"
        "    - target: RiskLimit/max_position\n      set:\n"
        "        params.max_position_pct.chop: 1.5\n        params.max_position_pct.bull: 2\n"
    )
    assert " is now warning" in policy(*words[:-1], "more", "severity=warning").out
    after = {path: path.read_bytes() for path in sample.rglob("*.yaml") if path != over}
    assert {path.name for path in after if after[path] != before[path]} == {"more.yaml"}


UNWRITTEN = {
    "no such document": (["max_ordr", "stage=warn"], "near it: `max_order`"),
    "no such path": (["max_order", "stages=warn"], "`RiskLimit/max_order` does not have `stages`"),
    "a part of what is no mapping": (["max_order", "stage.of=1"], "does not have `stage.of`"),
    "no value at all": (["max_order", "stage"], "is not PATH=VALUE"),
    "no path at all": (["max_order", "=1"], "is not PATH=VALUE"),
    "a list in lines": (["universe", "tiers=[]"], "written over several lines"),
    "a text in lines": (["max_order", "require=true"], "written over several lines"),
    "an item that is not there": (["universe", "tiers.3.stay=true"], "does not have"),
}


@pytest.mark.parametrize("mistake", UNWRITTEN)
def test_what_cannot_be_set_is_said(sample: Path, policy: Callable, mistake: str) -> None:
    """A path or a layout that cannot be followed is a misuse in words, and nothing is written."""
    words, told = UNWRITTEN[mistake]
    before = {path: path.read_bytes() for path in sample.rglob("*.yaml")}
    outcome = policy("set", *words)
    assert (outcome.status, outcome.out) == (2, "")
    assert told in outcome.err
    assert {path: path.read_bytes() for path in sample.rglob("*.yaml")} == before


def test_both_hashes_are_told(sample: Path, policy: Callable) -> None:
    """The hash before and the hash after are said in full, so that a review can name both."""
    before = load_policy_set(sample).required().hash
    out = policy("set", "max_order", "params.max_order_usd=450").out
    after = load_policy_set(sample).required().hash
    assert f"{before} was the set\n{after} is the set\n" in out
    assert before != after


@pytest.mark.usefixtures("sample")
def test_the_new_set_is_linted(policy: Callable) -> None:
    """After the change lint speaks: the status is that of `policy lint`."""
    outcome = policy("set", "max_order", "params.max_order_usd=450")
    lint = policy("lint")
    assert outcome.status == lint.status
    assert lint.out.splitlines()[-1] in outcome.err


def test_a_directory_that_cannot_be_written(sample: Path, policy: Callable) -> None:
    """Where the file cannot be replaced it stays whole, and the reason is said."""
    (sample / "risk" / ".orders.yaml.draft").mkdir()
    before = (sample / "risk" / "orders.yaml").read_bytes()
    outcome = policy("set", "max_order", "params.max_order_usd=450")
    assert (outcome.status, outcome.out) == (2, "")
    assert "cannot write policies/risk/orders.yaml: is a directory" in outcome.err
    assert (sample / "risk" / "orders.yaml").read_bytes() == before


def test_every_value_that_is_shown_can_be_set(sample: Path, policy: Callable) -> None:
    """What `show` lists as one value on a line of a document, `set` writes again unchanged."""
    policy_set = load_policy_set(sample).required()
    (limit,) = (each.document for each in policy_set.sealed if each.document.name == "min_order")
    before = (sample / "risk" / "orders.yaml").read_text()
    for each in values_of(limit):
        if isinstance(each.value, str):
            policy("set", "min_order", f"{each.dotted}={each.value}")
    assert (sample / "risk" / "orders.yaml").read_text() == before

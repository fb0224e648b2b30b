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

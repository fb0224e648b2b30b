"""`policy show`: each value with the place that it comes from."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize(
    "words",
    [
        [],
        ["max_order"],
        ["RiskLimit/max_position"],
        ["policies/small", "max_position", "--effective"],
        ["policies", "universe"],
    ],
    ids=" ".join,
)
def test_page(policy: Callable, words: list[str], snapshot: SnapshotAssertion) -> None:
    """The page reads as a table: path, value, and the file and line, with patch or waiver named."""
    outcome = policy("show", *words)
    assert (outcome.status, outcome.err) == (0, "")
    # The hash of the set follows the meaning of its facts too, which is tested elsewhere.
    assert re.sub(r"^(sample) [0-9a-f]{64}", r"\1 HASH", outcome.out) == snapshot


def test_waiver_out_of_force_is_not_shown(sample: Path, policy: Callable) -> None:
    """What a waiver says does not count when its time is over."""
    path = sample / "waiver.yaml"
    path.write_text(path.read_text().replace("2099-", "2025-"))
    shown = policy("show", "max_position", "--effective").out
    assert "waiver" not in shown
    assert "params.max_position_pct.chop" in shown


@pytest.mark.usefixtures("sample")
def test_json_says_where_each_value_was_written(policy: Callable) -> None:
    """The JSON holds every value of every document, with its kind of origin and its place."""
    data = json.loads(policy("show", "policies/small", "--effective", "--format", "json").out)
    documents = {each["id"]: each for each in data["documents"]}
    values = documents["RiskLimit/max_position"]["values"]
    chop = next(each for each in values if each["path"] == "params.max_position_pct.chop")
    assert chop == {
        "path": "params.max_position_pct.chop",
        "value": 2,
        "origin": "patch",
        "file": "policies/small/policyset.yaml",
        "line": 8,
        "column": 43,
        "reason": "a small account",
    }
    waived = next(each for each in values if each["origin"] == "waiver")
    assert (waived["path"], waived["value"]) == ("params.max_position_pct", 6)
    assert (waived["waiver"], waived["symbols"]) == ("rotation", ["BTC-USD"])
    assert len(documents) == 9


def test_an_overlay_of_an_overlay(sample: Path, policy: Callable) -> None:
    """Each value is told with the layer that said it last, its reason, and what nobody said."""
    over = sample / "over" / "policyset.yaml"
    over.parent.mkdir()
    over.write_text(
        "apiVersion: mandate/v1\nkind: PolicySet\nmetadata: {name: over, description: O.}\n"
        "spec:\n  base: ../small\n  patches:\n    - target: RiskLimit/max_position\n"
        "      set: {params.max_position_pct.bull: 2.5}\n      reason: a calm year\n"
        "    - target: RiskLimit/max_order\n      set: {on_breach: deny}\n"
    )
    lines = policy("show", "policies/over", "max_position", "--effective").out.splitlines()
    said = {line.split()[0]: line for line in lines if line.startswith("  ")}
    assert "over/policyset.yaml:8:43 (patch: a calm year)" in said["params.max_position_pct.bull"]
    assert "small/policyset.yaml:8:43 (patch: a small" in said["params.max_position_pct.chop"]
    assert "risk/position.yaml:13:69" in said["params.max_position_pct.bear"]
    assert said["modes"].endswith("(default)")
    other = policy("show", "policies/over", "max_order", "--effective").out
    assert "policies/over/policyset.yaml:11:24 (patch)\n" in other


def test_json_keeps_numbers_exact(sample: Path, policy: Callable) -> None:
    """A number that JSON's readers would round is given as text, and any other as a number."""
    path = sample / "breaker.yaml"
    path.write_text(path.read_text().replace("loss_pct: 2", "loss_pct: 2.00000000000000000001"))
    for said, exact in (("2.00000000000000000001", "2.00000000000000000001"), ("2.5", 2.5)):
        path.write_text(path.read_text().replace("2.00000000000000000001", said))
        (document,) = json.loads(policy("show", "daily_stop", "--format", "json").out)["documents"]
        values = {each["path"]: each["value"] for each in document["values"]}
        assert values["params.loss_pct"] == exact

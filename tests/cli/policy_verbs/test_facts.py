"""`policy facts`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cli.main import run
from cli.policy import POLICY
from cli.policy_verbs.facts import render_json, render_page
from engine.expr.facts import VOCABULARY
from engine.expr.units import Unit
from engine.expr.vocabulary import FactScope, FactSpec, FactType

if TYPE_CHECKING:
    import pytest
    from syrupy.assertion import SnapshotAssertion

SPECS = (
    FactSpec(
        "regime.name",
        FactType.ENUM,
        None,
        FactScope.ACCOUNT,
        "series.regime",
        "The weather.",
        values=("bull", "bear"),
    ),
    FactSpec(
        "quote.spread_bps",
        FactType.NUMBER,
        Unit.BPS,
        FactScope.SYMBOL,
        "",
        "Ask less bid.",
        definition="10000 * (quote.ask - quote.bid) / quote.mid",
    ),
    FactSpec("quote.crossed", FactType.FLAG, None, FactScope.SYMBOL, "quotes", "Bid above ask."),
)


def test_page(snapshot: SnapshotAssertion) -> None:
    """The page shows groups and names in order, with unit, values or type, and definitions."""
    assert render_page(SPECS) == snapshot


def test_json_says_all_of_a_fact() -> None:
    """The JSON holds each fact's meaning, producer, definition and sentence, sorted by name."""
    crossed, spread, _ = json.loads(render_json(SPECS))
    assert crossed["producer"] == "quotes"
    assert (spread["name"], spread["unit"]) == ("quote.spread_bps", "bps")
    assert spread["definition"] == "10000 * (quote.ask - quote.bid) / quote.mid"
    assert spread["sentence"] == "Ask less bid."


def test_verb_lists_the_whole_vocabulary(capsys: pytest.CaptureFixture[str]) -> None:
    """Both formats of the verb name every fact of the built-in vocabulary."""
    assert run(POLICY, ["facts"]) == 0
    page = capsys.readouterr().out.split()
    assert set(VOCABULARY) <= set(page)
    assert run(POLICY, ["facts", "--format", "json"]) == 0
    assert {each["name"] for each in json.loads(capsys.readouterr().out)} == set(VOCABULARY)

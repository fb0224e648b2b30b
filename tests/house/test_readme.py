"""What the README shows is true."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from cli.output.text import render_text
from cli.policy import POLICY
from cli.policy_verbs.controls import render_markdown
from cli.trader import TRADER
from cli.verbs import Group
from engine.model.times import UtcTime
from engine.policyset.controls.report import controls_of
from engine.policyset.opening import load_policy_set

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _block(language: str, containing: str) -> str:
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    return next(text for each, text in blocks if each == language and containing in text)


def _verbs() -> list[tuple[str, str]]:
    found = []
    for command in (POLICY, TRADER):
        for verb in command.verbs:
            inner = verb.verbs if isinstance(verb, Group) else (verb,)
            found.extend((command.name, each.name) for each in inner)
    return found


@pytest.mark.parametrize(("command", "verb"), _verbs())
def test_every_verb_is_in_the_readme(command: str, verb: str) -> None:
    """A verb that a user can call is in the table of commands."""
    rows = [line for line in README.splitlines() if line.startswith("|") and command in line]
    assert any(re.search(rf"\b{re.escape(verb)}\b", row) for row in rows)


def test_the_shown_error_is_what_lint_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The misspelt fact of the README gives the text of the README."""
    for folder in ("policies", "strategies"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    file = tmp_path / "policies/execution/spot.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("quote.spread_bps <=", "quote.spred_bps <="), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    findings = load_policy_set(Path("policies")).diagnostics
    assert render_text(findings).strip() == _block("", "M2").strip()


def test_the_shown_rule_is_the_shipped_one() -> None:
    """The limit of the README is the limit of the base set."""
    shipped = (ROOT / "policies/risk/max_position.yaml").read_text(encoding="utf-8")
    assert _block("yaml", "kind: RiskLimit") in shipped


def test_the_shipped_sets_are_listed() -> None:
    """Each directory with a policyset.yaml is a row of the README."""
    folders = {
        str(path.parent.relative_to(ROOT)) for path in (ROOT / "policies").rglob("policyset.yaml")
    }
    assert folders == set(re.findall(r"^\| `(policies[^`]*)` \|", README, re.MULTILINE))


def test_the_table_of_controls_is_fresh() -> None:
    """The table between the markers is what `policy controls --format markdown` prints now."""
    policy_set = load_policy_set(ROOT / "policies").required()
    rows = controls_of(policy_set, UtcTime.parse("2026-01-05T08:00:00Z"))
    shown = README.partition("<!-- controls: begin -->\n")[2].partition("<!-- controls: end -->")[0]
    assert shown == render_markdown(rows)

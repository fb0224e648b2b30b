"""`policy explain`."""

from __future__ import annotations

import pytest

from cli.main import run
from cli.policy import POLICY
from engine.codes import CODES, Code


@pytest.fixture(autouse=True)
def catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """One entry that stays as it is, whatever the real catalogue comes to say."""
    entry = Code("M999", "a test's own entry", "Because tests need one.", "first\nsecond")
    monkeypatch.setitem(CODES, "M999", entry)


@pytest.mark.parametrize("spelling", ["M999", "m999"])
def test_entry(spelling: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A code in any case gives its title, the reason, and the example, indented."""
    assert run(POLICY, ["explain", spelling]) == 0
    assert capsys.readouterr().out == (
        "M999: a test's own entry\n\nBecause tests need one.\n\nFor example:\n  first\n  second\n"
    )


def test_unknown_code(capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown code is a usage error that names the nearest ones."""
    assert run(POLICY, ["explain", "M998"]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("policy explain: there is no code `M998`; near it: ")
    assert "M999" in shown


def test_code_like_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing is near, nothing is suggested."""
    assert run(POLICY, ["explain", "quux"]) == 2
    assert capsys.readouterr().err == "policy explain: there is no code `quux`\n"

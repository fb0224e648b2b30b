"""Findings of every shape, which each format must be able to show."""

from __future__ import annotations

import pytest

from engine.codes import CODES, Code
from engine.errors import Diagnostic, Place, Severity

SPREAD = "policies/execution/max-spread.yaml"


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two entries that stay as they are, whatever the real catalogue comes to say."""
    for code, title in (("M203", "unknown fact"), ("M310", "looser than before")):
        monkeypatch.setitem(CODES, code, Code(code, title, f"why {title}", f"{title}: example"))


@pytest.fixture
def findings() -> tuple[Diagnostic, ...]:
    """An error with a mend, a warning with a second place, and one that has no place."""
    line = "  require: quote.spred_bps <= params.max_spread_bps"
    return (
        Diagnostic(
            "M203",
            "unknown fact `quote.spred_bps`",
            Place(SPREAD, 9, 12, 15, line),
            help="did you mean `quote.spread_bps`? quote has: age_s, ask, bid, mid, spread_bps",
        ),
        Diagnostic(
            "M310",
            "this limit is 100 % looser, than: before",
            Place("policies/risk/per asset.yaml", 7, 10, 3, "  value: 5.0"),
            related=((Place("policies/risk/base.yaml", 12, 3, 4, "  cap: 2.5"), "it was here"),),
            severity=Severity.WARNING,
        ),
        Diagnostic("M310", "the set has no kill switch"),
    )

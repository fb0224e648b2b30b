"""The door to the solver: what is said where it is not there."""

from __future__ import annotations

import sys

import pytest

from engine.comparison.proving.solver import solve
from engine.errors import MandateError


def test_without_the_extra_the_mend_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that only trades has no solver: a code and the words that install it."""
    monkeypatch.setitem(sys.modules, "z3", None)
    with pytest.raises(MandateError) as refused:
        solve("")
    (finding,) = refused.value.diagnostics
    assert finding.code == "M700"
    assert "mandate-trader[compare]" in (finding.help or "")

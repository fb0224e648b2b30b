"""Without its libraries the venue says which extra brings them."""

from __future__ import annotations

import sys

import pytest

from engine.errors import MandateError
from engine.venue.extra import LIBRARIES, refuse_without_extra


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing library is a finding with the extra in its mend; with all of them there is none."""
    refuse_without_extra()
    for name in LIBRARIES:
        for module in [each for each in sys.modules if each.split(".")[0] == name]:
            monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(sys, "meta_path", [])
    with pytest.raises(MandateError, match=r"M606.*venue"):
        refuse_without_extra()

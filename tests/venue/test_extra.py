"""Without its libraries the venue says which extra brings them."""

from __future__ import annotations

import sys

import pytest

from engine.errors import MandateError
from engine.venue.extra import LIBRARIES, refuse_without_extra


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing library is a finding with the extra in its mend; with all of them there is none."""
    refuse_without_extra()
    # None in the table of modules is how Python says that there is no such module.
    monkeypatch.setitem(sys.modules, LIBRARIES[1], None)
    with pytest.raises(MandateError, match=rf"M606.*{LIBRARIES[1]}.*venue"):
        refuse_without_extra()

"""One venue of its own for what the tests of this folder do by real processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from crashes.matrix import venue_process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crashes.matrix import VenueProcess


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VenueProcess]:
    """A venue that answers for as long as the module runs."""
    with venue_process(tmp_path_factory.mktemp("venue")) as running:
        yield running

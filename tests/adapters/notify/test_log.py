"""The route `log`: what it delivers, and what it says it cannot."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from engine.adapters.notify import LogNotifier

if TYPE_CHECKING:
    import pytest


def test_an_alert_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """As a warning, subject first."""
    assert asyncio.run(LogNotifier().notify("log", "stale_data firing", "quote.age_s is 130"))
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("mandate.alert", "WARNING")
    assert record.getMessage() == "stale_data firing: quote.age_s is 130"


def test_a_route_that_is_not_there_did_not_deliver(caplog: pytest.LogCaptureFixture) -> None:
    """It says so, and writes nothing that could look like a delivery."""
    assert not asyncio.run(LogNotifier().notify("pager", "a", "b"))
    assert caplog.records == []

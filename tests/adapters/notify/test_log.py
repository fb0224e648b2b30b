"""The route `log`: what it writes, and where who looks finds it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from engine.adapters.notify.log import LogMeans
from engine.model.notices import News, Notice, Sender
from engine.model.times import UtcTime

if TYPE_CHECKING:
    import pytest

TIME = UtcTime.parse("2026-03-02T12:00:00Z")


def test_an_alert_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """As a warning, what happened first; nothing can keep it from that."""
    told = Notice(
        1, "log", News.FIRING, "stale", "BTC-USD", "warning", "130 > 60", since=TIME, time=TIME
    )
    sender = Sender("main", "paper", "spot", "0" * 64)
    assert asyncio.run(LogMeans().tell([told, told], sender)) is None
    assert [(each.name, each.levelname) for each in caplog.records] == [
        ("mandate.alert", "WARNING")
    ] * 2
    assert caplog.records[0].getMessage() == "[warning] stale:BTC-USD firing: 130 > 60"

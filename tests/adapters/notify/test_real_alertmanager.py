"""What we tell a real Alertmanager is what its webhook tells on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from adapters.notify.test_routes import SENDER, Told, deployment, notice
from fakes.alertmanager import BINARY, alertmanager, webhook

from engine.adapters.notify import routes_of
from engine.adapters.system.clock import SystemClock
from engine.model.notices import News

if TYPE_CHECKING:
    from pathlib import Path

    from fakes.alertmanager import Hook

pytestmark = pytest.mark.skipif(BINARY is None, reason="no Alertmanager (Debian: its package)")


def _told(hook: Hook, status: str) -> set[str]:
    return {each.labels["alertname"] for each in hook.arrived if each.status == status}


@pytest.mark.long
def test_what_fires_and_what_is_over_comes_through(tmp_path: Path) -> None:
    """Firing, then resolved by its end; a hundred at once lose none."""

    async def story() -> None:
        async with webhook() as hook, alertmanager(tmp_path, hook) as address:
            routes = routes_of(
                deployment("alertmanager", resend="1m", timeout="9s"),
                Told({"DESK": address}),
                SystemClock(),
            )
            now = SystemClock().now()
            one = notice("daily_stop_hit", since=now, time=now)
            assert await routes.deliver("desk", [one], SENDER) is None
            await hook.until(lambda: "daily_stop_hit" in _told(hook, "firing"), 9)
            over = notice("daily_stop_hit", News.RESOLVED, since=now, time=SystemClock().now())
            assert await routes.deliver("desk", [over], SENDER) is None
            await hook.until(lambda: "daily_stop_hit" in _told(hook, "resolved"), 9)
            many = [notice(f"rule_{number}", since=now, time=now) for number in range(100)]
            assert await routes.deliver("desk", many, SENDER) is None
            await hook.until(lambda: len(_told(hook, "firing")) == 101, 20)
            await routes.close()

    asyncio.run(story())

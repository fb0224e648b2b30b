"""News of orders: whoever hears that something changed reads the account, and does not wait.

In: the venue's own word of our orders. Out: readings of the account between two steps of the loop.
News says that it is time to read; what is true is what is then read. A burst of news is one
reading, and readings keep a distance, so that a busy market leaves room to send.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from engine.cycle.steps import reconcile
from engine.model.orders import Mode

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from engine.cycle.desk import Desk
    from engine.ports import OrderChannel

    Between = Callable[[Callable[[], Awaitable[None]]], Awaitable[None]]

SPACING_S = 0.5
"""Between the end of one reading and the next, however much is told meanwhile."""


async def listen(desk: Desk, channel: OrderChannel, between: Between) -> None:
    """Read the account whenever `channel` tells something, for ever; `between` is the loop's."""
    told = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_hear(channel, told), name="hear")
        tasks.create_task(_read(desk, told, between), name="read")


async def _hear(channel: OrderChannel, told: asyncio.Event) -> None:
    async for _ in channel.news():
        told.set()


async def _read(desk: Desk, told: asyncio.Event, between: Between) -> None:
    async def read() -> None:
        await reconcile.read(desk, desk.clock.now())

    while True:
        await told.wait()
        # Cleared before the reading: what is told during it may not be in it.
        told.clear()
        if desk.mode is not Mode.DRY_RUN:
            await between(read)
        await desk.clock.sleep_until(desk.clock.now().plus_s(SPACING_S))

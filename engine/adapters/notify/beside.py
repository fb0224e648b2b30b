"""A blocking call beside the event loop, which nobody has to wait for at the end.

In: a call that raises nothing. Out: its answer. The thread is a daemon: a service that hangs may
cost its own route an attempt, and neither a cycle, another route, nor the end of the process.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


async def in_thread(work: Callable[[], T]) -> T:
    """Run it, and wait; whoever waits sets how long."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def settle(value: T) -> None:
        if not answer.done():
            answer.set_result(value)

    def run() -> None:
        value = work()
        # The loop may be closed by now: then nobody waits any more.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, value)

    threading.Thread(target=run, name="notify", daemon=True).start()
    return await answer

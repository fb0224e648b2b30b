"""Work that may fail beside a loop, and where it failed without a value: values may be secrets.

In: work, or an error. Out: the work once it has ended, however; the file and line that raised an
error, below the engine's folder.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable

_T = TypeVar("_T")


async def ended(work: Awaitable[_T]) -> asyncio.Future[_T]:
    """The work with its result or its exception; whoever stops waiting for it cancels it."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait([task])
    finally:
        task.cancel()
    return task


def place_of(error: BaseException) -> str:
    """`cycle/loop.py:12`, or words where nobody knows."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an unknown place"
    return f"{trace.tb_frame.f_code.co_filename.rpartition('engine/')[2]}:{trace.tb_lineno}"

"""What a process sees around a set: the clock, the routes that it could make, disk and key."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from engine.adapters.system.space import free_bytes
from engine.model.times import NS_PER_S, UtcTime
from engine.run.doctor import Surroundings, key_seen

if TYPE_CHECKING:
    from engine.adapters.environment import SecretSources
    from engine.adapters.notify import Routes
    from engine.run.ledgers import LedgerView


def seen(view: LedgerView | None, sources: SecretSources, made: Routes) -> Surroundings:
    """As of now; no secret is used, and none is told."""
    return Surroundings(
        key=key_seen(sources),
        now=UtcTime(int(time.time()) * NS_PER_S),
        routes=made,
        free_bytes=free_bytes(view.path) if view and view.path else None,
    )

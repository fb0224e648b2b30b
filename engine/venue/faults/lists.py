"""Lists that are not what the venue holds: behind, reordered, with entries twice, or without any.

In: a page of orders, fills, accounts or products, and a fault. Out: the page as the client gets it;
its cursor stays. A body that is no such page is left alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import orjson

from engine.model.times import UtcTime
from engine.venue.faults.kinds import Fault, FaultKind

if TYPE_CHECKING:
    from engine.ports import Rng
    from engine.venue.passage import Reply

_LISTS = ("orders", "fills", "accounts", "products")
_BORN = ("created_time", "trade_time")
_OK = 200


def spoil_page(reply: Reply, fault: Fault, rng: Rng, now: UtcTime) -> Reply:
    """The page after what the fault does to it."""
    page = _page(reply)
    key = next((name for name in _LISTS if isinstance(page.get(name), list)), None)
    if key is None:
        return reply
    entries: list[object] = page[key]
    match fault.kind:
        case FaultKind.LIST_LAG:
            before = now.plus_s(-fault.lag_s)
            entries = [each for each in entries if not _younger(each, before)]
        case FaultKind.PAGE_REORDERED:
            entries = _shuffled(entries, rng)
        case FaultKind.PAGE_REPEATED:
            entries = entries * 2
        case _:
            # INVARIANT: PAGE_MISSING; the kinds that are not of lists were carried out before.
            entries = []
    return replace(reply, body=orjson.dumps({**page, key: entries}))


def _page(reply: Reply) -> dict[str, list[object]]:
    if reply.status != _OK:
        return {}
    body = orjson.loads(reply.body)
    return body if isinstance(body, dict) else {}


def _younger(entry: object, moment: UtcTime) -> bool:
    """Whether an entry was made after `moment`; what has no time of its own was always there."""
    told = entry if isinstance(entry, dict) else {}
    born = next((told[key] for key in _BORN if key in told), None)
    return isinstance(born, str) and UtcTime.parse(born) > moment


def _shuffled(entries: list[object], rng: Rng) -> list[object]:
    """Another order by chance; two entries always change places."""
    keyed = sorted((rng.uniform(0.0, 1.0), place) for place in range(len(entries)))
    shuffled = [entries[place] for _, place in keyed]
    return shuffled if shuffled != entries else entries[::-1]

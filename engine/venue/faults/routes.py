"""Which requests there are, as far as faults differ between them.

In: a method and a path, with or without the API's prefix. Out: a `Route`, and whether a pattern of
a plan means it. `*` stands for one part of a path.
"""

from __future__ import annotations

from enum import Enum

from engine.venue.faults.kinds import FaultKind

PREFIX = "/api/v3/brokerage"


class Route(Enum):
    """What a request is to the one who sends it."""

    ORDER = "order"  # places one
    CANCEL = "cancel"
    WRITE = "write"  # any other POST
    LIST = "list"  # orders, fills, accounts, products: pages
    READ = "read"


_LISTS = frozenset(
    {"/orders/historical/batch", "/orders/historical/fills", "/accounts", "/products"}
)
_POSTS = {"/orders": Route.ORDER, "/orders/batch_cancel": Route.CANCEL}


def without_prefix(path: str) -> str:
    """`/orders` of `/api/v3/brokerage/orders`; the public half counts as the private one."""
    return path.removeprefix(PREFIX).removeprefix("/market") or "/"


def route_of(method: str, path: str) -> Route:
    """What the request is."""
    short = without_prefix(path)
    if method == "POST":
        return _POSTS.get(short, Route.WRITE)
    return Route.LIST if short in _LISTS else Route.READ


def means(pattern: str, path: str) -> bool:
    """Whether a pattern such as `/orders/historical/*` means this path."""
    wanted, found = without_prefix(pattern).split("/"), without_prefix(path).split("/")
    pairs = zip(wanted, found, strict=False)
    return len(wanted) == len(found) and all(w in {"*", f} for w, f in pairs)


_ANY = frozenset(
    {
        FaultKind.REQUEST_LOST,
        FaultKind.RESPONSE_LOST,
        FaultKind.STATUS,
        FaultKind.GARBAGE_BODY,
        FaultKind.TRUNCATED_BODY,
        FaultKind.HTML_BODY,
        FaultKind.CUT_OFF,
        FaultKind.SLOW_DRIP,
    }
)
_WRITES = _ANY | {FaultKind.LATE_ARRIVAL, FaultKind.DUPLICATE_DELIVERY}
_PAGES = frozenset(
    {
        FaultKind.LIST_LAG,
        FaultKind.PAGE_REORDERED,
        FaultKind.PAGE_REPEATED,
        FaultKind.PAGE_MISSING,
    }
)

FITTING: dict[Route, frozenset[FaultKind]] = {
    Route.ORDER: _WRITES
    | {
        FaultKind.SUCCESS_FALSE,
        FaultKind.OTHER_ORDER,
        FaultKind.PRODUCT_HALTED,
        FaultKind.PRECISION_CHANGED,
    },
    Route.CANCEL: _WRITES | {FaultKind.SUCCESS_FALSE},
    Route.WRITE: _WRITES,
    Route.LIST: _ANY | _PAGES,
    Route.READ: _ANY,
}
"""What can go wrong with each: a read that arrives late is a read without an answer."""

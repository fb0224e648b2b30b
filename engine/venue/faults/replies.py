"""Answers that are wrong: statuses of trouble, refusals, and bodies that nobody can read.

In: the venue's own answer, and a fault. Out: the answer that the client gets in its place. The
bodies of trouble are as the venue writes them, the words those of COINBASE.md.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import orjson

from engine.venue.faults.kinds import Fault, FaultKind
from engine.venue.faults.routes import Route
from engine.venue.passage import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

Headers = tuple[tuple[str, str], ...]
_HTML: Headers = (("content-type", "text/html; charset=UTF-8"),)
_OK, _TOO_MANY = 200, 429
_NOT_THEIRS = {502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Time-out"}
_WORDS = {
    400: ("INVALID_ARGUMENT", "the request is not valid"),
    401: ("UNAUTHENTICATED", "Unauthorized"),
    403: ("PERMISSION_DENIED", "Missing required scopes"),
    404: ("NOT_FOUND", "not found"),
    500: ("INTERNAL", "internal server error"),
}


def json_reply(status: int, body: object, headers: Headers = ()) -> Reply:
    """An answer of JSON."""
    plain = Reply(status, orjson.dumps(body))
    return replace(plain, headers=(*plain.headers, *headers))


def trouble(fault: Fault) -> Reply:
    """The answer with a fault's status, as the venue or the proxy before it writes it."""
    if fault.status in _NOT_THEIRS:
        page = (
            f"<html><head><title>{fault.status} {_NOT_THEIRS[fault.status]}</title></head></html>"
        )
        return Reply(fault.status, page.encode(), _HTML)
    if fault.status == _TOO_MANY:
        return too_many(fault.retry_after_s, _used_up(fault))
    word, message = _WORDS[fault.status]
    return json_reply(fault.status, {"error": word, "error_details": "", "message": message})


def _used_up(fault: Fault) -> Headers:
    if fault.reset_s is None:
        return ()
    return (("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", str(fault.reset_s)))


def too_many(retry_after_s: int | None, headers: Headers = ()) -> Reply:
    """The answer to one request too many."""
    wait = () if retry_after_s is None else (("retry-after", str(retry_after_s)),)
    error = {"id": "rate_limit_exceeded", "message": "You have exceeded the rate limit"}
    return json_reply(_TOO_MANY, {"errors": [error]}, (*headers, *wait))


def refusal(route: Route, fault: Fault, request: object) -> Reply:
    """A 200 that says no, to an order or to a cancel."""
    if route is Route.CANCEL:
        ids = request.get("order_ids") if isinstance(request, dict) else None
        results = [
            {"success": False, "failure_reason": fault.word, "order_id": each}
            for each in (ids if isinstance(ids, list) else ())
        ]
        return json_reply(_OK, {"results": results})
    return json_reply(_OK, refused_order(fault.word, request))


def refused_order(word: str, request: object) -> dict[str, object]:
    """The body of an order that was not taken."""
    asked = request if isinstance(request, dict) else {}
    return {
        "success": False,
        "failure_reason": "UNKNOWN_FAILURE_REASON",
        "order_id": "",
        "error_response": {
            "error": word,
            "message": "",
            "error_details": "",
            "preview_failure_reason": "UNKNOWN_PREVIEW_FAILURE_REASON",
            "new_order_failure_reason": word,
        },
        "order_configuration": asked.get("order_configuration"),
    }


def taken_as(order_id: str, request: object) -> Reply:
    """A success that names an order which was there before, echoing the new request."""
    asked = request if isinstance(request, dict) else {}
    echoed = {key: asked.get(key, "") for key in ("product_id", "side", "client_order_id")}
    told = {
        "success": True,
        "failure_reason": "UNKNOWN_FAILURE_REASON",
        "order_id": order_id,
        "success_response": {"order_id": order_id, **echoed},
        "order_configuration": asked.get("order_configuration"),
    }
    return json_reply(_OK, told)


def _garbage(reply: Reply) -> Reply:
    return replace(reply, body=b"\x00\xff{]not json" + reply.body[:16][::-1])


def _truncated(reply: Reply) -> Reply:
    """Whole as HTTP, half as JSON: what a proxy makes of a server that died."""
    return replace(reply, body=reply.body[: max(1, len(reply.body) // 2)])


def _cut_off(reply: Reply) -> Reply:
    """Half of the bytes that its header promises, and then the connection ends."""
    return replace(reply, cut=max(1, len(reply.body) // 2))


def _html(_: Reply) -> Reply:
    page = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>"
    return Reply(_OK, page, _HTML)


SPOILT: dict[FaultKind, Callable[[Reply], Reply]] = {
    FaultKind.CUT_OFF: _cut_off,
    FaultKind.GARBAGE_BODY: _garbage,
    FaultKind.TRUNCATED_BODY: _truncated,
    FaultKind.HTML_BODY: _html,
}
"""What becomes of an answer whose body is spoilt."""

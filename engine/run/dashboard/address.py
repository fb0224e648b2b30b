"""Where a dashboard may be served: on this machine, for whoever sits at it.

In: a host and a port, an application. Out: a running server. Refuses (MandateError) what others
could reach (M921), since the page holds positions and a button that stops; and an address that
cannot be had (M923).
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from engine.adapters.web_server import serve_app
from engine.errors import Diagnostic, MandateError

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from engine.adapters.web_server import Server

LOCALHOST = "localhost"


def is_loopback(host: str) -> bool:
    """Whether a name or a number means this machine alone, without asking anybody."""
    if host == LOCALHOST:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def served(host: str, port: int, app: WSGIApplication) -> Server:
    """Begin to serve; raises MandateError (M921, M923)."""
    if not is_loopback(host):
        message = f"`{host}` is not this machine's own address: others could reach the page"
        mend = f"serve it on 127.0.0.1 and bring it here: `ssh -L {port}:127.0.0.1:{port} HOST`"
        raise MandateError([Diagnostic("M921", message, None, mend)])
    try:
        return serve_app(("127.0.0.1" if host == LOCALHOST else host, port), app, "dashboard")
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        message = f"`{host}:{port}` cannot be listened at: {why}"
        mend = "name a port that is free here, or 0 for any"
        raise MandateError([Diagnostic("M923", message, None, mend)]) from error

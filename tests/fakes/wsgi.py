"""A browser of a WSGI application, without a socket: one request, and what it gets.

WSGI's own rules are checked by the standard library on both sides.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

if TYPE_CHECKING:
    from collections.abc import Mapping
    from wsgiref.types import WSGIApplication


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser gets."""

    status: int
    headers: dict[str, str]
    body: str


def asked(
    app: WSGIApplication,
    method: str,
    path: str,
    form: Mapping[str, str] | None = None,
    **more: object,
) -> Answer:
    """One request; `more` are names of its environment, such as `HTTP_HOST`."""
    environ: dict[str, object] = {"REQUEST_METHOD": method, "PATH_INFO": path}
    environ |= {"QUERY_STRING": "", "SCRIPT_NAME": ""}
    setup_testing_defaults(environ)  # type: ignore[arg-type]  # a dict of the same shape
    data = urlencode(form or {}).encode()
    environ |= {
        "wsgi.input": io.BytesIO(data),
        "CONTENT_LENGTH": str(len(data)),
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
    }
    told: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _error: object = None) -> object:
        told.append((status, headers))
        return lambda _data: None

    parts = validator(app)({**environ, **more}, start)  # type: ignore[arg-type]  # as above
    body = b"".join(parts)
    parts.close()  # type: ignore[attr-defined]  # the validator's own iterator asks for it
    status, sent = told[0]
    return Answer(int(status.split()[0]), dict(sent), body.decode())

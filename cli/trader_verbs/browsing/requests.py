"""What a browser asked for, and what it is answered: small values over WSGI.

In: a WSGI environment. Out: `Asked`, or a refusal: a form that is too large, or none that a browser
sends. Every `Reply` carries the headers that keep the page to itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from engine.run.dashboard.address import is_loopback

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from wsgiref.types import StartResponse, WSGIEnvironment

_LARGEST_FORM = 8 * 1024
_MOST_FIELDS = 16
_FORM = "application/x-www-form-urlencoded"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    # With `no-referrer` a browser hides the origin of our own forms from us as well.
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request; `ours` says that no other page can have made it."""

    method: str
    path: str
    ours: bool
    known: str
    cookies: Mapping[str, str]
    form: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer."""

    body: str = ""
    status: HTTPStatus = HTTPStatus.OK
    type: str = "text/html"
    headers: tuple[tuple[str, str], ...] = field(default=())

    def send(self, start: StartResponse) -> Iterable[bytes]:
        """Answer with it."""
        data = self.body.encode()
        kind: tuple[tuple[str, str], ...] = ()
        if self.status is not HTTPStatus.NOT_MODIFIED:
            type_ = f"{self.type}; charset=utf-8"
            kind = (("Content-Type", type_), ("Content-Length", str(len(data))))
        status = f"{self.status.value} {self.status.phrase}"
        start(status, [*kind, *_HEADERS, *self.headers])
        return [data]


def moved(path: str, *headers: tuple[str, str]) -> Reply:
    """Go on there, with GET."""
    return Reply("", HTTPStatus.SEE_OTHER, headers=(("Location", path), *headers))


def refused(status: HTTPStatus, words: str) -> Reply:
    """No, in words."""
    return Reply(f"{words}\n", status, "text/plain")


def asked_of(environ: WSGIEnvironment, address: str | None = None) -> Asked | Reply:
    """The request, or why it is none; `address` is where a proxy of ours is reached."""
    host = environ.get("HTTP_HOST", "")
    ours = address is not None and host == urlsplit(address).netloc
    if not ours and not is_loopback(urlsplit(f"//{host}").hostname or ""):
        # A name of somebody else's that points here would make their page one of ours.
        return refused(HTTPStatus.MISDIRECTED_REQUEST, "this is served to this machine alone")
    form: Mapping[str, str] | Reply = {}
    if environ["REQUEST_METHOD"] == "POST":
        form = _form(environ)
    if isinstance(form, Reply):
        return form
    return Asked(
        method=environ["REQUEST_METHOD"],
        path=environ["PATH_INFO"],
        ours=_ours(environ, {f"http://{host}", address}),
        known=environ.get("HTTP_IF_NONE_MATCH", ""),
        cookies=_cookies(environ),
        form=form,
    )


def _ours(environ: WSGIEnvironment, origins: Collection[str | None]) -> bool:
    """Whether the browser says that a page of ours sent it; one that says nothing is believed.

    Every browser names the origin of a form; what a form must bring besides is asked as well.
    """
    origin, site = environ.get("HTTP_ORIGIN"), environ.get("HTTP_SEC_FETCH_SITE")
    return origin in {None, *origins} and site in {None, "same-origin", "none"}


def _cookies(environ: WSGIEnvironment) -> Mapping[str, str]:
    try:
        found = SimpleCookie(environ.get("HTTP_COOKIE", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in found.items()}


def _form(environ: WSGIEnvironment) -> Mapping[str, str] | Reply:
    if environ.get("CONTENT_TYPE", "").partition(";")[0].strip() != _FORM:
        return refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "only forms are taken")
    length = environ.get("CONTENT_LENGTH") or ""
    if not length.isdecimal() or int(length) > _LARGEST_FORM:
        return refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the form is too large")
    text = environ["wsgi.input"].read(int(length)).decode("utf-8", "replace")
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        return refused(HTTPStatus.BAD_REQUEST, "the form has too many fields")

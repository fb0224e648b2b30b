"""The dashboard as a WSGI application: who may see what, and one thing that may be done.

In: looks at a ledger, a keyring, perhaps a hand that halts. Out: pages. Whoever has brought no key
sees the way in and nothing else; a halt takes a session, a form that we gave to it, a page of ours,
a reason, and a word that is typed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING

from cli.trader_verbs.browsing.markup import fragment
from cli.trader_verbs.browsing.pages import CONFIRM, asset, enter_page, halt_page, trader_page
from cli.trader_verbs.browsing.requests import Asked, Reply, asked_of, moved, refused
from engine.errors import MandateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from cli.trader_verbs.console.source import Look, Source
    from engine.ports import Clock
    from engine.run.dashboard.keys import Keyring
    from engine.run.dashboard.sessions import Session, Sessions

_FRESH_S = 0.5
"""Several browsers share a look: the ledger is not read anew for each."""
_ASSETS = {
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}


class SharedLook:
    """Looks for several threads, none of them older than half a second."""

    def __init__(self, source: Source, clock: Clock) -> None:
        self._source, self._clock, self._lock = source, clock, Lock()
        self._look: Look | None = None
        self._at_s = 0.0

    def now(self, *, anew: bool = False) -> Look:
        """The last look, or a new one."""
        with self._lock:
            now_s = self._clock.monotonic_s()
            if self._look is None or anew or now_s - self._at_s >= _FRESH_S:
                self._look, self._at_s = self._source.look(), now_s
            return self._look


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The application; `halt` takes a reason, and is None where nobody can halt from here.

    `entered` is told when a key has opened.
    """

    looks: SharedLook
    keyring: Keyring
    sessions: Sessions
    cookie: str
    halt: Callable[[str], str] | None
    entered: Callable[[], None]

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        asked = asked_of(environ)
        return (asked if isinstance(asked, Reply) else self._answer(asked)).send(start)

    def _answer(self, asked: Asked) -> Reply:
        found = _ASSETS.get(asked.path)
        if found is not None and asked.method == "GET":
            return Reply(asset(found[0]), type=found[1])
        if asked.method == "POST" and not asked.ours:
            return refused(HTTPStatus.FORBIDDEN, "this was sent by a page of somebody else")
        if asked.path == "/enter":
            return self._enter(asked)
        session = self.sessions.of(asked.cookies.get(self.cookie, ""))
        if session is None:
            return self._without_key(asked)
        return self._within(asked, session)

    def _without_key(self, asked: Asked) -> Reply:
        if asked.method == "GET" and asked.path == "/":
            return moved("/enter")
        return refused(HTTPStatus.UNAUTHORIZED, "bring the key first, at /enter")

    def _enter(self, asked: Asked) -> Reply:
        if asked.method == "GET":
            return Reply(enter_page())
        if asked.method != "POST":
            return _wrong_method("GET, POST")
        if not self.keyring.opens(asked.form.get("key", "").strip()):
            words = "This is not the key, or it has been used. The terminal shows the next one."
            return Reply(enter_page(words), HTTPStatus.FORBIDDEN)
        self.entered()
        return moved("/", _cookie(self.cookie, self.sessions.begin().name))

    def _within(  # noqa: PLR0911 - one arm a page
        self, asked: Asked, session: Session
    ) -> Reply:
        match asked.method, asked.path:
            case "GET", "/":
                may_halt = self.halt is not None
                return Reply(trader_page(self.looks.now(), session.form, may_halt=may_halt))
            case "GET", "/panel":
                return self._panel(asked)
            case "GET", "/halt" if self.halt is not None:
                return Reply(halt_page(self.looks.now(), session.form))
            case "POST", "/halt" | "/leave" if not session.sent(asked.form.get("form", "")):
                return refused(HTTPStatus.FORBIDDEN, "this form is not one of this session")
            case "POST", "/halt" if self.halt is not None:
                return self._halt(asked, session)
            case "POST", "/leave":
                self.sessions.end(session)
                return moved("/enter", _cookie(self.cookie, "", "Max-Age=0"))
            case _, "/" | "/panel" | "/halt" | "/leave":
                return _wrong_method("GET" if asked.path in {"/", "/panel"} else "POST")
            case _:
                return refused(HTTPStatus.NOT_FOUND, "there is no such page")

    def _panel(self, asked: Asked) -> Reply:
        body = str(fragment(self.looks.now()))
        mark = f'"{hashlib.sha256(body.encode()).hexdigest()}"'
        if mark == asked.known:
            return Reply("", HTTPStatus.NOT_MODIFIED, headers=(("ETag", mark),))
        return Reply(body, headers=(("ETag", mark),))

    def _halt(self, asked: Asked, session: Session) -> Reply:
        reason = " ".join(asked.form.get("reason", "").split())
        wrong = _halt_refused(reason, asked.form.get("confirm", ""))
        if wrong or self.halt is None:
            page = halt_page(self.looks.now(), session.form, wrong, reason)
            return Reply(page, HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            told = self.halt(reason)
        except MandateError as error:
            told = "; ".join(f"{e.message}: {e.help}" for e in error.diagnostics)
            page = halt_page(self.looks.now(anew=True), session.form, told, reason)
            return Reply(page, HTTPStatus.INTERNAL_SERVER_ERROR)
        look = self.looks.now(anew=True)
        return Reply(halt_page(look, session.form, told, reason)) if told else moved("/")


def _halt_refused(reason: str, confirm: str) -> str:
    if not reason:
        return "Say why: the record keeps it."
    if confirm.strip().upper() != CONFIRM:
        return f"Nothing was done: type {CONFIRM} to confirm."
    return ""


def _wrong_method(allowed: str) -> Reply:
    status = HTTPStatus.METHOD_NOT_ALLOWED
    return Reply("not like this\n", status, "text/plain", (("Allow", allowed),))


def _cookie(name: str, value: str, *more: str) -> tuple[str, str]:
    parts = (f"{name}={value}", "Path=/", "HttpOnly", "SameSite=Strict", *more)
    return "Set-Cookie", "; ".join(parts)

"""Links of notices as a WSGI application: a question to whoever opens one, a deed for a press.

In: taps on one trader's links. Out: pages. To open a link does nothing and shows nothing of the
trader, since chat programs open every address that they carry; only the button of its page acts.
There is no other way in: no login, no list, no page without a link.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from cli.trader_verbs.browsing.markup import fragment
from cli.trader_verbs.browsing.pages import asset
from cli.trader_verbs.browsing.requests import Reply, asked_of, refused
from cli.trader_verbs.listening.pages import ask_page, done_page, refused_page
from engine.adapters.notify.links import PATH
from engine.errors import MandateError
from engine.markup import element
from engine.model.links import LinkVerb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from cli.trader_verbs.browsing.requests import Asked
    from cli.trader_verbs.console.source import Look
    from engine.markup import Content
    from engine.model.links import Signed
    from engine.run.tapping import Taps

_ASSETS = {"/page.css": ("page.css", "text/css"), "/icon.svg": ("icon.svg", "image/svg+xml")}
_GONE = frozenset({"M936", "M937"})


@dataclass(frozen=True, slots=True)
class Listener:
    """The application; `look` shows the trader, `why` tells of one product."""

    taps: Taps
    look: Callable[[], Look]
    why: Callable[[str], str]

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        asked = asked_of(environ, self.taps.spec.base)
        reply = asked if isinstance(asked, Reply) else self._answer(asked)
        return reply.send(start)

    def _answer(self, asked: Asked) -> Reply:
        found = _ASSETS.get(asked.path)
        if found is not None and asked.method == "GET":
            return Reply(asset(found[0]), type=found[1])
        if not asked.path.startswith(PATH):
            return refused(HTTPStatus.NOT_FOUND, "there is nothing here without a link")
        if asked.method not in {"GET", "POST"}:
            allowed = (("Allow", "GET, POST"),)
            return Reply("not like this\n", HTTPStatus.METHOD_NOT_ALLOWED, "text/plain", allowed)
        if asked.method == "POST" and not asked.ours:
            return refused(HTTPStatus.FORBIDDEN, "this was sent by a page of somebody else")
        return self._link(asked.path.removeprefix(PATH), acts=asked.method == "POST")

    def _link(self, text: str, *, acts: bool) -> Reply:
        try:
            if not acts:
                return Reply(ask_page(self.taps.open(text), PATH + text))
            signed, words = self.taps.act(text)
            return Reply(done_page(signed, words, self._shown(signed)))
        except MandateError as error:
            first = error.diagnostics[0]
            status = HTTPStatus.GONE if first.code in _GONE else HTTPStatus.FORBIDDEN
            return Reply(refused_page(error.diagnostics), status)

    def _shown(self, signed: Signed) -> Content:
        """What there is to be read, for who pressed a link that shows."""
        match signed.link.verb:
            case LinkVerb.STATUS:
                return fragment(self.look())
            case LinkVerb.WHY:
                return element("pre", self.why(signed.link.subject[0]))
            case _:
                return ""

"""`trader dashboard`: who may see it, and who may halt by it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
from fakes.clock import ManualClock
from fakes.status import NOON, everything
from fakes.wsgi import Answer, asked

from cli.trader_verbs.browsing.app import Dashboard, SharedLook
from cli.trader_verbs.browsing.markup import fragment
from cli.trader_verbs.browsing.requests import POLICY
from cli.trader_verbs.console.gathering import panel_of
from cli.trader_verbs.console.source import Look, Source
from engine.adapters.system.rng import SeededRng
from engine.errors import Diagnostic, MandateError
from engine.ports import Secrets
from engine.run.dashboard.address import is_loopback, served
from engine.run.dashboard.keys import KEY_NAME, Keyring
from engine.run.dashboard.sessions import LASTS_S, Sessions
from engine.run.ledgers import LedgerView

if TYPE_CHECKING:
    from trader.conftest import Whole

COOKIE = "mandate_test"
HOST = "127.0.0.1:8765"
KEPT = "a-key-that-a-person-made-with-openssl-rand"


class Kept(Secrets):
    """One secret, or none."""

    def __init__(self, key: str | None) -> None:
        self.key = key

    def get(self, name: str) -> str | None:
        """The key of the dashboard."""
        return self.key if name == KEY_NAME else None

    def created(self, name: str) -> None:
        """Nobody said."""


@dataclass
class Desk:
    """A dashboard without sockets; `says` is what its halt answers, or raises."""

    clock: ManualClock = field(default_factory=ManualClock)
    halts: list[str] = field(default_factory=list)
    says: str | MandateError = ""
    entered: int = 0
    cookie: str = ""
    app: Dashboard = field(init=False)

    def begin(self, view: LedgerView, *, kept: str | None = None, may_halt: bool = True) -> Desk:
        """Serve a ledger."""
        rng = SeededRng(b"dashboard")
        self.app = Dashboard(
            looks=SharedLook(Source(view, self.clock), self.clock),
            keyring=Keyring(rng, Kept(kept)),
            sessions=Sessions(rng, self.clock),
            cookie=COOKIE,
            halt=self._halt if may_halt else None,
            entered=self._entered,
        )
        return self

    def ask(
        self, method: str, path: str, form: dict[str, str] | None = None, **more: object
    ) -> Answer:
        """One request, with the cookie that this browser has."""
        cookie = {"HTTP_COOKIE": f"{COOKIE}={self.cookie}"} if self.cookie else {}
        return asked(self.app, method, path, form, **{"HTTP_HOST": HOST, **cookie, **more})

    def enter(self) -> Answer:
        """Bring the key, and keep the cookie."""
        answer = self.ask("POST", "/enter", {"key": self.app.keyring.key})
        assert answer.status == HTTPStatus.SEE_OTHER
        self.cookie = _first(rf"{COOKIE}=([^;]+);", answer.headers["Set-Cookie"])
        return answer

    @property
    def form(self) -> str:
        """What the forms of this session bring."""
        return _first(r'name="form" value="([^"]+)"', self.ask("GET", "/").body)

    def _halt(self, reason: str) -> str:
        self.halts.append(reason)
        if isinstance(self.says, MandateError):
            raise self.says
        return self.says

    def _entered(self) -> None:
        self.entered += 1


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found is not None, text
    return found[1]


@pytest.fixture
def view(whole: Whole) -> LedgerView:
    """The ledger of the whole demo."""
    return LedgerView.open(str(whole.folder / "ledger"))


@pytest.fixture
def desk(view: LedgerView) -> Desk:
    """A dashboard of it that nobody has entered."""
    return Desk().begin(view)


def test_without_a_key_there_is_the_way_in_and_nothing_else(desk: Desk) -> None:
    """No number of the account, no name, and no button for whoever brought no key."""
    assert desk.ask("GET", "/").headers["Location"] == "/enter"
    assert "paper" not in desk.ask("GET", "/enter").body
    for method, path in (("GET", "/panel"), ("GET", "/halt"), ("POST", "/halt"), ("GET", "/x")):
        answer = desk.ask(method, path, {"reason": "x", "confirm": "HALT"})
        assert (answer.status, answer.body) == (401, "bring the key first, at /enter\n")
    assert desk.halts == []


def test_a_key_opens_once(desk: Desk) -> None:
    """Who finds it later, in a history or over a shoulder, has nothing; the next one is told."""
    first = desk.app.keyring.key
    answer = desk.enter()
    assert (desk.entered, answer.headers["Location"]) == (1, "/")
    assert "HttpOnly; SameSite=Strict" in answer.headers["Set-Cookie"]
    assert "paper, account test" in desk.ask("GET", "/").body
    other = desk.ask("POST", "/enter", {"key": first})
    assert other.status == 403
    assert "or it has been used" in other.body
    assert desk.app.keyring.key != first


def test_a_kept_key_opens_again_and_must_be_long(view: LedgerView) -> None:
    """A key among the secrets is the person's; one that could be guessed is refused."""
    desk = Desk().begin(view, kept=KEPT)
    desk.enter()
    desk.enter()
    assert (desk.entered, desk.app.keyring.kept) == (2, True)
    with pytest.raises(MandateError, match="32") as refused:
        Desk().begin(view, kept="letmein")
    assert [each.code for each in refused.value.diagnostics] == ["M922"]


def test_a_session_ends(desk: Desk) -> None:
    """By leaving, after half a day, or when too many others came in."""
    desk.enter()
    assert desk.ask("POST", "/leave", {"form": "x"}).status == 403
    left = desk.ask("POST", "/leave", {"form": desk.form})
    assert (left.status, left.headers["Location"]) == (303, "/enter")
    assert desk.ask("GET", "/panel").status == 401
    desk.enter()
    desk.clock.passes(LASTS_S)
    assert desk.ask("GET", "/panel").status == 401
    desk.enter()
    for _ in range(40):
        desk.app.sessions.begin()
    assert desk.ask("GET", "/panel").status == 401


def test_a_halt_takes_a_reason_and_a_word(desk: Desk) -> None:
    """Whoever does not say why, or does not type the word, has done nothing, and is told."""
    desk.enter()
    form = desk.form
    for fields, words in (
        ({"reason": " ", "confirm": "HALT"}, "Say why"),
        ({"reason": "looks wrong", "confirm": "HAL"}, "type HALT to confirm"),
        ({"reason": "looks <wrong>"}, 'value="looks &lt;wrong&gt;"'),
    ):
        answer = desk.ask("POST", "/halt", {"form": form, **fields})
        assert answer.status == 422
        assert words in answer.body
    assert desk.halts == []
    done = desk.ask("POST", "/halt", {"form": form, "reason": " looks\n wrong ", "confirm": "halt"})
    assert (done.status, done.headers["Location"], desk.halts) == (303, "/", ["looks wrong"])


STRANGERS = {
    "a form of no session": ({"form": "x"}, {}),
    "no form's own name": ({}, {}),
    "another page's origin": ({}, {"HTTP_ORIGIN": "https://evil.example"}),
    "a page without an origin": ({}, {"HTTP_ORIGIN": "null"}),
    "another site": ({}, {"HTTP_SEC_FETCH_SITE": "cross-site"}),
    "another port of this machine": ({}, {"HTTP_ORIGIN": "http://127.0.0.1:9999"}),
    "a name that points here": ({}, {"HTTP_HOST": "evil.example:8765"}),
    "no form at all": ({}, {"CONTENT_TYPE": "application/json"}),
    "a form as large as a book": ({}, {"CONTENT_LENGTH": "9000000"}),
    "a form without a length": ({}, {"CONTENT_LENGTH": ""}),
}


@pytest.mark.parametrize(("fields", "headers"), STRANGERS.values(), ids=STRANGERS)
def test_nobody_else_halts(desk: Desk, fields: dict[str, str], headers: dict[str, str]) -> None:
    """Whatever a page of somebody else makes a browser send, nothing is done."""
    desk.enter()
    form = {"form": desk.form} if headers else {}
    asked = {**form, "reason": "x", "confirm": "HALT", **fields}
    answer = desk.ask("POST", "/halt", asked, **headers)
    assert answer.status in {403, 413, 415, 421}
    assert desk.halts == []


def test_what_the_hand_says_is_told(desk: Desk) -> None:
    """A switch that could not be thrown, and a reason that could not be kept, stand on the page."""
    desk.enter()
    asked = {"form": desk.form, "reason": "x", "confirm": "HALT"}
    desk.says = "thrown, but the disk is full"
    assert desk.says in desk.ask("POST", "/halt", asked).body
    desk.says = MandateError([Diagnostic("M425", "not thrown", None, "end the loop")])
    failed = desk.ask("POST", "/halt", asked)
    assert (failed.status, "not thrown: end the loop" in failed.body) == (500, True)


def test_without_a_hand_there_is_no_button(view: LedgerView) -> None:
    """Where nobody can halt from here, no page offers it."""
    desk = Desk().begin(view, may_halt=False)
    desk.enter()
    assert "/halt" not in desk.ask("GET", "/").body
    assert desk.ask("GET", "/halt").status == 405
    asked = {"form": desk.form, "reason": "x", "confirm": "HALT"}
    assert desk.ask("POST", "/halt", asked).status == 405


def test_every_answer_keeps_to_itself(desk: Desk) -> None:
    """No script, style or frame of anybody else, nothing kept in a cache, no guessing of types."""
    desk.enter()
    for path in ("/", "/panel", "/halt", "/enter", "/page.css", "/page.js", "/icon.svg", "/none"):
        headers = desk.ask("GET", path).headers
        assert headers["Content-Security-Policy"] == POLICY
        assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == (
            "no-store",
            "nosniff",
        )
    assert "unsafe" not in POLICY
    assert desk.ask("POST", "/", {}).headers["Allow"] == "GET"
    assert desk.ask("PUT", "/enter").headers["Allow"] == "GET, POST"
    assert desk.ask("GET", "/none").status == 404
    assert desk.ask("GET", "/panel", HTTP_COOKIE="a=b; \x01=").status == 401
    many = {f"f{number}": "x" for number in range(40)}
    assert desk.ask("POST", "/halt", many).status == 400


def test_what_did_not_change_is_not_sent_again(desk: Desk) -> None:
    """A browser that knows the panel gets a word; looks are shared for half a second."""
    desk.enter()
    first = desk.ask("GET", "/panel")
    again = desk.ask("GET", "/panel", HTTP_IF_NONE_MATCH=first.headers["ETag"])
    assert (again.status, again.body) == (304, "")
    look = desk.app.looks.now()
    assert desk.app.looks.now() is look
    desk.clock.passes(1)
    assert desk.app.looks.now() is not look


def test_nothing_of_the_ledger_is_markup() -> None:
    """A reason that looks like a script is text, wherever it stands."""
    status = everything()
    status.state.halted = "<script>alert(1)</script>"
    shown = fragment(Look(panel_of(status, NOON), "bad <b>chain</b>"))
    assert "<script>" not in shown
    assert "&lt;script&gt;alert(1)" in shown
    assert "bad &lt;b&gt;chain&lt;/b&gt;" in shown


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104 - the address that is refused
        ("192.168.1.4", False),
        ("localhost.evil.example", False),
        ("", False),
    ],
)
def test_it_is_served_to_this_machine_alone(host: str, *, own: bool, desk: Desk) -> None:
    """An address that others could reach is refused, with the way to bring the page elsewhere."""
    assert is_loopback(host) == own
    if not own:
        with pytest.raises(MandateError) as refused:
            served(host, 8765, desk.app)
        (told,) = refused.value.diagnostics
        assert (told.code, "ssh -L 8765:127.0.0.1:8765" in told.help) == ("M921", True)


def test_a_taken_address_is_told(desk: Desk) -> None:
    """Two dashboards cannot have one port."""
    first = served("localhost", 0, desk.app)
    try:
        with pytest.raises(MandateError, match="cannot be listened at") as refused:
            served("127.0.0.1", first.port, desk.app)
    finally:
        first.close()
    assert [each.code for each in refused.value.diagnostics] == ["M923"]

"""`trader listen`: what a tap on a link does, and everything that it does not."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from fakes.clock import ManualClock
from fakes.wsgi import Answer, asked

from cli.trader_verbs.console.source import Source
from cli.trader_verbs.listening.app import Listener
from engine.adapters.system.clock import SystemClock
from engine.kinds.deployment.notices import Links
from engine.model.links import Link, LinkVerb, sign
from engine.run.ledgers import LedgerView
from engine.run.tapping import Taps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Ran
    from fakes.browser import Page

KEY = "a-key-that-was-made-by-openssl-rand"
LINKS = """  alerting:
    routes: {desk: {through: log}}
    look_every: 2s
    group: {wait: 1s, lines: 5}
    retry: {first: 1s, most: 5s}
    give_up_after: 60s
    test_every: 1d
    links: {address: "ADDRESS", secret: LINK_KEY, last_for: 15m, offer: [ack, halt, status]}
"""
SPEC = Links.model_validate(
    {
        "address": "https://night.example.org",
        "secret": "LINK_KEY",
        "last_for": "15m",
        "offer": ["ack", "halt"],
    }
)


class Phone:
    """A browser at a telephone, without sockets, and the desk that it reaches."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.view = LedgerView.open("ledger")
        self.taps = Taps(self.view, SPEC, KEY, "test", "paper", self.clock)
        looks = Source(self.view, self.clock)
        self.app = Listener(
            self.taps, looks.look, lambda product: f"nothing stood before {product}"
        )

    def link(self, verb: LinkVerb, *subject: str, **changes: object) -> str:
        """The path of a link, as a notice would have it."""
        until = self.clock.now().plus_s(900)
        fields = {"account": "test", "mode": "paper", "route": "desk", "until": until, **changes}
        return f"/l/{sign(Link(verb, subject, **fields), KEY)}"  # type: ignore[arg-type]  # by name

    def ask(self, method: str, path: str, **more: object) -> Answer:
        """One request, as a browser of the desk's own address makes it."""
        return asked(self.app, method, path, **{"HTTP_HOST": "night.example.org", **more})

    @property
    def commands(self) -> list[tuple[str, str, str]]:
        """What was left for the loop."""
        found = (
            json.loads(each.read_bytes()) for each in sorted(Path("ledger/commands").glob("*"))
        )
        return [(each["verb"], each["target"], each["who"]) for each in found]


@pytest.fixture
def phone(ledger: str) -> Phone:
    """A telephone in front of a copy of the whole run."""
    assert ledger
    return Phone()


DEEDS = {
    "acknowledging": (LinkVerb.ACK, ("losing",), "Acknowledge losing", [("ack", "losing")]),
    "acknowledging two": (
        LinkVerb.ACK,
        ("losing", "data_stale:BTC-USD"),
        "Acknowledge losing, data_stale:BTC-USD",
        [("ack", "losing"), ("ack", "data_stale:BTC-USD")],
    ),
    "halting": (LinkVerb.HALT, (), "Halt trading", [("halt", "")]),
    "tightening": (
        LinkVerb.TIGHTEN,
        ("14400",),
        "Take no new risk for 4h",
        [("tighten", " 14400")],
    ),
}


@pytest.mark.parametrize(("verb", "subject", "words", "left"), DEEDS.values(), ids=DEEDS)
def test_opening_asks_and_pressing_does(
    phone: Phone, verb: LinkVerb, subject: tuple[str, ...], words: str, left: list[tuple[str, str]]
) -> None:
    """Chat programs open what they carry: looks do nothing, and one press does it once."""
    path = phone.link(verb, *subject)
    for method in ("GET", "GET", "HEAD"):
        shown = phone.ask(method, path)
        assert shown.status == (HTTPStatus.OK if method == "GET" else HTTPStatus.METHOD_NOT_ALLOWED)
    assert f"<h1>{words}?</h1>" in phone.ask("GET", path).body
    assert (phone.commands, Path("ledger/KILL_SWITCH").exists()) == ([], False)
    done = phone.ask("POST", path)
    assert done.status == HTTPStatus.OK, done.body
    assert phone.commands == [(*each, "link of desk") for each in left]
    assert Path("ledger/KILL_SWITCH").exists() is (verb is LinkVerb.HALT)
    again = phone.ask("POST", path)
    assert (again.status, "M937" in again.body) == (HTTPStatus.GONE, True)
    assert "M937" in phone.ask("GET", path).body
    assert len(phone.commands) == len(left)


def test_what_shows_shows_once_to_who_presses(phone: Phone) -> None:
    """No position is told to a program that looks ahead, or to whoever finds the link later."""
    path = phone.link(LinkVerb.STATUS)
    assert "Positions" not in phone.ask("GET", path).body.replace("Positions, orders", "")
    assert "Nothing to tell" in phone.ask("POST", path).body
    assert phone.ask("POST", path).status == HTTPStatus.GONE
    told = phone.ask("POST", phone.link(LinkVerb.WHY, "BTC-USD")).body
    assert "<pre>nothing stood before BTC-USD</pre>" in told


def _over(phone: Phone) -> str:
    return phone.link(LinkVerb.HALT, until=phone.clock.now())


REFUSED: dict[str, tuple[Callable[[Phone], str], int, str]] = {
    "no link": (lambda _: "/", 404, "nothing here without a link"),
    "what was made up": (lambda _: "/l/AAAA", 403, "M935"),
    "what was cut off": (lambda phone: phone.link(LinkVerb.HALT)[:-1], 403, "M935"),
    "what is over": (_over, 410, "M936"),
    "another account": (
        lambda phone: phone.link(LinkVerb.HALT, account="main"),
        403,
        "M938",
    ),
    "another mode": (lambda phone: phone.link(LinkVerb.HALT, mode="live"), 403, "M938"),
    "the dashboard's page": (lambda _: "/panel", 404, "nothing here without a link"),
    "a way in": (lambda _: "/enter", 404, "nothing here without a link"),
}


@pytest.mark.parametrize(("path", "status", "says"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_everything_else_is_refused(
    phone: Phone, path: Callable[[Phone], str], status: int, says: str, method: str
) -> None:
    """With a code to look up, and nothing of the trader in it."""
    answer = phone.ask(method, path(phone))
    assert (answer.status, says in answer.body) == (status, True)
    assert phone.commands == []
    assert not Path("ledger/KILL_SWITCH").exists()


STRANGE = {
    "a page of somebody else": {"HTTP_ORIGIN": "https://evil.example"},
    "a frame of somebody else": {"HTTP_SEC_FETCH_SITE": "cross-site"},
    "another name for this address": {"HTTP_HOST": "evil.example"},
    "what is no form": {"CONTENT_TYPE": "application/json"},
}


@pytest.mark.parametrize("more", STRANGE.values(), ids=STRANGE)
def test_a_page_of_somebody_else_presses_nothing(phone: Phone, more: dict[str, str]) -> None:
    """The press comes from our own page, under the address of the Deployment or of this machine."""
    path = phone.link(LinkVerb.HALT)
    assert phone.ask("POST", path, **more).status >= HTTPStatus.BAD_REQUEST
    assert not Path("ledger/KILL_SWITCH").exists()
    own = {"HTTP_ORIGIN": "https://night.example.org", "HTTP_SEC_FETCH_SITE": "same-origin"}
    assert phone.ask("POST", path, **own).status == HTTPStatus.OK


def test_a_page_keeps_to_itself(phone: Phone) -> None:
    """No script, no frame, no store, and nothing from anywhere else."""
    shown = phone.ask("GET", phone.link(LinkVerb.HALT))
    assert "<script" not in shown.body
    assert "frame-ancestors 'none'" in shown.headers["Content-Security-Policy"]
    assert shown.headers["Cache-Control"] == "no-store"
    assert phone.ask("GET", "/page.css").status == HTTPStatus.OK


def test_a_deed_that_failed_leaves_its_link(phone: Phone) -> None:
    """On a disk that takes nothing a halt cannot be thrown; the next press may."""
    path = phone.link(LinkVerb.HALT)
    Path("ledger/KILL_SWITCH").mkdir()
    failed = phone.ask("POST", path)
    assert (failed.status, "M425" in failed.body) == (HTTPStatus.FORBIDDEN, True)
    Path("ledger/KILL_SWITCH").rmdir()
    assert phone.ask("POST", path).status == HTTPStatus.OK


@pytest.fixture
def linked(
    ask: Callable[..., Ran],
    run_words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A ledger of some cycles under a set that offers links."""
    monkeypatch.chdir(tmp_path)
    policies = shutil.copytree(Path(__file__).parent / "policies", tmp_path / "policies")
    with (policies / "deployment.yaml").open("a") as file:
        file.write(LINKS.replace("ADDRESS", "http://localhost:8766"))
    words = [str(policies) if each.endswith("/policies") else each for each in run_words]
    assert ask(*words, "--ledger", "ledger", "--cycles", "2").status == 0
    return tmp_path / "ledger"


def test_without_a_key_nothing_listens(ask: Callable[..., Ran], linked: Path) -> None:
    """Refused before it listens, with what to do; nobody else is listened to either."""
    refused = ask("listen", "--ledger", str(linked))
    assert (refused.status, "M939: links of notices cannot be signed" in refused.err) == (1, True)
    assert "openssl rand -base64 32" in refused.err


def test_without_links_nothing_listens(ask: Callable[..., Ran], ledger: str) -> None:
    """A set that offers none is one that nobody reviewed for it."""
    refused = ask("listen", "--ledger", ledger)
    assert (refused.status, "M939: the set in force offers no links" in refused.err) == (1, True)


@pytest.fixture
def process(linked: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The command, as a person starts it."""
    (tmp_path / "secrets").mkdir(mode=0o700)
    (tmp_path / "secrets" / "LINK_KEY").write_text(KEY)
    (tmp_path / "secrets" / "LINK_KEY").chmod(0o600)
    program = "from cli.trader import main; main()"
    words = [sys.executable, "-c", program, "listen", "--at", "127.0.0.1:0"]
    running = subprocess.Popen(  # noqa: S603 - our own words
        [*words, "--secrets", str(tmp_path / "secrets"), "--ledger", str(linked)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield running
    running.kill()
    running.communicate()


@pytest.mark.long
def test_a_tap_at_night(tab: Page, process: subprocess.Popen[str], linked: Path) -> None:
    """In a real browser: opened, pressed, done, used up; and nothing that is written has it."""
    assert process.stdout is not None
    home = next(line.split()[-1] for line in process.stdout if "is to lead to" in line)
    until = SystemClock().now().plus_s(900)
    text = sign(Link(LinkVerb.HALT, (), "test", "paper", "desk", until), KEY)
    tab.screen(width=390, dark=True)
    tab.visit(f"{home}/l/{text}")
    tab.wait("document.querySelector('button.stop')")
    assert not (linked / "KILL_SWITCH").exists()
    assert not tab.evaluate("document.documentElement.scrollWidth > innerWidth")
    tab.click("button.stop")
    tab.wait("document.querySelector('.notice')?.textContent.includes('is thrown')")
    assert "tapped link" in (linked / "KILL_SWITCH").read_text()
    tab.visit(f"{home}/l/{text}")
    tab.wait("document.body.textContent.includes('M937')")
    assert {urlsplit(each).netloc for each in tab.requests} == {urlsplit(home).netloc}
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    said = process.stdout.read()
    held = "".join(p.read_text(errors="replace") for p in linked.rglob("*") if p.is_file())
    for each in (KEY, text):
        assert each not in said + held

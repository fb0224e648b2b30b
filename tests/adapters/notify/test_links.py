"""Links in messages: which notices offer what, and that a key or a link is in no log."""

from __future__ import annotations

import asyncio
import logging
import re

import pytest
from adapters.notify.test_routes import SENDER, TOKEN, Told, deployment, notice
from fakes.clock import ManualClock
from fakes.http_server import Reply, serving

from engine.adapters.notify import routes_of
from engine.adapters.notify.links import Linker, linker_of
from engine.adapters.notify.words import body
from engine.errors import Diagnostic
from engine.kinds.deployment.notices import Links
from engine.model.links import LinkVerb, verify
from engine.model.notices import News, Notice

KEY = "a-key-that-was-made-by-openssl-rand"
SPEC = Links.model_validate(
    {
        "address": "https://night.example.org/",
        "secret": "LINK_KEY",
        "last_for": "15m",
        "offer": ["ack", "halt", "tighten", "status", "why"],
        "tighten_for": "4h",
    }
)
CLOCK = ManualClock()


def lines(*notices: Notice) -> dict[str, str]:
    """What a message offers: words, and what follows its path."""
    found = linker_of(SPEC, Told({"LINK_KEY": KEY}), CLOCK)
    assert isinstance(found, Linker)
    told = [
        each.rpartition(": https://night.example.org/l/") for each in found.lines(notices, SENDER)
    ]
    return {words: text for words, _, text in told}


OFFERED = {
    "an alert": (
        (notice(),),
        ["acknowledge daily_stop_hit", "HALT", "no new risk for 4h", "status"],
    ),
    "an alert about a product": (
        (notice("data_stale", key="BTC-USD"),),
        ["acknowledge data_stale:BTC-USD", "HALT", "no new risk for 4h", "status", "why BTC-USD"],
    ),
    "two alerts, and one that is over": (
        (notice(), notice("b", News.ESCALATED), notice("c", News.RESOLVED)),
        ["acknowledge all 2", "HALT", "no new risk for 4h", "status"],
    ),
    "what is over": ((notice(news=News.RESOLVED),), ["status"]),
    "a test": ((notice(news=News.TEST),), ["status"]),
    "a summary": ((notice(news=News.TOLD),), ["HALT", "status"]),
    "an order that waits for a yes": ((notice(news=News.ASKED),), ["HALT", "status"]),
}


@pytest.mark.parametrize(("notices", "words"), OFFERED.values(), ids=OFFERED)
def test_what_a_notice_offers(notices: tuple[Notice, ...], words: list[str]) -> None:
    """What fires can be acknowledged, what is told can be stopped; a yes is never one tap away."""
    assert list(lines(*notices)) == words


def test_a_link_says_whose_it_is_and_until_when() -> None:
    """The trader, the route that it was told on, the alerts, and a quarter of an hour."""
    found = verify(lines(notice())["acknowledge daily_stop_hit"], KEY)
    assert found is not None
    link = found.link
    assert (link.verb, link.subject, link.route) == (LinkVerb.ACK, ("daily_stop_hit",), "desk")
    assert (link.account, link.mode) == (SENDER.account, SENDER.mode)
    assert link.until.since_s(CLOCK.now()) == pytest.approx(900, abs=1)


def test_an_address_has_room_for_so_many_alerts() -> None:
    """Of a thousand the first are acknowledged, and the words say how many."""
    words, text = next(iter(lines(*(notice(f"a_rule_{n}") for n in range(1000))).items()))
    found = verify(text, KEY)
    assert found is not None
    assert words == f"acknowledge {len(found.link.subject)}"
    assert len(text) < 1300


NO_KEY = {
    "no secret": ({}, "no place has"),
    "a short one": ({"LINK_KEY": "x" * 31}, "31 characters"),
}


@pytest.mark.parametrize(("secrets", "words"), NO_KEY.values(), ids=NO_KEY)
def test_without_a_key_notices_go_without_links(secrets: dict[str, str], words: str) -> None:
    """It is said once, as of a route that could not be made, and nobody's message waits for it."""
    found = linker_of(SPEC, Told(secrets), CLOCK)
    assert isinstance(found, Diagnostic)
    assert (found.code, words in found.message) == ("M939", True)
    spec = deployment("apprise")
    assert spec.alerting is not None
    linked = spec.model_copy(update={"alerting": spec.alerting.model_copy(update={"links": SPEC})})
    routes = routes_of(linked, Told({"DESK": f"json://localhost/{TOKEN}", **secrets}), CLOCK)
    assert [each.code for each in routes.findings.values()] == ["M939"]
    assert routes.usable == {"log", "desk"}
    assert routes.offer((notice(),), SENDER) == ()


def test_key_and_links_are_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    """The key is hidden from every sink, and the route `log` tells the alert without its links."""
    spec = deployment("apprise")
    assert spec.alerting is not None
    linked = spec.model_copy(update={"alerting": spec.alerting.model_copy(update={"links": SPEC})})
    secrets = {"DESK": f"json://localhost/{TOKEN}", "LINK_KEY": KEY}
    with caplog.at_level(logging.DEBUG):
        routes = routes_of(linked, Told(secrets), CLOCK)
        offered = routes.offer((notice(),), SENDER)
        assert KEY in routes.hidden
    assert KEY not in caplog.text + repr(routes._linker)
    message = body((notice(),), SENDER, 5, offered)
    assert message.splitlines()[-len(offered) :] == list(offered)
    assert not any(re.search("/l/", each) for each in caplog.messages)


def test_a_message_that_arrives_has_them() -> None:
    """Over a real socket, each on a line of its own below the alert."""

    async def told() -> str:
        async with serving(Reply()) as server:
            address = f"json://{server.url.removeprefix('http://')}/{TOKEN}"
            spec = deployment("apprise")
            assert spec.alerting is not None
            linked = spec.model_copy(
                update={"alerting": spec.alerting.model_copy(update={"links": SPEC})}
            )
            routes = routes_of(linked, Told({"DESK": address, "LINK_KEY": KEY}), CLOCK)
            assert await routes.deliver("desk", (notice(),), SENDER) is None
            (asked,) = server.asked
            assert isinstance(asked.body, dict)
            return str(asked.body["message"])

    message = asyncio.run(told())
    line = r"^[^:]+: https://night\.example\.org/l/([A-Za-z0-9_-]+)$"
    tokens = re.findall(line, message, re.MULTILINE)
    found = [verify(each, KEY) for each in tokens]
    assert [None if each is None else each.link.verb.value for each in found] == [
        "ack",
        "halt",
        "tighten",
        "status",
    ]

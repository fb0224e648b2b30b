"""Routes: what a Deployment names is made, told through, kept secret, and refused in words."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from cycle.small_sets import DEPLOYMENT, set_of
from fakes.http_server import HANG_UP, Reply, ScriptedServer, serving

from engine.adapters.notify import Routes, routes_of
from engine.adapters.notify.routes import resend_times, secret_parts
from engine.adapters.notify.words import body, subject
from engine.adapters.system.clock import SystemClock
from engine.model.notices import News, Notice, Sender
from engine.model.times import UtcTime
from engine.ports import Secrets

if TYPE_CHECKING:
    from engine.kinds.deployment.document import DeploymentSpec

TIME = UtcTime.parse("2026-03-02T12:00:00Z")
SENDER = Sender("main", "live", "spot", "ab" * 32)
TOKEN = "T00000000x/B00000000x/sehrgeheimertoken"  # noqa: S105 - a canary


@dataclass
class Told(Secrets):
    """Secrets that a test hands over."""

    named: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str | None:
        """The secret."""
        return self.named.get(name)

    def created(self, name: str) -> UtcTime | None:
        """Nobody says."""
        del name


def deployment(through: str, *, resend: str = "", timeout: str = "2s") -> DeploymentSpec:
    """A Deployment with one route."""
    more = f", resend: {resend}" if resend else ""
    return set_of(f"""{DEPLOYMENT}
  alerting:
    routes: {{desk: {{through: {through}, secret: DESK, timeout: {timeout}{more}}}}}
    look_every: 2s
    group: {{wait: 1s, lines: 2}}
    retry: {{first: 1s, most: 5s}}
    give_up_after: 60s
    test_every: 1d
""").deployment


def notice(rule: str = "daily_stop_hit", news: News = News.FIRING, **fields: object) -> Notice:
    """A notice."""
    parts = {
        "number": 1,
        "route": "desk",
        "key": "",
        "severity": "critical",
        "text": "-3.2 <= -3",
        "since": TIME,
        "time": TIME.plus_s(5),
        **fields,
    }
    return Notice(rule=rule, news=news, **parts)  # type: ignore[arg-type] # a builder: fields by name


def answered(
    through: str, script: list[Reply], *notices: Notice, **spec: str
) -> tuple[str | None, ScriptedServer]:
    """What a server on loopback was asked, and what came of it."""

    async def deliver() -> tuple[str | None, ScriptedServer]:
        async with serving(*script) as server:
            scheme = "json" if through == "apprise" else "http"
            address = f"{scheme}://user:pass-word-1@{server.url.removeprefix('http://')}/{TOKEN}"
            routes = routes_of(deployment(through, **spec), Told({"DESK": address}), SystemClock())
            try:
                return await routes.deliver("desk", notices or (notice(),), SENDER), server
            finally:
                await routes.close()

    return asyncio.run(deliver())


def test_a_service_gets_subject_and_words() -> None:
    """Over a real socket, to the address of the secret, with what a person has to know."""
    refused, server = answered("apprise", [Reply()])
    assert refused is None
    (asked,) = server.asked
    assert asked.path == f"/{TOKEN}"
    assert isinstance(asked.body, dict)
    assert asked.body["title"] == "[critical] daily_stop_hit firing - main, live"
    assert "-3.2 <= -3" in asked.body["message"]
    assert SENDER.policy_set in asked.body["message"]
    assert "trader ack daily_stop_hit" in asked.body["message"]


def test_an_alertmanager_gets_labels_that_never_change_and_an_end() -> None:
    """What fires ends in four resend intervals unless it is told again; what is over, has ended."""
    fires, over = notice(), notice("data_stale", News.RESOLVED, key="BTC-USD", severity="warning")
    refused, server = answered("alertmanager", [Reply()], fires, over, resend="60s")
    assert refused is None
    (asked,) = server.asked
    assert asked.path == f"/{TOKEN}/api/v2/alerts"
    assert asked.headers["authorization"].startswith("Basic ")
    one, two = asked.body  # type: ignore[misc]  # a list of two
    assert one["labels"] == {
        "alertname": "daily_stop_hit",
        "severity": "critical",
        "route": "desk",
        "account": "main",
        "mode": "live",
        "service": "mandate",
    }
    assert (one["startsAt"], two["endsAt"]) == (str(TIME), str(TIME.plus_s(5)))
    ends = UtcTime.parse(one["endsAt"]).since_s(SystemClock().now())
    assert 200 < ends <= 240
    assert two["labels"]["product"] == "BTC-USD"


def test_many_alerts_come_to_an_alertmanager_in_parts() -> None:
    """Five hundred at once; the part that is refused is told, and the whole is tried again."""
    many = [notice(f"rule_{number}") for number in range(600)]
    refused, server = answered("alertmanager", [Reply(), Reply(status=503)], *many, resend="1m")
    assert refused == "the Alertmanager answers with status 503"
    assert [len(each.body) for each in server.asked] == [500, 100]  # type: ignore[arg-type]  # lists


FAILURES = {
    "a service that refuses": ("apprise", Reply(status=403), "", "403"),
    "a service that hangs up": ("apprise", HANG_UP, "", ""),
    "an Alertmanager that hangs up": ("alertmanager", HANG_UP, "1m", "does not answer"),
}


@pytest.mark.parametrize(("through", "reply", "resend", "words"), FAILURES.values(), ids=FAILURES)
def test_what_did_not_arrive_is_told_without_a_secret(
    through: str, reply: Reply, resend: str, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The reason is there, and neither it nor any log holds a part of the address."""
    with caplog.at_level(logging.DEBUG):
        refused, _ = answered(through, [reply], resend=resend)
    assert refused is not None
    assert words in refused
    said = refused + caplog.text
    assert not [each for each in (*TOKEN.split("/"), "pass-word-1") if each in said]


def test_a_route_that_does_not_answer_in_time_did_not_deliver() -> None:
    """An attempt ends after the route's timeout, whatever the other side does."""

    async def deliver() -> str | None:
        gone = asyncio.Event()

        async def hang(_reader: object, writer: asyncio.StreamWriter) -> None:
            await gone.wait()
            writer.close()

        server = await asyncio.start_server(hang, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        routes = routes_of(
            deployment("alertmanager", resend="1m", timeout="1s"),
            Told({"DESK": f"http://127.0.0.1:{port}"}),
            SystemClock(),
        )
        refused = await routes.deliver("desk", [notice()], SENDER)
        gone.set()
        await routes.close()
        server.close()
        return refused

    assert asyncio.run(deliver()) == "no answer within 1 s"


UNUSABLE = {
    "no secret of that name": ("apprise", None, "M902", "no place has the secret `DESK`"),
    "no service": ("apprise", "pagerduty", "M904", "no service has an address like it"),
    "half an address": ("apprise", "slack://token", "M904", "no service has an address like it"),
    "no Alertmanager": ("alertmanager", "am.example:9093", "M904", "is like"),
    "a query for an Alertmanager": ("alertmanager", "http://a.example/?x=1", "M904", "is like"),
}


@pytest.mark.parametrize(("through", "secret", "code", "words"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_route_that_cannot_be_made_says_why(
    through: str, secret: str | None, code: str, words: str
) -> None:
    """The others go on; its messages do not arrive, for that reason."""
    secrets = Told({} if secret is None else {"DESK": secret})
    resend = "1m" if through == "alertmanager" else ""
    routes = routes_of(deployment(through, resend=resend), secrets, SystemClock())
    found = routes.findings["desk"]
    assert found.code == code
    assert words in found.message
    assert routes.usable == {"log"}
    assert asyncio.run(routes.deliver("desk", [notice()], SENDER)) == found.message
    assert asyncio.run(routes.deliver("log", [notice()], SENDER)) is None
    missing = asyncio.run(routes.deliver("pager", [notice()], SENDER))
    assert missing == "the set in force has no such route"


def test_without_the_extra_a_service_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of the extra is in the mend."""
    monkeypatch.setitem(__import__("sys").modules, "apprise", None)
    routes = routes_of(deployment("apprise"), Told({"DESK": "json://h"}), SystemClock())
    assert routes.findings["desk"].code == "M903"
    assert "mandate-trader[alerts]" in routes.findings["desk"].help


def test_another_set_keeps_the_routes_that_are_the_same() -> None:
    """A reload closes no connection that it needs, and takes in what changed."""
    routes = Routes(Told({"DESK": "http://a.example:9093"}), SystemClock())
    one = deployment("alertmanager", resend="1m")
    routes.follow(one)
    means = routes._means["desk"]
    routes.follow(one)
    assert routes._means["desk"] is means
    routes.follow(deployment("alertmanager", resend="2m"))
    assert routes._means["desk"] is not means
    assert resend_times(one.routes) == {"desk": 60}
    routes.follow(set_of(DEPLOYMENT).deployment)
    assert routes.usable == {"log"}


def test_whatever_may_be_a_token_is_hidden() -> None:
    """An address as a whole, and its longer parts; hosts of services may go with them."""
    parts = secret_parts(" slack://xoxb-1234567890/A1/abc?to=general ")
    assert parts == ("slack://xoxb-1234567890/A1/abc?to=general", "xoxb-1234567890")
    routes = routes_of(deployment("apprise"), Told({"DESK": f"json://h/{TOKEN}"}), SystemClock())
    assert TOKEN.rpartition("/")[2] in routes.hidden
    assert "hidden" not in repr(routes)


def test_a_message_of_many_leads_with_the_worst_and_counts_the_rest() -> None:
    """What fires comes before what is over, the gravest first; what is left out is counted."""
    several = [
        notice("calm", News.RESOLVED, severity="critical", number=1),
        notice("near", severity="warning", number=2),
        notice("hit", severity="critical", number=3),
        notice("late", News.ESCALATED, severity="warning", number=4),
    ]
    assert subject(several, SENDER) == "[critical] 1 escalated, 2 firing, 1 resolved - main, live"
    lines = body(several, SENDER, 3).splitlines()
    assert [each.split()[1] for each in lines[:3]] == ["late", "hit", "near"]
    assert lines[3] == "and 1 more: `trader status` has them all"
    assert lines[-1] == "seen it: `trader ack --all`"
    over = [several[0]]
    assert subject(over, SENDER) == "[critical] calm resolved - main, live"
    assert "trader ack" not in body(over, SENDER, 3)
    assert subject([notice(severity="odd"), notice()], SENDER).startswith("[odd] 2 firing")

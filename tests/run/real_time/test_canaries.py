"""Sixty canaries: secrets planted wherever one could be, and none in anything that is written.

In the environment, as the credentials themselves, in mounted files, in addresses of a venue and of
routes, and in what the venue says: it echoes our key, our tokens and passwords of strangers in
refusals, in orders and in bodies that cannot be read. Then everything is looked through: what the
run wrote, every file beside its ledger, the page of its metrics, its spans and numbers on their way
to a collector, its messages on their routes, the dashboard, and what the verbs tell of it.
"""

from __future__ import annotations

import base64
import gzip
import json
import shutil
import socket
import sys
import threading
import time
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import pytest
from run.real_time.two_commands import started

from cli.main import run as trader
from cli.trader import TRADER
from cli.trader_verbs.browsing.markup import fragment
from cli.trader_verbs.console.source import Source
from cli.verbs import Command, Verb
from engine.adapters.system.clock import SystemClock
from engine.run.ledgers import LedgerView
from engine.run.real_time.keys import KEY_NAME, KEY_SECRET

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from run.real_time.conftest import Site

    from engine.venue.passage import Asked, HangUp, Onward, Reply

KNOWN = (
    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN",
    "NPM_TOKEN", "PYPI_TOKEN", "DOCKER_PASSWORD", "DATABASE_URL", "PGPASSWORD", "REDIS_URL",
    "SLACK_BOT_TOKEN", "TELEGRAM_BOT_TOKEN", "DISCORD_TOKEN", "TWILIO_AUTH_TOKEN", "SMTP_PASSWORD",
    "SENDGRID_API_KEY", "OPENAI_API_KEY", "STRIPE_API_KEY", "HF_TOKEN", "VAULT_TOKEN", "KUBE_TOKEN",
    "AZURE_CLIENT_SECRET", "GOOGLE_API_KEY", "HEROKU_API_KEY", "BINANCE_API_SECRET",
    "KRAKEN_PRIVATE_KEY", "BITSTAMP_SECRET", "COINBASE_PASSPHRASE", "COINBASE_WEBHOOK_SECRET",
    "JWT_SECRET", "SECRET_KEY", "ENCRYPTION_KEY", "SSH_PRIVATE_KEY", "HTTPS_PROXY", "HTTP_PROXY",
    "ALL_PROXY", "NETRC", "SENTRY_DSN", "CI_JOB_TOKEN",
)  # fmt: skip
STRANGERS = (
    "password=CANARY-{0}-tale", "api_key: CANARY-{0}-tale", "token=CANARY-{0}-tale",
    "Authorization: Bearer CANARY-{0}-tale0123456789", "secret=CANARY-{0}-tale",
    "https://user:CANARY-{0}-tale@host/path", "private_key=CANARY-{0}-tale",
    "cookie=CANARY-{0}-tale", "passphrase: CANARY-{0}-tale", "access_key=CANARY-{0}-tale",
)  # fmt: skip
"""What a broken server may show of others, in the words around it that give it away."""


REPORTS = ("day", "pnl", "fills", "fees", "lots", "execution", "shadow")


def boom() -> None:
    """A verb that fails over a secret."""
    message = f"cannot log in with {canary(0)}"
    raise RuntimeError(message)


BROKEN = Command("trader", "For a test.", (Verb("boom", "Fails.", __name__),))


def canary(number: int) -> str:
    """A value that stands nowhere by chance."""
    return f"CANARY-{number:02}-tale"


ALERTING = """\
  alerting:
    routes:
      hook: {through: apprise, secret: HOOK_ROUTE, timeout: 5s, escalates_to: watch}
      watch: {through: alertmanager, secret: WATCH_ROUTE, timeout: 5s, resend: 1m}
      gone: {through: apprise, secret: GONE_ROUTE, timeout: 1s, escalates_to: hook}
    look_every: 1s
    group: {wait: 1s, lines: 20}
    retry: {first: 1s, most: 1s}
    give_up_after: 1s
    test_every: 30d
"""
"""Three ways out, each with a secret for its address; nobody is at the last one."""
ALERTS = "apiVersion: mandate/v1\nkind: AlertRules\nitems:\n" + "".join(
    f"""\
  - metadata: {{name: canary_{route}, description: Fires at once.}}
    spec:
      scope: account
      when: engine.ledger_ok
      severity: critical
      dedupe: 1s
      escalate_after: 1s
      route: {route}
"""
    for route in ("hook", "watch", "gone")
)


class Listener:
    """A server on loopback that takes whatever is posted to it: a collector, a service, a pager."""

    def __init__(self) -> None:
        self.heard: dict[str, list[bytes]] = {}
        heard = self.heard

        class Taking(BaseHTTPRequestHandler):
            """Keeps each body under the first word of its path."""

            def do_POST(self) -> None:
                """Take it."""
                data = self.rfile.read(int(self.headers.get("content-length", "0")))
                if self.headers.get("content-encoding") == "gzip":
                    data = gzip.decompress(data)
                heard.setdefault(self.path.split("/")[1], []).append(data)
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_words: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Somebody listens."""
    found = Listener()
    yield found
    found.close()


@pytest.fixture
def alerting(site: Site, tmp_path: Path) -> Path:
    """The set of the site, with routes that leave, and alerts that fire at once."""
    folder = tmp_path / "policies"
    shutil.copytree(site.settings.policies, folder)
    (folder / "alerts.yaml").write_text(ALERTS, encoding="utf-8")
    for name, old, new in (
        ("policyset.yaml", '"schedule.yaml"', '"schedule.yaml", "alerts.yaml"'),
        ("deployment.yaml", "  paper:\n", f"{ALERTING}  paper:\n"),
    ):
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    return folder


class Echo:
    """A venue that says what it should not: our key, our token, and what it knows of others."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.heard: set[str] = set()
        self._orders = 0

    async def __call__(self, asked: Asked, onward: Onward) -> Reply | HangUp:
        """Answer, with more in it."""
        token = asked.header("authorization").partition(" ")[2]
        if token:
            self.heard.add(token)
        told = await onward(asked)
        if asked.path.endswith("/orders"):
            self._orders += 1
            return self._refused(told, token)
        if "/historical/batch" in asked.path:
            return self._gossip(told, token)
        return told

    def _refused(self, told: Reply, token: str) -> Reply:
        stranger = STRANGERS[self._orders % len(STRANGERS)].format(f"{41 + self._orders % 10:02}")
        word = (self.secret, token, stranger)[self._orders % 3]
        if self._orders % 4 == 3:
            return replace(told, body=f"{{{word}".encode())
        failure = {"error": word, "message": word, "new_order_failure_reason": word}
        return replace(
            told, body=json.dumps({"success": False, "error_response": failure}).encode()
        )

    def _gossip(self, told: Reply, token: str) -> Reply:
        body = json.loads(told.body)
        for number, order in enumerate(body.get("orders", [])):
            stranger = STRANGERS[number % len(STRANGERS)].format(f"{41 + number % 10:02}")
            order["reject_reason"] = f"{self.secret} {token}"
            order["cancel_message"] = stranger
        return replace(told, body=json.dumps(body).encode())


def spellings(secret: str) -> Iterator[bytes]:
    """A secret as it may be written."""
    yield secret.encode()
    yield json.dumps(secret)[1:-1].encode()
    yield quote(secret, safe="").encode()
    yield base64.b64encode(secret.encode()).rstrip(b"=")
    yield secret.encode().hex().encode()


@pytest.fixture
def surroundings(
    site: Site, listener: Listener, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> dict[str, str]:
    """Canaries in the environment, in addresses and in mounted files; the key is one of them."""
    key = site.venue.key("es256")
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    for number in (52, 53, 54):
        several = mounted / f"OTHER_{number}"
        several.write_text(f"one={canary(number)}\ntwo={canary(number)}\n")
        several.chmod(0o644)
    told = {name: f"x:{canary(number)}@y" for number, name in enumerate(KNOWN)}
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(mounted))
    here = f"127.0.0.1:{listener.port}"
    routes = {
        "HOOK_ROUTE": f"json://someone:{canary(40)}@{here}/hook/{canary(51)}",
        "WATCH_ROUTE": f"http://someone:{canary(58)}@{here}",
        "GONE_ROUTE": f"json://127.0.0.1:1/{canary(59)}",
    }
    keys = {KEY_NAME: key.name, KEY_SECRET: key.secret}
    # What is posted would go to the proxies among the canaries, and be heard by nobody.
    around = {"PATH": "/usr/bin:/bin", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    return {**told, **routes, **keys, **around}


def page_while(process: subprocess.Popen[str], port: int) -> str:
    """The last page of metrics that a run showed before it ended."""
    page, end = "", time.monotonic() + 120
    while process.poll() is None and time.monotonic() < end:
        try:
            page = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text
        except httpx.TransportError:
            # Not there yet, or no more.
            time.sleep(0.1)
    return page


def dashboard(ledger: str) -> str:
    """What the dashboard shows of a ledger."""
    look = Source(LedgerView.open(ledger), SystemClock()).look()
    return str(fragment(look))


@dataclass(frozen=True)
class Planted:
    """Where the canaries sit: around a run, and beside it."""

    site: Site
    surroundings: dict[str, str]
    policies: Path
    listener: Listener


@pytest.fixture
def planted(
    site: Site, surroundings: dict[str, str], alerting: Path, listener: Listener
) -> Planted:
    """Everything is in its place."""
    return Planted(site, surroundings, alerting, listener)


@pytest.mark.long
def test_no_canary_sings(
    planted: Planted,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever the venue echoes and whatever is around us: nothing of it is written anywhere."""
    site, surroundings, listener = planted.site, planted.surroundings, planted.listener
    secret = surroundings[KEY_SECRET]
    echo = Echo(secret)
    site.venue.through(echo)
    ledger = str(tmp_path / "ledger")
    run = ("run", "--policies", str(planted.policies), "--ledger", ledger, "--cycles", "6")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    watched = ("--metrics", f"127.0.0.1:{port}", "--otlp", f"http://127.0.0.1:{listener.port}")
    at = ("--venue", site.venue.rest, "--venue-ca", str(site.venue.ca))
    wrong = ("--venue", f"https://{canary(55)}:{canary(56)}@127.0.0.1:1/?key={canary(57)}")
    process = started((*run, *at, *watched, "--format", "json"), surroundings)
    page = page_while(process, port)
    written = "".join(process.communicate(timeout=120))
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    for words in (
        (*run, *wrong),
        (*run, *at, "--secrets", str(tmp_path / "mounted")),
        ("why", "BTC-USD", "--ledger", ledger),
        ("status", "--ledger", ledger),
        ("audit", "verify", "--ledger", ledger),
        ("audit", "export", "--ledger", ledger),
        ("status", "--ledger", ledger, "--format", "json"),
        ("doctor", "--ledger", ledger),
        ("doctor", "--ledger", ledger, "--go-live"),
        ("alert", "test", "--policies", str(planted.policies)),
        ("approve", "--ledger", ledger),
        *(("report", each, "--ledger", ledger) for each in REPORTS),
    ):
        trader(TRADER, words)
        written += "".join(capsys.readouterr())
    monkeypatch.setitem(sys.modules, __name__, sys.modules[boom.__module__])
    trader(BROKEN, ("boom",))
    written += "".join(capsys.readouterr())
    assert "Traceback" not in written
    files = [each.read_bytes() for each in (tmp_path / "ledger").rglob("*") if each.is_file()]
    posted = [body for bodies in listener.heard.values() for body in bodies]
    seen = (page, dashboard(ledger))
    leaves = b"".join((written.encode(), *map(str.encode, seen), *posted, *files))
    # Each sink was reached, or its silence would prove nothing.
    assert set(listener.heard) >= {"v1", "hook", "api"}
    assert "mandate_cycles_total" in page
    assert b'"outcome":"dead"' in leaves
    assert "internal error: RuntimeError" in written
    assert b'"kind":"unknown"' in leaves
    assert b"[hidden]" in leaves
    assert len(echo.heard) > 10
    secrets = [*(canary(number) for number in range(60)), *secret.splitlines()[1:-1], *echo.heard]
    found = [each for each in secrets for form in spellings(each) if form in leaves]
    assert found == []

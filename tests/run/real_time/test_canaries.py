"""Sixty canaries: secrets planted wherever one could be, and none in anything that is written.

In the environment, as the credentials themselves, in mounted files, in an address, and in what the
venue says: it echoes our key, our tokens and passwords of strangers in refusals, in orders and in
bodies that cannot be read. Then everything is looked through: what the run wrote, every file beside
its ledger, and what the verbs tell of it.
"""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from run.real_time.two_commands import started

from cli.main import run as trader
from cli.trader import TRADER
from engine.run.real_time.keys import KEY_NAME, KEY_SECRET

if TYPE_CHECKING:
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


def canary(number: int) -> str:
    """A value that stands nowhere by chance."""
    return f"CANARY-{number:02}-tale"


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
def surroundings(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """Canaries in the environment and in mounted files; the key is one of them."""
    key = site.venue.key("es256")
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    for number in (52, 53, 54):
        several = mounted / f"OTHER_{number}"
        several.write_text(f"one={canary(number)}\ntwo={canary(number)}\n")
        several.chmod(0o644)
    told = {name: f"x:{canary(number)}@y" for number, name in enumerate(KNOWN)}
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(mounted))
    return {**told, KEY_NAME: key.name, KEY_SECRET: key.secret, "PATH": "/usr/bin:/bin"}


@pytest.mark.long
def test_no_canary_sings(
    site: Site,
    surroundings: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever the venue echoes and whatever is around us: nothing of it is written anywhere."""
    secret = surroundings[KEY_SECRET]
    echo = Echo(secret)
    site.venue.through(echo)
    ledger = str(tmp_path / "ledger")
    run = ("run", "--policies", str(site.settings.policies), "--ledger", ledger, "--cycles", "4")
    at = ("--venue", site.venue.rest, "--venue-ca", str(site.venue.ca))
    wrong = ("--venue", f"https://{canary(55)}:{canary(56)}@127.0.0.1:1/?key={canary(57)}")
    process = started((*run, *at, "--format", "json"), surroundings)
    written = "".join(process.communicate(timeout=120))
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    for words in (
        (*run, *wrong),
        (*run, *at, "--secrets", str(tmp_path / "mounted")),
        ("why", "BTC-USD", "--ledger", ledger),
        ("status", "--ledger", ledger),
        ("audit", "verify", "--ledger", ledger),
        ("doctor", "--ledger", ledger, "--go-live"),
    ):
        trader(TRADER, words)
        written += "".join(capsys.readouterr())
    assert "Traceback" not in written
    files = [each.read_bytes() for each in (tmp_path / "ledger").rglob("*") if each.is_file()]
    leaves = b"".join((written.encode(), *files))
    assert b'"kind":"unknown"' in leaves
    assert b"[hidden]" in leaves
    assert len(echo.heard) > 10
    secrets = [*(canary(number) for number in range(60)), *secret.splitlines()[1:-1], *echo.heard]
    found = [each for each in secrets for form in spellings(each) if form in leaves]
    assert found == []

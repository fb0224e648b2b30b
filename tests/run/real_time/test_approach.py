"""The way to a venue: which address, which key, and everything that is refused, at once."""

from __future__ import annotations

import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.adapters.coinbase.credentials import Credentials
from engine.adapters.recorded import SpreadModel
from engine.errors import MandateError
from engine.model.orders import Mode
from engine.run import RunSettings, VenueSettings, prepare
from engine.run.real_time.address import COINBASE, loopback
from engine.run.real_time.approach import approach_of
from engine.run.real_time.keys import KEY_NAME, KEY_SECRET

if TYPE_CHECKING:
    from engine.policyset.policyset import PolicySet

SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
LOCAL = "https://127.0.0.1:8443"


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key in the environment, made on a known day."""
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    for name, value in ((KEY_NAME, "organizations/1/apiKeys/2"), (KEY_SECRET, SEED)):
        monkeypatch.setenv(name, value)
        monkeypatch.setenv(f"{name}_CREATED", "2026-01-02T00:00:00Z")


@pytest.fixture
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key anywhere."""
    for name in (KEY_NAME, KEY_SECRET, "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def settings(tmp_path: Path) -> RunSettings:
    """A run in real time at Coinbase."""
    return RunSettings(tmp_path / "policies", tmp_path / "ledger")


def refused(wanted: RunSettings, mode: Mode) -> list[str]:
    """The codes that stand against it, each with a mend and no value of a secret."""
    with pytest.raises(MandateError) as caught:
        approach_of(wanted, mode)
    for each in caught.value.diagnostics:
        assert each.help
        assert "hunter2" not in str(each)
        assert SEED not in str(each)
    return [each.code for each in caught.value.diagnostics]


WAYS: dict[str, tuple[Mode, str | None, str, bool]] = {
    "a dry run looks at Coinbase": (Mode.DRY_RUN, None, "coinbase", False),
    "paper fills here, at Coinbase's prices": (Mode.PAPER, None, "coinbase", False),
    "a dry run may look at a venue": (Mode.DRY_RUN, LOCAL, "loopback", False),
    "paper over sockets signs": (Mode.PAPER, LOCAL, "loopback", True),
    "live signs": (Mode.LIVE, None, "coinbase", True),
}


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize(("mode", "url", "name", "signs"), WAYS.values(), ids=WAYS)
def test_a_key_is_used_where_orders_leave_the_process(
    settings: RunSettings,
    mode: Mode,
    url: str | None,
    name: str,
    signs: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Nowhere else: what does not sign can lose no key."""
    found = approach_of(replace(settings, venue=VenueSettings(url)), mode)
    assert (found.name, found.key is not None) == (name, signs)
    if found.key is not None:
        assert isinstance(found.key.credentials, Credentials)
        assert str(found.key.created) == "2026-01-02T00:00:00Z"
        assert SEED not in repr(found)


@pytest.mark.usefixtures("key")
def test_live_goes_to_coinbase_alone(settings: RunSettings) -> None:
    """No option leads a live order anywhere else, and no pace bends its time."""
    assert approach_of(settings, Mode.LIVE).address is COINBASE
    for url in (LOCAL, "https://api.coinbase.com"):
        assert refused(replace(settings, venue=VenueSettings(url)), Mode.LIVE) == ["M461"]
    assert refused(replace(settings, pace=2.0), Mode.LIVE) == ["M469"]


@pytest.mark.usefixtures("no_key")
def test_everything_is_told_at_once(
    settings: RunSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address, an option, and both halves of the key."""
    venue = VenueSettings("https://example.com", tmp_path / "nothing.pem")
    wanted = replace(settings, venue=venue, derive=SpreadModel(Decimal(5)))
    assert refused(wanted, Mode.PAPER) == ["M469", "M461", "M458", "M458"]
    monkeypatch.setenv(KEY_NAME, "organizations/1/apiKeys/2")
    assert refused(settings, Mode.LIVE) == ["M458"]
    lonely = replace(settings, venue=VenueSettings(authority=tmp_path / "ca.pem"))
    assert refused(lonely, Mode.DRY_RUN) == ["M469"]


@pytest.mark.usefixtures("no_key")
def test_going_live_is_told_what_the_deployment_says_and_what_the_key_lacks(
    tmp_path: Path,
) -> None:
    """Both switches and both halves of the key, in one reading, before a ledger is made."""
    live = Path(__file__).parents[3] / "policies" / "live"
    with pytest.raises(MandateError) as caught:
        prepare(RunSettings(live, tmp_path / "ledger"))
    found = [each.code for each in caught.value.diagnostics]
    assert found == ["M447", "M447", "M458", "M458"]
    assert not (tmp_path / "ledger").exists()


@pytest.mark.usefixtures("no_key")
def test_secrets_that_are_none_are_told(settings: RunSettings, tmp_path: Path) -> None:
    """Files that others may read, and a key of another kind, with what to do."""
    for name, value in ((KEY_NAME, "organizations/1"), (KEY_SECRET, "bm90IGEga2V5")):
        (tmp_path / name).write_text(value)
        (tmp_path / name).chmod(0o644)
    mounted = replace(settings, venue=VenueSettings(secrets=tmp_path))
    assert refused(mounted, Mode.LIVE) == ["M459", "M459", "M458", "M458"]
    for name in (KEY_NAME, KEY_SECRET):
        (tmp_path / name).chmod(0o400)
    assert refused(mounted, Mode.LIVE) == ["M459"]


@pytest.mark.usefixtures("key")
def test_a_missing_extra_is_told_by_its_name(
    settings: RunSettings, brisk: PolicySet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it is the signing or the websocket: what to install, and no traceback."""
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "engine.adapters.coinbase.credentials", None)
        assert refused(settings, Mode.LIVE) == ["M460"]
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "engine.run.real_time.approach", None)
        with pytest.raises(MandateError) as caught:
            prepare(replace(settings, mode=Mode.DRY_RUN), brisk)
    (found,) = caught.value.diagnostics
    assert found.code == "M460"
    assert "mandate-trader[live]" in found.help


ELSEWHERE = {
    "another machine": "https://example.com",
    "an address of the net": "https://10.0.0.1:8443",
    "a name that looks near": "https://127.0.0.1.example.com",
    "every address": "https://0.0.0.0:8443",
    "no scheme": "127.0.0.1:8443",
    "another scheme": "ftp://127.0.0.1",
    "a path": "https://127.0.0.1:8443/api",
    "a query": "https://127.0.0.1:8443?key=hunter2",
    "credentials inside": "https://user:hunter2@127.0.0.1:8443",
    "a port that is none": "https://127.0.0.1:port",
    "brackets that do not close": "https://[::1",
    "nothing": "",
}


@pytest.mark.parametrize("url", ELSEWHERE.values(), ids=ELSEWHERE)
def test_only_loopback_is_a_venue(url: str) -> None:
    """The message holds nothing of the address: there may be a password in it."""
    with pytest.raises(MandateError) as caught:
        loopback(url, None)
    (found,) = caught.value.diagnostics
    assert found.code == "M461"
    assert found.help
    assert "hunter2" not in str(found)


HERE = {
    "https://127.0.0.1:8443": ("https://127.0.0.1:8443", "wss://127.0.0.1:8443"),
    "http://127.9.9.9:80/": ("http://127.9.9.9:80", "ws://127.9.9.9:80"),
    "https://[::1]:8443": ("https://[::1]:8443", "wss://[::1]:8443"),
    "https://localhost:1": ("https://localhost:1", "wss://localhost:1"),
}


@pytest.mark.parametrize("url", HERE)
def test_a_venue_on_loopback_has_its_websocket_beside_it(url: str) -> None:
    """One address is enough: the websocket is at the same port, as the venue serves it."""
    found = loopback(url, None)
    assert (found.rest, found.stream) == HERE[url]
    assert found.verify is True


def test_a_certificate_that_is_none_is_told(tmp_path: Path) -> None:
    """Absent or garbled, with a mend; a venue is never trusted without one."""
    garbled = tmp_path / "ca.pem"
    garbled.write_text("-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n")
    for authority in (tmp_path / "nothing", garbled):
        with pytest.raises(MandateError) as caught:
            loopback(LOCAL, authority)
        assert [each.code for each in caught.value.diagnostics] == ["M461"]

"""The files for services, containers and clusters: well formed, and true of this release."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from deploying.verbs import options_of
from ruamel.yaml import YAML

from cli.trader_verbs.options import page_address
from engine.adapters.notify.alertmanager import alert
from engine.model.notices import News, Notice, Sender
from engine.model.times import UtcTime
from engine.run.real_time.keys import KEY_PARTS

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"
SERVICES = sorted(DEPLOY.glob("*.service"))


def _documents(name: str) -> list[Any]:
    return list(YAML(typ="safe", pure=True).load_all(DEPLOY / name))


def _pod() -> Any:
    (pod,) = (each for each in _documents("kubernetes.yaml") if each["kind"] == "Deployment")
    return pod["spec"]


def test_there_is_never_more_than_one_loop() -> None:
    """One replica, ended before the next begins, on a volume that one pod alone can have."""
    claim, *_ = _documents("kubernetes.yaml")
    assert claim["spec"]["accessModes"] == ["ReadWriteOncePod"]
    assert (_pod()["replicas"], _pod()["strategy"]) == (1, {"type": "Recreate"})


def test_the_container_can_change_nothing_but_its_ledger() -> None:
    """A file system that is only read, no rights, no token; policies and keys only to be read."""
    spec = _pod()["template"]["spec"]
    (container,) = spec["containers"]
    rights = container["securityContext"]
    assert (rights["readOnlyRootFilesystem"], rights["allowPrivilegeEscalation"]) == (True, False)
    assert rights["capabilities"] == {"drop": ["ALL"]}
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["automountServiceAccountToken"] is False
    writable = {m["name"] for m in container["volumeMounts"] if not m.get("readOnly")}
    assert writable == {"ledger", "tmp"}
    # The group may read, and nobody else: others make a file of secrets one that is refused.
    (keys,) = (each["secret"] for each in spec["volumes"] if each["name"] == "keys")
    assert keys["defaultMode"] == 0o440


def test_every_option_of_the_containers_exists() -> None:
    """What a container is told is understood by `trader run`."""
    (patch,) = _documents("git-sync.yaml")
    for spec in (_pod(), patch["spec"]):
        (container,) = spec["template"]["spec"]["containers"]
        verb, *options = container["args"]
        used = {each.partition("=")[0] for each in options}
        assert used <= options_of(("trader", verb))


def test_probes_ask_what_the_page_answers() -> None:
    """Alive by the cycles, ready by the state, at the port that the loop is told to serve."""
    (container,) = _pod()["template"]["spec"]["containers"]
    served = (ROOT / "engine/run/telemetry.py").read_text("utf-8")
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        asked = container[probe]["httpGet"]
        assert f'"{asked["path"]}"' in served
        assert asked["port"] == container["ports"][0]["name"]
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    (metrics,) = (each for each in container["args"] if each.startswith("--metrics="))
    assert page_address(metrics.partition("=")[2]).port == container["ports"][0]["containerPort"]


def test_a_repository_is_followed_by_signature_alone() -> None:
    """Whatever git-sync brings, only what is signed runs, and the trader cannot write it."""
    (patch,) = _documents("git-sync.yaml")
    spec = patch["spec"]["template"]["spec"]
    (trader,) = spec["containers"]
    assert {"--require-signed", "--reload=committed"} <= set(trader["args"])
    assert all(mount["readOnly"] for mount in trader["volumeMounts"])
    (sync,) = spec["initContainers"]
    assert sync["restartPolicy"] == "Always"
    (base,) = _pod()["template"]["spec"]["containers"]
    ours = {each.partition("=")[0] for each in base["args"]}
    assert ours <= {each.partition("=")[0] for each in trader["args"]}


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.stem)
def test_a_service_is_one_that_systemd_takes(service: Path) -> None:
    """Each line is known to systemd; that our program is not installed here is no fault of it."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze: `apt-get install systemd` brings one")
    ran = subprocess.run(  # noqa: S603 - the machine's own program
        [analyze, "verify", "--man=no", "--recursive-errors=no", str(service)],
        capture_output=True,
        text=True,
        check=False,
    )
    found = [line for line in ran.stderr.splitlines() if service.stem.split("@")[0] in line]
    assert [line for line in found if "is not executable" not in line] == []


WATCHERS = {
    "alertmanager.yml": ("amtool", ("check-config",)),
    "prometheus.yml": ("promtool", ("check", "config", "--syntax-only")),
}


@pytest.mark.parametrize(("file", "checked_by"), WATCHERS.items(), ids=WATCHERS)
def test_what_watches_is_taken_by_its_own_tool(
    file: str, checked_by: tuple[str, tuple[str, ...]]
) -> None:
    """The examples for Prometheus and Alertmanager are ones that they begin with."""
    name, words = checked_by
    tool = shutil.which(name)
    if tool is None:
        pytest.skip(f"no {name}: `apt-get install prometheus prometheus-alertmanager` brings it")
    command = [tool, *words, str(DEPLOY / file)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - the machine's own program
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_alerts_are_grouped_by_what_they_bear() -> None:
    """A label that no alert has would put strangers into one message."""
    (config,) = _documents("alertmanager.yml")
    now, sender = UtcTime(0), Sender("main", "live", "main", "a" * 64)
    notice = Notice(1, "desk", News.FIRING, "stale", "BTC-USD", "critical", "old", now, now)
    labels = alert(notice, sender, now)["labels"]
    assert isinstance(labels, dict)
    assert set(config["route"]["group_by"]) <= set(labels)


def test_a_service_is_given_the_key_under_the_names_that_are_read() -> None:
    """A credential of another name would be a key that nobody finds."""
    for service in SERVICES:
        given = re.findall(r"^LoadCredential=(\w+):", service.read_text("utf-8"), re.MULTILINE)
        assert set(KEY_PARTS) <= set(given)
        assert {each.removesuffix("_CREATED") for each in given} == set(KEY_PARTS)


def test_the_image_is_made_of_what_is_there() -> None:
    """Each file that is copied exists, and the lock holds what live trading needs."""
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    copied = [
        word
        for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE)
        for word in line.split()[:-1]
    ]
    assert [each for each in copied if not (ROOT / each).exists()] == []
    lock = (ROOT / "requirements/live.txt").read_text("utf-8")
    for name in (
        "pyjwt",
        "websockets",
        "cryptography",
        "apprise",
        "opentelemetry-sdk",
        "z3-solver",
        "hatchling",
    ):
        assert re.search(rf"^{name}==", lock, re.MULTILINE), name
    assert "--require-hashes" in text
    assert not re.search(r"^(pytest|polars)==", lock, re.MULTILINE)


def test_the_lock_of_the_image_is_part_of_what_was_tested() -> None:
    """Each release in it is the one that the tests ran with."""

    def releases(name: str) -> set[str]:
        text = (ROOT / "requirements" / name).read_text("utf-8")
        return set(re.findall(r"^([\w.\[\]-]+==[^ \\;]+)", text, re.MULTILINE))

    assert releases("live.txt") <= releases("dev.txt")

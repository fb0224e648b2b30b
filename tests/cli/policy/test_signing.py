"""`policy bundle`, `sign`, `verify` and `log`, as a person calls them."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from fakes.people import Person

from cli.main import run
from cli.policy import POLICY

if TYPE_CHECKING:
    from pathlib import Path

TERMS = ("--purpose", "paper", "--sequence", "3", "--expires", "30d")


def policy(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    """Status, stdout and stderr of the command."""
    status = run(POLICY, tuple(map(str, words)))
    written = capsys.readouterr()
    return int(status), written.out, written.err


@pytest.fixture
def alice(tmp_path_factory: pytest.TempPathFactory) -> Person:
    """Somebody with a key, outside of every repository."""
    return Person.with_key(tmp_path_factory.mktemp("keys"), "alice")


@pytest.fixture
def bundle(
    sample: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> Path:
    """A bundle of the sample set."""
    file = tmp_path_factory.mktemp("bundles") / "s.bundle"
    status, out, err = policy(capsys, "bundle", sample, "--out", file, *TERMS)
    assert (status, len(out.strip())) == (0, 64)
    assert "sequence 3" in err
    assert "no commit holds it" in err
    return file


def test_bundled_signed_and_verified(
    bundle: Path, alice: Person, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who signs is told what, and whoever verifies is told who signed; secrets are in no output."""
    allowed = tmp_path.parent / f"{tmp_path.name}-allowed"
    allowed.write_text(f"{alice.name} {alice.public}\n")
    trusted = ("--allowed-signers", allowed)
    assert policy(capsys, "verify", bundle, *trusted)[0] == 1
    status, out, err = policy(capsys, "sign", bundle, "--key", alice.key)
    assert (status, "1 signature" in out, "for paper" in err) == (0, True, True)
    assert alice.key.read_text().splitlines()[1] not in out + err
    status, out, _ = policy(capsys, "verify", bundle, *trusted)
    assert (status, alice.name in out) == (0, True)
    status, out, _ = policy(capsys, "verify", bundle, *trusted, "--format", "json")
    told = json.loads(out)
    assert (status, told["sequence"], told["purpose"]) == (0, 3, "paper")
    assert told["signers"][0]["principal"] == alice.name
    status, _, err = policy(capsys, "verify", bundle, *trusted, "--signers", "2")
    assert (status, "M758" in err) == (1, True)


def test_a_passphrase_that_nobody_types_is_told(
    bundle: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A locked key is not opened here: ssh-keygen asks, and what it says is passed on."""
    key = tmp_path.parent / f"{tmp_path.name}-locked"
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret words", "-f", str(key)]
    subprocess.run(words, check=True)  # noqa: S603 - words of the test
    monkeypatch.setenv("SSH_ASKPASS", "/bin/false")
    monkeypatch.setenv("SSH_ASKPASS_REQUIRE", "force")
    status, _, err = policy(capsys, "sign", bundle, "--key", key)
    assert (status, "M770" in err, "secret words" in err) == (1, True, False)


def test_misuse_is_told(
    sample: Path, bundle: Path, alice: Person, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Terms that have passed, keys in a repository, keys and bundles that are none."""
    terms = ("--purpose", "paper", "--sequence", "1", "--out", tmp_path / "x", "--expires")
    assert policy(capsys, "bundle", sample, *terms, "2020-01-01T00:00:00Z")[0] == 2
    assert policy(capsys, "bundle", sample, *terms, "soon")[0] == 2
    assert "M770" in policy(capsys, "sign", bundle, "--key", tmp_path / "none")[2]
    assert "M761" in policy(capsys, "sign", tmp_path / "none", "--key", alice.key)[2]
    assert "M761" in policy(capsys, "sign", sample / "policyset.yaml", "--key", alice.key)[2]
    (tmp_path / ".git").mkdir()
    inside = tmp_path / "key"
    inside.write_text(alice.key.read_text())
    assert "M771" in policy(capsys, "sign", bundle, "--key", inside)[2]
    rsa = Person.with_key(tmp_path.parent, f"{tmp_path.name}-rsa", "ecdsa")
    assert "M770" in policy(capsys, "sign", bundle, "--key", rsa.key)[2]


def test_the_log_of_a_checkout(
    sample: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A changed limit is told with its commit and its way, as text and for programs."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path.parent / f"{tmp_path.name}-cache"))
    monkeypatch.chdir(tmp_path)
    surroundings = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    git = ["git", "-c", "user.name=Ann", "-c", "user.email=a@b"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *words], env=surroundings, check=True)  # noqa: S603 - words of the test
    file = sample / "risk/position.yaml"
    file.write_text(file.read_text().replace("chop: 3.0", "chop: 2.5"))
    subprocess.run([*git, "commit", "-qam", "another limit"], env=surroundings, check=True)  # noqa: S603 - words of the test
    status, out, _ = policy(capsys, "log", sample)
    assert (status, "Ann" in out, " -> " in out) == (0, True, True)
    status, out, _ = policy(capsys, "log", sample, "--commits")
    assert (status, "another limit" in out) == (0, True)
    told = json.loads(policy(capsys, "log", sample, "--format", "json")[1])
    (last,) = told["last"]
    assert (last["subject"], len(told["commits"])) == ("another limit", 2)
    assert policy(capsys, "log", sample, "no_such_limit")[0] == 2

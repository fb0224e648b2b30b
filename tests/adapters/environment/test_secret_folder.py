"""Secrets in files: one a file, closed to others, and where each would come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.adapters.environment import SecretFolder, secret_sources
from engine.adapters.environment.secret_sources import SYSTEMD
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from pathlib import Path

KEY, SECRET = "DESK_KEY", "DESK_SECRET"
PEM = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\nIOxyz\n-----END EC PRIVATE KEY-----"
MADE = "2026-01-02T00:00:00Z"
ABSENT = None

HELD: dict[str, tuple[bytes, int, str | None, str]] = {
    "a line": (b"organizations/1/apiKeys/2\n", 0o400, "organizations/1/apiKeys/2", ""),
    "base64 with its filling": (b"QUJDREVG==", 0o600, "QUJDREVG==", ""),
    "a PEM block": (PEM.encode(), 0o440, PEM, ""),
    "nothing": (b"\n", 0o400, None, ""),
    "others may read": (b"s3cret-words", 0o404, None, "others may read or change it"),
    "its group may write": (b"s3cret-words", 0o620, None, "others may read or change it"),
    "two lines": (b"one-secret\nanother-one", 0o400, None, "it holds several values"),
    "two PEM blocks": (f"{PEM}\n{PEM}".encode(), 0o400, None, "it holds several values"),
    "a JSON object": (b'{"name":"a","privateKey":"b"}', 0o400, None, "it holds several values"),
    "a file of variables": (b"API_KEY=abcdef", 0o400, None, "it holds several values"),
    "a YAML mapping": (b"privateKey: abcdef", 0o400, None, "it holds several values"),
    "no text": (b"\xff\xfe\x00", 0o400, None, "it is no text"),
    "too large": (b"a" * 16_385, 0o400, None, "it is larger than 16384 bytes"),
}


def put(folder: Path, name: str, data: bytes | str, mode: int = 0o400) -> None:
    """A secret file."""
    file = folder / name
    file.write_bytes(data if isinstance(data, bytes) else data.encode())
    file.chmod(mode)


@pytest.mark.parametrize(("data", "mode", "secret", "why"), HELD.values(), ids=HELD)
def test_a_file_holds_one_secret_that_others_cannot_read(
    tmp_path: Path, data: bytes, mode: int, secret: str | None, why: str
) -> None:
    """What is refused is told with its mend, never with its value, and is no secret."""
    put(tmp_path, KEY, data, mode)
    folder = SecretFolder(tmp_path)
    assert folder.get(KEY) == secret
    found = folder.findings([KEY, SECRET])
    assert [each.code for each in found] == ["M459"] * bool(why)
    for each in found:
        assert each.message == f"the secret file `{KEY}` is refused: {why}"
        assert each.help
        assert "s3cret" not in str(each)


def test_a_directory_in_a_file_s_place_is_told_by_the_system_s_words(tmp_path: Path) -> None:
    """Whatever keeps a file from being read is a finding and no exception."""
    (tmp_path / KEY).mkdir()
    (found,) = SecretFolder(tmp_path).findings([KEY])
    assert found.message == f"the secret file `{KEY}` is refused: is a directory"


@pytest.mark.parametrize(
    ("stated", "made"),
    [(MADE, MADE), ("in spring", None), (ABSENT, None), ("two\nlines", None)],
)
def test_a_secret_s_date_stands_beside_it(
    tmp_path: Path, stated: str | None, made: str | None
) -> None:
    """The time of the file itself is when it was mounted, so it says nothing of the key."""
    put(tmp_path, KEY, "s3cret-words")
    if stated is not None:
        put(tmp_path, KEY + "_CREATED", stated)
    assert SecretFolder(tmp_path).created(KEY) == (None if made is None else UtcTime.parse(made))


@pytest.fixture
def mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mounted directory, beside systemd's and the environment."""
    for name in ("mounted", "systemd"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv(SYSTEMD, str(tmp_path / "systemd"))
    return tmp_path / "mounted"


def test_the_first_place_that_has_a_name_counts(
    mounted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a service manager hands over is not shadowed by a variable that was left behind."""
    monkeypatch.setenv(KEY, "of-the-environment")
    monkeypatch.setenv(f"{KEY}_CREATED", MADE)
    sources = secret_sources(mounted)
    told = [(sources.where(KEY), sources.get(KEY), sources.created(KEY))]
    put(mounted.parent / "systemd", KEY, "of-systemd")
    told.append((sources.where(KEY), sources.get(KEY), sources.created(KEY)))
    put(mounted, KEY, "of-the-mount")
    told.append((sources.where(KEY), sources.get(KEY), sources.created(KEY)))
    assert told == [
        ("the environment", "of-the-environment", UtcTime.parse(MADE)),
        (f"`${SYSTEMD}`", "of-systemd", None),
        (f"the directory `{mounted}`", "of-the-mount", None),
    ]


def test_what_no_place_has_is_nowhere(mounted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An absent secret has no value, no date and no place; wrong files are told from all places."""
    monkeypatch.delenv(KEY, raising=False)
    sources = secret_sources(mounted)
    assert (sources.get(KEY), sources.created(KEY), sources.where(KEY)) == (None, None, None)
    assert sources.oldest([KEY]) is None
    for folder in (mounted, mounted.parent / "systemd"):
        put(folder, KEY, "s3cret-words", 0o444)
    assert [each.code for each in sources.findings([KEY])] == ["M459", "M459"]
    assert sources.get(KEY) is None


def test_without_systemd_and_mount_there_is_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing else is looked at, least of all a file that somebody guessed."""
    monkeypatch.delenv(SYSTEMD, raising=False)
    assert [name for name, _ in secret_sources(None).places] == ["the environment"]

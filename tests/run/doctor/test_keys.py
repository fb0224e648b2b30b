"""Where the key would come from: each part by its place, whatever is wrong, never a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.adapters.environment import secret_sources
from engine.model.orders import Mode
from engine.model.times import UtcTime
from engine.run.doctor import Level, key_seen
from engine.run.doctor.keys import keys
from engine.run.real_time.keys import KEY_NAME, KEY_SECRET

if TYPE_CHECKING:
    from pathlib import Path

NOW = UtcTime.parse("2026-01-12T00:00:00Z")
SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@pytest.fixture(autouse=True)
def nothing_around(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key of whoever runs the tests."""
    for name in (KEY_NAME, KEY_SECRET, "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)


def told(mode: Mode, mounted: Path | None = None) -> list[tuple[Level, str, str]]:
    """What the doctor says of the key, none of it the key."""
    checks = list(keys(mode, key_seen(secret_sources(mounted)), NOW))
    assert SEED not in repr(checks)
    return [(each.level, each.name, each.says) for each in checks]


def test_without_a_key_paper_needs_none_and_live_misses_both_parts() -> None:
    """What is missing is told with where it is looked for."""
    (fine,) = told(Mode.PAPER)
    assert fine[:2] == (Level.FINE, "key")
    first, second, age = told(Mode.LIVE)
    assert [each[:2] for each in (first, second)] == [(Level.BAD, "M458")] * 2
    assert "LoadCredential=" in first[2]
    assert age[:2] == (Level.LOOK, "key")


def test_each_part_has_its_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Mounted before the environment, and the age of the older half."""
    monkeypatch.setenv(KEY_NAME, "organizations/1/apiKeys/2")
    for name, value in ((KEY_SECRET, SEED), (f"{KEY_SECRET}_CREATED", "2026-01-02T00:00:00Z")):
        (tmp_path / name).write_text(value)
        (tmp_path / name).chmod(0o400)
    found = told(Mode.LIVE, tmp_path)
    assert found[:2] == [
        (Level.FINE, KEY_NAME, "would come from the environment"),
        (Level.FINE, KEY_SECRET, f"would come from the directory `{tmp_path}`"),
    ]
    assert found[2][:2] == (Level.LOOK, "key")
    monkeypatch.setenv(f"{KEY_NAME}_CREATED", "2026-01-03T00:00:00Z")
    assert told(Mode.LIVE, tmp_path)[2] == (Level.FINE, "key", "made 10 days ago")


@pytest.mark.parametrize(("mode", "level"), [(Mode.LIVE, Level.BAD), (Mode.PAPER, Level.LOOK)])
def test_a_key_that_could_not_sign_is_told(
    monkeypatch: pytest.MonkeyPatch, mode: Mode, level: Level
) -> None:
    """Before anybody relies on it; where no key is needed it is worth a look."""
    monkeypatch.setenv(KEY_NAME, "organizations/1/apiKeys/2")
    monkeypatch.setenv(KEY_SECRET, "bm90IGEga2V5")
    (finding,) = [each for each in told(mode) if each[1].startswith("M")]
    assert finding[:2] == (level, "M459")

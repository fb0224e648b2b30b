"""Credentials, and how old they are."""

from __future__ import annotations

import pytest

from engine.adapters.environment import EnvironmentSecrets, SecretSources
from engine.model.times import UtcTime

KEY, OTHER = "DESK_KEY", "DESK_OTHER"
OLD, NEW = "2026-01-02T00:00:00Z", "2026-02-02T00:00:00Z"

OLDEST = {
    "the older of two": ({KEY: NEW, OTHER: OLD}, (KEY, OTHER), OLD),
    "one alone": ({KEY: NEW}, (KEY,), NEW),
    "one of them does not say": ({KEY: NEW}, (KEY, OTHER), None),
    "one that says nonsense": ({KEY: NEW, OTHER: "in spring"}, (KEY, OTHER), None),
    "an instant without a zone is none": ({KEY: "2026-01-02T00:00:00"}, (KEY,), None),
    "no credential in use": ({KEY: NEW}, (), None),
}


@pytest.mark.parametrize(("stated", "names", "oldest"), OLDEST.values(), ids=OLDEST)
def test_the_oldest_credential_counts_and_all_must_say(
    monkeypatch: pytest.MonkeyPatch,
    stated: dict[str, str],
    names: tuple[str, ...],
    oldest: str | None,
) -> None:
    """An age that one credential hides is no age of all of them."""
    for name, instant in stated.items():
        monkeypatch.setenv(name, "s3cret-words")
        monkeypatch.setenv(f"{name}_CREATED", instant)
    found = SecretSources((("here", EnvironmentSecrets()),)).oldest(names)
    assert found == (None if oldest is None else UtcTime.parse(oldest))


@pytest.mark.parametrize(("text", "secret"), [("s3", "s3"), ("", None), (None, None)])
def test_a_secret_is_the_variable(
    monkeypatch: pytest.MonkeyPatch, text: str | None, secret: str | None
) -> None:
    """An empty variable is no secret, so that nothing signs with it."""
    monkeypatch.delenv(KEY, raising=False)
    if text is not None:
        monkeypatch.setenv(KEY, text)
    assert EnvironmentSecrets().get(KEY) == secret

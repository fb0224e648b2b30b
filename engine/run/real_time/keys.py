"""The credentials of a run: found in their places, read as a key, kept out of every text.

In: the secrets' places. Out: `KeyFound`. Refuses (M458) a name or a key that no place has, (M459)
files that are no secrets and what is no usable key, (M460) a missing extra; all findings at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.adapters.environment.secret_sources import SYSTEMD
from engine.errors import Diagnostic, MandateError, with_extra

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.adapters.coinbase.credentials import Credentials
    from engine.adapters.environment import SecretSources
    from engine.model.times import UtcTime

KEY_NAME = "COINBASE_API_KEY"
KEY_SECRET = "COINBASE_API_SECRET"  # noqa: S105 - the name of a secret, not one
KEY_PARTS = (KEY_NAME, KEY_SECRET)
"""The names that Coinbase's own client reads too."""


@dataclass(frozen=True, slots=True)
class KeyFound:
    """A key that can sign, when its older half was made, and what must appear nowhere."""

    credentials: Credentials
    created: UtcTime | None
    hidden: tuple[str, ...] = field(repr=False)


def find_key(sources: SecretSources) -> KeyFound:
    """The key; raises MandateError with all that stands against it."""
    findings = [*sources.findings(KEY_PARTS), *_absent(sources)]
    if findings:
        raise MandateError(findings)
    name, secret = (sources.get(each) or "" for each in KEY_PARTS)
    return KeyFound(_read(name, secret), sources.oldest(KEY_PARTS), (name, secret))


def extra_missing(error: ModuleNotFoundError) -> Diagnostic:
    """What to say where the extra that speaks to venues is not installed."""
    message = f"what speaks to a venue needs `{error.name}`, which is not installed"
    return Diagnostic("M460", message, None, with_extra("live"))


def _absent(sources: SecretSources) -> Iterator[Diagnostic]:
    for each in KEY_PARTS:
        if sources.get(each) is None:
            mend = (
                f"set the variable `{each}`, or hand over a file of that name: "
                f"`--secrets DIR`, or systemd's `LoadCredential=` (`${SYSTEMD}`)"
            )
            yield Diagnostic("M458", f"no `{each}`: nothing can be signed", None, mend)


def _read(name: str, secret: str) -> Credentials:
    # PyJWT and its cryptography: only a run that signs pays for them.
    try:
        from engine.adapters.coinbase.credentials import (  # noqa: PLC0415 - see above
            CredentialError,
            credentials_of,
        )
    except ModuleNotFoundError as error:
        raise MandateError([extra_missing(error)]) from error
    try:
        return credentials_of(name, secret)
    except CredentialError as error:
        said, _, mend = str(error).partition(": ")
        raise MandateError([Diagnostic("M459", said, None, mend)]) from error

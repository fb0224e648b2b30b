"""The address of a shared ledger, as a person types it.

In: `postgresql://user@host:port/database?sslmode=verify-full#paper/main`. Out: `Address`, fit to
be shown. Refuses (M470) passwords, which would stand in the list of processes and in histories,
and an address that leaves the database to chance.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from engine.errors import Diagnostic, MandateError, with_extra

if TYPE_CHECKING:
    from urllib.parse import SplitResult

SCHEMES = frozenset({"postgresql", "postgres"})
_STREAM = re.compile(r"(?P<mode>dry_run|paper|live)/(?P<account>[a-z][a-z0-9_]*)")
_SECRET = frozenset({"password", "sslpassword", "oauth_client_secret"})
_PRINTABLE = re.compile(r"[!-~]+")
_KEEP_IT = "keep the password in the file that PGPASSFILE names, or in ~/.pgpass"
_EXAMPLE = "postgresql://desk@ledger.example/trading"


def driver_missing() -> MandateError:
    """What to raise (M477) where the library behind the rest of this package is absent."""
    message = "a shared ledger needs the extra `postgres`, which is not installed"
    mend = with_extra("postgres")
    return MandateError([Diagnostic("M477", message, None, mend)])


class _Flaw(Enum):
    UNREADABLE = "cannot be read"
    PASSWORD = "holds a password"  # noqa: S105 - the words that refuse one
    DATABASE = "names no database"
    STREAM = "names no stream of a ledger"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a shared ledger lies: `target` is the library's word for it, without a secret.

    `stream` is the mode and the account that were asked for; None where nobody said.
    """

    target: str
    stream: tuple[str, str] | None = None

    def __str__(self) -> str:
        return self.target if self.stream is None else f"{self.target}#{'/'.join(self.stream)}"

    def of(self, mode: str, account: str) -> Address:
        """The same place, and this stream of it."""
        return Address(self.target, (mode, account))


def is_address(text: str) -> bool:
    """Whether somebody means a server and not a directory."""
    return text.partition("://")[0].lower() in SCHEMES and "://" in text


def parse_address(text: str) -> Address:
    """Read an address; raises MandateError (M470), in words that repeat no password."""
    parts = _split(text)
    if parts is None:
        raise _refused(_Flaw.UNREADABLE, _EXAMPLE)
    if parts.password is not None or _SECRET & {name.lower() for name, _ in _options(parts)}:
        raise _refused(_Flaw.PASSWORD, _KEEP_IT)
    if len(parts.path) <= 1 or "/" in parts.path[1:]:
        raise _refused(_Flaw.DATABASE, _EXAMPLE)
    stream = _STREAM.fullmatch(parts.fragment) if parts.fragment else None
    if parts.fragment and stream is None:
        raise _refused(_Flaw.STREAM, "a stream is a mode and an account: `#paper/main`")
    named = None if stream is None else (stream["mode"], stream["account"])
    return Address(text.partition("#")[0], named)


def _split(text: str) -> SplitResult | None:
    try:
        return urlsplit(text) if _PRINTABLE.fullmatch(text) else None
    except ValueError:
        return None


def _options(parts: SplitResult) -> list[tuple[str, str]]:
    return parse_qsl(parts.query, keep_blank_values=True)


def _refused(flaw: _Flaw, mend: str) -> MandateError:
    return MandateError([Diagnostic("M470", f"the address of the ledger {flaw.value}", None, mend)])

"""The host's file of allowed signers (ssh-keygen(1), ALLOWED SIGNERS), as git uses it.

In: its text. Out: `AllowedSigner`s, and whom a key belongs to, for a purpose, at an instant.
Refuses the file as a whole (M760) where a line cannot be read: a line that is passed over may be
the one that takes a key back. Certificate authorities and keys that are not Ed25519 vouch for
nobody here.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from engine.errors import Diagnostic, Place
from engine.model.times import UtcTime
from engine.provenance.sshsig import KEY_TYPE, PublicKey, public_key

_OPTION = r'[A-Za-z-]+(?:="[^"]*")?'
_LINE = re.compile(
    rf'(?P<principals>"[^"]+"|[^\s"]+)[ \t]+'
    rf"(?:(?P<options>{_OPTION}(?:,{_OPTION})*)[ \t]+)?"
    r"(?P<type>(?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]+)[ \t]+"
    r"(?P<key>[A-Za-z0-9+/]+={0,2})(?:[ \t].*)?"
)
_DATE = re.compile(r"(\d{8})(\d{4})?(\d{2})?Z")
_KNOWN = frozenset({"cert-authority", "namespaces", "valid-after", "valid-before"})


@dataclass(frozen=True, slots=True)
class AllowedSigner:
    """One line: whose key it is, what it may sign for, and between which instants."""

    principal: str
    key: PublicKey
    namespaces: tuple[str, ...] | None = None
    valid_after: UtcTime | None = None
    valid_before: UtcTime | None = None

    def signs_for(self, namespace: str) -> bool:
        """Whether the line lets the key sign for this purpose."""
        return self.namespaces is None or _matches(self.namespaces, namespace)

    def valid_at(self, now: UtcTime) -> bool:
        """Whether the key counts at this instant; both ends as OpenSSH has them."""
        late = self.valid_before is not None and now > self.valid_before
        return not late and (self.valid_after is None or now >= self.valid_after)


@dataclass(frozen=True, slots=True)
class AllowedSigners:
    """Everybody whom the host trusts."""

    signers: tuple[AllowedSigner, ...]

    def lines_of(self, key: PublicKey) -> tuple[AllowedSigner, ...]:
        """The lines that name this key; a key may have several."""
        return tuple(each for each in self.signers if each.key == key)


def allowed_signers(text: str, file: str) -> AllowedSigners | tuple[Diagnostic, ...]:
    """Read the file; or everything that is wrong about it."""
    signers: list[AllowedSigner] = []
    found: list[Diagnostic] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            signer = _signer(line.strip())
        except ValueError as error:
            place = Place(file, number, 1, max(1, len(line)), line)
            mend = f'write `NAME namespaces="mandate-policy" {KEY_TYPE} KEY`'
            found.append(Diagnostic("M760", f"a line that {error}", place, mend))
        else:
            signers += [signer] if signer else []
    return tuple(found) or AllowedSigners(tuple(signers))


def _signer(line: str) -> AllowedSigner | None:
    match = _LINE.fullmatch(line)
    if match is None:
        message = "names no allowed signer"
        raise ValueError(message)
    options = _options(match["options"] or "")
    if "cert-authority" in options or match["type"] != KEY_TYPE:
        return None
    namespaces = options.get("namespaces")
    return AllowedSigner(
        principal=match["principals"].strip('"'),
        key=_key(match["key"]),
        namespaces=None if namespaces is None else tuple(namespaces.split(",")),
        valid_after=_instant(options.get("valid-after")),
        valid_before=_instant(options.get("valid-before")),
    )


def _options(text: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for each in re.findall(_OPTION, text):
        name, _, value = each.partition("=")
        if name.lower() not in _KNOWN or name.lower() in options:
            message = f"has the option `{name}`, which nobody knows or which it has twice"
            raise ValueError(message)
        options[name.lower()] = value.strip('"')
    return options


def _key(text: str) -> PublicKey:
    try:
        return public_key(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        message = "has a damaged key"
        raise ValueError(message) from None


def _instant(text: str | None) -> UtcTime | None:
    """An instant; without `Z` it would be in the zone of whichever machine reads it."""
    if text is None:
        return None
    match = _DATE.fullmatch(text)
    digits = "".join(each or "" for each in match.groups()).ljust(14, "0") if match else ""
    try:
        moment = datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        message = f"has the time `{text}`, which is not `YYYYMMDDZ` or `YYYYMMDDHHMMZ`"
        raise ValueError(message) from None
    return UtcTime.from_datetime(moment)


def _matches(patterns: tuple[str, ...], text: str) -> bool:
    """OpenSSH's list of patterns: one must fit, and none that begins with `!`."""
    if any(each.startswith("!") and _fits(each[1:], text) for each in patterns):
        return False
    return any(_fits(each, text) for each in patterns if not each.startswith("!"))


def _fits(pattern: str, text: str) -> bool:
    parts = {"*": ".*", "?": "."}
    return (
        re.fullmatch("".join(parts.get(each, re.escape(each)) for each in pattern), text)
        is not None
    )

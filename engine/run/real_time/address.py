"""Where the venue is: Coinbase's own addresses, or one on loopback that a person named.

In: what was asked for. Out: `Address`. Refuses (M461) any other machine, a scheme without HTTP,
credentials inside an address, and a certificate that cannot be read. Live trading goes to
Coinbase alone: no option leads it anywhere else.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from engine.errors import Diagnostic, MandateError

if TYPE_CHECKING:
    from pathlib import Path
    from urllib.parse import SplitResult

_STREAM = {"https": "wss", "http": "ws"}
_MEND = "give `--venue` as `trader venue` prints it, such as `https://127.0.0.1:8443`"


@dataclass(frozen=True, slots=True)
class Address:
    """REST and websocket of one venue; `tls` None trusts what the system trusts."""

    rest: str
    stream: str
    tls: ssl.SSLContext | None = None

    @property
    def verify(self) -> ssl.SSLContext | bool:
        """The same for HTTP, where True is the system's trust."""
        return True if self.tls is None else self.tls


COINBASE = Address("https://api.coinbase.com", "wss://advanced-trade-ws.coinbase.com")


def loopback(url: str, authority: Path | None) -> Address:
    """The venue at `url`; `authority` is the certificate that signs its own. Raises MandateError.

    No message holds the address: a person may have put a password into it.
    """
    parts = _parts(url)
    scheme = parts.scheme if parts is not None else ""
    if parts is None or scheme not in _STREAM or parts.path.strip("/") or parts.query:
        raise MandateError([_refused("`--venue` is no address of a venue", _MEND)])
    if parts.username is not None or parts.password is not None:
        mend = "give keys as secrets: a command line is seen by everybody on the machine"
        raise MandateError([_refused("`--venue` holds credentials", mend)])
    if not _is_loopback(parts.hostname or ""):
        mend = "orders leave this machine in mode live alone, and then for Coinbase"
        raise MandateError([_refused("`--venue` is not on loopback", mend)])
    tls = None if authority is None else _trusting(authority)
    return Address(f"{scheme}://{parts.netloc}", f"{_STREAM[scheme]}://{parts.netloc}", tls)


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _trusting(authority: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(authority))
    except (OSError, ssl.SSLError) as error:
        mend = "name the certificate that `trader venue` prints, a PEM file"
        message = "the file of `--venue-ca` is no certificate that can be read"
        raise MandateError([_refused(message, mend)]) from error


def _refused(message: str, mend: str) -> Diagnostic:
    return Diagnostic("M461", message, None, mend)

"""What notices carry besides alerts: links by which a person acts, and a summary of each day.

A link reduces, whichever it is: it acknowledges, halts, takes no new risk for a while, or shows. It
is signed with a secret, works once and for a while, and opens at an address of the operator's own.
Refuses an address in plain text beyond this machine, and parts that do not belong together.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from engine.kinds.base import Closed, Duration, Name, TimeOfDay, Zone

LinkVerb = Literal["ack", "halt", "tighten", "status", "why"]
SecretName = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{2,63}$")]
"""The name of a secret, as of the file that is mounted or the variable that is set."""


class Links(Closed):
    """Links in notices, for a telephone at night; `trader listen` takes them in."""

    address: str = Field(
        max_length=200,
        description="Where people reach `trader listen`, as `https://night.example.org`: a proxy "
        "or a tunnel of yours that speaks TLS, and hands on to this machine.",
    )
    secret: SecretName = Field(description="The secret that links are signed with.")
    last_for: Duration = Field(description="How long a link works, once.")
    offer: tuple[LinkVerb, ...] = Field(
        min_length=1,
        description="What a notice offers: to acknowledge, to halt, to take no new risk for a "
        "while, to show the status, or why nothing is bought of its product.",
    )
    tighten_for: Duration | None = Field(
        default=None, description="How long `tighten` takes no new risk; needed with it."
    )

    @field_validator("address")
    @classmethod
    def _reachable(cls, address: str) -> str:
        parts = urlsplit(address)
        plain = parts.scheme == "http" and _is_here(parts.hostname or "")
        if not parts.hostname or not (parts.scheme == "https" or plain):
            message = f"`{address}` is no `https://` address; only this machine does without TLS"
            raise ValueError(message)
        if parts.path not in {"", "/"} or parts.query or parts.fragment or parts.username:
            message = f"`{address}` has more than a host and a port: links have a path of their own"
            raise ValueError(message)
        return address

    @model_validator(mode="after")
    def _check(self) -> Links:
        if len({*self.offer}) != len(self.offer):
            message = "`offer` names something twice"
            raise ValueError(message)
        if ("tighten" in self.offer) != (self.tighten_for is not None):
            message = "`tighten_for` says for how long `offer: [tighten]` takes no new risk"
            raise ValueError(message)
        return self

    @property
    def base(self) -> str:
        """The address without a slash at its end."""
        return self.address.rstrip("/")


class Summary(Closed):
    """A message a day: what the trader did, and what it came to."""

    at: TimeOfDay = Field(description='When it is told, as `"07:30"` in its zone.')
    zone: Zone = Field(description="An IANA zone, such as Europe/Berlin.")
    route: Name = Field(description="Who is told.")


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False

"""A service by its Apprise address: Slack, Telegram, e-mail, PagerDuty, a webhook, and so on.

In: the address, which is a secret; notices. Out: one message at the service. Refuses (ValueError)
an address that Apprise has no service for. The only module that knows Apprise, which is imported
by whoever makes a service; its own log, and what it says of a failure, go through the scrubber.
"""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.adapters.notify.beside import in_thread
from engine.adapters.notify.words import body, subject
from engine.observe.scrub import Scrubber

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from apprise import Apprise, NotifyBase
    from apprise.logger import NotifyLogEntry

    from engine.model.notices import Notice, Sender

    Offer = Callable[[Sequence[Notice], Sender], Sequence[str]]

_LONGEST_REASON = 200
_SILENT = ("apprise", "urllib3", "requests")
"""The library, and what it speaks through: below warnings their records hold whole addresses."""


@dataclass(frozen=True, slots=True)
class ServiceMeans:
    """One service, behind an aggregate that turns whatever a service raises into a failure.

    `links` are lines with what a person can do from the message.
    """

    service: Apprise = field(repr=False)
    scrubber: Scrubber = field(repr=False)
    most_lines: int
    links: Offer

    async def tell(self, notices: Sequence[Notice], sender: Sender) -> str | None:
        """Send one message; None when the service took it."""
        head = subject(notices, sender)
        text = body(notices, sender, self.most_lines, self.links(notices, sender))
        kind = "success" if all(each.news.over for each in notices) else "warning"
        return await in_thread(lambda: self._send(head, text, kind))

    def _send(self, head: str, text: str, kind: str) -> str | None:
        said: list[str] = []

        def overhear(entry: NotifyLogEntry, _service: NotifyBase | None) -> None:
            said.append(entry.message)

        taken = self.service.notify(
            body=text,
            title=head,
            notify_type=kind,
            log_callback=overhear,
            log_level=logging.WARNING,
        )
        if taken:
            return None
        words = "; ".join(dict.fromkeys(said)) or "the service did not take it"
        return self.scrubber.text(words)[:_LONGEST_REASON]

    async def close(self) -> None:
        """Every message has a connection of its own."""


def service_at(
    address: str, timeout_s: int, most_lines: int, hidden: Sequence[str], links: Offer
) -> ServiceMeans:
    """The service of an address; raises ValueError, without it, and ModuleNotFoundError."""
    from apprise import Apprise, OverflowMode  # noqa: PLC0415 - an extra

    _hush()
    # What it imports on first use warns of its own ageing; nobody who trades can mend that.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        made = Apprise.instantiate(address.strip())
    if made is None or isinstance(made, str):
        message = "no service has an address like it"
        raise ValueError(message)
    made.socket_connect_timeout = made.socket_read_timeout = float(timeout_s)
    # What is too long for one message of a service comes in several: nothing is cut off.
    made.overflow_mode = OverflowMode.SPLIT
    aggregate = Apprise()
    aggregate.add(made)
    return ServiceMeans(aggregate, Scrubber(hidden), most_lines, links)


def _hush() -> None:
    """Let nothing through that could hold a token, whatever level is asked of other logs."""
    for each in _SILENT:
        logging.getLogger(each).setLevel(logging.WARNING)

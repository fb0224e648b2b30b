"""A Prometheus Alertmanager, by its API v2: alerts with labels, which it groups and routes itself.

In: the address, perhaps with a user and a password; notices. Out: `POST /api/v2/alerts`. What
fires is told with an end in the future, and told again before it comes; what is over, with its
end. (https://prometheus.io/docs/alerting/latest/clients/, read 2026-11.)
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from engine.adapters.http import HttpClient, LostError, NotSentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.model.notices import Notice, Sender
    from engine.model.times import UtcTime
    from engine.ports import Clock

_PATH = "/api/v2/alerts"
_TAKEN = 200
_ENDS_AFTER = 4
"""So many times the resend interval: three of them may be lost, as with Prometheus itself."""
_MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class AlertmanagerMeans:
    """One Alertmanager; `resend_s` is how often it hears of what still fires."""

    client: HttpClient
    path: str
    headers: dict[str, str]
    clock: Clock
    resend_s: int

    async def tell(self, notices: Sequence[Notice], sender: Sender) -> str | None:
        """Tell all of them, some hundred at once; None when every part was taken."""
        for begin in range(0, len(notices), _MOST_AT_ONCE):
            refused = await self._post(notices[begin : begin + _MOST_AT_ONCE], sender)
            if refused is not None:
                return refused
        return None

    async def _post(self, notices: Sequence[Notice], sender: Sender) -> str | None:
        lasting = self.clock.now().plus_s(_ENDS_AFTER * self.resend_s)
        told = [alert(each, sender, lasting) for each in notices]
        body = json.dumps(told).encode()
        try:
            answer = await self.client.request("POST", self.path, body=body, headers=self.headers)
        except (NotSentError, LostError) as failure:
            return f"the Alertmanager does not answer ({failure})"
        if answer.status != _TAKEN:
            return f"the Alertmanager answers with status {answer.status}"
        return None

    async def close(self) -> None:
        """Close every connection."""
        await self.client.close()


def alertmanager_at(address: str, resend_s: int, clock: Clock) -> AlertmanagerMeans:
    """The Alertmanager of an address; raises ValueError, without it, for what is none."""
    parts = urlsplit(address.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        message = "an Alertmanager's address is like `https://user:password@host:9093`"
        raise ValueError(message)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port is None else f":{parts.port}"
    headers = {"content-type": "application/json"}
    hidden = []
    if parts.username is not None:
        user, password = unquote(parts.username), unquote(parts.password or "")
        signed = base64.b64encode(f"{user}:{password}".encode()).decode()
        headers["authorization"] = f"Basic {signed}"
        hidden = [signed, password]
    client = HttpClient(f"{parts.scheme}://{host}{port}", hidden=[each for each in hidden if each])
    return AlertmanagerMeans(client, parts.path.rstrip("/") + _PATH, headers, clock, resend_s)


def alert(notice: Notice, sender: Sender, lasting: UtcTime) -> dict[str, object]:
    """One alert as the API has it; its labels alone say which it is, so they never change."""
    labels = {
        "alertname": notice.rule,
        "severity": notice.severity,
        "route": notice.route,
        "account": sender.account,
        "mode": sender.mode,
        "service": "mandate",
    }
    if notice.key:
        labels["product"] = notice.key
    return {
        "labels": labels,
        "annotations": {
            "summary": notice.text,
            "news": notice.news.value,
            "policy_set": sender.policy_set,
        },
        "startsAt": str(notice.since),
        "endsAt": str(notice.time if notice.news.over else lasting),
    }

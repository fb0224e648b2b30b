"""What a client asks of the stream: to subscribe to one channel, or to leave it.

In: the text of one message. Out: `Ask`. Refuses, in the words that the client is answered with,
what is no such message.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping


class Channel(Enum):
    """The channels, by the name under which one subscribes."""

    HEARTBEATS = "heartbeats"
    TICKER = "ticker"
    TICKER_BATCH = "ticker_batch"
    LEVEL2 = "level2"
    MARKET_TRADES = "market_trades"
    CANDLES = "candles"
    STATUS = "status"
    USER = "user"

    @property
    def arrives_as(self) -> str:
        """The name that its messages carry: level2 is another one."""
        return "l2_data" if self is Channel.LEVEL2 else self.value


@dataclass(frozen=True, slots=True)
class Ask:
    """One message of a client; without products it means all of them."""

    leaves: bool
    channel: Channel
    products: tuple[str, ...]
    token: str


class AskError(Exception):
    """The message is no request that this venue serves; its text is the answer."""


def read_ask(text: str) -> Ask:
    """Read one message; raises `AskError`."""
    try:
        fields = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        message = "failed to parse message"
        raise AskError(message) from error
    if not isinstance(fields, dict) or fields.get("type") not in {"subscribe", "unsubscribe"}:
        message = "type has to be either subscribe or unsubscribe"
        raise AskError(message)
    return Ask(
        leaves=fields["type"] == "unsubscribe",
        channel=_channel(fields),
        products=_products(fields),
        token=str(fields.get("jwt") or ""),
    )


def _channel(fields: Mapping[str, object]) -> Channel:
    """One channel a message: a list of them is refused like a channel that does not exist."""
    try:
        return Channel(fields.get("channel"))
    except ValueError as error:
        message = "channel is not one that is served, one in each message"
        raise AskError(message) from error


def _products(fields: Mapping[str, object]) -> tuple[str, ...]:
    listed = fields.get("product_ids")
    if listed is None:
        return ()
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        message = "product_ids has to be a list of product names"
        raise AskError(message)
    return tuple(dict.fromkeys(listed))

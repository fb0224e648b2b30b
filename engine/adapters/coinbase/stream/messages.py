"""The envelope of a message, and the numbers that tell whether one is missing.

In: the bytes of a message. Out: `Message`. Refuses (`WireError`) what is no envelope. Numbers count
per connection over all channels, from 0: the first that is not the next is a gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.adapters.coinbase import wire

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.adapters.coinbase.wire import Wire
    from engine.model.times import UtcTime


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its channel, the venue's time, its number on this connection, its events."""

    channel: str
    time: UtcTime
    number: int
    events: Sequence[dict[str, Wire]]


class GapError(Exception):
    """A message is missing, or the venue says that something is wrong: begin anew."""


def message_of(data: bytes) -> Message:
    """Read one message; raises `WireError`, and `GapError` for an error that the venue tells."""
    fields = wire.decode(data)
    if wire.optional_text(fields, "type") == "error":
        raise GapError(wire.optional_text(fields, "message") or "an error without words")
    return Message(
        channel=wire.text(fields, "channel"),
        time=wire.moment(fields, "timestamp"),
        number=int(wire.number(fields, "sequence_num")),
        events=wire.objects(fields, "events"),
    )


@dataclass(slots=True)
class Numbering:
    """The number that has to come next."""

    _next: int | None = None

    def check(self, message: Message) -> None:
        """Take a message's number; raises `GapError` when one before it is missing."""
        if self._next is not None and message.number != self._next:
            words = f"message {message.number} came where {self._next} was due"
            raise GapError(words)
        self._next = message.number + 1

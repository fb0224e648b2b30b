"""The one place that every request and every answer goes through.

In: `Asked`, and the way on to the venue's own answer. Out: a `Reply`, or `HANG_UP`. A `Passage`
may answer without going on (lost request), go on and throw the answer away (lost response), go on
twice (delivered twice), later (late arrival: in a task of its own), or put another answer in its
place. What goes on has its effect, and the effect is durable, before the way on returns.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came; `path` without query, `query` with every repeated key kept."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str:
        """The first header of that lower-case name; empty where there is none."""
        return next((value for key, value in self.headers if key == name), "")

    def all(self, key: str) -> tuple[str, ...]:
        """Every value of a query key, lists separated by commas taken apart."""
        found = (value for name, value in self.query if name == key)
        return tuple(part for value in found for part in value.split(",") if part)

    def one(self, key: str) -> str:
        """The first value of a query key; empty where there is none."""
        return next((value for name, value in self.query if name == key), "")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `cut` keeps that many of the promised bytes back and closes the connection.

    It comes a few bytes at a time where it is to take `over_s` seconds.
    """

    status: int = 200
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = field(
        default=(("content-type", "application/json; charset=utf-8"),)
    )
    cut: int = 0
    over_s: float = 0.0


@dataclass(frozen=True, slots=True)
class HangUp:
    """Close the connection without a word."""


HANG_UP = HangUp()

Onward = Callable[[Asked], Awaitable[Reply]]


class Passage(Protocol):
    """What stands between the wire and the venue."""

    async def __call__(self, asked: Asked, onward: Onward) -> Reply | HangUp:
        """Answer a request, by going `onward` or not."""
        ...


async def straight(asked: Asked, onward: Onward) -> Reply | HangUp:
    """The passage that does nothing."""
    return await onward(asked)

"""A connection that asks for nothing, or hears nothing, is closed; whoever leaves is forgotten."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from engine.venue.faults.mishaps import (
    Mishap,
    MishapKind,
    StreamLine,
    StreamPlan,
    StreamPlanner,
)
from engine.venue.stream.streams import StreamTimes

if TYPE_CHECKING:
    from fakes.venue import RunningVenue
    from websockets.sync.client import ClientConnection

PATIENCE_S = 20


def timed(running: RunningVenue, **seconds: float) -> None:
    """Other times than a real client would have to wait for."""
    times = StreamTimes(**seconds)
    running.within(lambda: setattr(running.door.streams, "times", times))


def ask(socket: ClientConnection, channel: str) -> None:
    """Subscribe to a channel of BTC-USD."""
    fields = {"type": "subscribe", "channel": channel, "product_ids": ["BTC-USD"]}
    socket.send(json.dumps(fields))


def read_to_the_end(socket: ClientConnection) -> tuple[list[dict[str, object]], int | None]:
    """Every message until the venue closes, and the code with which it does."""
    found = []
    try:
        while True:
            found.append(json.loads(socket.recv(PATIENCE_S)))
    except ConnectionClosed as closed:
        return found, closed.rcvd.code if closed.rcvd else None


def test_who_asks_for_nothing_in_time_is_closed(running: RunningVenue) -> None:
    """Five seconds, as the real venue gives; fewer here."""
    timed(running, first_ask_s=0.05)
    with connect(running.plain_websocket) as socket:
        assert read_to_the_end(socket) == ([], 1008)


def test_silence_ends_a_connection_without_heartbeats(running: RunningVenue) -> None:
    """With them it stays open, though nothing happens in its channels."""
    timed(running, silence_s=0.2, beat_s=0.1)
    with connect(running.plain_websocket) as socket:
        ask(socket, "level2")
        messages, code = read_to_the_end(socket)
        assert [each["channel"] for each in messages] == ["l2_data", "subscriptions"]
        assert code == 1001
    with connect(running.plain_websocket) as socket:
        ask(socket, "heartbeats")
        beats = [json.loads(socket.recv(PATIENCE_S))["channel"] for _ in range(8)]
        assert beats.count("heartbeats") == 7


def test_what_is_no_text_ends_a_connection(running: RunningVenue) -> None:
    """Bytes are not what a client of this stream sends."""
    with connect(running.plain_websocket) as socket:
        socket.send(b"\x00")
        with pytest.raises(ConnectionClosed):
            socket.recv(PATIENCE_S)


def test_mishaps_reach_the_wire(running: RunningVenue) -> None:
    """A silence delays what comes after it; a cut ends the connection in its place."""
    lines = (
        StreamLine("l2_data", Mishap(MishapKind.SILENCE, 0.01), times=1),
        StreamLine("subscriptions", Mishap(MishapKind.CUT), times=1),
    )
    planner = StreamPlanner(StreamPlan(script=lines))
    running.within(lambda: setattr(running.door.streams, "planner", planner))
    with connect(running.plain_websocket) as socket:
        ask(socket, "level2")
        messages, code = read_to_the_end(socket)
    assert [each["channel"] for each in messages] == ["l2_data"]
    assert code == 1011


def test_whoever_leaves_is_forgotten(running: RunningVenue) -> None:
    """The venue keeps no listener for a connection that ended."""

    def listeners() -> int:
        return running.within(lambda: len(running.venue._listeners))

    before = listeners()
    with connect(running.plain_websocket) as socket:
        ask(socket, "ticker")
        socket.recv(PATIENCE_S)
        assert listeners() == before + 1
    deadline = time.monotonic() + PATIENCE_S
    while listeners() > before:
        assert time.monotonic() < deadline

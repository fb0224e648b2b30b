"""The server and its connections: one write an answer, cut where it is told, ended when asked."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from operator import methodcaller
from typing import TYPE_CHECKING

import pytest
import uvicorn
from fakes.clock import START
from fakes.venue import running_venue
from fakes.venue_client import ask
from uvicorn.server import ServerState

from engine.adapters.http import LostError, NotSentError
from engine.adapters.system.rng import SystemRng
from engine.venue.passage import HANG_UP, Asked, HangUp, Onward, Reply
from engine.venue.running import Ready, VenueOptions, serve
from engine.venue.server.connection import Connection, Corked
from engine.venue.server.home import home_in

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import Receive, Scope, Send


SECRETS = ("COINBASE_API_KEY", "COINBASE_API_SECRET")


class Wire(asyncio.Transport):
    """A socket that only remembers what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.closed = False
        self.reading = True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """One write."""
        self.writes.append(bytes(data))

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self.closed

    def close(self) -> None:
        """Close it."""
        self.closed = True

    def abort(self) -> None:
        """Close it at once."""
        self.closed = True

    def pause_reading(self) -> None:
        """Read nothing more."""
        self.reading = False

    def resume_reading(self) -> None:
        """Read on."""
        self.reading = True

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Hand it over."""


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that answers in three pieces."""
    del receive
    assert scope["type"] == "http"
    headers = [(b"content-length", b"4")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for piece, more in ((b"he", True), (b"y!", True), (b"", False)):
        await send({"type": "http.response.body", "body": piece, "more_body": more})


def test_an_answer_is_one_write() -> None:
    """Head and every piece of the body leave together; the socket waits for nobody (no delay)."""

    async def served() -> Wire:
        config = uvicorn.Config(hello, log_config=None, lifespan="off")
        connection, wire = Connection(config, ServerState(), {}), Wire()
        connection.connection_made(wire)
        for number in (1, 2):
            connection.data_received(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            while len(wire.writes) < number:  # noqa: ASYNC110 - a fake socket tells nobody
                await asyncio.sleep(0)
        connection.timeout_keep_alive_handler()
        return wire

    wire = asyncio.run(served())
    assert [each.count(b"HTTP/1.1 200") for each in wire.writes] == [1, 1]
    assert all(each.endswith(b"\r\n\r\nhey!") for each in wire.writes)


def test_a_cork_keeps_nothing_back() -> None:
    """What was written leaves at the end of the turn, at a close, and when it is handed over."""

    async def written() -> list[list[bytes]]:
        seen = []
        hand_over = methodcaller("set_protocol", asyncio.Protocol())
        for end in (None, Corked.close, Corked.abort, hand_over):
            wire = Wire()
            corked = Corked(wire)
            corked.writelines([b"a", b"b"])
            corked.write(b"c")
            corked.pause_reading()
            assert not wire.reading
            corked.resume_reading()
            assert wire.reading
            if end is not None:
                end(corked)
            await asyncio.sleep(0)
            assert corked.is_closing() is wire.closed
            seen.append(wire.writes)
        return seen

    assert asyncio.run(written()) == [[b"abc"], [b"abc"], [], [b"abc"]]


class Once:
    """A passage that does one thing to the next request."""

    def __init__(self, answer: Reply | HangUp) -> None:
        self.answer = answer

    async def __call__(self, asked: Asked, onward: Onward) -> Reply | HangUp:
        """Do it, with the effect behind it."""
        await onward(asked)
        return self.answer


@pytest.mark.parametrize("answer", [HANG_UP, Reply(body=b'{"a": 1234}', cut=4)])
def test_an_answer_can_be_lost_or_cut(answer: Reply | HangUp) -> None:
    """The client hears that the connection ended; the next request is answered again."""
    with running_venue() as running:
        running.through(Once(answer))
        with pytest.raises((LostError, NotSentError)):
            ask(running, "GET", "/time", label=None)
        running.through(Once(Reply(status=503, body=b"<html>")))
        assert ask(running, "GET", "/time", label=None).status == 503


def test_keys_and_certificate_stay(tmp_path: Path) -> None:
    """A second start finds the same certificate and keys; a register that is none is refused."""
    with running_venue(root=tmp_path) as first:
        before = [first.key(label) for label in first.home.key_files], first.ca.read_bytes()
        modes = {each.stat().st_mode & 0o777 for each in tmp_path.rglob("*")}
        secrets = [(first.home.secrets / name).read_text("utf-8") for name in SECRETS]
        assert secrets == [first.key().name, first.key().secret]
    assert modes == {0o600, 0o700}
    with running_venue(root=tmp_path) as second:
        after = [second.key(label) for label in second.home.key_files], second.ca.read_bytes()
        assert ask(second, "GET", "/accounts").status == 200
    assert after == before
    (tmp_path / "keys.json").write_text('{"a": 1}', "utf-8")
    with pytest.raises(ValueError, match="register of keys"):
        home_in(tmp_path, START, SystemRng())


def test_a_run_from_start_to_signal(tmp_path: Path) -> None:
    """It tells that it is ready, serves, and returns when the process is asked to end."""
    told: list[Ready] = []

    def ready(each: Ready) -> None:
        told.append(each)
        os.kill(os.getpid(), signal.SIGTERM)

    quotes = tmp_path / "quotes.csv"
    rows = [f"{1_700_000_000_000_000_000 + at},BTC-USD,100,101,1,1" for at in range(3)]
    quotes.write_text("ts,symbol,bid,ask,bid_size,ask_size\n" + "\n".join(rows) + "\n", "utf-8")
    state = tmp_path / "state"
    serve(VenueOptions(state, 0, 0, quotes=(quotes,), cash=("EUR=5",)), ready)
    (one,) = told
    assert [str(each.symbol) for each in one.venue.listings] == ["BTC-USD"]
    assert [each.currency for each in one.venue.fate.balances()] == ["EUR"]
    with socket.socket() as gone, pytest.raises(ConnectionRefusedError):
        gone.connect(("127.0.0.1", one.addresses.secure_port))

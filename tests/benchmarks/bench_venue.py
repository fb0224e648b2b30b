"""How many requests the paper venue answers in a second, over TLS and kept connections.

In: the real command in a process of its own. Out: requests a second for the public time, for a
signed look at the account, and for signed orders that rest (each of them synced to disk before its
answer). The client writes raw bytes, so that what is measured is the venue.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))

from typing import TYPE_CHECKING

from fakes.venue_client import BASE
from fakes.venue_process import VenueProcess, venue_process

from engine.adapters.coinbase.credentials import credentials_of
from engine.adapters.system.clock import SystemClock
from engine.adapters.system.rng import SystemRng

if TYPE_CHECKING:
    import ssl

REQUESTS, CONNECTIONS = 1000, 4


def request(venue: VenueProcess, method: str, path: str, token: str, body: object = None) -> bytes:
    """One request as bytes."""
    data = b"" if body is None else json.dumps(body).encode()
    lines = (
        f"{method} {path} HTTP/1.1",
        f"host: {venue.host}",
        f"authorization: Bearer {token}",
        f"content-length: {len(data)}",
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def signed(venue: VenueProcess, method: str, path: str) -> str:
    """A token for a request."""
    key = venue.key()
    uri = f"{method} {venue.host}{path}"
    return credentials_of(key.name, key.secret).token(SystemClock().now(), SystemRng(), uri)


def order(number: int) -> dict[str, object]:
    """An order that rests far below the market."""
    told = {"base_size": "0.0001", "limit_price": "10000.00", "post_only": True}
    return {
        "client_order_id": f"bench-{number}",
        "product_id": "BTC-USD",
        "side": "BUY",
        "order_configuration": {"limit_limit_gtc": told},
    }


async def answered(reader: asyncio.StreamReader) -> bytes:
    """One whole answer's body."""
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    length = next(
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.startswith(b"content-length")
    )
    return await reader.readexactly(length)


async def one_after_another(port: int, tls: ssl.SSLContext, requests: list[bytes]) -> None:
    """Send each when the one before is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
    for each in requests:
        writer.write(each)
        await answered(reader)
    writer.close()
    await writer.wait_closed()


def spent_s(venue: VenueProcess) -> float:
    """Processor time of the venue so far: what a busy machine does not distort."""
    fields = Path(f"/proc/{venue.process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def rate(venue: VenueProcess, requests: list[bytes]) -> tuple[float, float]:
    """Requests a second over several connections, and the venue's milliseconds for each."""
    parts = [requests[at::CONNECTIONS] for at in range(CONNECTIONS)]
    begun, spent = time.perf_counter(), spent_s(venue)
    await asyncio.gather(*(one_after_another(venue.ports[0], venue.tls(), part) for part in parts))
    took_s, used_s = time.perf_counter() - begun, spent_s(venue) - spent
    return len(requests) / took_s, used_s / len(requests) * 1000


async def rates(venue: VenueProcess) -> dict[str, tuple[float, float]]:
    """The three rates."""
    orders, accounts = f"{BASE}/orders", f"{BASE}/accounts"
    look, post = signed(venue, "GET", accounts), signed(venue, "POST", orders)
    asked = {
        "time, public": [
            request(venue, "GET", f"{BASE}/time", "").replace(b"authorization: Bearer \r\n", b"")
        ]
        * REQUESTS,
        "accounts, signed": [request(venue, "GET", accounts, look)] * REQUESTS,
        "orders, signed and synced": [
            request(venue, "POST", orders, post, order(number)) for number in range(REQUESTS)
        ],
    }
    return {name: await rate(venue, requests) for name, requests in asked.items()}


def main() -> None:
    """Print the rates."""
    with TemporaryDirectory() as state, venue_process(Path(state), "--pace", "1") as venue:
        for name, (found, used_ms) in asyncio.run(rates(venue)).items():
            told = f"{name:<28} {found:6.0f} requests/s over {CONNECTIONS} connections"
            print(f"{told}, {used_ms:.2f} ms of processor each")  # noqa: T201 - what a benchmark is for


if __name__ == "__main__":
    main()

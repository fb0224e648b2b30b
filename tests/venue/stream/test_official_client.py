"""The official client's websocket, unmodified, hears every channel of the venue."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from venue.stream.hands import BTC, cancel, place, take

from engine.model.market import Trade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakes.venue import RunningVenue

HERE = Path(__file__).resolve()
PYTHON = HERE.parents[3] / ".venv/clients/bin/python"
PATIENCE_S = 30
Message = dict[str, object]


class Heard:
    """What the client prints, in a thread of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._lines: queue.Queue[str] = queue.Queue()
        self._output = process.stdout
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        for line in self._output or ():
            self._lines.put(line)

    def until(self, wanted: Callable[[Message], bool]) -> Message:
        """The first message that is wanted, all before it forgotten."""
        while True:
            message: Message = json.loads(self._lines.get(timeout=PATIENCE_S))
            if wanted(message):
                return message

    def of(self, channel: str, kind: str | None = None) -> dict[str, object]:
        """The first event of a channel, of a kind."""
        message = self.until(lambda each: each.get("channel") == channel and _is(each, kind))
        assert message["client_id"] == ""
        return message["events"][0]  # type: ignore[index,no-any-return]  # decoded JSON

    def join(self) -> None:
        """Wait for the end of what is printed."""
        self._thread.join(PATIENCE_S)


def _is(message: Message, kind: str | None) -> bool:
    return kind is None or message["events"][0].get("type") == kind  # type: ignore[index,no-any-return]  # decoded JSON


@contextmanager
def client(kind: str, address: str, key: Path | None, channels: str) -> Iterator[Heard]:
    """The official client in a process of its own."""
    command = [str(PYTHON), str(HERE.with_name("official_client.py")), kind, address]
    process = subprocess.Popen(  # noqa: S603 - our own words
        [*command, str(key or "-"), "BTC-USD", channels],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    heard = Heard(process)
    try:
        yield heard
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(PATIENCE_S) == 0
    finally:
        process.kill()
        errors = process.stderr.read() if process.stderr else ""
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                heard.join()
                pipe.close()
    assert "Traceback" not in errors, errors


PUBLIC = "heartbeats,ticker,ticker_batch,level2,market_trades,candles,status"


@pytest.mark.parametrize(("address", "key"), [("plain_websocket", ""), ("websocket", "ed25519")])
def test_the_market_channels_are_heard(running: RunningVenue, address: str, key: str) -> None:
    """Without TLS and without a key, and with both."""
    file = running.key(key).file if key else None
    now = running.venue.clock.now()
    running.show(Trade(BTC, now, Decimal("68000.50"), Decimal("0.2"), taker_sold=False))
    with client("market", getattr(running, address), file, PUBLIC) as heard:
        assert heard.of("heartbeats")["heartbeat_counter"]
        ticker = heard.of("ticker", "snapshot")["tickers"][0]  # type: ignore[index]  # decoded JSON
        assert (ticker["price"], ticker["best_bid"]) == ("68000.5", "68000")
        assert heard.of("ticker_batch", "snapshot")
        book = heard.of("l2_data", "snapshot")
        assert [each["side"] for each in book["updates"]] == ["bid", "offer"]  # type: ignore[attr-defined]  # decoded JSON
        assert heard.of("market_trades", "snapshot")["trades"][0]["side"] == "SELL"  # type: ignore[index]  # decoded JSON
        assert heard.of("candles", "snapshot")["candles"][0]["product_id"] == "BTC-USD"  # type: ignore[index]  # decoded JSON
        status = heard.of("status", "snapshot")["products"][0]  # type: ignore[index]  # decoded JSON
        assert (status["id"], status["status"]) == ("BTC-USD", "online")
        last = heard.until(lambda each: len(_subscribed(each)) == 7)
        assert set(_subscribed(last)) == set(PUBLIC.split(","))
        running.quote("BTC-USD", "68000.25", "68001.00")
        changed = heard.of("l2_data", "update")["updates"]
        levels = [(each["price_level"], each["new_quantity"]) for each in changed]  # type: ignore[attr-defined]  # decoded JSON
        assert levels == [("68000", "0"), ("68000.25", "5")]
        running.show(Trade(BTC, now.plus_s(1), Decimal(68001), Decimal("0.1"), taker_sold=True))
        trades = heard.of("market_trades", "update")["trades"]
        assert [(each["trade_id"], each["side"]) for each in trades] == [("2", "BUY")]  # type: ignore[attr-defined]  # decoded JSON


def _subscribed(message: Message) -> dict[str, list[str]]:
    if message.get("channel") != "subscriptions":
        return {}
    return message["events"][0]["subscriptions"]  # type: ignore[index,no-any-return]  # decoded JSON


@pytest.mark.parametrize("label", ["es256", "ed25519"])
def test_the_user_channel_tells_orders_by_their_totals(running: RunningVenue, label: str) -> None:
    """From the snapshot on: open, filled in part, cancelled with totals of zero."""
    first = place(running, "first", "67000", "0.5")
    key = running.key(label).file
    with client("user", running.plain_websocket, key, "heartbeats,user") as heard:
        (known,) = heard.of("user", "snapshot")["orders"]  # type: ignore[misc]  # decoded JSON
        assert (known["order_id"], known["status"]) == (first, "OPEN")
        take(running, "66999", "0.2")
        (part,) = heard.of("user", "update")["orders"]  # type: ignore[misc]  # decoded JSON
        told = [part[key] for key in ("cumulative_quantity", "leaves_quantity", "avg_price")]
        assert told == ["0.2", "0.3", "67000"]
        cancel(running, first)
        (ended,) = heard.of("user", "update")["orders"]  # type: ignore[misc]  # decoded JSON
        assert (ended["status"], ended["cumulative_quantity"]) == ("CANCELLED", "0")


def test_the_user_channel_is_for_keys_alone(running: RunningVenue, tmp_path: Path) -> None:
    """A key of somewhere else is answered with an error, and hears nothing."""
    strange = json.loads(running.key("es256").file.read_text())
    strange["name"] = "organizations/other/apiKeys/1"
    file = tmp_path / "key.json"
    file.write_text(json.dumps(strange))
    with client("user", running.plain_websocket, file, "user") as heard:
        answer = heard.until(lambda each: each.get("type") == "error")
        assert answer["message"] == "authentication failure"

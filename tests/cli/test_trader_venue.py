"""`trader venue` as a person starts it: it says where it is, remembers, and ends when asked."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from typing import TYPE_CHECKING

import pytest
from fakes.venue_client import ask
from fakes.venue_process import PATIENCE_S, TRADER, started, venue_process

from cli.outcome import settle
from cli.trader import TRADER as TRADER_VERBS

if TYPE_CHECKING:
    from pathlib import Path

ORDER = {
    "client_order_id": "one",
    "product_id": "BTC-USD",
    "side": "BUY",
    "order_configuration": {
        "limit_limit_gtc": {"base_size": "0.01", "limit_price": "100", "post_only": True}
    },
}
LISTS = ("/orders/historical/batch", "/accounts")


def said(capsys: pytest.CaptureFixture[str], state: Path, *options: str) -> tuple[int, str]:
    """The status of a start that is refused, and what it says."""
    words = ["venue", "--state", str(state), "--port", "0", "--plain-port", "0", *options]
    status = settle(TRADER_VERBS, words)
    return status, capsys.readouterr().err


def test_it_remembers_after_kill_9(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was answered before a kill -9 is there after it: order, money, keys, addresses."""
    with venue_process(tmp_path) as first:
        (market,) = ask(first, "GET", "/best_bid_ask", query=[("product_ids", "BTC-USD")]).fields[
            "pricebooks"
        ]  # type: ignore[misc]  # a list of one
        assert market["bids"]
        assert ask(first, "POST", "/orders", body=ORDER).fields["success"] is True
        paid = {"currency": "USD", "units": "-250.5"}
        assert ask(first, "POST", "/venue/transfer", body=paid, label="transfer").status == 200
        for option in ("--deposit", "--withdraw"):
            assert said(capsys, tmp_path, option, "USD=7")[0] == 0
        status, words = said(capsys, tmp_path, "--withdraw", "USD=1000000")
        assert (status, "M607:" in words) == (1, True)
        before = [
            ask(first, "GET", path).fields for path in ("/orders/historical/batch", "/accounts")
        ]
        first.kill()
    with venue_process(tmp_path, ports=first.ports) as second:
        after = [
            ask(second, "GET", path).fields for path in ("/orders/historical/batch", "/accounts")
        ]
        assert (second.rest, second.key()) == (first.rest, first.key())
        assert second.stop() == 0
    assert after == before
    (account,) = after[1]["accounts"]  # type: ignore[misc]  # a list of one
    assert account["available_balance"]["value"] == "99748.494"


def test_it_ends_when_asked(tmp_path: Path) -> None:
    """A termination ends it with 0, and without a word of a trace."""
    with venue_process(tmp_path) as running:
        running.process.terminate()
        _, said_at_end = running.process.communicate(timeout=PATIENCE_S)
        assert (running.process.returncode, said_at_end) == (0, "")


def test_two_cannot_share_a_directory(tmp_path: Path) -> None:
    """A second venue in one directory names the first and ends."""
    with (
        venue_process(tmp_path) as first,
        pytest.raises(RuntimeError, match=str(first.process.pid)),
    ):
        started(tmp_path)


def test_a_script_moves_money(tmp_path: Path) -> None:
    """What a script does is done before long, and is in the account."""
    script = tmp_path / "deeds.jsonl"
    script.write_text('{"at_s": 0, "transfer": {"currency": "EUR", "units": "7"}}\n', "utf-8")
    with venue_process(tmp_path / "state", "--script", str(script), "--cash", "USD=1") as running:
        accounts: list[str] = []
        while "EUR" not in accounts:
            told = ask(running, "GET", "/accounts").fields["accounts"]
            accounts = [each["currency"] for each in told]  # type: ignore[attr-defined]  # a list


def test_what_cannot_be_is_refused_with_its_mend(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each bad option ends with 1, a code, and help."""
    notes = tmp_path / "notes"
    notes.write_text("hello\n", "utf-8")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        broke = tmp_path / "broke.jsonl"
        broke.write_text('{"at_s": 0, "transfer": {"currency": "EUR", "units": "-1"}}\n', "utf-8")
        table = (
            ("M609", ("--script", str(broke))),
            ("M600", ("--port", str(taken.getsockname()[1]))),
            ("M604", ("--cash", "USD=lots")),
            ("M604", ("--cash", "usd=1")),
            ("M601", ("--script", str(tmp_path / "absent"))),
            ("M608", ("--products", str(notes))),
            ("M609", ("--script", str(notes))),
            ("M541", ("--maker-bps", "-1")),
            ("M501", ("--quotes", str(notes))),
        )
        for code, options in table:
            status, words = said(capsys, tmp_path / "state", *options)
            assert (status, f"{code}:" in words, "help:" in words) == (1, True, True), words
    status, words = said(capsys, tmp_path / "nowhere", "--deposit", "USD=1")
    assert (status, "M607:" in words) == (1, True)
    status, words = said(capsys, notes)
    assert (status, "M601:" in words) == (1, True)


def test_it_says_how_to_be_reached(tmp_path: Path) -> None:
    """The page names address, certificate, keys and both clients' way in; an interrupt ends it."""
    process = subprocess.Popen(  # noqa: S603 - our own command
        [str(TRADER), "venue", "--state", str(tmp_path), "--port", "0", "--plain-port", "0"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(16)]
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    told = "".join(lines)
    rest = json.loads((tmp_path / "address.json").read_bytes())["rest"]
    for part in (rest, "ca.pem", "key-es256.json", "--venue-ca", "RESTClient(", "no money"):
        assert part in told
    assert "PRIVATE KEY" not in told

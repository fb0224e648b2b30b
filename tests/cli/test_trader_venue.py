"""`trader venue` as a person starts it: it says where it is, remembers, and ends when asked."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from typing import TYPE_CHECKING

import pytest
from fakes.venue_client import ask
from fakes.venue_process import PATIENCE_S, TRADER, venue_process

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


def quoted(folder: Path) -> Path:
    """A recording of two quotes: a market that starts at once."""
    rows = (f"{1_700_000_000_000_000_000 + at},BTC-USD,68000,68001,5,5" for at in range(2))
    file = folder / "quotes.csv"
    file.write_text("\n".join(("ts,symbol,bid,ask,bid_size,ask_size", *rows, "")), "utf-8")
    return file


def said(capsys: pytest.CaptureFixture[str], state: Path, *options: str) -> tuple[int, str]:
    """The status of a start that is refused, and what it says."""
    words = ["venue", "--state", str(state), "--port", "0", "--plain-port", "0", *options]
    status = settle(TRADER_VERBS, words)
    return status, capsys.readouterr().err


@pytest.mark.long
def test_it_remembers_after_kill_9(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was answered before a kill -9 is there after it: order, money, keys, addresses."""
    state, shown = tmp_path / "state", ("--quotes", str(quoted(tmp_path)))
    with venue_process(state, *shown) as first:
        assert ask(first, "POST", "/orders", body=ORDER).fields["success"] is True
        for option in ("--deposit", "--withdraw"):
            assert said(capsys, state, option, "USD=7")[0] == 0
        assert said(capsys, state, "--withdraw", "USD=250.5")[0] == 0
        status, words = said(capsys, state, "--withdraw", "USD=1000000")
        assert (status, "M607:" in words) == (1, True)
        status, words = said(capsys, state, *shown)
        assert (status, f"process {first.process.pid} on" in words) == (1, True)
        before = [ask(first, "GET", path).fields for path in LISTS]
        first.kill()
    with venue_process(state, *shown, ports=first.ports) as second:
        after = [ask(second, "GET", path).fields for path in LISTS]
        assert (second.rest, second.key()) == (first.rest, first.key())
        second.process.send_signal(signal.SIGINT)
        _, said_at_end = second.process.communicate(timeout=PATIENCE_S)
        assert (second.process.returncode, said_at_end) == (0, "")
    assert after == before
    (account,) = after[1]["accounts"]  # type: ignore[misc]  # a list of one
    assert account["available_balance"]["value"] == "99748.494"


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


@pytest.mark.long
def test_it_ends_when_its_disk_is_full(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says where it is and how to be reached; what its disk refuses it does not answer for."""
    state = tmp_path / "state"
    words = f"{TRADER} venue --state {state} --port 0 --plain-port 0 --quotes {quoted(tmp_path)}"
    process = subprocess.Popen(  # noqa: S603 - our own command
        ["/bin/sh", "-c", f"ulimit -f 8; exec {words}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    told = "".join(process.stdout.readline() for _ in range(18))
    rest = json.loads((state / "address.json").read_bytes())["rest"]
    for part in (
        rest,
        "ca.pem",
        "key-es256.json",
        "--venue-ca",
        "--secrets",
        "RESTClient(",
        "no money",
    ):
        assert part in told
    assert "PRIVATE KEY" not in told
    done = 0
    while said(capsys, state, "--deposit", "USD=1")[0] == 0:
        done += 1
    _, ending = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, "M605:" in ending) == (1, True)
    with venue_process(state, "--quotes", str(quoted(tmp_path))) as again:
        (account,) = ask(again, "GET", "/accounts").fields["accounts"]  # type: ignore[misc]  # one
    assert account["available_balance"]["value"] == str(100_000 + done)

"""How many decisions a second the ledger takes and checks, beside the standard library's JSON.

Both sides run in turn in one process; the figures are medians, in seconds of the processor. What
is asserted are ratios, which travel between machines; the figures are printed (`pytest -s`).
"""

from __future__ import annotations

import hashlib
import json
import time
from statistics import median
from typing import TYPE_CHECKING

from engine.adapters.system.memory_disk import MemoryDisk
from engine.adapters.system.virtual_clock import VirtualClock
from engine.ledger.journal import Journal
from engine.ledger.records import RecordKind, encode_body
from engine.ledger.verify import verify
from engine.model.times import UtcTime

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 5
RECORDS = 4_000
T0 = UtcTime.parse("2025-11-22T10:00:00Z")
RULES = [
    {"id": f"RiskLimit/limit_{number}", "pass": True, "value": number * 1.37, "headroom": 0.31}
    for number in range(16)
]


def _decision(number: int) -> dict[str, object]:
    return {
        "intent": number,
        "symbol": "BTC-USD",
        "verdict": "allow",
        "client_order_id": None,
        "rules": RULES,
    }


def test_recording_decisions() -> None:
    """A recorded decision costs less than the standard library needs for it (half, when quiet)."""
    ours, theirs = _medians(_record_all, _record_all_with_json)
    size = len(encode_body(_decision(1)))
    _say(f"appended before sync: {ours:,.0f}/s of {size} bytes; standard library {theirs:,.0f}/s")
    assert ours > theirs


def test_checking_the_chain() -> None:
    """Every line is read, re-spelt and hashed, in less time than the standard library takes."""
    disk = MemoryDisk()
    _fill(disk)
    lines = disk.read("journal/000001.jsonl").splitlines()[:RECORDS]
    ours, theirs = _medians(lambda: verify(disk), lambda: _check_with_json(lines))
    _say(f"checked: {ours:,.0f} records/s; standard library {theirs:,.0f}/s")
    assert verify(disk).records == RECORDS + 1
    assert ours > theirs


def test_virtual_time() -> None:
    """A wake-up in virtual time costs microseconds."""
    clock, wakes = VirtualClock(T0), 20_000

    async def ticking() -> None:
        for number in range(1, wakes + 1):
            await clock.sleep_until(T0.plus_s(number))

    elapsed = _seconds(lambda: clock.run(ticking()))
    _say(f"woken: {wakes / elapsed:,.0f}/s")
    assert clock.monotonic_s() == wakes


def _say(figures: str) -> None:
    print(f"\n{figures}")  # noqa: T201 - a benchmark's figures are for people


def _fill(disk: MemoryDisk) -> None:
    journal = Journal.open(disk)
    journal.append(RecordKind.GENESIS, T0, encode_body({}))
    for number in range(RECORDS):
        journal.append(RecordKind.DECISION, T0, encode_body(_decision(number)))
    journal.sync()  # in memory this is free: it hands the last buffer over


def _record_all() -> None:
    _fill(MemoryDisk())


def _record_all_with_json() -> None:
    lines, previous = [], "0" * 64
    for number in range(RECORDS):
        body = {"body": _decision(number), "time": str(T0), "previous": previous, "n": number}
        text = json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False)
        previous = hashlib.sha256(text.encode()).hexdigest()
        lines.append(f'{{"hash":"{previous}","record":{text}}}\n'.encode())
    MemoryDisk().append("journal", b"".join(lines))


def _check_with_json(lines: list[bytes]) -> None:
    for line in lines:
        record = json.loads(line)
        text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert text.encode() == line
        hashlib.sha256(line).hexdigest()


def _medians(*sides: Callable[[], object]) -> tuple[float, ...]:
    rounds = [[_seconds(side) for side in sides] for _ in range(ROUNDS)]
    return tuple(RECORDS / median(column) for column in zip(*rounds, strict=True))


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start

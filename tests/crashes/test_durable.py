"""No byte of an order leaves before its intent is on the disk: seen from the kernel's side.

Killing a process does not test a loss of power. What would survive one is what was synced, so the
system calls of the real command are read: write of the intent, sync of the journal, then the wire.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from crashes.matrix import HERE, run_words
from profiles import at_night

if TYPE_CHECKING:
    from pathlib import Path

    from crashes.matrix import VenueProcess

STRACE = shutil.which("strace")
needs_strace = pytest.mark.skipif(STRACE is None, reason="strace is not installed (CI installs it)")
PLAIN = "from cli.trader import main; main()"
UNSYNCED = f"import os; os.fdatasync = lambda _descriptor: None; {PLAIN}"
WRITTEN = re.compile(r"write\(\d+<[^>]*/journal/\d+\.jsonl>, ")
SYNCED = re.compile(r"fdatasync\(\d+<[^>]*/journal/\d+\.jsonl>\)")
SENT = re.compile(r"(sendto|sendmsg|write)\(\d+<TCP(v6)?:")
INTENT = '"kind":"intent"'


def unsynced_sends(trace: list[str]) -> tuple[int, int]:
    """How many intents were written, and how many of them the wire saw before the disk."""
    intents, early, pending = 0, 0, False
    for line in trace:
        if WRITTEN.search(line) and INTENT in line.replace("\\", ""):
            intents, pending = intents + 1, True
        elif SYNCED.search(line):
            pending = False
        elif SENT.search(line) and pending:
            early, pending = early + 1, False
    return intents, early


def traced(folder: Path, venue: VenueProcess, program: str) -> list[str]:
    """The calls of one run that sends orders, in the order in which they began."""
    shutil.copytree(HERE / "policies", folder / "policies")
    calls = "trace=write,sendto,sendmsg,fdatasync"
    words = [
        *(str(STRACE), "-f", "-yy", "-s", "1000000", "-e", calls, "-e", "signal=none"),
        *("-o", "trace.txt", sys.executable, "-c", program, *run_words(venue, 2)),
    ]
    environment = {
        "PYTHONPATH": str(HERE.parents[1]),
        "PYTHONDONTWRITEBYTECODE": "1",
        **venue.environment,
    }
    ran = subprocess.run(  # noqa: S603 - our own command
        words, cwd=folder, env=environment, capture_output=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return (folder / "trace.txt").read_text("utf-8", "replace").splitlines()


@needs_strace
def test_an_intent_is_on_the_disk_before_the_wire_hears_of_it(
    venue: VenueProcess, tmp_path: Path
) -> None:
    """A sync of the journal lies between each intent and the next byte to the venue.

    The check can fail: on the same calls without their syncs; and at night on the calls of the
    real command with the sync taken out of its disk.
    """
    trace = traced(tmp_path / "synced", venue, PLAIN)
    intents, early = unsynced_sends(trace)
    assert (intents >= 2, early) == (True, 0)
    assert unsynced_sends([each for each in trace if not SYNCED.search(each)]) == (intents, intents)
    if at_night():
        intents, early = unsynced_sends(traced(tmp_path / "unsynced", venue, UNSYNCED))
        assert early == intents >= 2

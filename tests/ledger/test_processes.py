"""The journal on a real directory, between real processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.adapters.system.disk import DirectoryDisk
from engine.ledger.journal import Extent, Journal
from engine.ledger.reader import JournalReader
from engine.ledger.records import RecordKind, encode_body
from engine.ledger.verify import verify
from engine.model.times import UtcTime

# Writes without end, and tells each sequence once it is durable.
_WRITER = """
import sys, pathlib
from engine.adapters.system.disk import DirectoryDisk
from engine.ledger.journal import Journal
from engine.ledger.records import RecordKind, encode_body
from engine.model.times import UtcTime
journal = Journal.open(DirectoryDisk(pathlib.Path(sys.argv[1])), segment_bytes=20_000)
while True:
    kind = RecordKind.CYCLE if journal.last else RecordKind.GENESIS
    for _ in range(3):
        journal.append(kind, UtcTime(0), encode_body({"text": "x" * 500}))
        kind = RecordKind.CYCLE
    journal.sync()
    print(journal.durable_sequence, flush=True)
"""


@pytest.mark.parametrize("extent", Extent)
def test_a_killed_writer_loses_nothing_that_it_was_told_is_durable(
    tmp_path: Path, extent: Extent
) -> None:
    """Readers see whole records while it writes; after its death the next one goes on."""
    disk = DirectoryDisk(tmp_path)
    command = [sys.executable, "-c", _WRITER, str(tmp_path)]
    with subprocess.Popen(  # noqa: S603 - our own interpreter and text
        command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    ) as writer:
        assert writer.stdout is not None
        for _ in range(20):
            told = int(writer.stdout.readline())
            assert sum(1 for _ in JournalReader(disk).records()) >= told
        writer.kill()
        told = max([told, *(int(line) for line in writer.stdout if line.endswith(b"\n"))])
    journal = Journal.open(disk, segment_bytes=20_000, extent=extent)
    assert journal.durable_sequence >= told
    journal.append(RecordKind.HALT, UtcTime(0), encode_body({}))
    journal.sync()
    report = verify(disk)
    assert report.intact
    assert report.records == journal.durable_sequence
    disk.close()

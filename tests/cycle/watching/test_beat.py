"""The beat: a small file that changes with every tick, and stops nothing when it cannot."""

from __future__ import annotations

from itertools import pairwise

from fakes.disk import WitnessDisk

from engine.cycle.watching.beat import BEAT, Beat, read_beat


def test_every_tick_changes_the_beat_and_the_file_stays_small() -> None:
    """No two looks with up to four thousand ticks between them see the same; nothing is synced."""
    disk = WitnessDisk()
    beat = Beat(disk)
    seen = []
    for _ in range(9000):
        beat.touch()
        seen.append(len(read_beat(disk)))
    assert all(before != after for before, after in pairwise(seen))
    assert max(seen) == 4096
    assert "sync" not in disk.deeds


def test_a_loop_that_begins_anew_is_heard() -> None:
    """Its first tick leaves another beat than its predecessor's last, unless that was one tick."""
    disk = WitnessDisk()
    disk.append(BEAT, b"..")
    Beat(disk).touch()
    assert read_beat(disk) == b"."


def test_a_disk_that_refuses_stops_nothing() -> None:
    """Nobody outside can tell any more that the loop lives; the loop itself goes on."""
    disk = WitnessDisk()
    disk.refused = {"append", "read"}
    Beat(disk).touch()
    assert read_beat(disk) == b""

"""A reload that a crash falls into: the set before or the new one, and never one without a record.

The real command at a venue that remembers; another set is ordered while it runs, and it is killed
between the set's check and the end of its record.
"""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from crashes.matrix import HERE, after, run_words, stable

from engine.adapters.system.clock import SystemClock
from engine.adapters.system.disk import DirectoryDisk
from engine.cycle import operator
from engine.cycle.clockwork import Command
from engine.cycle.rejudge import rejudge
from engine.ledger.bodies import of_record
from engine.ledger.reader import JournalReader
from engine.ledger.records import RecordKind
from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crashes.matrix import VenueProcess

    from engine.ledger.bodies import Body

PATIENCE_S = 120.0
OLD, NEW = "max_exposure_pct: 20", "max_exposure_pct: 15"


def bodies(folder: Path, kind: RecordKind) -> list[Body]:
    """What the ledger says, also while it is written."""
    found = JournalReader(DirectoryDisk(folder / "ledger")).records()
    return [of_record(each) for each in found if each.kind is kind]


def until(happens: Callable[[], bool]) -> None:
    """Wait for it."""
    ends = time.monotonic() + PATIENCE_S
    while not happens():
        assert time.monotonic() < ends, "it never happened"
        time.sleep(0.05)


def put_in_order(folder: Path) -> None:
    """A set of its own account, without the errors of lint that a reload refuses."""
    shutil.copytree(HERE / "policies", folder / "policies")
    for name, old, new in (
        ("deployment.yaml", "{name: harmed}", f"{{name: {folder.name}}}"),
        ("strategy.yaml", "stop_pct: 0.5", "stop_pct: 0.7"),
        ("strategy.yaml", "blind_exit_after: 30s", "blind_exit_after: 4s"),
    ):
        file = folder / "policies" / name
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")


def order_another(folder: Path) -> str:
    """Edit the documents and order exactly what they make now; its hash."""
    rules = folder / "policies/rules.yaml"
    text = rules.read_text("utf-8")
    assert OLD in text
    rules.write_text(text.replace(OLD, NEW), "utf-8")
    named = load_policy_set(folder / "policies").required().hash
    command = Command("reload", named, "ann", "a drill")
    operator.drop_command(DirectoryDisk(folder / "ledger"), command, SystemClock().now())
    return named


@pytest.mark.parametrize(
    "point",
    [
        pytest.param("set checked", marks=pytest.mark.nightly),
        "policy activated",
    ],
)
def test_a_crash_in_a_reload_leaves_one_set_or_the_other(
    venue: VenueProcess, tmp_path: Path, point: str
) -> None:
    """Whole records, orders as at the venue, every decision judged alike; a restart goes on."""
    folder, began = tmp_path / point.replace(" ", "_"), SystemClock().now()
    put_in_order(folder)
    with stable() as processes, ThreadPoolExecutor(1) as aside:
        assert processes.run(folder, run_words(venue, 1), venue, None)["code"] == 0
        plan = (point, "kill", "ok")
        ending = aside.submit(processes.run, folder, run_words(venue, 400), venue, plan)
        until(lambda: len(bodies(folder, RecordKind.CYCLE)) > 1)
        new = order_another(folder)
        assert ending.result(PATIENCE_S)["code"] == -9
        assert (folder / "reached").exists()
        said = [each["policy_set"] for each in bodies(folder, RecordKind.SET_ACTIVATED)]
        assert said[1:] in ([], [new])
        DirectoryDisk(folder / "ledger").append(operator.KILL_SWITCH, b"")
        assert processes.run(folder, run_words(venue, 2), venue, None)["code"] == 0
    assert bodies(folder, RecordKind.SET_ACTIVATED)[-1]["policy_set"] == new
    assert after(DirectoryDisk(folder / "ledger"), venue, began) == []
    assert rejudge(JournalReader(DirectoryDisk(folder / "ledger")).records()).agrees

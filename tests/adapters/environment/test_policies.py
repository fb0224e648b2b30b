"""The policy directory on disk: another set, or none, is seen while the loop runs."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING

import pytest
from cycle.trading_desk import START
from policyset.sets import POLICIES

from engine.adapters.environment.policies import PolicyDirectory
from engine.cycle.policy_watch import PolicyWatch
from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.model.times import UtcTime

EDITS: dict[str, tuple[Callable[[str], str] | None, bool]] = {
    "nothing": (lambda text: text, False),
    "a comment": (lambda text: text + "# reviewed\n", False),
    "a number": (lambda text: text.replace("60", "61"), True),
    "no YAML any more": (lambda text: text + "  - [", True),
    "the file is gone": (None, True),
}


@pytest.mark.parametrize(("edit", "drifted"), EDITS.values(), ids=EDITS)
def test_another_meaning_is_drift(
    tmp_path: Path, edit: Callable[[str], str] | None, *, drifted: bool
) -> None:
    """A value, a broken file or a missing one is another set; a comment is not."""
    shutil.copytree(POLICIES, tmp_path / "policies")
    shutil.copytree(POLICIES.parent / "strategies", tmp_path / "strategies")
    directory = tmp_path / "policies"
    running = load_policy_set(directory).required().hash
    target = directory / "risk" / "max_messages_1m.yaml"
    if edit is None:
        target.unlink()
    else:
        target.write_text(edit(target.read_text()))
    watch = PolicyWatch(PolicyDirectory(directory), running, Hourglass(), 60)
    asyncio.run(watch.look())
    assert watch.drifted is drifted


class Hourglass:
    """A clock whose sleeps end at once, and that stops after three."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> UtcTime:
        """Always the same moment."""
        return START

    def monotonic_s(self) -> float:
        """Nobody asks."""
        return 0.0

    async def sleep_until(self, moment: UtcTime) -> None:
        """Note how long was asked for."""
        self.slept.append(moment.since_s(START))
        if len(self.slept) > 3:
            raise asyncio.CancelledError


class Folder:
    """Documents that somebody edits after the second look, and puts back after the third."""

    def __init__(self) -> None:
        self.hashes = ["a", "b", "a"]
        self.seen: list[str] = []

    async def current_hash(self) -> str | None:
        """The next hash."""
        self.seen.append(self.hashes[len(self.seen)])
        return self.seen[-1]


def test_it_is_looked_at_every_minute_and_not_at_once() -> None:
    """The running set was loaded just before; drift ends when the documents are put back."""
    clock, folder = Hourglass(), Folder()
    watch = PolicyWatch(folder, "a", clock, 60)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(watch.run())
    assert (clock.slept, folder.seen) == ([60.0] * 4, ["a", "b", "a"])
    assert watch.drifted is False

"""The policy directory on disk: another set, or none, is seen while the loop runs."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cycle.trading_desk import START
from policyset.sets import POLICIES, composed, documents

from engine.adapters.environment.policies import PolicyDirectory
from engine.cycle.policy_watch import PolicyWatch
from engine.errors import Severity
from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.adapters.environment.policies import Reading
    from engine.model.times import UtcTime
    from engine.ports import Clock

SMALL = Path(__file__).parents[2] / "histories" / "sets" / "first"

EDITS: dict[str, tuple[Callable[[str], str] | None, bool]] = {
    "nothing": (lambda text: text, False),
    "a comment": (lambda text: text + "# reviewed\n", False),
    "a number": (lambda text: text.replace("60", "61"), True),
    "no YAML any more": (lambda text: text + "  - [", True),
    "the file is gone": (None, True),
}


@pytest.mark.long
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

    async def commit(self) -> str | None:
        """What the hash says, and none for the running one."""
        return {"b": "c0ffee"}.get(self.seen[-1])


def test_it_is_looked_at_every_minute_and_not_at_once() -> None:
    """The running set was loaded just before; drift ends when the documents are put back."""
    clock, folder = Hourglass(), Folder()
    watch = PolicyWatch(folder, "a", clock, 60)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(watch.run())
    assert (clock.slept, folder.seen) == ([60.0] * 4, ["a", "b", "a"])
    assert watch.drifted is False


@dataclass
class Listener:
    """Takes every commit, or none."""

    takes: bool
    heard: list[str] = field(default_factory=list)

    def same(self) -> None:
        """The running set."""
        self.heard.append("same")

    async def other(self, commit: str) -> bool:
        """Another one."""
        self.heard.append(commit)
        return self.takes


@pytest.mark.parametrize(
    ("follows", "takes", "heard", "drifts"),
    [
        pytest.param(False, True, ["same", "same"], [False, True, False], id="drift, by default"),
        pytest.param(True, True, ["same", "c0ffee", "same"], [False] * 3, id="a commit followed"),
        pytest.param(
            True, False, ["same", "c0ffee", "same"], [False, True, False], id="a commit refused"
        ),
    ],
)
def test_a_set_that_is_taken_is_no_drift(
    heard: list[str], drifts: list[bool], *, follows: bool, takes: bool
) -> None:
    """A run that follows its commits hands another one on; what is refused is drift as ever."""
    listener = Listener(takes)
    watch = PolicyWatch(Folder(), "a", Hourglass(), 60, told=listener, follows=follows)
    found = []
    for _ in range(3):
        asyncio.run(watch.look())
        found.append(watch.drifted)
    assert (listener.heard, found) == (heard, drifts)


def test_the_watch_compares_with_the_set_in_force() -> None:
    """After a reload it is the new one, and what drifted from the old one did not."""
    running = composed(documents("any_pair"))
    folder = Folder()
    folder.hashes = ["b", running.hash]
    watch = PolicyWatch(folder, "a", Hourglass(), 60)
    asyncio.run(watch.look())
    assert watch.drifted
    watch.follow(running)
    assert not watch.drifted
    asyncio.run(watch.look())
    assert not watch.drifted


def test_a_set_that_came_while_the_watch_read_is_no_drift() -> None:
    """What it read is what runs by then."""
    running = composed(documents("any_pair"))

    class Slow(Folder):
        """Documents that are taken while they are read."""

        async def current_hash(self) -> str | None:
            watch.follow(running)
            return running.hash

    watch = PolicyWatch(Slow(), "a", Hourglass(), 60)
    asyncio.run(watch.look())
    assert not watch.drifted


def git(folder: Path, *words: str) -> None:
    """Run git as somebody."""
    who = ("-c", "user.name=anna", "-c", "user.email=anna@example.invalid")
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)  # noqa: S603, S607 - words of this test


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A small set, in no repository."""
    return shutil.copytree(SMALL, tmp_path / "set")


def widen(folder: Path) -> None:
    """Another set."""
    file = folder / "limits.yaml"
    file.write_text(file.read_text().replace("max_at_risk_pct: 4", "max_at_risk_pct: 40"))


def codes(reading: Reading) -> list[str]:
    """What was found that refuses."""
    return [each.code for each in reading.diagnostics if each.severity is Severity.ERROR]


def read(folder: Path, named: str = "", clock: Clock | None = None) -> Reading:
    """Read it to be taken."""
    return asyncio.run(PolicyDirectory(folder).reading(clock or Hourglass(), named))


@pytest.mark.long
def test_outside_of_a_repository_documents_must_stay_the_same(small: Path) -> None:
    """They are looked at twice; what changes in between may be half written."""

    class Busy(Hourglass):
        """Somebody writes while we wait."""

        async def sleep_until(self, moment: UtcTime) -> None:
            await super().sleep_until(moment)
            widen(small)

    still = read(small)
    assert still.policy_set is not None
    assert still.commit is None
    busy = read(small, clock=Busy())
    assert (busy.policy_set, codes(busy)) == (None, ["M782"])


def test_a_set_that_was_named_is_that_set(small: Path) -> None:
    """By its hash, without a wait; and no other."""
    running = load_policy_set(small).required().hash
    clock = Hourglass()
    assert read(small, running, clock).found == running
    assert clock.slept == []
    widen(small)
    wrong = read(small, running)
    assert (wrong.policy_set, codes(wrong)) == (None, ["M781"])
    assert wrong.found == load_policy_set(small).required().hash


def test_in_a_repository_only_a_commit_is_whole(small: Path) -> None:
    """A tree that differs from its commit may be half written; named, it is what was named."""
    folder = PolicyDirectory(small)
    git(small, "init", "-q")
    # Nothing is committed yet: there is no commit that could say what is whole.
    assert asyncio.run(folder.commit()) is None
    git(small, "add", "-A")
    git(small, "commit", "-q", "-m", "first")
    clean = read(small)
    assert clean.policy_set is not None
    assert clean.commit == asyncio.run(folder.commit())
    assert len(str(clean.commit)) == 40
    widen(small)
    dirty = read(small)
    assert (dirty.policy_set, dirty.commit, codes(dirty)) == (None, None, ["M783"])
    assert asyncio.run(folder.commit()) is None
    named = read(small, str(dirty.found))
    assert named.policy_set is not None
    assert named.commit is None
    git(small, "commit", "-q", "-a", "-m", "second")
    assert read(small).commit not in {None, clean.commit}


def test_what_makes_no_set_says_why(small: Path) -> None:
    """All findings, and nothing to take."""
    (small / "limits.yaml").unlink()
    (small / "breakers.yaml").write_text("kind: [")
    broken = read(small)
    assert broken.policy_set is None
    assert broken.diagnostics

"""A run that follows its commits: an edit is drift, a commit is taken, a bad one refused once."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from functools import partial
from pathlib import Path

from fakes.bench import Bench

from engine.adapters.environment.policies import PolicyDirectory
from engine.cycle.policy_watch import PolicyWatch
from engine.cycle.reloading.candidate import Compared
from engine.cycle.reloading.reloads import Reloads
from engine.ledger.records import RecordKind
from engine.model.orders import Mode
from engine.model.symbols import Symbol
from engine.policyset.opening import load_policy_set
from engine.run import RunSettings
from engine.run.reloading.asked import Played
from engine.run.reloading.checking import Checking, Run

BRISK = Path(__file__).parents[1] / "real_time" / "policies"


def git(folder: Path, *words: str) -> None:
    """Run git as somebody."""
    who = ("-c", "user.name=anna", "-c", "user.email=anna@example.invalid")
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)  # noqa: S603, S607 - words of this test


class Site:
    """A repository of policies, and a desk that follows it."""

    def __init__(self, folder: Path) -> None:
        self.policies = shutil.copytree(BRISK, folder / "repository" / "policies")
        git(self.policies.parent, "init", "-q")
        self.commit()
        self.bench = Bench()
        desk = self.bench.desk
        running = load_policy_set(self.policies).required()
        directory = PolicyDirectory(self.policies)
        settings = RunSettings(self.policies, folder / "ledger")
        checking = Checking(
            run=Run(settings, Mode.PAPER, frozenset({Symbol("BTC", "USD")}), 60, shared=False),
            clock=desk.clock,
            state=lambda: desk.state,
            read=partial(directory.reading, desk.clock),
            tested=lambda _other: Played(None),
            compared=lambda _running, _other: Compared("UNKNOWN", "UNKNOWN", "not asked"),
        )
        self.reloads = desk.reloads = Reloads(running, checking)
        self.watch = PolicyWatch(
            directory, running.hash, desk.clock, 60, told=self.reloads, follows=True
        )
        self.reloads.followers.append(self.watch.follow)

    def commit(self) -> None:
        """Commit all that lies there."""
        git(self.policies.parent, "add", "-A")
        git(self.policies.parent, "commit", "-q", "-m", "reviewed")

    def edit(self, old: str, new: str) -> None:
        """Change a rule."""
        rules = self.policies / "rules.yaml"
        text = rules.read_text()
        assert old in text
        rules.write_text(text.replace(old, new))

    def look(self) -> bool:
        """One look of the watch, and one boundary; whether entries stop for drift."""
        asyncio.run(self.watch.look())
        drifted = self.watch.drifted
        self.reloads.settle(self.bench.desk, self.bench.clock.now())
        return drifted


def test_a_commit_is_taken_and_an_edit_is_not(tmp_path: Path) -> None:
    """An edit is drift until it is committed; then the set is in force, from that commit."""
    site = Site(tmp_path)
    assert site.look() is False
    site.edit("max_exposure_pct: 20", "max_exposure_pct: 15")
    assert site.look() is True
    assert site.reloads.running.hash != load_policy_set(site.policies).required().hash
    site.commit()
    assert site.look() is False
    new = load_policy_set(site.policies).required().hash
    assert site.reloads.running.hash == site.bench.desk.policy_set.hash == new
    told = site.bench.bodies(RecordKind.SET_ACTIVATED)[-1]
    assert len(str(told["commit"])) == 40
    assert told["ordered"] == {"who": "engine", "why": f"commit {told['commit']}", "named": None}
    assert site.look() is False


def test_a_bad_commit_is_refused_once_and_stays_drift(tmp_path: Path) -> None:
    """The last good set goes on; putting the documents back mends it."""
    site = Site(tmp_path)
    good = site.reloads.running.hash
    site.edit("max_exposure_pct: 20", "max_exposure_pct: 2000")
    account = site.policies / "deployment.yaml"
    account.write_text(account.read_text().replace("name: brisk", "name: other"))
    site.commit()
    for _ in range(2):
        assert site.look() is True
    refusals = site.bench.bodies(RecordKind.RELOAD)
    assert [each["outcome"] for each in refusals] == ["refused"]
    assert any("M780" in str(each) for each in [refusals[0]["findings"]])
    assert site.reloads.running.hash == good
    assert site.bench.state.reload.refused is not None
    git(site.policies.parent, "revert", "--no-edit", "HEAD")
    assert site.look() is False
    assert site.bench.state.reload.refused is None

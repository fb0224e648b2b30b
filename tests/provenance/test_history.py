"""The history of a set: which commit changed which value, by whom, and which way."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from engine.adapters.environment.remembered import Remembered
from engine.provenance.history import History, Way, history
from engine.run.directions import directed

pytestmark = pytest.mark.long
ROOT = Path(__file__).parents[2]


@dataclass
class Branch:
    """A repository whose commits are told by what they change."""

    folder: Path
    days: int = 0

    def git(self, *words: str) -> str:
        """Run git there."""
        date = f"2026-01-{self.days + 1:02}T00:00:00Z"
        surroundings = {"PATH": os.environ["PATH"], "HOME": str(self.folder)}
        done = subprocess.run(  # noqa: S603 - words of the test
            ["git", "-c", "user.name=Ann", "-c", "user.email=a@b", *words],  # noqa: S607 - git is found
            cwd=self.folder,
            env={**surroundings, "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def commit(self, subject: str, file: str = "", old: str = "", new: str = "") -> str:
        """Change a file and commit; the commit's name."""
        if file:
            path = self.folder / file
            text = path.read_text()
            assert old in text
            path.write_text(text.replace(old, new))
        self.days += 1
        self.git("add", ".")
        self.git("commit", "-q", "--allow-empty", "-m", subject)
        return self.git("rev-parse", "HEAD")


@dataclass
class Forgetful:
    """A memory that counts what it was asked in vain."""

    kept: dict[str, str] = field(default_factory=dict)
    missed: int = 0

    def answer(self, question: str) -> str | None:
        """What was kept."""
        self.missed += question not in self.kept
        return self.kept.get(question)

    def keep(self, question: str, answer: str) -> None:
        """Keep it."""
        self.kept[question] = answer


@pytest.fixture(scope="module")
def told(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[History, dict[str, str], Forgetful, Branch]:
    """Six commits, and what is told of them."""
    branch = Branch(tmp_path_factory.mktemp("branch"))
    for each in ("policies", "strategies"):
        shutil.copytree(ROOT / each, branch.folder / each)
    branch.git("init", "-q")
    limit = "policies/risk/max_position.yaml"
    named = {
        "first": branch.commit("first"),
        "words": branch.commit("words only", limit, "kind: RiskLimit", "kind: RiskLimit # a limit"),
        "looser": branch.commit("let more in", limit, "chop: 3", "chop: 4"),
        "broken": branch.commit("broken", limit, "position.pct_after", "position.pct_aftr"),
        "tighter": branch.commit(
            "mended, and less", limit, "position.pct_aftr", "position.pct_after"
        ),
        "last": branch.commit("a shorter stop", limit, "chop: 4", "chop: 2"),
    }
    memory = Forgetful()
    return history(branch.folder / "policies/paper", 50, directed, memory), named, memory, branch


def test_each_change_has_its_commit_and_its_way(
    told: tuple[History, dict[str, str], Forgetful, Branch],
) -> None:
    """A raised limit is looser, a lowered one tighter; words change nothing that takes effect."""
    found, named, _, _ = told
    by_commit = {each.landed.commit: each for each in found.entries}
    (raised,) = by_commit[named["looser"]].changes
    assert (raised.document, raised.way) == ("RiskLimit/max_position", Way.LOOSER)
    assert (raised.path, raised.new) == ("params.max_position_pct.chop", "4")
    (lowered,) = by_commit[named["last"]].changes
    assert (lowered.way, lowered.old, lowered.new) == (Way.TIGHTER, "4", "2")
    assert named["words"] not in by_commit
    assert by_commit[named["last"]].landed.author == "Ann"


def test_the_last_change_of_a_value_is_found(
    told: tuple[History, dict[str, str], Forgetful, Branch],
) -> None:
    """Of all commits that changed a value the last one answers for it."""
    found, named, _, _ = told
    landed, change = found.last["RiskLimit/max_position", "params.max_position_pct.chop"]
    assert (landed.commit, change.new) == (named["last"], "2")


def test_a_commit_without_a_set_is_told_and_passed_over(
    told: tuple[History, dict[str, str], Forgetful, Branch],
) -> None:
    """What does not load has no hash; the next set is compared with the last one that loaded."""
    found, named, _, _ = told
    by_commit = {each.landed.commit: each for each in found.entries}
    assert by_commit[named["broken"]].policy_set is None
    assert named["tighter"] not in by_commit


def test_nothing_is_worked_out_twice(
    told: tuple[History, dict[str, str], Forgetful, Branch],
) -> None:
    """With what was kept, the same history needs no set but the newest, and is the same."""
    found, _, memory, branch = told
    before, told_again = memory.missed, []

    def never(*_sets: object) -> list[object]:
        told_again.append(1)
        return []

    again = history(branch.folder / "policies/paper", 50, never, memory)  # type: ignore[arg-type]  # never called
    assert (again.entries, memory.missed, told_again) == (found.entries, before, [])


def test_a_cache_that_cannot_be_written_is_none(tmp_path: Path) -> None:
    """What is kept is found again; where nothing can be kept, nothing is found."""
    memory = Remembered(tmp_path / "cache")
    assert memory.answer("q") is None
    memory.keep("q", "a")
    assert memory.answer("q") == "a"
    (tmp_path / "file").write_text("")
    blocked = Remembered(tmp_path / "file")
    blocked.keep("q", "a")
    assert blocked.answer("q") is None


def test_the_cache_lies_where_the_user_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """XDG_CACHE_HOME counts when it is a whole path."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert Remembered.of_user("log").folder == tmp_path / "mandate-trader/log"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert Remembered.of_user("log").folder == Path.home() / ".cache/mandate-trader/log"

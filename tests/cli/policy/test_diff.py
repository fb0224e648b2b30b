"""`policy diff`: folders and revisions, for a person, a comment and a machine."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from cli.main import run
from cli.policy import POLICY

SAMPLE = Path(__file__).parents[1] / "trader" / "policies"
OLD, NEW = "max_position_pct: 4}", "max_position_pct: 6}"


def diff(*words: str | Path) -> tuple[int, str, str]:
    """Status, what was told, and what went wrong."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = run(POLICY, ("diff", *map(str, words)))
    return status, out.getvalue(), err.getvalue()


def close(folder: Path) -> None:
    """Let no order leave."""
    file = folder / "deployment.yaml"
    file.write_text(file.read_text().replace("read_only: false", "read_only: true"))


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A small set."""
    return shutil.copytree(SAMPLE, tmp_path / "base")


@pytest.fixture
def head(tmp_path: Path) -> Path:
    """The same with a wider limit."""
    folder = shutil.copytree(SAMPLE, tmp_path / "head")
    change(folder)
    return folder


def change(folder: Path) -> None:
    """Widen the limit on a position."""
    file = folder / "risk.yaml"
    text = file.read_text()
    assert text.count(OLD) == 1
    file.write_text(text.replace(OLD, NEW))


def test_a_set_that_sends_nothing_says_that_this_is_why(base: Path, head: Path) -> None:
    """A wider limit of a set that sends no order allows none; so it is not read as harmless."""
    close(base)
    close(head)
    status, out, _ = diff(base, head)
    verdict, why, *rest = out.splitlines()
    assert (status, verdict.partition("  ")[0]) == (0, "permission NOT LOOSER, protection SAME")
    assert why.strip().startswith("no order leaves under the new set, which is read only")
    assert "  RiskLimit/max_position params.max_position_pct: 4 -> 6" in rest


def test_a_looser_set_is_told_with_an_order(base: Path, head: Path) -> None:
    """The verdict first, then the order in money with the limit that it met, then the edits."""
    status, out, err = diff(base, head)
    verdict, witness, *rest = out.splitlines()
    assert (status, err) == (1, "")
    assert verdict.startswith("permission LOOSER, protection SAME")
    assert witness.startswith("  an entry of ")
    assert "was refused by RiskLimit/max_position: `position.pct_after` is " in witness
    assert "and may be at most 4" in witness
    assert "  RiskLimit/max_position params.max_position_pct: 4 -> 6" in rest


def test_the_way_back_is_proved(base: Path, head: Path) -> None:
    """A tighter set is proved not looser: status 0, with the edits."""
    status, out, _ = diff(head, base)
    assert status == 0
    assert out.startswith("permission NOT LOOSER, protection SAME")


def test_the_same_set_says_so(base: Path) -> None:
    """Nothing to prove, nothing to show."""
    status, out, _ = diff(base, base)
    assert (status, out.splitlines()[1:]) == (0, ["  the two sets mean the same"])


def test_a_removed_limit_is_loud(base: Path, head: Path) -> None:
    """What is gone is said by itself, above the edits."""
    file = head / "risk.yaml"
    kept = file.read_text().partition("  - metadata: {name: max_exposure")[0]
    file.write_text(kept)
    _, out, _ = diff(base, head)
    assert out.index("REMOVED RiskLimit/max_exposure") < out.index("what may be done")


def test_the_json_has_the_witness(base: Path, head: Path) -> None:
    """Verdicts by name, the witness's facts as numbers, each edit with what it bears on."""
    status, out, _ = diff(base, head, "--format", "json")
    found = json.loads(out)
    assert status == 1
    assert (found["permission"], found["protection"]) == ("LOOSER", "SAME")
    assert found["witness"]["refused_by"] == ["RiskLimit/max_position"]
    assert found["witness"]["facts"]["order.intent"] == "entry"
    assert found["intents"]["exit"] == "not_looser"
    assert [(each["path"], each["question"]) for each in found["edits"]] == [
        ("params.max_position_pct", "permission")
    ]


def test_a_comment_folds_its_details(base: Path, head: Path) -> None:
    """Markdown: the verdict in bold on the first line, reasons listed, edits folded."""
    _, out, _ = diff(base, head, "--format", "markdown")
    first, *_ = out.splitlines()
    assert first.startswith("**permission LOOSER, protection SAME**")
    assert out.count("<details>") == out.count("</details>") == 1


def test_a_revision_is_the_folder_as_it_was(base: Path) -> None:
    """A commit of the repository that the policies lie in, against the tree as it is."""
    git("init", "-q", folder=base)
    git("add", ".", folder=base)
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "first", folder=base)
    change(base)
    with chdir(base):
        status, out, _ = diff("HEAD")
    assert status == 1
    assert "RiskLimit/max_position params.max_position_pct: 4 -> 6" in out


def git(*words: str, folder: Path) -> None:
    """Run git there."""
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)  # noqa: S603, S607 - git, with words of the test


MISUSES = {"no revision": "no-such-branch", "an option in disguise": "--upload-pack=x"}


@pytest.mark.parametrize("named", MISUSES.values(), ids=MISUSES)
def test_what_is_neither_is_refused(named: str, base: Path) -> None:
    """A code and a mend for a name that is neither a folder nor a revision."""
    with chdir(base):
        status, out, err = diff("--", named)
    assert (status, out) == (1, "")
    assert err.startswith("M701")


STATUS = {
    "version": 1,
    "policy_set": None,
    "mode": "paper",
    "time": "2026-01-05T12:00:00Z",
    "positions": [],
    "working": [],
    "tripped": [{"breaker": "gone", "key": ""}],
    "facts": {"account": {"portfolio.equity_usd": 1000}, "products": {}},
}


def test_a_traders_status_says_what_activation_does(base: Path, head: Path, tmp_path: Path) -> None:
    """Each effect in a sentence, in every format; without effects that is said too."""
    status = tmp_path / "status.json"
    status.write_text(json.dumps(STATUS))
    _, out, _ = diff(base, head, "--state", status)
    assert "on activation: " in out
    assert "`gone` stays tripped until its reset" in out
    _, markdown, _ = diff(base, head, "--state", status, "--format", "markdown")
    assert "**On activation: " in markdown
    _, as_json, _ = diff(base, head, "--state", status, "--format", "json")
    acts = json.loads(as_json)["activation"]
    assert ("stays latched", None) in [(act["kind"], act["usd"]) for act in acts]
    assert json.loads(diff(base, head, "--format", "json")[1])["activation"] is None


def test_a_status_that_cannot_be_read_is_refused(base: Path, tmp_path: Path) -> None:
    """A file that is not there, with its mend."""
    status, out, err = diff(base, base, "--state", tmp_path / "none.json")
    assert (status, out) == (1, "")
    assert "M702" in err
    assert "trader status --format json" in err


def test_annotations_stand_beside_the_edits(base: Path, head: Path, tmp_path: Path) -> None:
    """One workflow command for each thing to see, at the changed line; the comment in a file."""
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    status, out, _ = diff(base, head, "--format", "github", "--summary", summary)
    assert status == 1
    commands = out.splitlines()
    assert all(each.startswith(("::error ", "::warning ")) for each in commands)
    assert "risk.yaml,line=" in commands[0]
    assert "title=M704" in commands[0]
    assert "leaves now, and was refused by RiskLimit/max_position" in commands[0]
    told = summary.read_text()
    assert told.startswith("before\n**permission LOOSER")


def test_nothing_to_see_is_nothing_to_annotate(base: Path, head: Path) -> None:
    """A tighter set has no annotation."""
    assert diff(head, base, "--format", "github") == (0, "", "")

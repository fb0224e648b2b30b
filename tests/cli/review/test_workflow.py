"""The review of a pull request: the workflow's own steps, run here one after the other."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from official.sarif import faults
from ruamel.yaml import YAML

from cli.policy_verbs.reviewing.comment import MARK, MOST_CHARACTERS, code, comment
from cli.policy_verbs.reviewing.pairs import file_from
from cli.policy_verbs.reviewing.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syrupy.assertion import SnapshotAssertion

pytestmark = pytest.mark.long
ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "tests/cli/trader/policies"
WORKFLOW = ROOT / ".github/workflows/policy.yml"
POLICY = str(Path(sys.executable).with_name("policy"))
OVERLAY = """\
apiVersion: mandate/v1
kind: PolicySet
metadata: {name: paper, description: The same at dearer fees.}
spec:
  base: ".."
  patches:
    - {target: Deployment/account, set: {fees.maker_bps: 50}, reason: for the tests}
"""
TEST = """\
tests:
  - name: a day
    asserts: []
"""


@dataclass(frozen=True)
class Reviewed:
    """How the steps ended, and what they left."""

    status: int
    said: str
    out: Path

    @property
    def comment(self) -> str:
        """The comment."""
        return (self.out / "comment.md").read_text()

    @property
    def verdict(self) -> str:
        """The verdict, from the judgement alone."""
        return str(json.loads((self.out / "judge.json").read_text())["verdict"])


def steps(job: str) -> list[dict[str, Any]]:
    """The steps of a job of the workflow."""
    found: list[dict[str, Any]] = YAML(typ="safe").load(WORKFLOW)["jobs"][job]["steps"]
    return found


def command(job: str) -> str:
    """The one line of a job that calls `policy`, as the runner's shell gets it."""
    lines = [each["run"] for each in steps(job) if "$POLICY" in each.get("run", "")]
    (line,) = [each for block in lines for each in block.splitlines() if "$POLICY" in each]
    return line.split(" || ")[0]


def kept(folder: Path) -> dict[str, str]:
    """A ledger and a status of a trader that runs the base, where the repository keeps them."""
    ledger, state = folder / "ledger", folder / "state.json"
    market = [f"--quotes={each}" for each in sorted((folder / "demo").glob("*.csv"))]
    trader = str(Path(POLICY).with_name("trader"))
    words = ["run", "--policies", str(folder / "policies"), *market, "--cycles", "30", "--brief"]
    subprocess.run([trader, *words, "--ledger", str(ledger)], check=True, capture_output=True)  # noqa: S603 - our own command
    with state.open("w") as stream:
        status = [trader, "status", "--format", "json", "--ledger", str(ledger)]
        subprocess.run(status, stdout=stream, check=False)  # noqa: S603 - our own command
    return {"STATE": state.name, "LEDGER": ledger.name}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of policies with a few branches, beside what the runner checks out."""
    folder = tmp_path_factory.mktemp("origin")
    shutil.copytree(SAMPLE, folder / "policies")
    (folder / "policies/paper").mkdir()
    (folder / "policies/paper/policyset.yaml").write_text(OVERLAY)
    (folder / "demo").mkdir()
    for path in sorted((ROOT / "demo").glob("synthetic_*.csv")):
        rows = 40 if "quotes" in path.name else 2000
        lines = path.read_text().splitlines(keepends=True)[:rows]
        (folder / "demo" / path.name).write_text("".join(lines))
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "main")
    for name, file, old, new in BRANCHES:
        git(folder, "checkout", "-q", "-b", name, "main")
        text = (folder / file).read_text()
        assert old in text
        (folder / file).write_text(text.replace(old, new))
        commit(folder, name)
    return folder


BRANCHES = [
    ("looser", "policies/risk.yaml", "max_position_pct: 4}", "max_position_pct: 6}"),
    ("tighter", "policies/risk.yaml", "max_position_pct: 4}", "max_position_pct: 3}"),
    ("words", "policies/risk.yaml", "max_position_pct: 4}", "max_position_pct: 4.0}"),
    ("broken", "policies/risk.yaml", "position.pct_after", "position.pct_aftr"),
]


def git(folder: Path, *words: str) -> None:
    """Run git there."""
    surroundings = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    who = ("-c", "user.name=a", "-c", "user.email=a@b")
    subprocess.run(["git", *who, *words], cwd=folder, env=surroundings, check=True)  # noqa: S603, S607 - words of the test


def commit(folder: Path, subject: str) -> None:
    """Commit all that is there."""
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", subject)


def checked_out(repository: Path, branch: str, where: Path) -> None:
    """The two working trees that a job has."""
    for name, ref in (("trusted", "main"), ("proposed", branch)):
        git(repository, "worktree", "add", "-q", "--detach", str(where / name), ref)


def review(
    repository: Path, branch: str, where: Path, *, accepted: str = "", **variables: str
) -> Reviewed:
    """Check out as the workflow does, and run its lines."""
    if not (where / "trusted").exists():
        checked_out(repository, branch, where)
    nothing = {"STATE": "", "LEDGER": ""}
    surroundings = {
        **os.environ,
        "POLICY": POLICY,
        "ACCEPTED": accepted,
        **nothing,
        **variables,
    }
    for job in ("judge", "play", "tell"):
        done = subprocess.run(  # noqa: S603 - the workflow's own line
            ["bash", "-euo", "pipefail", "-c", command(job)],  # noqa: S607 - as the runner does
            cwd=where,
            env=surroundings,
            capture_output=True,
            text=True,
            check=False,
        )
        assert job == "tell" or done.returncode == 0, done.stderr
    return Reviewed(done.returncode, done.stdout + done.stderr, where / "review")


def test_a_looser_change_is_told_with_a_witness_and_refused(
    repository: Path, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    """The comment says what leaves now, in money; the check fails until somebody accepts it."""
    found = review(repository, "looser", tmp_path)
    assert (found.status, found.verdict) == (1, "LOOSER")
    first, *_ = found.comment.splitlines()
    assert found.said.strip() == first
    assert re.fullmatch(r"\*\*LOOSER: .*\*\* `[0-9a-f]{12}` → `[0-9a-f]{12}`", first)
    assert "USD" in found.comment
    assert found.comment.rstrip().endswith(MARK)
    # Which order the solver shows is its own affair, and how much lint finds is lint's.
    told = re.sub(r"pct_after is [0-9.]+", "pct_after is N", found.comment)
    assert re.sub(r"Findings: [0-9]+", "Findings: N", told) == snapshot
    again = command("tell").replace("$ACCEPTED", "--accepted").replace("$POLICY", POLICY)
    done = subprocess.run(["bash", "-c", again], cwd=tmp_path, capture_output=True, check=False)  # noqa: S603, S607 - the workflow's own line
    assert done.returncode == (1 if "tests fail" in found.comment else 0)


def test_what_the_repository_keeps_of_its_trader_is_told(repository: Path, tmp_path: Path) -> None:
    """With a status and a ledger of the base: the effect on activation, and what flips."""
    checked_out(repository, "tighter", tmp_path)
    found = review(repository, "tighter", tmp_path, **kept(tmp_path / "trusted"))
    assert found.status == 0, found.said
    told, without = _told(found), _told(review(repository, "tighter", tmp_path))
    assert told["activation"] is not None
    assert told["flips"]["policy_set"] == told["head"]
    assert (without["activation"], without["flips"]) == (None, None)


def _told(found: Reviewed) -> dict[str, Any]:
    """What was written of the first set, judged and played."""
    parts = [json.loads((found.out / each).read_text()) for each in ("judge.json", "play.json")]
    judged, played = (part["sets"][0] for part in parts)
    return {"head": judged["head"], "activation": judged["diff"]["activation"], **played}


def acted(repository: Path, where: Path, **inputs: str) -> tuple[int, str, Path]:
    """The composite action's own step, over a change: its status, what it says, its outputs."""
    action = YAML(typ="safe").load(ROOT / "action.yml")
    (step,) = [each for each in action["runs"]["steps"] if each.get("id") == "review"]
    told = {name: str(each.get("default", "")) for name, each in action["inputs"].items()}
    told |= {"base": "trusted/policies", "head": "proposed/policies", **inputs}
    checked_out(repository, "looser", where)
    (where / "action/.venv/bin").mkdir(parents=True)
    (where / "action/.venv/bin/policy").symlink_to(POLICY)
    named = {
        name: told[text.removeprefix("${{ inputs.").removesuffix(" }}")]
        for name, text in step["env"].items()
        if name != "ACCEPTED"
    }
    assert step["env"]["ACCEPTED"] == "${{ inputs.accepted == 'true' && '--accepted' || '' }}"
    outputs = where / "outputs"
    done = subprocess.run(  # noqa: S603 - the action's own lines
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],  # noqa: S607 - as the runner does
        cwd=where,
        env={
            **os.environ,
            **named,
            "ACCEPTED": "--accepted" if told["accepted"] == "true" else "",
            "GITHUB_ACTION_PATH": str(where / "action"),
            "GITHUB_OUTPUT": str(outputs),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr, outputs


@pytest.mark.parametrize(("accepted", "status"), [("false", 1), ("true", 0)])
def test_the_action_says_how_it_ended(
    repository: Path, tmp_path: Path, accepted: str, status: int
) -> None:
    """Users' own workflows read its output; a looser change fails until somebody accepts it."""
    ended, said, outputs = acted(repository, tmp_path, accepted=accepted)
    assert (ended, outputs.read_text()) == (status, f"status={status}\n"), said
    assert "**LOOSER" in said
    assert (tmp_path / "review/comment.md").read_text().startswith("**LOOSER")
    assert faults((tmp_path / "review/lint.sarif").read_text()) == []


MISUSED = {
    "no such set": (
        ["--simulate=papers", "--quotes=demo"],
        "no set `papers` to simulate; there are `.`, `paper`",
    ),
    "nothing to play on": (["--simulate=paper"], "both, or neither"),
    "nothing to play": (["--quotes=demo"], "both, or neither"),
}


@pytest.mark.parametrize(("words", "said"), MISUSED.values(), ids=MISUSED)
def test_a_simulation_that_cannot_run_is_refused(
    repository: Path, tmp_path: Path, words: list[str], said: str
) -> None:
    """Asked for in vain it would be missing in the comment, and nobody would see that."""
    both = ["policies", "policies", "--out", str(tmp_path)]
    done = subprocess.run(  # noqa: S603 - our own command
        [POLICY, "review", *both, *words],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert not list(tmp_path.iterdir())


def test_files_are_named_as_the_repository_names_them(tmp_path: Path) -> None:
    """A revision is judged in a folder of its own, which no comment tells."""
    inside, outside = tmp_path / "policies" / "risk.yaml", tmp_path.parent / "other.yaml"
    assert file_from(str(inside), tmp_path) == "policies/risk.yaml"
    assert file_from(str(outside), tmp_path) == str(outside)


def test_findings_stand_where_github_looks(repository: Path, tmp_path: Path) -> None:
    """A set that does not load is refused for good, at its line, as the repository names it."""
    found = review(repository, "broken", tmp_path, accepted="--accepted")
    assert (found.status, found.verdict) == (1, "BROKEN")
    annotations = (found.out / "annotations.txt").read_text()
    assert annotations.startswith("::error file=policies/risk.yaml,line=")
    log = (found.out / "lint.sarif").read_text()
    assert faults(log) == []
    sarif = json.loads(log)
    (run,) = sarif["runs"]
    uris = {
        place["physicalLocation"]["artifactLocation"]["uri"]
        for result in run["results"]
        for place in result.get("locations", ())
    }
    assert uris == {"policies/risk.yaml"}


@pytest.mark.parametrize(("branch", "verdict"), [("tighter", "NOT LOOSER"), ("words", "SAME")])
def test_what_allows_nothing_more_passes(
    repository: Path, tmp_path: Path, branch: str, verdict: str
) -> None:
    """A tighter limit, or the same one spelt otherwise, needs nobody's acceptance."""
    found = review(repository, branch, tmp_path)
    assert found.verdict == verdict
    assert found.status == 0, found.comment


def judged(**changes: object) -> dict[str, Any]:
    """What judging writes of one set."""
    diff = {
        "permission": "LOOSER",
        "protection": "SAME",
        "read_only": False,
        "removed": [],
        "witnesses": [],
        "not_known": [],
        "leanings": [],
        "edits": [],
        "activation": None,
        **changes,
    }
    each = {"set": "paper", "base": "a" * 64, "head": "b" * 64, "verdict": "LOOSER", "why": ""}
    return {"verdict": "LOOSER", "errors": 0, "findings": 0, "sets": [{**each, "diff": diff}]}


def test_the_comment_always_fits() -> None:
    """However much changed, GitHub takes the comment, and the verdict stands first."""
    edit = {
        "document": "RiskLimit/x",
        "path": "params.a",
        "question": "wants",
        "effect": "same",
        "words": "w" * 300,
    }
    text = comment(judged(edits=[edit] * 5000, not_known=["n" * 400] * 900), None)
    assert len(text) <= MOST_CHARACTERS
    assert text.startswith("**LOOSER")
    assert text.rstrip().endswith(MARK)
    assert "more" in text


def test_why_nothing_is_looser_in_a_set_that_sends_nothing() -> None:
    """Its limits were changed all the same: the overlay that trades is where that tells."""
    edit = {"document": "RiskLimit/x", "path": "params.a", "effect": "same", "words": "w"}
    limit, words = {**edit, "question": "permission"}, {**edit, "question": "words"}
    assert "read only" in comment(judged(read_only=True, edits=[limit]), None)
    assert "read only" not in comment(judged(read_only=True, edits=[words]), None)
    assert "read only" not in comment(judged(read_only=False, edits=[limit]), None)


HOSTILE = ["@everyone", "</details><script>", "a`b`c", "![x](http://x)", "x\n# y", "\u202eabc", ""]


@pytest.mark.parametrize("text", HOSTILE)
def test_words_of_a_pull_request_are_only_words(text: str) -> None:
    """Text under review mentions nobody, links nowhere and ends nothing: it is code."""
    shown = code(text)
    assert re.fullmatch(r"`[^`\n\u202e]+`", shown)
    told = comment(judged(witnesses=[{"words": text}], removed=[text]), None)
    assert all(each in told for each in (shown,))


def test_who_must_agree_grows_with_the_verdict() -> None:
    """Only what is proved not to be looser or weaker passes without being accepted."""
    table = {each: (each.status(accepted=False), each.status(accepted=True)) for each in Verdict}
    assert table == {
        Verdict.SAME: (0, 0),
        Verdict.NOT_LOOSER: (0, 0),
        Verdict.UNKNOWN: (3, 0),
        Verdict.WEAKER: (1, 0),
        Verdict.LOOSER: (1, 0),
        Verdict.BROKEN: (1, 1),
    }


def _uses(folder: Path) -> Iterator[str]:
    for file in (*sorted(folder.glob(".github/workflows/*.yml")), folder / "action.yml"):
        yield from re.findall(r"uses: *(\S+)", file.read_text())


def test_actions_are_pinned_to_commits() -> None:
    """What runs beside policies cannot be changed by moving a tag."""
    assert [each for each in _uses(ROOT) if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", each)] == []


def test_what_decides_is_kept_apart() -> None:
    """The file comes from the base; who may write runs nothing proposed; nobody else may write."""
    text = WORKFLOW.read_text()
    workflow = YAML(typ="safe").load(text)
    assert list(workflow["on"]) == ["pull_request_target"]
    assert workflow["permissions"] == {}
    for job in ("judge", "play"):
        assert workflow["jobs"][job]["permissions"] == {"contents": "read"}
    assert not any(each.get("with", {}).get("path") == "proposed" for each in steps("tell"))
    everything = [each for job in workflow["jobs"] for each in steps(job)]
    checkouts = [each for each in everything if "checkout" in each.get("uses", "")]
    assert all(each["with"]["persist-credentials"] is False for each in checkouts)
    # An expression in a script is a way in: all come by the environment.
    assert not any("${{" in each.get("run", "") for each in everything)


def test_the_hooks_and_the_action_name_real_verbs() -> None:
    """What users take into their own repositories calls verbs that exist."""
    from cli.policy import POLICY as COMMAND

    verbs = {each.name for each in COMMAND.verbs}
    hooks = YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml")
    assert {each["entry"].split()[1] for each in hooks} <= verbs
    assert 'policy" review' in (ROOT / "action.yml").read_text()

"""One comment of a pull request, written in the place of the one before: the script that tells it.

GitHub's own command is a fake that keeps comments in a file; the script, the shell and jq are real.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from cli.policy_verbs.reviewing.comment import MARK

ROOT = Path(__file__).parents[3]
OURS, THEIRS = "github-actions[bot]", "somebody"
TOLD = f"**LOOSER**\n\n{MARK}\n"
COMMENTS = "repos/desk/policies/issues/7/comments"

pytestmark = pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")

GH = dedent(f"""\
    #!{sys.executable}
    import json, os, subprocess, sys
    from pathlib import Path

    kept = Path(os.environ["COMMENTS"])
    comments = json.loads(kept.read_text())
    words = sys.argv[1:]
    if os.environ.get("OFFLINE"):
        sys.exit("error connecting to api.github.com")
    assert words[0] == "api" and os.environ["GH_TOKEN"], words
    if "--jq" in words:
        assert words[1:3] == ["--paginate", "{COMMENTS}"], words
        told = json.dumps(comments).encode()
        asked = words[words.index("--jq") + 1]
        sys.exit(subprocess.run(["jq", "-r", asked], input=told).returncode)
    silent, method, verb, address, field, body = words[1:]
    assert (silent, method, field) == ("--silent", "--method", "--field"), words
    text = Path(body.removeprefix("body=@")).read_text()
    if verb == "POST":
        assert address == "{COMMENTS}", words
        login = "{OURS}"
        comments.append({{"id": 9, "user": {{"login": login}}, "body": text}})
    else:
        assert verb == "PATCH", words
        at = int(address.removeprefix("repos/desk/policies/issues/comments/"))
        (found,) = [each for each in comments if each["id"] == at]
        found["body"] = text
    kept.write_text(json.dumps(comments))
    """)


@dataclass(frozen=True, slots=True)
class Said:
    """A comment of a pull request."""

    id: int
    login: str
    body: str

    def json(self) -> dict[str, object]:
        """As GitHub has it."""
        return {"id": self.id, "user": {"login": self.login}, "body": self.body}


def told(tmp_path: Path, *before: Said, **surroundings: str) -> tuple[int, list[tuple[int, str]]]:
    """How the script ended, and the comments after it."""
    gh, kept, file = tmp_path / "gh", tmp_path / "comments.json", tmp_path / "comment.md"
    gh.write_text(GH)
    gh.chmod(0o755)
    kept.write_text(json.dumps([each.json() for each in before]))
    file.write_text(TOLD)
    done = subprocess.run(  # noqa: S603 - our own script
        [ROOT / ".github/tell-comment", file],
        env={
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "COMMENTS": str(kept),
            "REPOSITORY": "desk/policies",
            "NUMBER": "7",
            "GH_TOKEN": "t",
            **surroundings,
        },
        capture_output=True,
        check=False,
    )
    return done.returncode, [(each["id"], each["body"]) for each in json.loads(kept.read_text())]


OLD = f"**SAME**\n\n{MARK}"
ROWS = {
    "the first": ((), [(9, TOLD)]),
    "in the place of the one before": ((Said(3, OURS, OLD),), [(3, TOLD)]),
    "with the line break that GitHub keeps": ((Said(3, OURS, f"{OLD}\n"),), [(3, TOLD)]),
    "beside what others say": (
        (Said(2, THEIRS, "looks good"), Said(3, OURS, OLD)),
        [(2, "looks good"), (3, TOLD)],
    ),
    "never in the place of what others wrote, however it ends": (
        (Said(2, THEIRS, OLD),),
        [(2, OLD), (9, TOLD)],
    ),
    "nor of another comment of the same author": (
        (Said(2, OURS, f"{MARK} is what I look for"),),
        [(2, f"{MARK} is what I look for"), (9, TOLD)],
    ),
}


@pytest.mark.parametrize(("before", "after"), ROWS.values(), ids=ROWS)
def test_there_is_one_comment_of_the_review(
    tmp_path: Path, before: tuple[Said, ...], after: list[tuple[int, str]]
) -> None:
    """It is written once and then in its own place, and nothing else is touched."""
    assert told(tmp_path, *before) == (0, after)


def test_of_many_the_first_is_written(tmp_path: Path) -> None:
    """More of them than a pipe holds are no reason to fail: the first is the one."""
    many = [Said(number, OURS, OLD) for number in range(10_000, 30_000)]
    status, after = told(tmp_path, *many)
    assert status == 0
    assert [each for each, text in after if text == TOLD] == [10_000]
    assert len(after) == len(many)


def test_what_cannot_be_told_is_no_success(tmp_path: Path) -> None:
    """Where GitHub does not answer, the step fails, and no second comment is made of it."""
    status, after = told(tmp_path, Said(3, OURS, OLD), OFFLINE="1")
    assert status != 0
    assert after == [(3, OLD)]

"""A commit as its signer made it, and what git says of the signature and of the checkout.

In: a folder in a repository. Out: `SignedCommit`, whether git itself vouches for it, and which
files are not as committed. Refuses (MandateError, M701) what is in no repository, and a commit with
two signatures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.adapters.environment.git import GitMissing, git
from engine.adapters.environment.revisions import Revision, asked_of, resolved
from engine.model.times import NS_PER_S, UtcTime

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_GOOD = "G"
_HEADERS = (b"gpgsig ", b"gpgsig-sha256 ")


@dataclass(frozen=True, slots=True)
class SignedCommit:
    """A commit: `message` is what a signature signs, `signature` its armour, empty without one."""

    revision: Revision
    message: bytes
    signature: str
    seconds: int


def head_of(folder: Path) -> SignedCommit:
    """The commit that is checked out."""
    revision = resolved("HEAD", folder)
    stored = asked_of(revision, "cat-file", "commit", revision.commit).out
    seconds = asked_of(revision, "show", "-s", "--format=%ct", revision.commit).line
    message, signature = _parted(stored)
    return SignedCommit(revision, message, signature, int(seconds))


def vouched_for(commit: SignedCommit, allowed_signers: Path) -> str | None:
    """None where git finds the signature good; else what it says.

    Git prints "Good signature" for keys that it does not know: the exit status and `%G?` count.
    """
    top, name = commit.revision.top, commit.revision.commit
    settings = (f"gpg.ssh.allowedSignersFile={allowed_signers.resolve()}",)
    try:
        verified = git(top, "verify-commit", name, settings=settings)
        letter = git(top, "show", "-s", "--format=%G?", name, settings=settings)
    except GitMissing:
        return "git is not here to say more"
    if verified.status == 0 and letter.status == 0 and letter.line == _GOOD:
        return None
    return verified.said or f"its verdict is `{letter.line}`"


def changed_files(revision: Revision) -> tuple[str, ...]:
    """What differs from the commit, or is in no commit, by its path in the repository."""
    words = ("status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames")
    lines = asked_of(revision, *words).out.decode("utf-8", "replace").split("\0")
    return tuple(line[3:] for line in lines if line)


def _parted(stored: bytes) -> tuple[bytes, str]:
    """The commit without its signature, and the signature."""
    head, _, words = stored.partition(b"\n\n")
    kept: list[bytes] = []
    signature: list[bytes] = []
    within = False
    for line in head.split(b"\n"):
        within = line.startswith(_HEADERS) or (within and line.startswith(b" "))
        (signature if within else kept).append(line)
    body = b"\n".join(kept) + b"\n\n" + words
    return body, b"\n".join(each.partition(b" ")[2] for each in signature).decode(
        "ascii", "replace"
    )


@dataclass(frozen=True, slots=True)
class Landed:
    """A commit as its branch saw it: who brought it, when, and in which words."""

    commit: str
    author: str
    time: UtcTime
    subject: str


def landed(folder: Path, most: int, until: str = "HEAD") -> tuple[Revision, tuple[Landed, ...]]:
    """The last commits of a branch, the newest first; what a merge brought came with the merge."""
    here = resolved(until, folder)
    form = "--format=%H%x1f%an%x1f%ct%x1f%s"
    words = ("log", "--first-parent", f"--max-count={most}", "-z", form, here.commit)
    lines = asked_of(here, *words).out.decode("utf-8", "replace").split("\0")
    return here, tuple(_landed(line) for line in lines if line)


def trees_of(here: Revision, commits: Iterable[str], paths: Iterable[str]) -> dict[str, str]:
    """By commit, the names of what lies at some paths: equal text is equal content."""
    places = tuple(paths)
    pairs = [(commit, path) for commit in commits for path in places]
    told = "".join(f"{commit}:{path}\n" for commit, path in pairs).encode()
    words = ("cat-file", "--batch-check=%(objectname)")
    lines = asked_of(here, *words, told=told).out.decode("utf-8", "replace").splitlines()
    found: dict[str, str] = {}
    for (commit, _), line in zip(pairs, lines, strict=True):
        # What is missing is told as `NAME missing`, and another commit's as another text.
        name = "-" if line.endswith(" missing") else line
        found[commit] = f"{found.get(commit, '')} {name}".strip()
    return found


def _landed(line: str) -> Landed:
    commit, author, seconds, subject = line.split("\x1f", 3)
    return Landed(commit, author, UtcTime(int(seconds) * NS_PER_S), subject)

"""A policy set as it was in a git revision: its files in a folder of their own, for a while.

In: a revision and the folder as it is now. Out: the same folder as of then. Refuses
(MandateError, M701) a folder that is in no repository, a revision that is none, and a machine
without git. The checkout is not touched.

Files are taken from git's objects one by one. `git archive` would leave out or rewrite what an
attribute of the revision itself tells it to, and so show another set than a checkout has.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from engine.adapters.environment.git import GitMissing, git
from engine.errors import Diagnostic, MandateError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.adapters.environment.git import Answer

MAX_FILE_BYTES = 1024 * 1024
"""What is larger is no policy, no source and no test of one, and is left where it is."""

_LINK = b"120000"
_FILES = (b"100644", b"100755", b"100664")


@dataclass(frozen=True, slots=True)
class Revision:
    """One commit of a repository; `top` is where it is checked out, `inside` the folder's path."""

    asked: str
    top: Path
    inside: str
    commit: str


@contextmanager
def as_of(revision: str, folder: Path) -> Iterator[Path]:
    """The folder as it was; it is gone after the block."""
    found = resolved(revision, folder)
    with tempfile.TemporaryDirectory(prefix="mandate-") as temporary:
        write_tree(found, Path(temporary))
        yield Path(temporary) / found.inside


def commit_at(folder: Path) -> str | None:
    """The commit that the folder's checkout is at; None outside of a repository, or without git."""
    try:
        return resolved("HEAD", folder).commit
    except MandateError:
        return None


def resolved(revision: str, folder: Path) -> Revision:
    """The commit that a revision names, in the repository around a folder."""
    inside = _asked(folder, revision, "rev-parse", "--show-prefix").line
    top = Path(_asked(folder, revision, "rev-parse", "--show-toplevel").line)
    named = f"{revision}^{{commit}}"
    commit = _asked(top, revision, "rev-parse", "--verify", "--end-of-options", named).line
    return Revision(revision, top, inside, commit)


def write_tree(revision: Revision, target: Path, within: tuple[str, ...] = ()) -> None:
    """Write the files of a commit below `target`, byte for byte; links are written last.

    `within` are paths of the repository that are enough; none is all of it.
    """
    entries = _entries(revision, within)
    # After all files, so that none is written through a link.
    files = [each for each in entries if each[0] != _LINK]
    links = [each for each in entries if each[0] == _LINK]
    try:
        for name, data in _contents(revision, files):
            _place_for(target, name).write_bytes(data)
        for name, data in _contents(revision, links):
            _place_for(target, name).symlink_to(os.fsdecode(data))
    except (OSError, ValueError) as error:
        why = f"its files cannot be written: {error}"
        raise MandateError([_refusal(revision.asked, why)]) from error


def _entries(revision: Revision, within: tuple[str, ...]) -> list[tuple[bytes, bytes, str]]:
    """Mode, object and name of each file and link."""
    words = ("ls-tree", "-r", "-z", "-l", "--full-tree", revision.commit, "--", *within)
    lines = asked_of(revision, *words).out.split(b"\0")
    found = []
    for line in filter(None, lines):
        about, _, name = line.partition(b"\t")
        mode, _, item, size = about.split()
        if mode in (_LINK, *_FILES) and int(size) <= MAX_FILE_BYTES:
            found.append((mode, item, os.fsdecode(name)))
    return found


def _contents(
    revision: Revision, entries: list[tuple[bytes, bytes, str]]
) -> Iterator[tuple[str, bytes]]:
    told = b"".join(item + b"\n" for _, item, _ in entries)
    out = asked_of(revision, "cat-file", "--batch", told=told).out
    at = 0
    for _, _, name in entries:
        head, _, _ = out[at : at + 200].partition(b"\n")
        size = int(head.split()[-1])
        at += len(head) + 1
        yield name, out[at : at + size]
        at += size + 1


def _place_for(target: Path, name: str) -> Path:
    """Where a file goes; git itself refuses such names, and who writes objects by hand does not."""
    parts = PurePosixPath(name).parts
    path = target.joinpath(*parts)
    led_away = not path.parent.resolve().is_relative_to(target.resolve())
    if name.startswith("/") or {"..", ".git"} & set(parts) or led_away:
        message = f"{name!r} is no name inside of a repository"
        raise ValueError(message)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def asked_of(revision: Revision, *words: str, told: bytes = b"") -> Answer:
    """Ask git about the repository of a revision; raises MandateError (M701) where it refuses."""
    return _asked(revision.top, revision.asked, *words, told=told)


def _asked(folder: Path, revision: str, *words: str, told: bytes = b"") -> Answer:
    try:
        answer = git(folder, *words, told=told)
    except GitMissing:
        raise MandateError([_refusal(revision, "git is not here to say more")]) from None
    if answer.status:
        raise MandateError([_refusal(revision, f"git says: {answer.said}")])
    return answer


def _refusal(revision: str, said: str) -> Diagnostic:
    message = f"`{revision}` is neither a policy set nor a revision; {said}"
    mend = "name a folder with a policyset.yaml, or a branch, tag or commit of this repository"
    return Diagnostic("M701", message, None, mend)

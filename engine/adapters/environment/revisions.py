"""A policy set as it was in a git revision: its files in a folder of their own, for a while.

In: a revision and the folder as it is now. Out: the same folder as of then. Refuses
(MandateError, M701) a folder that is in no repository, a revision that is none, and a machine
without git. The checkout is not touched.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import Diagnostic, MandateError

if TYPE_CHECKING:
    from collections.abc import Iterator

_TIMEOUT_S = 60


@contextmanager
def as_of(revision: str, folder: Path) -> Iterator[Path]:
    """The folder as it was; it is gone after the block."""
    inside = _git(folder, revision, "rev-parse", "--show-prefix").decode().strip()
    top = Path(_git(folder, revision, "rev-parse", "--show-toplevel").decode().strip())
    named = f"{revision}^{{commit}}"
    commit = _git(top, revision, "rev-parse", "--verify", "--end-of-options", named)
    archive = _git(top, revision, "archive", "--format=tar", commit.decode().strip())
    with tempfile.TemporaryDirectory(prefix="mandate-") as temporary:
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(temporary, filter="data")
        yield Path(temporary) / inside


def _git(folder: Path, revision: str, *words: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - git, with words of ours and a verified revision
            ["git", "-C", str(folder), *words],  # noqa: S607 - the git that the user has
            capture_output=True,
            check=False,
            timeout=_TIMEOUT_S,
        )
    except OSError:
        raise MandateError([_refusal(revision, "git is not here to say more")]) from None
    if done.returncode:
        *_, said = ("", *done.stderr.decode("utf-8", "replace").strip().splitlines())
        raise MandateError([_refusal(revision, f"git says: {said}")])
    return done.stdout


def _refusal(revision: str, said: str) -> Diagnostic:
    message = f"`{revision}` is neither a policy set nor a revision; {said}"
    mend = "name a folder with a policyset.yaml, or a branch, tag or commit of this repository"
    return Diagnostic("M701", message, None, mend)

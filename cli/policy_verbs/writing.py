"""Writing a file of a policy set: whole, or not at all.

In: a path and new bytes. Out: the file replaced in one step, so that nobody ever reads half of it.
Refuses (MisuseError) what cannot be written, and links where a verb writes many files unasked.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from cli.policy_verbs.sets import MisuseError

if TYPE_CHECKING:
    from pathlib import Path


def replace_file(path: Path, data: bytes) -> None:
    """Replace the file that the path leads to."""
    real = path.resolve()
    draft = real.with_name(f".{real.name}.draft")
    try:
        draft.write_bytes(data)
        draft.chmod(real.stat().st_mode)
        draft.replace(real)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        message = f"cannot write {path}: {(error.strerror or '').lower()}"
        raise MisuseError(message) from error


def refuse_link(path: Path) -> None:
    """Refuse a file that is really another one: the other may belong to somebody else."""
    if path.is_symlink():
        message = f"{path} is a link to another file: name that one"
        raise MisuseError(message)

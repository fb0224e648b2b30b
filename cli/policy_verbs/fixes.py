"""`policy lint --fix`: the safe mends written into the files, each told with what it changes.

In: a directory. Out: the files of the set mended and written whole, a line a fix; with `--diff`
the difference alone. Refuses bases, links, and mends that leave room for another meaning.
"""

from __future__ import annotations

import os
from difflib import unified_diff
from typing import TYPE_CHECKING

from cli.policy_verbs.writing import replace_file
from engine.policyset.editing.mending import Mended, mend
from engine.policyset.layout.files import own_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from engine.policyset.editing.mending import Inspection, Made


def mend_set(directory: Path, inspect: Callable[[Mapping[Path, bytes]], Inspection]) -> Mended:
    """The set with every safe fix made, in memory."""
    files, _ = own_files(directory) if directory.is_dir() else ([], [])
    own = frozenset(each.path.resolve() for each in files if not _is_linked(each.path, directory))
    return mend(own, inspect)


def write(mended: Mended) -> None:
    """Write what changed, one whole file after the other."""
    for path, (_, new) in sorted(mended.texts.items()):
        replace_file(path, new.encode())


def told(mended: Mended, *, written: bool) -> Iterator[str]:
    """A line a fix, what was left alone, and both hashes."""
    for each in mended.made:
        yield f"{'fixed' if written else 'would fix'} {_change(each)}\n"
    for finding in mended.foreign:
        yield f"left {finding.place}: {finding.code}: the file belongs to a base, or is a link\n"
    if mended.made:
        yield "".join(_hashes(mended))


def differences(mended: Mended) -> str:
    """What would be written, as a unified difference."""
    return "".join(
        line
        for path, (old, new) in sorted(mended.texts.items())
        for line in _difference(os.path.relpath(path), old, new)
    )


def _difference(name: str, old: str, new: str) -> Iterator[str]:
    lines = unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), f"a/{name}", f"b/{name}"
    )
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ no line break at the end of the file\n"


def _change(made: Made) -> str:
    sort = "spelling only" if made.spelling else "changes what is said"
    change = f"`{made.old}` is now `{made.new}`" if made.new else "line ends and marks"
    return f"{made.finding.place}: {made.finding.code}: {change} ({sort})"


def _hashes(mended: Mended) -> Iterator[str]:
    before, after = mended.before, mended.after
    yield f"{before.hash} was the set\n" if before else "there was no usable set\n"
    yield f"{after.hash} is the set\n" if after else "there is no usable set yet\n"


def _is_linked(path: Path, directory: Path) -> bool:
    """Whether a link lies on the way from the set to the file."""
    straight = os.path.normpath(directory.resolve() / os.path.relpath(path, directory))
    return straight != str(path.resolve())

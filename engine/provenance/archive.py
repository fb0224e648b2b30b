"""The archive of a bundle: a tar of plain files, for equal files always the same bytes.

In: files by name; or bytes that somebody handed over. Out: the bytes; or the files. Refuses a name
that would lead out of a folder or that looks like another one, whatever is no plain file (M762),
and bytes that this module would not have written for the same files (M761): what is hidden between
the files, or after them, is under no signature.
"""

from __future__ import annotations

import io
import re
import tarfile
from collections import Counter
from typing import TYPE_CHECKING

from engine.errors import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MAX_BYTES = 16 * 1024 * 1024
MAX_MEMBERS = 2000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_MAX_NAME = 100
_MODE = 0o644
_REMAKE = "make the bundle again with `policy bundle`"


def packed(files: Mapping[str, bytes]) -> bytes:
    """The files as one archive, in the order of their names."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in sorted(files):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(files[name]), _MODE
            archive.addfile(entry, io.BytesIO(files[name]))
    return out.getvalue()


def unpacked(data: bytes) -> dict[str, bytes] | tuple[Diagnostic, ...]:
    """The files of an archive, none of which was written anywhere; or what is wrong with it."""
    if len(data) > MAX_BYTES:
        return (_malformed(f"is larger than {MAX_BYTES // 1024**2} MiB"),)
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            members = archive.getmembers()
            if len(members) > MAX_MEMBERS:
                return (_malformed(f"holds more than {MAX_MEMBERS} files"),)
            found = tuple(_unsafe(members))
            files = {} if found else {each.name: _content(archive, each) for each in members}
    except (tarfile.TarError, ValueError, EOFError, OverflowError):
        return (_malformed("is no archive"),)
    if found:
        return found
    if packed(files) != data:
        return (_malformed("is not as `policy bundle` writes it"),)
    return files


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    # INVARIANT: `_unsafe` let only plain files through.
    assert file is not None  # noqa: S101 - narrows the type
    return file.read(MAX_BYTES)


def _unsafe(members: Sequence[tarfile.TarInfo]) -> Iterator[Diagnostic]:
    twins = Counter(each.name.casefold() for each in members)
    for each in members:
        if not each.isreg():
            yield _refused(each.name, "is no plain file: links and devices have no place here")
        elif not _NAME.fullmatch(each.name) or len(each.name) > _MAX_NAME:
            yield _refused(each.name, "is no name of a file inside of a bundle")
        elif twins[each.name.casefold()] > 1:
            yield _refused(each.name, "is there twice, or with other capitals")


def _refused(name: str, why: str) -> Diagnostic:
    return Diagnostic("M762", f"`{name}` {why}", None, _REMAKE)


def _malformed(why: str) -> Diagnostic:
    return Diagnostic("M761", f"the bundle {why}", None, _REMAKE)

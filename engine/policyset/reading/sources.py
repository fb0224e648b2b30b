"""The Python sources that strategies name: read beside their documents, and brought to one form.

In: a built document. Out: the same with the text of its source, or findings (M381). Refuses
links, what is not UTF-8, too large, or has characters that a reviewer cannot see. The text is
sealed as it is here: NFC, line feeds, one at the end; comments count, since they are reviewed.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import normalize

from engine.errors import Diagnostic, Place
from engine.kinds.base import SourceText
from engine.kinds.strategy.document import StrategyDocument
from engine.policyset.reading.files import PolicyFile, leads_out, read_file, shown
from engine.policyset.reading.scalars import quoted
from engine.policyset.reading.scan import CONTROL, INVISIBLE, MAX_BYTES, named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.kinds.base import Document


def with_source(
    document: Document, top: Path, drafts: Mapping[Path, bytes]
) -> tuple[Document, list[Diagnostic]]:
    """The document with the source that it names; one that names none is as it was."""
    content = document.content
    if not isinstance(content, StrategyDocument) or content.spec.python is None:
        return document, []
    place = document.places.of(("spec", "python", "file"))
    path = Path(place.file).parent / content.spec.python.file
    data = _bytes(path, top, drafts)
    text = source_text(data, shown(path)) if isinstance(data, bytes) else data
    if isinstance(text, str):
        return replace(document, source=SourceText(shown(path), text)), []
    if isinstance(text, tuple):
        return document, [_refused(*text)]
    mend = "put a file of plain text beside the document that names it"
    return document, [Diagnostic("M381", _unreadable(path, text), place, mend)]


def source_text(data: bytes, file: str) -> str | tuple[str, Place]:
    """The one form of a source; or what is wrong with it, and where."""
    if len(data) > MAX_BYTES:
        return f"the source is larger than {MAX_BYTES // 1024} KiB", Place(file, 1, 1)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return "the source is not UTF-8", Place(file, data.count(b"\n", 0, error.start) + 1, 1)
    lines = normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    for number, line in enumerate(lines, 1):
        found = CONTROL.search(line.replace("\t", " ")) or INVISIBLE.search(line)
        if found:
            shown_line = INVISIBLE.sub("\ufffd", CONTROL.sub("\ufffd", line))
            place = Place(file, number, found.start() + 1, 1, shown_line)
            return f"the source has the character {named(found[0])}", place
    return "\n".join(lines).rstrip("\n") + "\n"


def _bytes(path: Path, top: Path, drafts: Mapping[Path, bytes]) -> bytes | OSError | None:
    """The bytes of the file; None for a link, which could show a reviewer something else."""
    draft = drafts.get(path.resolve()) if drafts else None
    if draft is not None:
        return draft
    if path.is_symlink() or leads_out(path, top):
        return None
    return read_file(PolicyFile(shown(path), path))


def _unreadable(path: Path, error: OSError | None) -> str:
    if error is None:
        return f"{quoted(shown(path))} is a link"
    return f"{quoted(shown(path))} cannot be read: {(error.strerror or '').lower()}"


def _refused(message: str, place: Place) -> Diagnostic:
    mend = "write plain text in UTF-8, which a reviewer sees as it is"
    return Diagnostic("M381", message, place, mend)

"""The files of a policy set: which an include takes, and that none lies elsewhere.

In: the directory of a set, and its patterns. Out: the files in the order of their names, their
bytes, and findings. Refuses absolute paths, whatever leads out of the repository (by `..` or by
a link), patterns that match nothing, and names that look alike.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from unicodedata import normalize

from engine.errors import Diagnostic, Place, Severity
from engine.policyset.reading.scalars import quoted
from engine.policyset.reading.scan import MAX_BYTES, named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SET_FILE = "policyset.yaml"
TESTS = "tests"
MAX_FILES = 500
_MAX_STRAYS = 20
_WILD = frozenset("*?[")


@dataclass(frozen=True, slots=True, order=True)
class PolicyFile:
    """One file; `shown` is its name in findings, from where the command was given its directory."""

    shown: str
    path: Path


def top_of(directory: Path) -> Path:
    """The directory that nothing is included from outside of: the repository.

    It is the nearest directory around the set with a `.git`. Where there is none, as in an
    image, it is the directory that the outermost set around this one lies in.
    """
    around = (directory.resolve(), *directory.resolve().parents)
    repository = next((each for each in around if (each / ".git").exists()), None)
    if repository is not None:
        return repository
    sets = [each for each in around if (each / SET_FILE).is_file()]
    outermost = sets[-1] if sets else around[0]
    # A set that lies directly under the root must not open the whole machine.
    return outermost if outermost.parent.parent == outermost.parent else outermost.parent


def shown(path: Path) -> str:
    """The name of a file or directory in findings, without `..` in its middle."""
    return Path(os.path.normpath(path)).as_posix()


def leads_out(path: Path, top: Path) -> bool:
    """Whether the path, with every link followed, lies outside of the repository."""
    return not path.resolve().is_relative_to(top)


def check_path(text: str, directory: Path, top: Path, place: Place) -> Diagnostic | None:
    """Refuse a path or pattern that is not relative, or that climbs out by its words alone."""
    mend = "write a path inside the repository, relative to this file"
    if PurePosixPath(text).is_absolute() or "\\" in text or text.startswith("~") or ":" in text:
        return Diagnostic("M142", f"{quoted(text)} is not a relative path", place, mend)
    if not Path(os.path.normpath(directory.resolve() / text)).is_relative_to(top):
        return Diagnostic("M142", f"{quoted(text)} leads out of the repository", place, mend)
    return None


def matching(
    pattern: str, directory: Path, top: Path, place: Place
) -> tuple[list[PolicyFile], list[Diagnostic]]:
    """The files that one pattern takes."""
    refused = check_path(pattern, directory, top, place) or _check_ending(pattern, place)
    if refused:
        return [], [refused]
    paths = list(islice(_glob(pattern, directory), MAX_FILES + 1))
    if not paths:
        mend = f"{quoted(shown(directory))} is where it begins"
        return [], [Diagnostic("M143", f"{quoted(pattern)} matches no file", place, mend)]
    inside = [each for each in paths if not leads_out(each, top)]
    outside = [_link_out(each, place) for each in paths if each not in inside]
    return [PolicyFile(shown(each), each) for each in inside], outside


def read_file(file: PolicyFile) -> bytes | OSError:
    """The bytes of the file, at most one more than a file may have."""
    try:
        with file.path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        return error


def look_alikes(files: Iterable[PolicyFile]) -> Iterator[Diagnostic]:
    """Names that differ in case only, or that have letters of other alphabets."""
    seen: dict[str, PolicyFile] = {}
    for file in files:
        strange = next((char for char in file.path.name if not char.isascii()), None)
        if strange:
            message = f"the name of this file has the letter {named(strange)}"
            yield Diagnostic("M144", message, Place(file.shown, 1, 1), "name it in plain ASCII")
        first = seen.setdefault(normalize("NFKC", file.shown).casefold(), file)
        if first is not file:
            message = f"this file and {quoted(first.shown)} differ in case only"
            related = ((Place(first.shown, 1, 1), "the other one"),)
            mend = "rename one of the two"
            yield Diagnostic("M144", message, Place(file.shown, 1, 1), mend, related)


def strays(directory: Path, taken: Iterable[PolicyFile]) -> Iterator[Diagnostic]:
    """Warn of YAML files in the directory of a set that none of its patterns takes."""
    known = {each.shown for each in taken} | {shown(directory / SET_FILE)}
    unknown = (each for each in _yaml_below(directory) if shown(each) not in known)
    for path in islice(unknown, _MAX_STRAYS):
        yield Diagnostic(
            "M157",
            "no include takes this file",
            Place(shown(path), 1, 1),
            f"name it in the `include` of {quoted(shown(directory / SET_FILE))}, or delete it",
            severity=Severity.WARNING,
        )


def _check_ending(pattern: str, place: Place) -> Diagnostic | None:
    steps = PurePosixPath(pattern).parts
    if pattern.endswith(".yaml") and not any("**" in step and step != "**" for step in steps):
        return None
    message = f"{quoted(pattern)} is no pattern for `.yaml` files"
    return Diagnostic("M156", message, place, "for example `risk/*.yaml`")


def _glob(pattern: str, directory: Path) -> Iterator[Path]:
    steps = PurePosixPath(pattern).parts
    wild = next((i for i, step in enumerate(steps) if _WILD & set(step)), len(steps) - 1)
    start = directory.joinpath(*steps[:wild])
    own = shown(directory / SET_FILE)
    for path in sorted(start.glob("/".join(steps[wild:]))) if start.is_dir() else ():
        below = path.relative_to(start).parts
        # As hidden as what begins with a dot: a wide pattern means policies, not their tests.
        hidden = TESTS in below[:-1] or any(step.startswith(".") for step in below)
        if path.is_file() and not hidden and shown(path) != own:
            yield path


def _link_out(path: Path, place: Place) -> Diagnostic:
    message = f"{quoted(shown(path))} is a link that leads out of the repository"
    return Diagnostic("M142", message, place, "put the file itself here")


def _yaml_below(directory: Path) -> Iterator[Path]:
    for here, folders, names in os.walk(directory):
        at = Path(here)
        # Overlays look after their own files, and policy tests are no policies.
        folders[:] = sorted(
            each
            for each in folders
            if not each.startswith(".") and each != TESTS and not (at / each / SET_FILE).exists()
        )
        seen = (each for each in sorted(names) if not each.startswith("."))
        yield from (at / each for each in seen if each.endswith((".yaml", ".yml")))

"""Planting: the engine with one mistake in it, in a process that has not imported it yet.

In: a mutant. Out: a finder of modules, which reads the mutant's file with the mistake in the place
of the text. No file is changed, and no other process sees it.
"""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType, ModuleType

    from histories.mutants.mutant import Mutant

ROOT = Path(__file__).parents[3]


def count(mutant: Mutant) -> int:
    """How often the mutant's text stands in its file."""
    return (ROOT / mutant.file).read_text("utf-8").count(mutant.text)


def planted(mutant: Mutant) -> str:
    """Its file's source with the mistake in it."""
    return (ROOT / mutant.file).read_text("utf-8").replace(mutant.text, mutant.instead)


def plant(mutant: Mutant) -> None:
    """Let this process import the engine with the mistake in it.

    Raises ValueError where the text does not stand once in its file, or the engine is here already.
    """
    if count(mutant) != 1:
        message = f"the text of mutant `{mutant.name}` does not stand once in {mutant.file}"
        raise ValueError(message)
    if "engine" in sys.modules:
        message = "the engine is imported already: a mistake would be planted in a part of it"
        raise ValueError(message)
    sys.meta_path.insert(0, _Finder(mutant))


class _Finder(MetaPathFinder):
    """Finds the one module that has the mistake in it."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.module = mutant.file.removesuffix(".py").replace("/", ".")

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - the interface's
        target: ModuleType | None = None,  # noqa: ARG002 - the interface's
    ) -> ModuleSpec | None:
        """The module's place, where it is the one."""
        if fullname != self.module:
            return None
        file = str(ROOT / self.mutant.file)
        return spec_from_file_location(fullname, file, loader=_Loader(self.mutant, fullname, file))


class _Loader(SourceFileLoader):
    """Reads the source with the mistake in it, and keeps nothing of it."""

    def __init__(self, mutant: Mutant, fullname: str, path: str) -> None:
        super().__init__(fullname, path)
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        """Compile the changed source."""
        return self.source_to_code(planted(self._mutant).encode(), self.get_filename(fullname))

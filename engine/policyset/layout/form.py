"""What the kinds say about layout: the order of keys, and which texts are expressions.

In: the plain data of one file. Out: `Form`, asked by path. It knows the three sorts of files: one
document, several under `items`, and a set whose patches hold parts of other documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.kinds.fields import is_expression
from engine.kinds.registry import KINDS
from engine.policyset.shaping.schemas import LISTS, key_order

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.kinds.base import Path, Plain

# What a thing is called stands first, wherever its class declares it.
_NAMES = ("name", "symbol")
_OF_LISTS = ("apiVersion", "kind", "items")


@dataclass(frozen=True, slots=True)
class Form:
    """The form of one file."""

    kind: str
    data: Mapping[str, Plain]

    def in_order(self, path: Path, keys: list[str]) -> list[str]:
        """The keys of the mapping at `path` as they are to stand; free ones keep their order."""
        declared = self._declared(path)
        first = [name for name in _NAMES if name in declared]
        known = dict.fromkeys([*first, *declared])
        own = [key for key in known if key in keys]
        return [*own, *(key for key in keys if key not in known)]

    def is_expression(self, path: Path) -> bool:
        """Whether the text at `path` is an expression."""
        kind, below = self._meant(path)
        return bool(kind) and is_expression(KINDS[kind].document, below)

    def _declared(self, path: Path) -> tuple[str, ...]:
        if self.kind in LISTS and not path:
            return _OF_LISTS
        kind, below = self._meant(path)
        return key_order(kind, below) if kind else ()

    def _meant(self, path: Path) -> tuple[str, Path]:
        """The kind whose document the path is in, and the path there; empty where keys are free."""
        match path:
            case ("items", int(), *rest) if self.kind in LISTS:
                return LISTS[self.kind], tuple(rest)
            case _ if self.kind in LISTS:
                return "", ()
            case ("spec", "patches", int() as index, "set", str() as dotted, *rest):
                return self._patched(index), ("spec", *_steps(dotted), *rest)
            case _:
                return self.kind, path

    def _patched(self, index: int) -> str:
        match self.data:
            case {"spec": {"patches": list(patches)}}:
                patch = patches[index]
                target = patch["target"] if isinstance(patch, dict) else ""
                kind = str(target).partition("/")[0]
                return kind if kind in KINDS else ""
            case _:
                return ""


def _steps(dotted: str) -> Path:
    return tuple(int(step) if step.isdecimal() else step for step in dotted.split("."))

"""What changed between two policy sets, value by value, in effective numbers.

In: two sets. Out: `Edit`s in the order of documents and paths: patches applied, defaults filled
in, so that the same meaning written otherwise is no edit. Parts that have a name (tiers, guards,
excluded products) are found by it and not by their place; where the order of named parts counts,
it is a value of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.policyset.sealing import full_plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.kinds.base import Plain
    from engine.policyset.policyset import PolicySet, SealedDocument

_NAMES = ("name", "symbol")
_ORDER = "order of names"
_WHOLE = frozenset({("spec", "reset"), ("spec", "maintenance")})
"""Values that mean something only as a whole."""
_ENVELOPE = frozenset({"apiVersion", "kind"})


@dataclass(frozen=True, slots=True)
class Edit:
    """One value that is another; None on one side says that it is not there.

    An empty path is a whole document, added or removed.
    """

    document: str
    path: tuple[str, ...]
    old: Plain | None
    new: Plain | None

    @property
    def kind(self) -> str:
        """The kind of the document."""
        return self.document.partition("/")[0]

    @property
    def dotted(self) -> str:
        """The path as `policy set` takes it, without its `spec.`."""
        return ".".join(self.path).removeprefix("spec.")


def edits_of(base: PolicySet, head: PolicySet) -> tuple[Edit, ...]:
    """Every edit that leads from `base` to `head`."""
    old, new = ({each.document.id: each for each in one.sealed} for one in (base, head))
    return tuple(
        edit
        for name in sorted(old.keys() | new.keys())
        for edit in _of_document(name, old.get(name), new.get(name))
    )


def _of_document(
    name: str, old: SealedDocument | None, new: SealedDocument | None
) -> Iterator[Edit]:
    if old is None or new is None:
        yield Edit(name, (), _plain(old), _plain(new))
    elif old.hash != new.hash:
        before, after = (dict(_values((), _plain(each))) for each in (old, new))
        for path in sorted(before.keys() | after.keys()):
            if before.get(path) != after.get(path):
                yield Edit(name, path, before.get(path), after.get(path))


def _plain(sealed: SealedDocument | None) -> Plain | None:
    if sealed is None:
        return None
    plain = full_plain(sealed.document)
    # INVARIANT: a document is a mapping; what every one of them says alike is no edit.
    found = (
        {k: v for k, v in plain.items() if k not in _ENVELOPE} if isinstance(plain, dict) else {}
    )
    if sealed.document.source is not None:
        found["source"] = sealed.document.source.text
    return found


def _values(path: tuple[str, ...], value: Plain | None) -> Iterator[tuple[tuple[str, ...], Plain]]:
    """Every value with its path; what is not stated, or an empty list, is not there."""
    match value:
        case None | []:
            return
        case _ if path in _WHOLE:
            yield path, value
        case dict():
            for key, each in value.items():
                yield from _values((*path, key), each)
        case list() if (named := _by_name(value)) is not None:
            yield (*path, _ORDER), list(named)
            for name, part in named.items():
                yield from _values((*path, name), part)
        case list() if any(isinstance(each, dict) for each in value):
            for place, each in enumerate(value):
                yield from _values((*path, str(place)), each)
        case list():
            yield path, value
        case _:
            yield path, value


def _by_name(parts: list[Plain]) -> dict[str, Plain] | None:
    """Mappings that each have a name of their own, by it; None for any other list."""
    for key in _NAMES:
        found: dict[str, Plain] = {}
        for each in parts:
            name = each.get(key) if isinstance(each, dict) else None
            if isinstance(each, dict) and isinstance(name, str):
                found[name] = {own: value for own, value in each.items() if own != key}
        if parts and len(found) == len(parts):
            return found
    return None

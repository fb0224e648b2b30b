"""The history of a policy set: which commit changed which effective value, and which way.

In: the folder of a set in a checkout, and a way to tell two sets apart. Out: `Entry`s, the newest
first, of commits that changed the set; and by value the last of them. Refuses (MandateError) a
folder that is in no repository, or whose set does not load as it is committed.

Commits whose trees hold the same files are the same set, and what was worked out once of two trees
is kept: a long history is quick the second time.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from enum import Enum
from functools import cached_property, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Protocol

from engine.adapters.environment.commits import landed, trees_of
from engine.policyset.policyset import LANGUAGE_VERSION
from engine.provenance.checkout import load_revision

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from engine.adapters.environment.commits import Landed
    from engine.adapters.environment.revisions import Revision
    from engine.policyset.opening import Loaded
    from engine.policyset.policyset import PolicySet

_FORM = "1"
_CACHED_SETS = 4


class Way(Enum):
    """Which way a change goes."""

    TIGHTER = "tighter"
    LOOSER = "looser"
    NEITHER = "neither"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Change:
    """One effective value; `old` and `new` are text, None where it is not there."""

    document: str
    path: str
    old: str | None
    new: str | None
    way: Way


@dataclass(frozen=True, slots=True)
class Entry:
    """A commit after which the set was another one; `policy_set` None where it made none."""

    landed: Landed
    policy_set: str | None
    changes: tuple[Change, ...]


class Memory(Protocol):
    """Keeps answers to questions."""

    def answer(self, question: str) -> str | None:
        """What was kept."""
        ...

    def keep(self, question: str, answer: str) -> None:
        """Keep it."""
        ...


@dataclass(frozen=True)
class History:
    """The commits of a branch and the sets that they made."""

    here: Revision
    entries: tuple[Entry, ...]
    commits: int

    @cached_property
    def last(self) -> dict[tuple[str, str], tuple[Landed, Change]]:
        """By document and path of a value, the commit that changed it last."""
        found: dict[tuple[str, str], tuple[Landed, Change]] = {}
        for entry in self.entries:
            for each in entry.changes:
                found.setdefault((each.document, each.path), (entry.landed, each))
        return found


def history(
    folder: Path,
    most: int,
    tell: Callable[[PolicySet, PolicySet], Iterable[Change]],
    memory: Memory,
    step: Callable[[int, int], None] = lambda _done, _of: None,
) -> History:
    """What `most` commits did; `step` hears how far it has come."""
    here, commits = landed(folder, most)
    now = load_revision(here).required()
    places = _places(now, here)
    trees = trees_of(here, (each.commit for each in commits), places)
    # The last of a run of equal trees is the commit that made them.
    turns = [list(run)[-1] for _, run in groupby(commits, lambda each: trees[each.commit])]
    reader = _Reader(here, _Trees(places, trees), tell, memory)
    return History(here, tuple(reversed(list(_entries(turns[::-1], reader, step)))), len(commits))


def _entries(
    turns: list[Landed], reader: _Reader, step: Callable[[int, int], None]
) -> Iterator[Entry]:
    """From the oldest on; a commit whose set does not load is passed over and told."""
    before: Landed | None = None
    for done, each in enumerate(turns):
        step(done, len(turns))
        digest = reader.hash_of(each)
        if digest is None:
            yield Entry(each, None, ())
            continue
        if before is None:
            yield Entry(each, digest, ())
        elif reader.hash_of(before) != digest:
            yield Entry(each, digest, reader.changes(before, each))
        before = each
    step(len(turns), len(turns))


@dataclass(frozen=True, slots=True)
class _Trees:
    """The folders of the repository that the set comes from, and what they held by commit."""

    places: tuple[str, ...]
    by_commit: dict[str, str]


def _places(policy_set: PolicySet, here: Revision) -> tuple[str, ...]:
    """The outermost folders that the set's files lie in; files may have moved inside of them."""
    files = {each.document.places.of(("kind",)).file for each in policy_set.sealed}
    sources = {each.document.source.file for each in policy_set.sealed if each.document.source}
    tops = {
        each.partition("/")[0] if "/" in each else "" for each in (*files, *sources, here.inside)
    }
    return ("",) if "" in tops else tuple(sorted(tops))


class _Reader:
    """Sets and comparisons by commit, each worked out once."""

    def __init__(
        self,
        here: Revision,
        trees: _Trees,
        tell: Callable[[PolicySet, PolicySet], Iterable[Change]],
        memory: Memory,
    ) -> None:
        self._here, self._trees, self._tell, self._memory = here, trees, tell, memory
        self._load = lru_cache(_CACHED_SETS)(self._loaded)

    def hash_of(self, each: Landed) -> str | None:
        """The hash of the set of a commit."""
        question = self._question(each)
        known = self._memory.answer(question)
        if known is None:
            found = self._load(each.commit).policy_set
            known = "" if found is None else found.hash
            self._memory.keep(question, known)
        return known or None

    def changes(self, old: Landed, new: Landed) -> tuple[Change, ...]:
        """What leads from the set of one commit to that of another."""
        question = self._question(old, new)
        known = self._memory.answer(question)
        if known is not None:
            return tuple(Change(**{**each, "way": Way(each["way"])}) for each in json.loads(known))
        sets = [self._load(each.commit).required() for each in (old, new)]
        found = tuple(self._tell(*sets))
        told = [{**asdict(each), "way": each.way.value} for each in found]
        self._memory.keep(question, json.dumps(told))
        return found

    def _loaded(self, commit: str) -> Loaded:
        within = tuple(filter(None, self._trees.places))
        return load_revision(replace(self._here, commit=commit), within)

    def _question(self, *commits: Landed) -> str:
        trees = (self._trees.by_commit[each.commit] for each in commits)
        return "\n".join((_FORM, LANGUAGE_VERSION, self._here.inside, *trees))

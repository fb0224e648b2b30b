"""The corpus of seeded mistakes: each is found, with its code, where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from mistakes.bench import ROOT, Draft, lines_with, really_said_of, said_of, text_of
from mistakes.table import MISTAKES

from engine.codes import CODES

if TYPE_CHECKING:
    from mistakes.mistake import Mistake


def draft_of(mistake: Mistake) -> Draft:
    """The file with the mistake in it."""
    text = text_of(mistake.file)
    if not mistake.old:
        assert not text, mistake.file
        return Draft(mistake.file, mistake.new)
    assert mistake.old in text, (mistake.file, mistake.old)
    return Draft(mistake.file, text.replace(mistake.old, mistake.new, 1))


def due_at(mistake: Mistake, draft: Draft) -> set[tuple[str, int]]:
    """The files and lines at which the finding is due."""
    file, _, mark = mistake.at.rpartition("::")
    file = file or mistake.file
    text = draft.text if file == draft.file else text_of(file)
    if mark:
        return {(file, line) for line in lines_with(text, mark)}
    before, after = text_of(mistake.file).split("\n"), draft.text.split("\n")
    changed = next(n for n, line in enumerate(after) if n >= len(before) or line != before[n])
    return {(file, changed + 1)}


def told(mistake: Mistake) -> set[tuple[str, str, int]]:
    """Code, file and line of each finding."""
    return {
        (each.code, str((ROOT / each.place.file).resolve().relative_to(ROOT)), each.place.line)
        for each in (really_said_of if mistake.whole else said_of)(mistake.base, draft_of(mistake))
        if each.place is not None
    }


@pytest.mark.parametrize(
    "mistake",
    [
        pytest.param(each, id=each.name, marks=() if number % 3 == 0 else pytest.mark.long)
        for number, each in enumerate(MISTAKES)
    ],
)
def test_a_seeded_mistake_is_found_where_it_stands(mistake: Mistake) -> None:
    """The mistake earns its own code at its own line, whatever else it entails."""
    due = {(mistake.code, *at) for at in due_at(mistake, draft_of(mistake))}
    assert due & told(mistake), (sorted(due), sorted(told(mistake)))


SAMPLE = [each for each in MISTAKES if each.old and not each.whole][::17]


@pytest.mark.long
@pytest.mark.parametrize("mistake", SAMPLE, ids=lambda each: each.name)
def test_the_bench_says_what_the_command_says(mistake: Mistake) -> None:
    """For every seventeenth mistake the real path finds the same codes at the same lines."""
    draft = draft_of(mistake)
    real = {
        (each.code, each.place.line if each.place else 0)
        for each in really_said_of(mistake.base, draft)
    }
    quick = {
        (each.code, each.place.line if each.place else 0) for each in said_of(mistake.base, draft)
    }
    assert quick <= real


def test_the_corpus_is_large_and_knows_its_codes() -> None:
    """At least 150 mistakes, each with a name of its own, on codes of the catalogue."""
    assert len({each.name for each in MISTAKES}) == len(MISTAKES) >= 150
    assert {each.code for each in MISTAKES} <= set(CODES)

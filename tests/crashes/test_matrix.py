"""The crash matrix: real commands, a venue that remembers, and every moment that matters.

A slice of it runs always and all of it at night; `crashes.matrix` says what a row is, and what must
hold after its last restart.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from crashes.matrix import Case, every_case, stable, suffer, venue_process
from crashes.saboteur import LATE, LATER, POINTS, TWICE
from profiles import at_night

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


SLICE = (
    Case("request written", "kill", LATE),
    Case("half the response", "kill", "no response", "ledger opened"),
    Case("first fill", "stop", "ok"),
)


def _lane(root: Path, cases: Sequence[Case]) -> list[str]:
    """Go through some rows at a venue of their own; what went wrong, by row."""
    wrong = []
    with venue_process(root / "venue") as venue, stable() as processes:
        for number, case in enumerate(cases):
            folder = root / f"case{number}"
            folder.mkdir()
            wrong += [f"{case}: {each}" for each in suffer(case, folder, venue, processes)]
    return wrong


def test_no_crash_doubles_loses_or_invents_an_order(tmp_path: Path) -> None:
    """After every restart ledger and venue say the same of every order, and the chain is whole.

    One row more has a request that the network delivers twice, against which nobody can do
    anything: this venue makes two orders of it, and the matrix sees them.
    """
    cases = [*(every_case() if at_night() else SLICE), Case("acknowledged", "kill", TWICE)]
    count = 3 if at_night() else 1
    roots = [tmp_path / f"lane{lane}" for lane in range(count)]
    for each in roots:
        each.mkdir()
    parts = [cases[lane::count] for lane in range(count)]
    with ThreadPoolExecutor(count) as lanes:
        wrong = [each for told in lanes.map(_lane, roots, parts) for each in told]
    assert [each for each in wrong if TWICE not in each] == []
    assert [each.rpartition(" stands ")[2] for each in wrong] == ["2 times at the venue"]


def test_the_matrix_is_whole() -> None:
    """Every point meets every deed and every fault, and a second crash; no row stands twice."""
    cases = every_case()
    assert len(cases) == len(set(cases)) >= 200
    once = Counter(each.point for each in cases if each.second is None)
    assert once == dict.fromkeys(POINTS, 12)
    assert {each.second for each in cases} == {None, *LATER}
    assert set(SLICE) - {each for each in SLICE if each.second} <= set(cases)

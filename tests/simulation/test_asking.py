"""Rules give one answer, whichever way they are asked over many instants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Snippet
from engine.expr.facts import VOCABULARY
from engine.expr.grammar import parse
from engine.simulation.prescreening.leaving_out.asking import WORTH_FRAMES, Asking, first

if TYPE_CHECKING:
    from collections.abc import Sequence

RULES = (
    "portfolio.pnl_day_pct <= -2",
    "portfolio.equity_usd > 0 and position.value_usd / portfolio.equity_usd > 0.03",
    "default(position.pnl_pct, 0) < -4 or regime.name == 'crash'",
    "not engine.halted and clock.hour_utc >= 12",
)
NUMBERS = st.one_of(st.none(), st.floats(-10.0, 10.0), st.sampled_from([0.0, -0.0, -2.0]))
MOVING = {
    "portfolio.pnl_day_pct": NUMBERS,
    "portfolio.equity_usd": NUMBERS,
    "position.value_usd": NUMBERS,
    "position.pnl_pct": NUMBERS,
    "regime.name": st.sampled_from([None, "bull", "crash", "unknown"]),
}
STANDING = {"engine.halted": False, "clock.hour_utc": 13.0, "portfolio.pnl_day_pct": 99.0}
PIECE = WORTH_FRAMES // 4


def asking() -> Asking:
    """The rules, ready to be asked."""
    trees = [parse(Snippet.of(text)).tree for text in RULES]
    return Asking([tree for tree in trees if tree is not None], VOCABULARY)


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_rows_and_frames_agree(data: st.DataObject) -> None:
    """What one frame says of many rows, the motor says of each, missing facts included."""
    count = WORTH_FRAMES + PIECE
    few = {
        name: data.draw(st.lists(values, min_size=7, max_size=7)) for name, values in MOVING.items()
    }
    columns = {name: [own[row % 7] for row in range(count)] for name, own in few.items()}
    asked = asking()
    whole = asked.verdicts(columns, STANDING, count)
    parts: list[list[bool | None]] = [[] for _ in RULES]
    for begin in range(0, count, PIECE):
        piece = {name: own[begin : begin + PIECE] for name, own in columns.items()}
        for into, told in zip(parts, asked.verdicts(piece, STANDING, PIECE), strict=True):
            into.extend(told)
    assert [list(each) for each in whole] == parts


def test_no_rows_and_no_rules_are_no_answers() -> None:
    """Of nothing nothing is told, a rule at a time."""
    assert [*map(len, asking().verdicts({}, STANDING, 0))] == [0] * len(RULES)
    assert Asking([], VOCABULARY).verdicts({}, STANDING, 3) == []


def test_the_first_row_that_says_so_is_found() -> None:
    """From a row on; where none does it lies behind the last."""
    told: Sequence[bool | None] = [None, True, False, True]
    assert first(told, wanted=True) == 1
    assert first(told, wanted=True, since=2) == 3
    assert first(told, wanted=False, since=3) == first([], wanted=True) + 4

"""How often each rule was asked and fired in a run, as a table or as one JSON line.

In: the counts of a run. Out: text, rules that never fired first, since one of them may be dead;
or a line `{"rules": [...]}` after those of the cycles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from cli.trader_verbs.shown import columns, counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.cycle.firing import RuleCount
    from engine.ledger.bodies import Body

_HEAD = ("rule", "asks as", "stage", "asked", "fired", "", "undecided", "bound")
_NUMBERS = (3, 4, 5, 6, 7)


def rules_page(counts: Sequence[RuleCount]) -> str:
    """The table."""
    never = [each for each in counts if not each.fired]
    rows = [_HEAD, *map(_row, never), *(_row(each) for each in counts if each.fired)]
    fired = len(counts) - len(never)
    title = f"rules ({counted(len(counts), 'rule')}: {fired} fired, {len(never)} never did)\n"
    return "\n" + title + columns(rows, right=_NUMBERS)


def rules_line(counts: Sequence[RuleCount]) -> str:
    """The JSON line, with its line break."""
    return orjson.dumps({"rules": [_body(each) for each in counts]}).decode() + "\n"


def _row(each: RuleCount) -> tuple[str, ...]:
    share = f"{each.fired_pct:.2f} %" if each.asked else "-"
    numbers = (f"{each.asked:,}", f"{each.fired:,}", share)
    doubts = (f"{each.undecided:,}", f"{each.bound:,}")
    return (each.rule, each.role.value.replace("_", " "), each.stage, *numbers, *doubts)


def _body(each: RuleCount) -> Body:
    return {
        "rule": each.rule,
        "role": each.role.value,
        "stage": each.stage,
        "asked": each.asked,
        "held": each.held,
        "failed": each.failed,
        "undecided": each.undecided,
        "fired": each.fired,
        "fired_pct": round(each.fired_pct, 6),
        "bound": each.bound,
    }

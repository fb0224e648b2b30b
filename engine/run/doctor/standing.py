"""Where a ledger stands: what is tripped, and how near each limit was when it was last asked.

In: the status of a ledger. Out: checks; the nearest limit comes first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.records.telling import compared_words, short_rule
from engine.model.decisions import Outcome
from engine.run.doctor.checks import Check, Level, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.ledger.state import Latch
    from engine.model.decisions import Comparison
    from engine.run.status import AskedRule, Status

NEAR_PCT = 90.0
_PCT = 100.0
_UPPER = frozenset({"<", "<="})


def tripped(status: Status) -> Iterator[Check]:
    """The kill switch, a halt, and every latch with when it lets go."""
    if status.killed is not None:
        yield Check(Section.TRIPPED, Level.BAD, "kill switch", f"thrown: {status.killed}")
    if status.state.halted is not None:
        yield Check(Section.TRIPPED, Level.BAD, "halt", f"{status.state.halted}; `trader resume`")
    for (name, key), latch in sorted(status.state.latches.items()):
        where = f"{name}:{key}" if key else name
        says = f"{latch.while_tripped} since {latch.tripped}; {_release(where, latch)}"
        yield Check(Section.TRIPPED, Level.BAD, where, says)


def _release(name: str, latch: Latch) -> str:
    if latch.resets_at is not None:
        return f"lets go from {latch.resets_at} on, once its condition is over"
    if latch.rearm_not_before is not None:
        return f"`trader rearm {name}` from {latch.rearm_not_before} on"
    return "a person resets it"


def headroom(status: Status) -> Iterator[Check]:
    """Each rule that an order asked, by how much of it was used, the nearest first."""
    rows = [(used_pct(asked), name, asked) for name, asked in status.rules.items()]
    for used, name, asked in sorted(rows, key=lambda row: (-(row[0] or 0.0), row[1])):
        if used is not None:
            yield _near(asked, used, name, status)


def _near(asked: AskedRule, used: float, name: tuple[str, str], status: Status) -> Check:
    rule, group = name
    at = _tightest(asked)
    evaluation = asked.evaluation
    # The words are those of the set that was asked, where this release can build it.
    compared = compared_words(evaluation, status.named.policy_set if status.named else None)
    says = f"{used:.0f} % used: {compared[at]}, {asked.symbol} at {asked.time}"
    numbers: dict[str, float | str | None] = {
        "rule": rule,
        "used_pct": used,
        "headroom": evaluation.comparisons[at].headroom,
        "symbol": str(asked.symbol),
        "time": str(asked.time),
    }
    shown = f"{short_rule(rule)} of {group}" if group else short_rule(rule)
    return Check(Section.HEADROOM, _level(used, asked), shown, says, numbers)


def used_pct(asked: AskedRule) -> float | None:
    """How much of a rule was used by the order that last asked it; None where it has no measure.

    For `value <= limit` it is the value in percent of the limit, for `value >= limit` the limit in
    percent of the value: 100 is at the edge, and more is beyond it.
    """
    return max((share for share, _ in _shares(asked)), default=None)


def _tightest(asked: AskedRule) -> int:
    # INVARIANT: only a rule with a measured share comes here.
    return max(_shares(asked))[1]


def _shares(asked: AskedRule) -> list[tuple[float, int]]:
    """What is used by each comparison, with its number in the rule.

    One that fails in a rule that passes is a way that was not taken.
    """
    if any(map(_sets_aside, asked.evaluation.comparisons)):
        return []
    passed = asked.evaluation.outcome is Outcome.PASS
    return [
        (share, number)
        for number, each in enumerate(asked.evaluation.comparisons)
        if (share := _share(each)) is not None and not (passed and (each.headroom or 0.0) < 0)
    ]


def _sets_aside(compared: Comparison) -> bool:
    """Whether the order was another's: the budget of a strategy says so by its name."""
    names = isinstance(compared.left, str) and isinstance(compared.right, str)
    return names and compared.op == "!=" and compared.left != compared.right


def _share(compared: Comparison) -> float | None:
    left, right = compared.left, compared.right
    if compared.headroom is None or not isinstance(left, float) or not isinstance(right, float):
        return None
    value, limit = (left, right) if compared.op in _UPPER else (right, left)
    if limit > 0 <= value:
        return _PCT * value / limit
    if limit <= 0 and value <= 0 and value:
        # Both are losses: the limit is the larger of the two.
        return _PCT * limit / value if compared.op not in _UPPER else None
    return 0.0 if compared.headroom > 0 else _PCT


def _level(used: float, asked: AskedRule) -> Level:
    near = used >= NEAR_PCT or asked.evaluation.outcome is not Outcome.PASS
    return Level.LOOK if near else Level.FINE

"""The candidate's judges by mode, and what each recorded set has recorded for them.

In: an order and its situation, as some set decided about them. Out: whether it comes out the same,
the candidate's ruling, and the facts without which it cannot be told. A record holds what its own
set could ask for: a fact that it does not hold is not an unknown fact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.comparison.rejudging.settled import Settled
from engine.cycle.facts.universe import limit_groups
from engine.cycle.judging.programme import Programme
from engine.cycle.judging.shadow import Shadow
from engine.cycle.records.activation import activated_set
from engine.errors import Diagnostic, MandateError
from engine.kinds.parameters import GROUP_FACT
from engine.kinds.rule import Scope, Stage
from engine.ledger import bodies
from engine.model.decisions import ReasonCode
from engine.model.orders import Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeAlias

    from engine.cycle.judge import Ruling
    from engine.cycle.records.brief import Brief
    from engine.ledger.bodies import Json
    from engine.ledger.records import Record
    from engine.model.decisions import Reason
    from engine.model.symbols import Symbol
    from engine.policyset.policyset import PolicySet

    LookedUp: TypeAlias = Callable[[str], Record | None]
    """The record that activates a set of this hash before what is being judged, if there is one."""

_UNDECIDED = frozenset({ReasonCode.LIMIT_UNDECIDED, ReasonCode.GUARD_UNDECIDED})
_GROUPS = "the facts of other groups"


@dataclass(frozen=True, slots=True)
class Against:
    """The candidate against one recorded set in one mode.

    `unheld` are the facts that it asks for and decisions of that set do not hold.
    """

    shadow: Shadow
    settled: Settled
    unheld: frozenset[str]


class Bench:
    """The candidate's judges; what it has learnt of recorded sets holds for a whole ledger."""

    def __init__(self, candidate: PolicySet) -> None:
        self.candidate = candidate
        self._shadows: dict[Mode, Shadow] = {}
        self._against: dict[tuple[str, str], Against] = {}
        self._groups: dict[Symbol, frozenset[str]] = {}
        self._by_group = any(
            rule.scope is Scope.GROUP and rule.stage is Stage.ENFORCE for rule in candidate.rules
        )

    def against(self, body: Mapping[str, Json], activation: LookedUp) -> Against:
        """The candidate against the set that made this decision, in its mode.

        Raises MandateError (M440) where that set was never activated.
        """
        key = bodies.text(body, "policy_set"), bodies.text(body, "mode")
        if key not in self._against:
            self._against[key] = self._compared(key[0], Mode(key[1]), activation)
        return self._against[key]

    def same(self, brief: Brief, against: Against) -> bool:
        """Whether it comes out as it did, as far as that is told without judging it."""
        return not self._other_groups(brief) and against.settled.allowed(brief)

    def judged(self, brief: Brief, against: Against) -> tuple[Ruling, frozenset[str]]:
        """The candidate's ruling, and the facts without which it cannot be told."""
        ruling = against.shadow.ruling(brief.intent, brief.situation, brief.time)
        lacking = against.unheld and frozenset(_missing(ruling)) & against.unheld
        if self._other_groups(brief):
            lacking |= {_GROUPS}
        return ruling, lacking if _open(ruling, lacking) else frozenset()

    def _compared(self, policy_set: str, mode: Mode, activation: LookedUp) -> Against:
        recorded = _recorded_set(policy_set, activation)
        asked, held = (Programme(each, mode).decision_facts for each in (self.candidate, recorded))
        if mode not in self._shadows:
            self._shadows[mode] = Shadow(self.candidate, mode)
        settled = Settled(recorded, self.candidate, mode)
        return Against(self._shadows[mode], settled, asked - held)

    def _other_groups(self, brief: Brief) -> bool:
        """Whether the candidate counts the product among groups whose facts nobody recorded."""
        if not self._by_group:
            return False
        symbol = brief.intent.symbol
        if symbol not in self._groups:
            self._groups[symbol] = frozenset(limit_groups(self.candidate.universe, symbol))
        held = {str(group[GROUP_FACT]) for group in brief.situation.groups}
        return held != self._groups[symbol]


def _recorded_set(policy_set: str, activation: LookedUp) -> PolicySet:
    record = activation(policy_set)
    if record is None:
        message = f"no record activates policy set {policy_set}, by which a decision was made"
        mend = "judge the whole ledger, from its genesis"
        raise MandateError([Diagnostic("M440", message, None, mend)])
    return activated_set(bodies.of_record(record))


def _missing(ruling: Ruling) -> Iterator[str]:
    """The facts that leave an enforced rule undecided."""
    for each in ruling.failing():
        if each.enforced and each.verdict is None:
            yield from each.missing()


def _open(ruling: Ruling, lacking: frozenset[str]) -> bool:
    """Whether those facts could change the verdict: a decided refusal stands without them."""
    return bool(lacking) and not any(_stands(each, lacking) for each in ruling.reasons)


def _stands(reason: Reason, lacking: frozenset[str]) -> bool:
    if reason.code in _UNDECIDED:
        return False
    by_group = reason.code is ReasonCode.NOTHING_LEFT or "group" in dict(reason.values)
    return not (by_group and _GROUPS in lacking)

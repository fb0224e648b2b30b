"""What the tests of a set cover, and of the rest why not.

In: sights. Out: `Coverage`: for every rule its outcomes and its conditions. A condition is covered
when it has decided alone both ways: a case in which it held and the rule would have answered
otherwise had it not, and one the other way round (modified condition/decision coverage, masking
form: DO-178C, and NASA/TM-2001-210876).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.expr.printing import print_tree
from engine.kinds.rule import OnBreach, RuleRole, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.checks.coverage.shapes import Answer
    from engine.checks.coverage.sights import Sight, Sights
    from engine.errors import Place

_JUDGED = frozenset({RuleRole.LIMIT, RuleRole.GUARD})
_WORDS = {True: "true", False: "false"}


@dataclass(frozen=True, slots=True)
class ConditionCoverage:
    """One condition; `why` says what is missing, empty where it is covered."""

    text: str
    why: tuple[str, ...]

    @property
    def covered(self) -> bool:
        """Whether it has decided alone, both ways."""
        return not self.why


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    """One rule: how often each of its outcomes came, and its conditions."""

    rule: str
    place: Place
    outcomes: tuple[tuple[str, int], ...]
    conditions: tuple[ConditionCoverage, ...]

    @property
    def asked(self) -> bool:
        """Whether any test asked it."""
        return any(count for _, count in self.outcomes)

    @property
    def missing(self) -> tuple[str, ...]:
        """The outcomes that never came."""
        return tuple(word for word, count in self.outcomes if not count)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    covered: int
    total: int

    @property
    def pct(self) -> float:
        """In per cent; all of nothing is all."""
        return 100.0 * self.covered / self.total if self.total else 100.0


@dataclass(frozen=True, slots=True)
class Coverage:
    """Every rule of a set, in the order of their ids."""

    rules: tuple[RuleCoverage, ...]

    @property
    def by_rule(self) -> Share:
        """Rules that were asked and came out both ways."""
        both = [each for each in self.rules if each.asked and each.missing in ((), ("undecided",))]
        return Share(len(both), len(self.rules))

    @property
    def by_outcome(self) -> Share:
        """Outcomes that came, of all that there are."""
        counts = [count for each in self.rules for _, count in each.outcomes]
        return Share(sum(1 for count in counts if count), len(counts))

    @property
    def by_condition(self) -> Share:
        """Conditions that have decided alone, both ways."""
        every = [each for rule in self.rules for each in rule.conditions]
        return Share(sum(each.covered for each in every), len(every))


def coverage_of(sights: Sights) -> Coverage:
    """What has been covered."""
    return Coverage(tuple(_of_rule(each) for each in sights.all))


def _of_rule(sight: Sight) -> RuleCoverage:
    rule = sight.rule
    words = tuple((word, sight.outcomes[word]) for word in _outcomes(sight))
    conditions = tuple(
        ConditionCoverage(print_tree(node), tuple(_lacking(sight, place)))
        for place, node in enumerate(sight.shape.conditions)
    )
    return RuleCoverage(rule.id, rule.place, words, conditions)


def _outcomes(sight: Sight) -> tuple[str, ...]:
    """The outcomes that a rule can have."""
    rule = sight.rule
    doubt = () if sight.certain else ("undecided",)
    if rule.role not in _JUDGED:
        return "holds", "fails", *doubt
    if rule.stage is not Stage.ENFORCE:
        return "allowed", "recorded", *doubt
    if rule.on_breach is OnBreach.RESIZE:
        return "allowed", "resized", "denied", *doubt
    return "allowed", "denied", *doubt


def _lacking(sight: Sight, place: int) -> Iterator[str]:
    """What is missing of one condition, in words."""
    if not sight.answers:
        yield "the rule was never asked"
        return
    for value in (True, False):
        those = [answers for answers in sight.answers if answers[place] is value]
        if not those:
            yield f"it was never {_WORDS[value]}"
        elif not any(_decides(sight, answers, place) for answers in those):
            yield f"where it was {_WORDS[value]}, {_mask(sight, those, place)} decided"


def _decides(sight: Sight, answers: tuple[Answer, ...], place: int) -> bool:
    flipped = (*answers[:place], not answers[place], *answers[place + 1 :])
    return sight.shape.answer(answers) is not sight.shape.answer(flipped)


def _mask(sight: Sight, those: list[tuple[Answer, ...]], place: int) -> str:
    """The condition that would have had to answer otherwise for this one to decide."""
    for answers in those:
        for other, node in enumerate(sight.shape.conditions):
            if other == place:
                continue
            for value in (True, False):
                changed = (*answers[:other], value, *answers[other + 1 :])
                if value is not answers[other] and _decides(sight, changed, place):
                    return f"`{print_tree(node)}`"
    return "several others"

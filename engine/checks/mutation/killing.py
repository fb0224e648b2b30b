"""Which mutants of a policy set its tests notice.

In: the cases of a set, played and watched, and a mutant. Out: the case that notices it, or none.
A mutant is tried on the questions that its rules were asked first, which takes microseconds; only
the cases in which it answers otherwise are played again, through the steps and the judge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.checks.expecting import Comparer
from engine.checks.naming import Names
from engine.checks.playing import play
from engine.checks.running import Benches
from engine.expr.backends.closure import compile_motor
from engine.kinds.rule import OnBreach, RuleRole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.checks.bench import Bench
    from engine.checks.cases import Case
    from engine.checks.mutation.mutants import Mutant
    from engine.checks.mutation.watching import Watched
    from engine.kinds.rule import Rule
    from engine.model.orders import Intent, Mode

_JUDGED = frozenset({RuleRole.LIMIT, RuleRole.GUARD})


class Killing:
    """Tries mutants of one set."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._set = watched.policy_set
        self._names = Names(watched.policy_set)
        self._benches = Benches(watched.policy_set)

    def killer(self, mutant: Mutant) -> Case | None:
        """The first case that comes out otherwise; None where all come out as before."""
        comparer = Comparer(mutant.policy_set, self._names)
        roles = frozenset(self._rule(each).role for each in mutant.rules)
        benches: dict[Mode, Bench] = {}
        for number in dict.fromkeys(self._candidates(mutant)):
            case = self._watched.cases[number]
            if not self._watched.passing[number]:
                continue
            if case.mode not in benches:
                own = self._benches.of(case.mode)
                benches[case.mode] = own.changed(mutant.policy_set, roles)
            if comparer.mismatches(case, play(case, benches[case.mode])):
                return case
        return None

    def _rule(self, rule_id: str) -> Rule:
        rule = self._set.rule(rule_id)
        # INVARIANT: a mutant changes rules that are there.
        if rule is None:
            raise KeyError(rule_id)
        return rule

    def _candidates(self, mutant: Mutant) -> Iterator[int]:
        """The cases that may come out otherwise, the likeliest first."""
        for each in mutant.rules:
            before, after = self._rule(each), mutant.policy_set.rule(each)
            if after is None or _bound(before) != _bound(after):
                yield from self._bound_otherwise(before, after)
            else:
                yield from self._answering_otherwise(before, after, mutant)

    def _bound_otherwise(self, before: Rule, after: Rule | None) -> Iterator[int]:
        """A rule that is gone, or counts elsewhere: what it refused, then all that could meet."""
        if after is not None and after.intents != before.intents:
            yield from self._of_intents(before.intents ^ after.intents)
            return
        asked = self._watched.questions.get(before.id, ())
        yield from (each.case for each in asked if each.answer is not True)
        yield from (each.case for each in asked)
        if after is not None and after.modes != before.modes:
            yield from range(len(self._watched.cases))

    def _of_intents(self, intents: frozenset[Intent]) -> Iterator[int]:
        """The cases that propose such an order: to others a rule is as it was."""
        names = {each.value for each in intents}
        for number, case in enumerate(self._watched.cases):
            if case.order is not None and case.order.intent in names:
                yield number

    def _answering_otherwise(self, before: Rule, after: Rule, mutant: Mutant) -> Iterator[int]:
        motor = compile_motor([after.tree], mutant.policy_set.vocabulary)
        asked = self._watched.questions.get(before.id, ())
        for each in asked:
            if motor.evaluate(each.facts).verdicts[0] is not each.answer:
                yield each.case
        if before.role not in _JUDGED:
            return
        # The same answer at the size that was asked may be another size, or another headroom.
        resizes = before.on_breach is OnBreach.RESIZE
        yield from (each.case for each in asked if resizes and each.answer is False)
        yield from self._measured(before)

    def _measured(self, rule: Rule) -> Iterator[int]:
        """The cases that expect how much is left of a rule."""
        for number, case in enumerate(self._watched.cases):
            for expected in case.expected:
                named = expected.wanted.headroom or {}
                if any(self._names.rules.get(name) == rule.id for name in named):
                    yield number


def _bound(rule: Rule) -> tuple[object, ...]:
    """All of a rule but what it asks."""
    return rule.intents, rule.modes, rule.stage, rule.on_breach, rule.scope

"""What was expected against what came out: each difference by itself, with its place.

In: a case, what was seen, and the set. Out: `Mismatch` values, empty when all came. What an
expectation does not say may be anything; where it is `exact`, its lists are complete.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.checks.report import Mismatch
from engine.cycle.facts.order import size_facts
from engine.expr.backends.closure import compile_motor
from engine.model.decisions import ReasonCode
from engine.model.numbers import canonical_number
from engine.policyset.composing import NO_TIER

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from engine.checks.cases import Case, Expected
    from engine.checks.naming import Names
    from engine.checks.playing import Seen
    from engine.errors import Place
    from engine.expr.nodes import Value
    from engine.kinds.rule import Rule
    from engine.model.decisions import Decision, Evaluation
    from engine.policyset.policyset import PolicySet

_ANSWERS = {True: "true", False: "false", None: "undecided"}
_NOTHING = "nothing"
_COMMA = re.compile(r",(?! )")
# Headroom is worked out in binary64: what is written with fewer digits means all that they round.
_CLOSE = 1e-9


class Comparer:
    """Compares for one policy set."""

    def __init__(
        self,
        policy_set: PolicySet,
        names: Names,
        hear: Callable[[Rule, Mapping[str, Value]], None] | None = None,
    ) -> None:
        self._set = policy_set
        self._names = names
        self._hear = hear

    def mismatches(self, case: Case, seen: Sequence[Seen]) -> tuple[Mismatch, ...]:
        """All that did not come out, in the order of the cycles."""
        found: list[Mismatch] = []
        for expected in case.expected:
            one = _One(self, expected, seen, many=case.cycles > 1)
            found += one.differences()
        return tuple(found)

    def rule_id(self, name: str) -> str:
        """The id of a rule by any of its names, or a code as it is."""
        return self._names.reasons.get(name) or self._names.rules.get(name, name)

    def answer(self, name: str, seen: Seen) -> str:
        """What a rule says to the facts of a cycle."""
        rule = self._set.rule(self.rule_id(name))
        if rule is None:  # names are looked at before anything is played, but a mutant drops rules
            return _NOTHING
        motor = compile_motor([rule.tree], self._set.vocabulary)
        facts = {**seen.facts, **_asked(seen)}
        if self._hear is not None:
            self._hear(rule, facts)
        return _ANSWERS[motor.evaluate(facts).verdicts[0]]


def _asked(seen: Seen) -> Mapping[str, Value]:
    """The facts of the order, at the size that was asked, and of the first of its groups."""
    if seen.asked is None:
        return {}
    intent, situation = seen.asked.intent, seen.asked.situation
    group = situation.groups[0] if situation.groups else {}
    return {**situation.facts, **group, **size_facts(intent, intent.quantity, situation.rate)}


class _One:
    """The expectation of one cycle."""

    def __init__(
        self, comparer: Comparer, expected: Expected, seen: Sequence[Seen], *, many: bool
    ) -> None:
        self.comparer = comparer
        self.expected = expected
        self.wanted = expected.wanted
        self.all_seen = seen
        self.seen = seen[expected.cycle]
        self.cycle = expected.cycle + 1 if many else None

    def differences(self) -> Iterator[Mismatch]:
        """Everything that is not as expected."""
        wanted, seen = self.wanted, self.seen
        yield from self._decision()
        yield from self._word("state", wanted.state, seen.state)
        yield from self._set("tripped", wanted.tripped, seen.tripped)
        yield from self._alerts()
        yield from self._word("tier", wanted.tier, seen.tier)
        yield from self._word("regime", wanted.regime, seen.regime or NO_TIER)
        yield from self._set("proposed_by", wanted.proposed_by, seen.proposals)
        for name, answer in (wanted.rules or {}).items():
            told = answer if isinstance(answer, str) else _ANSWERS[bool(answer)]
            got = self.comparer.answer(name, seen)
            yield from self._differ(f"rule {name}", told, got, self._at("rules", name))

    def _at(self, part: str, *below: str | int) -> Place:
        return self.expected.place(part, *below)

    def _differ(self, what: str, wanted: str, got: str, place: Place) -> Iterator[Mismatch]:
        if wanted != got:
            yield Mismatch(what, wanted, got, place, self.cycle)

    def _word(self, part: str, wanted: str | None, got: str) -> Iterator[Mismatch]:
        if wanted is not None:
            yield from self._differ(part, wanted, got, self._at(part))

    def _set(
        self, part: str, wanted: Sequence[str] | None, got: Collection[str]
    ) -> Iterator[Mismatch]:
        """Each that is missing; and where the lists are complete, each that is too many."""
        named = [self.comparer.rule_id(each) if part in _RULES else each for each in wanted or ()]
        for index, name in enumerate(named):
            if name not in got:
                told = _listed(got)
                yield Mismatch(part, name, told, self._at(part, index), self.cycle)
        if self.wanted.exact or wanted == ():
            place = self._at(part if wanted is not None else "exact")
            more = [each for each in got if each not in named]
            if more:
                yield Mismatch(
                    part, f"no more than {_listed(named)}", _listed(more), place, self.cycle
                )

    def _decision(self) -> Iterator[Mismatch]:
        wanted, decision = self.wanted, self.seen.decision
        # INVARIANT: who expects something of an order proposes one; that is looked at before.
        if decision is None:
            return
        if wanted.verdict is not None and wanted.verdict != decision.verdict.value:
            got = _told(decision)
            yield Mismatch("verdict", wanted.verdict, got, self._at("verdict"), self.cycle)
        if wanted.quantity is not None and wanted.quantity != decision.quantity:
            told = canonical_number(wanted.quantity)
            got = canonical_number(decision.quantity)
            yield Mismatch("quantity", told, got, self._at("quantity"), self.cycle)
        yield from self._set("reasons", wanted.reasons, _reasons(decision, wanted.reasons or ()))
        yield from self._set("missing", wanted.missing, _missing(decision))
        yield from self._set("resized_by", wanted.resized_by, decision.resized_by)
        for name, room in (wanted.headroom or {}).items():
            left = _headroom(decision.evaluations, self.comparer.rule_id(name))
            if left is None or abs(left - float(room)) > _CLOSE * max(1.0, abs(left)):
                told = _NOTHING if left is None else f"{left:.12g}"
                place = self._at("headroom", name)
                yield Mismatch(f"headroom of {name}", str(room), told, place, self.cycle)

    def _alerts(self) -> Iterator[Mismatch]:
        for name, phases in (self.wanted.alerts or {}).items():
            place = self._at("alerts", name)
            if isinstance(phases, list | tuple):
                got = [each.alerts.get(name, "inactive") for each in self.all_seen]
                yield from self._differ(
                    f"alert {name}", " ".join(map(str, phases)), " ".join(got), place
                )
            else:
                got_now = self.seen.alerts.get(name, "inactive")
                yield from self._differ(f"alert {name}", str(phases), got_now, place)
        if self.wanted.exact:
            named = self.wanted.alerts or {}
            more = [f"{n} {phase}" for n, phase in self.seen.alerts.items() if n not in named]
            if more:
                yield Mismatch("alerts", "no other", _listed(more), self._at("exact"), self.cycle)


_RULES = frozenset({"reasons", "resized_by"})


def _reasons(decision: Decision, wanted: Sequence[str]) -> list[str]:
    """What denied it: each rule by its id; anything else, and what is asked for, by its code."""
    found: dict[str, None] = {}
    codes = {each.value for each in ReasonCode} & {*wanted}
    for reason in decision.reasons:
        values = dict(reason.values)
        rule = values.get("rule") if "breaker" not in values else None
        found[rule or reason.code.value] = None
        if reason.code.value in codes:
            found[reason.code.value] = None
    return [*found]


def _missing(decision: Decision) -> list[str]:
    """The facts for want of which it was denied."""
    listed = (dict(reason.values).get("missing", "") for reason in decision.reasons)
    # Series have commas of their own, each with a space behind it.
    return [*dict.fromkeys(name for each in listed for name in _COMMA.split(each) if name)]


def _headroom(evaluations: Sequence[Evaluation], rule: str) -> float | None:
    rooms = [
        compared.headroom
        for each in evaluations
        if each.rule == rule
        for compared in each.comparisons
        if compared.headroom is not None
    ]
    return min(rooms, default=None)


def _told(decision: Decision) -> str:
    """The verdict, and why: the first thing that a person asks of a surprise."""
    if decision.reasons:
        return f"deny: {'; '.join(map(str, decision.reasons))}"
    by = f" to {canonical_number(decision.quantity)} by {', '.join(decision.resized_by)}"
    return decision.verdict.value + (by if decision.resized_by else "")


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names)) or _NOTHING

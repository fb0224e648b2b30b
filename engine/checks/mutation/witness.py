"""A state in which a mutant answers otherwise, as a test case to take.

In: the state that a proof found. Out: YAML of one test, played before it is shown: it passes on
the set and fails on the mutant; None where it does not. Only what the rule depends on is stated;
the rest is what the tests of the set begin with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.checks.cases import cases_of
from engine.checks.document import PolicyTestsDocument
from engine.checks.expecting import Comparer
from engine.checks.naming import Names
from engine.checks.ordering import order_findings
from engine.checks.playing import play
from engine.checks.reading import Suite
from engine.checks.running import Benches
from engine.checks.stating import base_name
from engine.errors import Place
from engine.policyset.build import typed
from engine.policyset.reader import read_yaml
from engine.policyset.reading.nodes import places, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.checks.cases import Case
    from engine.checks.mutation.mutants import Mutant
    from engine.checks.mutation.proof import Sameness
    from engine.checks.reading import TestFiles
    from engine.expr.nodes import Value
    from engine.policyset.policyset import PolicySet

_FILE = "<witness>"
_NOWHERE = Place(_FILE, 1, 1)
_ORDER = {
    "order.symbol": "symbol",
    "order.type": "type",
    "order.strategy": "strategy",
    "order.conviction": "conviction",
}
_ANSWERS = {True: "true", False: "false", None: "undecided"}


class Witnesses:
    """Writes test cases for one policy set, over the facts that its tests begin with."""

    def __init__(self, policy_set: PolicySet, files: TestFiles) -> None:
        self._set = policy_set
        self._files = files
        self._names = Names(policy_set)
        self._benches = Benches(policy_set)

    def test(self, mutant: Mutant, found: Sameness) -> str | None:
        """The test, or None where the state cannot be stated or does not tell them apart."""
        answer = found.answer
        if found.rule is None or found.facts is None or self._set.rule(found.rule) is None:
            return None
        if answer is not None and not isinstance(answer, bool):
            return None
        told = _ANSWERS[answer]
        text = "\n".join(self._lines(mutant, found.rule, found, told)) + "\n"
        case = self._case(text)
        return text if case is not None and self._tells_apart(case, mutant) else None

    def _lines(self, mutant: Mutant, rule: str, found: Sameness, told: str) -> Iterator[str]:
        words, facts = mutant.words.replace("'", "''"), found.facts or {}
        yield f"- name: 'noticed: {words}'"
        stated = ", ".join(self._stated(rule, facts))
        if stated:
            yield f"  facts: {{{stated}}}"
        yield f"  order: {self._order(found.intent, facts)}"
        yield f"  expect: {{rules: {{{_key(rule)}: {told}}}}}"

    def _stated(self, rule: str, facts: Mapping[str, Value]) -> Iterator[str]:
        """What the rule depends on and a test may state, each in its own spelling."""
        tree = self._set.rule(rule)
        names = self._set.vocabulary.base_facts(tree.tree) if tree is not None else frozenset()
        for name in sorted(names):
            if base_name(name, self._set.vocabulary, _NOWHERE) == name:
                yield f"{_key(name)}: {_spelled(facts.get(name))}"

    def _order(self, intent: str | None, facts: Mapping[str, Value]) -> str:
        if intent is None:
            return "none"
        parts = {"intent": intent}
        parts |= {key: str(facts[name]) for name, key in _ORDER.items() if name in facts}
        for name, key in (("order.quantity", "quantity"), ("order.notional_usd", "notional_usd")):
            value = facts.get(name)
            if isinstance(value, float) and value > 0:
                parts = {k: v for k, v in parts.items() if k not in ("quantity", "notional_usd")}
                parts[key] = _spelled(value)
        return "{" + ", ".join(f"{key}: {value}" for key, value in parts.items()) + "}"

    def _case(self, text: str) -> Case | None:
        given = next(iter(self._files.bases), None)
        head = "" if given is None else f"  given: {given}\n"
        body = "".join(f"    {line}\n" for line in text.splitlines())
        document = (
            "apiVersion: mandate/v1\nkind: PolicyTests\n"
            f"metadata: {{name: witness, description: w}}\nspec:\n{head}  tests:\n{body}"
        )
        read = read_yaml(document.encode(), _FILE)
        if read.root is None:
            return None
        there = places(read.root)
        content = typed(PolicyTestsDocument, plain(read.root), there)
        if isinstance(content, tuple):
            return None
        cases, found = cases_of(Suite(_FILE, content, there), self._files.bases, self._set)
        wrong = [*found, *(each for case in cases for each in order_findings(case, self._set))]
        return None if wrong or not cases else cases[0]

    def _tells_apart(self, case: Case, mutant: Mutant) -> bool:
        own = self._benches.of(case.mode)
        seen = play(case, own)
        if Comparer(self._set, self._names).mismatches(case, seen):
            return False
        changed = mutant.policy_set
        rules = (self._set.rule(each) for each in mutant.rules)
        roles = frozenset(rule.role for rule in rules if rule is not None)
        if any(changed.rule(each) is None for each in mutant.rules):
            return True
        comparer = Comparer(changed, self._names)
        return bool(comparer.mismatches(case, play(case, own.changed(changed, roles))))


def _key(name: str) -> str:
    """A name as a key of YAML: quoted where it has what YAML would read."""
    return f"'{name}'" if any(mark in name for mark in '(",#') else name


def _spelled(value: Value | None) -> str:
    match value:
        case None:
            return "_"
        case bool():
            return str(value).lower()
        case float():
            return f"{value:f}".rstrip("0").rstrip(".") if abs(value) < 1e15 else repr(value)  # noqa: PLR2004 - beyond it the digits are not exact
        case str():
            return value
        case _:
            return "_"

"""Lowering: what a document becomes for the engine, and the tools that every kind uses for it.

In: a built `Document`, the vocabulary of the set, the groups of its universe. Out: `Lowered`:
rules, named number trees, and findings. Two passes: `declare` says which facts a document adds
to the vocabulary, `lower` then reads its expressions under the vocabulary of the whole set.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.errors import Diagnostic
from engine.expr.check import Expectation, check
from engine.expr.grammar import parse
from engine.expr.printing import print_tree
from engine.expr.vocabulary import FactType, fact_names
from engine.kinds import parameters
from engine.kinds.rule import OnBreach, Rule, RuleRole, Scope, Stage
from engine.model.orders import Intent, Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from engine.expr.nodes import Node
    from engine.expr.vocabulary import FactScope, FactSpec, Vocabulary
    from engine.kinds.base import Document, Path
    from engine.kinds.parameters import Block, ParameterScope

ALL_INTENTS = frozenset(Intent)
ALL_MODES = frozenset(Mode)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a document may refer to: the set's vocabulary, groups, tiers, and planned modes."""

    vocabulary: Vocabulary
    groups: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Lowered:
    """A document's meaning: rules, numbers to compute (by `Kind/name#part`), and findings."""

    rules: tuple[Rule, ...] = ()
    values: tuple[tuple[str, Node], ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a kind's documents mean, in three questions; the defaults say "nothing".

    `blocks`: the parameters, and which rule a waiver of them names. `declare`: the facts that a
    document adds to the vocabulary, parameters apart. `lower`: its rules and numbers.
    """

    blocks: Callable[[Document], tuple[Block, ...]] = lambda _document: ()
    declare: Callable[[Document], tuple[FactSpec, ...]] = lambda _document: ()
    lower: Callable[[Document, Surroundings], Lowered] = lambda _document, _around: Lowered()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All of a rule but its question."""

    role: RuleRole
    scope: Scope
    intents: frozenset[Intent] = ALL_INTENTS
    modes: frozenset[Mode] = ALL_MODES
    stage: Stage = Stage.ENFORCE
    on_breach: OnBreach = OnBreach.DENY
    minimum: bool = False


@dataclass(slots=True)
class Reader:
    """Reads the expressions of one document and collects what is wrong with them."""

    document: Document
    vocabulary: Vocabulary
    diagnostics: list[Diagnostic] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    values: list[tuple[str, Node]] = field(default_factory=list)

    def bound(self, block: Block, *around: Block) -> BoundReader:
        """A reader for expressions that may use the parameters of `block`, and those around it."""
        own = (
            fact
            for each in (*around, block)
            for fact in parameters.local_facts(each, self.vocabulary)
        )
        wider = self.vocabulary.extended({fact.name: fact for fact in own}.values())
        return BoundReader(self, block.scope, wider, set(block.params), set(), around)

    def lowered(self) -> Lowered:
        """All that was read."""
        return Lowered(tuple(self.rules), tuple(self.values), tuple(self.diagnostics))


@dataclass(slots=True)
class BoundReader:
    """A reader with the parameters of one part of the document."""

    reader: Reader
    scope: ParameterScope
    vocabulary: Vocabulary
    declared: set[str]
    used: set[str]
    around: tuple[Block, ...] = ()

    def knowing(self, facts: Iterable[FactSpec]) -> BoundReader:
        """The same reader, with further local names (the signals of a strategy)."""
        wider = self.vocabulary.extended(facts)
        # INVARIANT: `used` is shared, so that a parameter read by either reader counts as read.
        return BoundReader(self.reader, self.scope, wider, self.declared, self.used, self.around)

    def tree(self, path: Path, expectation: Expectation) -> Node | None:
        """The expression at `path`, checked and bound; None when it has errors."""
        snippet = self.reader.document.places.snippet(path)
        parsed = parse(snippet)
        found = list(parsed.diagnostics)
        if parsed.tree is not None:
            found.extend(check(parsed.tree, snippet, self.vocabulary, expect=expectation))
            self.used.update(_params_in(parsed.tree))
        self.reader.diagnostics.extend(found)
        if parsed.tree is None or any(d.severity.value == "error" for d in found):
            return None
        return parameters.bind(parsed.tree, self.scope, *self.around)

    def rule(
        self, path: Path, part: str, circumstances: Circumstances, scopes: frozenset[FactScope]
    ) -> Rule | None:
        """Read a flag expression and add the rule that it is."""
        expectation = Expectation(
            type=FactType.FLAG, scopes=scopes, modes=circumstances.modes, rule=True
        )
        tree = self.tree(path, expectation)
        return None if tree is None else self.add(path, part, circumstances, tree)

    def add(self, path: Path, part: str, circumstances: Circumstances, tree: Node) -> Rule:
        """Add a rule whose tree is at hand."""
        document = self.reader.document
        rule = Rule(
            id=document.id + (f"#{part}" if part else ""),
            role=circumstances.role,
            scope=circumstances.scope,
            intents=circumstances.intents,
            modes=circumstances.modes,
            tree=tree,
            stage=circumstances.stage,
            on_breach=circumstances.on_breach,
            minimum=circumstances.minimum,
            text=print_tree(tree),
            place=document.places.of(path),
        )
        self.reader.rules.append(rule)
        return rule

    def value(self, path: Path, part: str, scopes: frozenset[FactScope]) -> Node | None:
        """Read a number expression and add it under `Kind/name#part`."""
        expectation = Expectation(type=FactType.NUMBER, scopes=scopes, modes=ALL_MODES, rule=False)
        tree = self.tree(path, expectation)
        if tree is not None:
            self.reader.values.append((f"{self.reader.document.id}#{part}", tree))
        return tree

    def report_unused(self) -> None:
        """A parameter that nothing reads is an error: a declared limit that nobody enforces."""
        for name in sorted(self.declared - self.used):
            place = self.reader.document.places.of_key((*self.scope.path, name))
            message = f"parameter `{name}` is declared and never read"
            mend = f"use `params.{name}` in an expression of this document, or delete it"
            self.reader.diagnostics.append(Diagnostic("M334", message, place, mend))


def _params_in(tree: Node) -> set[str]:
    names = (name.partition(".") for name in fact_names(tree))
    return {rest for head, _, rest in names if head == "params"}


def intents_of(names: Iterable[str]) -> frozenset[Intent]:
    """The intents that a document names."""
    return frozenset(Intent(name) for name in names)


def modes_of(names: Iterable[str]) -> frozenset[Mode]:
    """The modes that a document names."""
    return frozenset(Mode(name) for name in names)

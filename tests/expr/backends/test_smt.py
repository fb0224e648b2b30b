"""The language as SMT-LIB: pairs of value and known, declared facts, and what a model tells."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from engine.comparison.proving.solver import Answer, Solution, solve
from engine.errors import Snippet
from engine.expr.backends.backend import NotDefinedError
from engine.expr.backends.smt import Encoder, World, quoted, real
from engine.expr.grammar import parse
from engine.expr.nodes import Call, Fact, Number
from engine.expr.vocabulary import FactScope, FactSpec, FactType, Vocabulary

if TYPE_CHECKING:
    from engine.expr.nodes import Node, Value


def fact(name: str, kind: FactType, **more: object) -> FactSpec:
    """A base fact of the test."""
    return FactSpec(name, kind, None, FactScope.ACCOUNT, "test", "a fact", **more)  # type: ignore[arg-type] # by name


VOCABULARY = Vocabulary.of(
    (
        fact("n.share", FactType.NUMBER, low=0.0, high=1.0),
        fact("n.free", FactType.NUMBER),
        fact("t.kind", FactType.ENUM, values=("bull", "bear")),
        fact("t.free", FactType.TEXT),
        fact("b.on", FactType.FLAG),
        fact("s.groups", FactType.TEXT_SET),
        FactSpec(
            "n.twice",
            FactType.NUMBER,
            None,
            FactScope.ACCOUNT,
            "",
            "twice",
            definition="n.share * 2",
        ),
    )
)


def tree(text: str) -> Node:
    """An expression that parses."""
    parsed = parse(Snippet.of(text))
    assert parsed.tree is not None, parsed
    return parsed.tree


def answer(text: str, facts: dict[str, Value | None], *, assumptions: bool = True) -> Solution:
    """Whether a rule can hold where these facts are as stated, and all others anything."""
    world = World()
    encoder = Encoder(world, VOCABULARY)
    world.say(encoder.holds(tree(text)))
    for name, value in facts.items():
        world.fact(name, VOCABULARY.specs[name])
        world.given(name, value)
    return solve(world.script(assumptions=assumptions), list(VOCABULARY.specs))


POSSIBLE = {
    "a range allows it": ("n.share < 0.5", {}, True),
    "a range forbids it": ("n.share > 1", {}, False),
    "a definition inherits the range": ("n.twice > 2", {}, False),
    "an enum has no other value": ('t.kind != "bull" and t.kind != "bear"', {}, False),
    "a text may be one that nobody names": ('t.free != "a" and t.free != "b"', {}, True),
    "one over nothing is no number": (
        "1 / n.share > 5 or 1 / n.share <= 5",
        {"n.share": 0.0},
        False,
    ),
    "an unknown fact decides nothing": ("n.free <= 1 or n.free > 1", {"n.free": None}, False),
    "unless the other side does": ("n.free <= 1 or b.on", {"n.free": None, "b.on": True}, True),
    "absence can be spoken of": ("not has(n.free)", {"n.free": None}, True),
    "a stand-in": ("default(n.free, 3) == 3", {"n.free": None}, True),
    "a member of a set": ('"majors" in s.groups', {"s.groups": frozenset({"majors", "l1"})}, True),
    "no member of it": ('"memes" in s.groups', {"s.groups": frozenset({"majors"})}, False),
    "two of three": ("at_least(2, b.on, n.share <= 1, n.free > 0)", {"b.on": True}, True),
    "not three of three": ("at_least(3, b.on, n.share <= 1, b.on)", {"b.on": False}, False),
}


@pytest.mark.parametrize(("text", "facts", "possible"), POSSIBLE.values(), ids=POSSIBLE)
def test_what_can_be_is_found_and_what_cannot_is_proved(
    text: str, facts: dict[str, Value | None], *, possible: bool
) -> None:
    """The language's own rules about ranges, absence and texts hold for the solver too."""
    wanted = Answer.SATISFIABLE if possible else Answer.UNSATISFIABLE
    assert answer(text, facts).answer is wanted


def test_ranges_are_assumed_only_when_asked() -> None:
    """Without the vocabulary's promises a share may be anything."""
    assert answer("n.share > 1", {}, assumptions=False).answer is Answer.SATISFIABLE


def test_a_model_tells_exact_values() -> None:
    """Numbers come back as fractions, flags as flags, and texts by what stands for them."""
    rule = 'n.free * 3 == 1 and b.on and t.kind == "bear" and "l1" in s.groups'
    world = World()
    world.say(Encoder(world, VOCABULARY).holds(tree(rule)))
    names = ["n.free", "b.on", "t.kind", "s.groups", "n.free is known"]
    values = solve(world.script(assumptions=True), names, world.words).values
    assert values["n.free"] == Fraction(1, 3)
    assert values["b.on"] is True
    assert values["n.free is known"] is True
    kind, groups = values["t.kind"], values["s.groups"]
    assert isinstance(kind, Fraction)
    assert world.text(int(kind)) == "bear"
    assert isinstance(groups, frozenset)
    assert "l1" in {world.text(each) for each in groups}
    assert world.text(10_000) is None


def test_a_root_is_told_to_thirty_digits() -> None:
    """A number that is no fraction comes back as one that is near it."""
    value = answer("n.free * n.free == 2 and n.free > 0", {}).values["n.free"]
    assert isinstance(value, Fraction)
    assert abs(value * value - 2) < Fraction(1, 10**25)


def test_effort_ends() -> None:
    """A question that is too hard for the steps that it may take is unknown, not answered."""
    world = World()
    world.say(Encoder(world, VOCABULARY).holds(tree("n.free * n.free * n.share == 0.7 + n.share")))
    assert solve(world.script(assumptions=True), effort=10).answer is Answer.UNKNOWN


@pytest.mark.parametrize("node", [Fact("n.nobody"), Call("sqrt", (Number(Decimal(2)),))])
def test_what_has_no_meaning_is_refused(node: Node) -> None:
    """A fact of no declared type and a function that is none are named, never guessed."""
    with pytest.raises(NotDefinedError):
        Encoder(World(), VOCABULARY).term(node)


def test_names_and_numbers_are_spelled_as_solvers_read_them() -> None:
    """Every name that the language has is a symbol; what could end one is refused."""
    assert quoted('change_pct("60m")') == '|change_pct("60m")|'
    assert [real(Fraction(n)) for n in ("3", "-0.5")] == ["3.0", "(- (/ 1.0 2.0))"]
    with pytest.raises(ValueError, match=r"a\|b"):
        quoted("a|b")

"""What a Python strategy may say: refused on its tree, with places, before anything runs."""

from __future__ import annotations

import ast
import importlib
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kinds.strategy.bad_sources import BAD

from engine.errors import Diagnostic, MandateError
from engine.kinds.base import SourceText
from engine.kinds.strategy.python import fence, names, outline
from engine.kinds.strategy.python.counting import Counter, StepsExhaustedError, counted
from engine.kinds.strategy.python.given import BUILTINS, MODULES
from engine.kinds.strategy.python.loading import Proposer
from engine.model.proposals import Context

if TYPE_CHECKING:
    from collections.abc import Iterator

EMPTY = Context((), {}, "chop", ())


def found_in(text: str) -> list[Diagnostic]:
    """Everything that the checks say of a source; nothing is declared."""

    def every() -> Iterator[Diagnostic]:
        source = SourceText("s.py", text)
        tree = fence.parsed(source)
        if isinstance(tree, Diagnostic):
            yield tree
            return
        yield from fence.check(source, tree)
        yield from outline.check(source, tree)
        yield from names.check(source, tree, {names.FACTS: {}, names.PARAMS: {}})

    return list(every())


def marks(found: list[Diagnostic]) -> list[str]:
    """Code and place of each."""
    return [f"{each.code}:{each.place.line}:{each.place.column}" for each in found if each.place]


@pytest.mark.parametrize(("text", "expected"), BAD.values(), ids=BAD)
def test_a_bad_source_earns_its_findings(text: str, expected: list[str]) -> None:
    """Each thing that a strategy may not say is told, with its code and place, and nothing else."""
    found = found_in(text)
    assert sorted(marks(found)) == sorted(expected)
    assert all(each.help and each.message.isprintable() for each in found)


def test_a_source_may_not_nest_without_end() -> None:
    """What is too deep for the parser is a finding like any other."""
    (found,) = found_in(f"X = {'(' * 300}1{')' * 300}\n")
    assert (found.code, found.place and found.place.line) == ("M382", 1)


GOOD = {
    "nothing but the function": "def propose(context):\n    return []\n",
    "constants of all kinds": """'''A strategy.'''
from __future__ import annotations
import math
from decimal import Decimal
from typing import Final
A = 1
B: Final = (-A, 'x', 2 * math.pi, Decimal('0.5'))
C: int


def propose(context):
    return [] if A else [B]
""",
    "a value class and an enumeration": """
from dataclasses import dataclass, field
from enum import Enum, auto


class Way(Enum):
    '''Where to.'''

    UP = auto()
    DOWN = 2


@dataclass(frozen=True)
class Rank:
    symbol: str
    score: float = 0.0
    parts: list = field(default_factory=list)

    @property
    def high(self):
        return self.score > 1


def propose(context):
    ranks = sorted((Rank(each.symbol) for each in context.candidates), key=lambda r: r.score)
    for each in ranks:
        match each:
            case Rank(symbol=name) if each.high:
                return [name]
    total = sum(x * x for x in range(10))
    while total > 0:
        total -= 100
    return [Way.UP.name for each in ranks if each.high]
""",
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_a_plain_source_passes_and_runs(text: str) -> None:
    """What a strategy needs it has: arithmetic, values, loops, ranks."""
    assert found_in(text) == []
    assert Proposer("s", SourceText("s.py", text), max_steps=1000)(EMPTY) in ([], [GOOD])


@settings(deadline=None, max_examples=80)
@given(st.text(max_size=80) | st.sampled_from([text for text, _ in BAD.values()]))
def test_no_text_breaks_the_checks(text: str) -> None:
    """Whatever stands in a file, the checks answer with findings and nothing else."""
    assert all(isinstance(each, Diagnostic) for each in found_in(text))


@settings(deadline=None, max_examples=100)
@given(
    st.sampled_from([text for text, codes in BAD.values() if codes]),
    st.integers(0, 200),
    st.sampled_from(["", " ", "\n", "(", "x", "import os\n", "ü"]),
)
def test_a_spoilt_source_is_never_run_by_the_checks(text: str, at: int, piece: str) -> None:
    """A source with something put into it is parsed or refused; no place lies outside of it."""
    spoilt = text[:at] + piece + text[at:]
    lines = spoilt.split("\n")
    for each in found_in(spoilt):
        assert each.place is not None
        assert 1 <= each.place.line <= len(lines)
        assert 1 <= each.place.column <= len(lines[each.place.line - 1]) + 1


def test_a_place_counts_characters() -> None:
    """A column is that of the character, though Python counts the bytes before it."""
    (found,) = found_in("def propose(context):\n    x = 'äöü'; open(x)\n    return []\n")
    assert marks([found]) == ["M384:2:16"]


def test_every_name_that_is_given_is_there() -> None:
    """The closed lists name what Python has, no module, and nothing private."""
    for module, given_names in MODULES.items():
        real = importlib.import_module(module)
        for name in given_names:
            assert not name.startswith("_")
            # Some are newer than the oldest Python that we run on.
            assert not isinstance(getattr(real, name, None), ModuleType), (module, name)
    assert not {"eval", "exec", "open", "getattr", "setattr", "type", "set"} & BUILTINS.keys()


ESCAPES = {
    "a module that was not imported": "from math import pi\nX = os",
    "a name that a module does not give away": "import statistics\nX = statistics.sys",
    "an import at run time": "import nothing_of_the_kind",
    "a constant that fails": "from decimal import Decimal\nX = Decimal('x')",
}


@pytest.mark.parametrize("head", ESCAPES.values(), ids=ESCAPES)
def test_the_world_of_a_source_is_what_was_given(head: str) -> None:
    """Behind the checks stands a world of its own: what was not given is not there either."""
    text = f"{head}\ndef propose(context):\n    return []\n"
    with pytest.raises(MandateError) as caught:
        Proposer("s", SourceText("s.py", text), max_steps=10)
    assert [each.code for each in caught.value.diagnostics] == ["M386"]


def test_a_constant_may_not_hide_the_function() -> None:
    """What is asked is a function; a number of its name is refused when it is loaded."""
    text = "def propose(context):\n    return []\n\n\npropose = 1\n"
    with pytest.raises(MandateError, match="no function any more"):
        Proposer("s", SourceText("s.py", text), max_steps=10)


def test_what_does_not_parse_is_not_loaded() -> None:
    """A source that comes by another way is refused all the same."""
    with pytest.raises(MandateError, match="does not parse"):
        Proposer("s", SourceText("s.py", "def"), max_steps=10)


ENDLESS = {
    "a loop": "while True:\n        x = 1",
    "a loop over numbers": "for x in range(10 ** 30):\n        pass",
    "a sum over numbers": "x = sum(range(10 ** 30))",
    "a comprehension": "x = [y for y in range(900) for z in range(900)]",
    "itself": "propose(context)",
    "a lambda": "f = lambda g: g(g)\n    f(f)",
    "a list that grows": "x = [1]\n    for y in x:\n        x.append(y)",
}


@pytest.mark.parametrize("body", ENDLESS.values(), ids=ENDLESS)
def test_what_does_not_end_is_ended(body: str) -> None:
    """After as many steps as the document allows the strategy is stopped; it cannot go on."""
    text = f"def propose(context):\n    {body}\n    return []\n"
    ask = Proposer("s", SourceText("s.py", text), max_steps=1000)
    for _ in range(2):
        with pytest.raises((StepsExhaustedError, RecursionError)):
            ask(EMPTY)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 40))
def test_steps_are_counted_alike_everywhere(turns: int) -> None:
    """A call is one step and a turn is one: so many are enough, and one less is not."""
    text = f"def propose(context):\n    return [x for x in range({turns})]\n"
    needed = turns + 1
    assert len(Proposer("s", SourceText("s.py", text), max_steps=needed)(EMPTY)) == turns  # type: ignore[arg-type]  # a list
    if turns:
        with pytest.raises(StepsExhaustedError):
            Proposer("s", SourceText("s.py", text), max_steps=turns)(EMPTY)


def test_counting_changes_no_answer() -> None:
    """With its steps counted a source gives what it gives without."""
    text = GOOD["a value class and an enumeration"]
    plain: dict[str, object] = {"__name__": "builtins"}
    exec(compile(ast.parse(text), "plain", "exec", dont_inherit=True), plain)  # noqa: S102 - the test's own source
    counter = Counter(10_000)
    counter.reset()
    with_steps: dict[str, object] = {"__name__": "builtins", "__step__": counter.step}
    exec(compile(counted(ast.parse(text)), "counted", "exec", dont_inherit=True), with_steps)  # noqa: S102 - the same
    for world in (plain, with_steps):
        assert callable(world["propose"])
    assert plain["propose"](EMPTY) == with_steps["propose"](EMPTY)  # type: ignore[operator]  # just asked
    assert counter.left < counter.most

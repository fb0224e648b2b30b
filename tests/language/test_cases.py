"""Every truth of `*.case`, by every backend; the README beside it tells the format."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.errors import Snippet
from engine.expr.backends.closure import compile_motor
from engine.expr.backends.interpret import missing_facts
from engine.expr.backends.registry import backend_names
from engine.expr.evaluation import evaluate_text
from engine.expr.facts import VOCABULARY
from engine.expr.grammar import parse
from engine.expr.stating.given import read_facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """One `eval` with what it must come to."""

    place: str
    facts: dict[str, object]
    expression: str
    expected: str


@dataclass
class Script:
    """The reader's state: the facts so far, and the `eval` that still waits for its outcome."""

    name: str
    facts: dict[str, object] = field(default_factory=dict)
    waiting: tuple[str, str] | None = None
    stating: bool = False

    def read(self, lines: Iterable[str]) -> Iterator[Case]:
        """All cases of a script; raises ValueError at a line that means nothing."""
        for number, line in enumerate(lines, 1):
            text = line.strip()
            if text and not text.startswith("#"):
                yield from self._line(f"{self.name}:{number}", text, indented=line[0] == " ")
        if self.waiting:
            self._refuse(self.waiting[0], "an `eval` without an outcome")

    def _line(self, place: str, text: str, *, indented: bool) -> Iterator[Case]:
        if indented and self.waiting:
            yield Case(self.waiting[0], self.facts, self.waiting[1], text)
            self.waiting = None
        elif indented and self.stating and " = " in text:
            name, _, value = text.partition(" = ")
            self.facts[name.strip()] = json.loads(value)
        elif self.waiting or indented:
            self._refuse(place, f"not expected here: {text}")
        elif text == "facts":
            self.facts, self.stating = {}, True
        elif text == "eval" or text.startswith("eval "):
            self.waiting, self.stating = (place, text.removeprefix("eval").strip()), False
        else:
            self._refuse(place, f"neither `facts` nor `eval`: {text}")

    def _refuse(self, place: str, why: str) -> None:
        message = f"{place}: {why}"
        raise ValueError(message)


def _cases() -> list[Case]:
    scripts = sorted(HERE.glob("*.case"))
    return [
        case
        for path in scripts
        for case in Script(path.name).read(path.read_text("utf-8").splitlines())
    ]


CASES = _cases()


def outcome(case: Case, backend: str) -> str:
    """What an expression comes to, as the scripts spell it, without the facts to blame."""
    result = evaluate_text(case.expression, case.facts, backend)
    if result.error_code is not None:
        return f"error {result.error_code}"
    return "undecided" if result.value is None else json.dumps(result.value)


@pytest.mark.parametrize("backend", backend_names())
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.place)
def test_a_truth_holds_in_every_backend(case: Case, backend: str) -> None:
    """An expression over the stated facts comes to what the script says."""
    assert outcome(case, backend) == case.expected.partition(":")[0], case.expression


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.expected.startswith("undecided:")],
    ids=lambda case: case.place,
)
def test_the_facts_to_blame_are_named(case: Case) -> None:
    """An undecided expression names the facts that the script says, in that order."""
    tree = parse(Snippet.of(case.expression)).tree
    assert tree is not None
    given = read_facts(tree, case.facts, VOCABULARY, Snippet.of(case.expression))
    blamed = tuple(case.expected.removeprefix("undecided: ").split(", "))
    assert missing_facts(tree, given.facts, given.vocabulary) == blamed
    motor = compile_motor((tree,), given.vocabulary)
    assert motor.evaluate(given.facts).missing(0) == blamed


@pytest.mark.parametrize("backend", backend_names())
def test_a_wrong_expectation_is_noticed(backend: str) -> None:
    """The comparison fails where a script is wrong, so that passing means something."""
    script = ["facts", "  n.two = 2", "eval n.two < 3", "  false", "eval n.two / 0", "  2.0"]
    cases = [*Script("wrong.case").read(script)]
    assert [outcome(case, backend) == case.expected for case in cases] == [False, False]


@pytest.mark.parametrize(
    "lines",
    [
        ["evil 1 < 2"],
        ["  n.one = 1"],
        ["facts", "  n.one 1"],
        ["eval 1 < 2"],
        ["eval 1 < 2", "eval 2 < 3", "  true"],
        ["eval 1 < 2", "  true", "  false"],
    ],
    ids=" / ".join,
)
def test_a_line_that_means_nothing_stops_the_run(lines: list[str]) -> None:
    """A script cannot lose a truth by a slip of its form."""
    with pytest.raises(ValueError, match=r"slip\.case:\d"):
        list(Script("slip.case").read(lines))

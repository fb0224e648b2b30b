"""`policy eval` without the command line: typing of stated facts, refusals, the batch."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Diagnostic
from engine.expr.backends.registry import backend_names
from engine.expr.evaluation import EvalResult, _evaluated, evaluate_batch, evaluate_text
from engine.expr.nodes import Call
from engine.expr.stating.given import Given
from engine.expr.vocabulary import Vocabulary

SOURCE = '{"expr": "x < 5", "facts": {"x": 1}}'


def batch(*lines: str, backend: str = "closure") -> list[dict[str, object]]:
    """The answers to some lines."""
    return [json.loads(line) for line in evaluate_batch(lines, backend)]


@pytest.mark.parametrize("backend", backend_names())
@pytest.mark.parametrize(
    ("text", "facts", "value"),
    [
        ("x < 5", {"x": 1}, True),
        ("x + 1", {"x": 1}, 2.0),
        ("x", {"x": "a"}, "a"),
        ("x", {"x": True}, True),
        ("x", {"x": None}, None),
        ("x", {}, None),
        ("'a' in x", {"x": ["a", "b"]}, True),
        ("x < 5", {"x": 10**400}, None),
        ("x < 5", {"x": -(10**400)}, None),
        ("x == 9007199254740993", {"x": 9007199254740993}, True),
        ("x < 5", {"x": math.nan}, None),
        ("x < 5", {"x": math.inf}, None),
        ("quote.age_s < 5", {"quote.age_s": math.nan}, None),
        ("x == 'a' or y", {"y": True}, True),
        ("x or y", {"y": True}, True),
        ("x and not y", {"x": None, "y": True}, False),
        ("quote.age_s < 5", {"quote.age_s": 2}, True),
        ("position.pct_after <= 3", {"position.pct_after": 2.5}, True),
        ("position.pct_after <= 3", {"position.pct_after": None}, None),
        ("quote.mid > 1", {"quote.bid": 1, "quote.ask": 5}, True),
        ("regime.name == z", {"regime.name": "bull"}, None),
        ("order.side == 'BUY'", {"order.side": "BUY", "unused": {"deep": [1]}}, True),
    ],
)
def test_stated_facts_decide(
    text: str, facts: dict[str, object], value: object, backend: str
) -> None:
    """A fact has the type of the vocabulary, else of its value, else of its use."""
    result = evaluate_text(text, facts, backend)
    assert (result.value, result.error_code) == (value, None)


@pytest.mark.parametrize(
    ("text", "facts", "code"),
    [
        ("x <", {}, "M210"),
        ("quote.age_s < 5", {"quote.age_s": "2"}, "M282"),
        ("quote.age_s < 5", {"quote.age_s": True}, "M282"),
        ("quote.crossed", {"quote.crossed": 1}, "M282"),
        ("'a' in asset.groups", {"asset.groups": "a"}, "M282"),
        ("'a' in asset.groups", {"asset.groups": [1]}, "M282"),
        ("true", {"quote.age_s": "2"}, "M282"),
        ("x < 5", {"x": {"deep": 1}}, "M282"),
        ("x < 5", {"x": [1, 2]}, "M282"),
        ("x and y", {"x": True, "y": 1}, "M220"),
        ("asset.groups", {"asset.groups": ["a"]}, "M285"),
    ],
)
def test_a_mistake_is_a_finding_with_a_code(text: str, facts: dict[str, object], code: str) -> None:
    """What cannot be evaluated has no value, a code, and words."""
    result = evaluate_text(text, facts)
    assert (result.value, result.error_code) == (None, code)
    assert code in {each.code for each in result.diagnostics}


def test_an_operation_without_a_meaning_is_a_finding() -> None:
    """A backend that cannot do something says so by code, and the evaluation goes on."""
    vocabulary = Vocabulary.of(())
    answer = _evaluated(Call("cosine", ()), Given({}, vocabulary, ()), "interpret")
    assert isinstance(answer, Diagnostic)
    assert answer.code == "M281"


def test_an_unknown_backend_is_a_finding() -> None:
    """A slip in the backend's name is told, not raised."""
    assert evaluate_text("1 < 2", {}, "clousre").error_code == "M280"


@pytest.mark.parametrize(
    ("name", "facts", "mend"),
    [
        ("quote.spred_bps", {}, "did you mean `quote.spread_bps`?"),
        ("my.fakt", {"my.fact": 1}, "did you mean `my.fact`?"),
        ("zzzzzz", {}, "state it, with null if it is missing"),
    ],
)
def test_a_name_that_nobody_states_is_a_warning(
    name: str, facts: dict[str, object], mend: str
) -> None:
    """It counts as missing, and a slip is pointed out where it stands."""
    result = evaluate_text(f"1 < 2 or {name} < 5", facts)
    (warning,) = result.diagnostics
    assert (result.value, result.error_code, warning.code) == (True, None, "M284")
    assert (warning.help, warning.place and warning.place.column) == (mend, 10)


def test_the_batch_answers_every_line_in_order() -> None:
    """Values, undecided, refusals and another backend, each in its own line."""
    assert batch(
        SOURCE,
        '{"expr": "x < 5", "facts": {"x": null}}',
        "   ",
        '{"expr": "x +", "facts": {}}',
        '{"expr": "x", "facts": {"x": "a"}, "backend": "interpret"}',
        '{"expr": "x / 3", "facts": {"x": 1}}',
        '{"expr": "x", "facts": {}, "backend": "none"}',
    ) == [
        {"value": True},
        {"value": None},
        {"value": None, "error": "M210"},
        {"value": "a"},
        {"value": 1 / 3},
        {"value": None, "error": "M280"},
    ]


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[]",
        "1",
        "null",
        '{"expr": "x"}',
        '{"facts": {}}',
        '{"expr": 1, "facts": {}}',
        '{"expr": "x", "facts": []}',
        '{"expr": "x", "facts": {}, "backend": 1}',
        '{"expr": "x", "facts": {}, "more": 1}',
        '{"expr": "x", "expr": "y", "facts": {}}',
        '{"expr": "x", "facts": {"x": 1, "x": 2}}',
        '{"expr": "x < 5", "facts": {"x": 1}',
        "[" * 100_000,
    ],
    ids=lambda line: line[:40],
)
def test_a_line_that_cannot_be_read_is_answered(line: str) -> None:
    """A malformed line has a code and the next line its answer."""
    assert batch(line, SOURCE) == [{"value": None, "error": "M283"}, {"value": True}]


def test_whole_numbers_may_be_of_any_length() -> None:
    """A number of ten thousand digits is beyond binary64, not a malformed line."""
    line = f'{{"expr": "has(x)", "facts": {{"x": {"9" * 10_000}}}}}'
    assert batch(line) == [{"value": False}]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
TEXTS = st.sampled_from(["x < 5", "x", "not x", "x in ('a', 'b')", "'a' in x", "x == y", "x + y"])


@given(text=TEXTS | st.text(max_size=20), x=JSON, y=JSON, backend=st.sampled_from(backend_names()))
def test_no_facts_break_an_evaluation(text: str, x: object, y: object, backend: str) -> None:
    """Whatever JSON holds, there is a value that JSON can hold or a code."""
    result = evaluate_text(text, {"x": x, "y": y}, backend)
    assert isinstance(result, EvalResult)
    line = json.dumps({"expr": text, "facts": {"x": x, "y": y}, "backend": backend})
    (answer,) = batch(line)
    assert set(answer) <= {"value", "error"}


@given(line=st.text(max_size=40))
def test_no_line_breaks_the_batch(line: str) -> None:
    """Any text is answered or blank."""
    assert all("value" in answer for answer in batch(line))

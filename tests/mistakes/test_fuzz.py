"""Whatever stands in a policy file, lint answers with findings and never with a traceback.

Seeds: file i of a run is made by `random.Random(f"{SEED}/{i}")`. A plain run makes 100 files from
seed 20210519, `make nightly` 10,000; and both try other seeds, by hypothesis.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mistakes.bench import POLICIES, ROOT, Draft, text_of
from policyset.sets import NOW, documents
from profiles import at_night

from engine.codes import CODES
from engine.errors import in_file_order
from engine.policyset.build import build
from engine.policyset.composing import compose
from engine.policyset.lint import lint
from engine.policyset.lint.fixing import fixed
from engine.policyset.loading import split_items
from engine.policyset.overlay import RawDocument
from engine.policyset.reader import read_yaml
from engine.policyset.reading.nodes import places, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.errors import Diagnostic
    from engine.kinds.base import Document

SEED = 20210519
FILES = sorted(
    str(path.relative_to(ROOT))
    for path in (*POLICIES.rglob("*.yaml"), *(ROOT / "strategies").glob("*.yaml"))
    if path.name != "policyset.yaml" and "any_pair" not in path.parts
)
# The documents that every set has once; the others only make composing slow.
CORE = tuple(
    each
    for each in documents()
    if each.kind in {"Deployment", "Schedule", "UniverseFilter", "ExecutionPolicy"}
    or each.id in {"RiskLimit/max_position", "CircuitBreaker/daily_stop"}
)
_WORD_LIST = """
    null true false ~ yes 0 -1 1e308 -0 0.1 010 1_000 .nan 1:30 2026-01-01 [] {} [[]] '' "" | > &
    * ! % @ ` # : - ? , ${X} <<: &a *a !!str shadow enforce per by group others 99999999999 not
    order.notional_usd quote.age_s params.a_pct abs(order.notional_usd) 1/0 and or
"""
_WORDS = _WORD_LIST.split()
_CHARACTERS = "\u0000\u001b\u00a0\u202e\ufeff\u0430\u0301\U0001f600\ud7ff\u2028\t\r"


def _flip(text: str, chance: random.Random) -> str:
    data = bytearray(text.encode("utf-8", "surrogateescape"))
    for _ in range(chance.randint(1, 4)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return data.decode("utf-8", "surrogateescape")


def _swap_lines(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    one, two = (chance.randrange(len(lines)) for _ in range(2))
    lines[one], lines[two] = lines[two], lines[one]
    return "\n".join(lines)


def _drop_or_repeat(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    lines[at : at + 1] = [lines[at]] * chance.choice((0, 2, 3))
    return "\n".join(lines)


def _swap_tokens(text: str, chance: random.Random) -> str:
    words = text.split(" ")
    one, two = (chance.randrange(len(words)) for _ in range(2))
    words[one], words[two] = words[two], words[one]
    return " ".join(words)


def _other_value(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    key, colon, _ = lines[at].partition(":")
    lines[at] = f"{key}{colon} {chance.choice(_WORDS)}"
    return "\n".join(lines)


def _other_word(text: str, chance: random.Random) -> str:
    words = text.split(" ")
    words[chance.randrange(len(words))] = chance.choice(_WORDS)
    return " ".join(words)


def _nested(text: str, chance: random.Random) -> str:
    depth = chance.choice((3, 15, 17, 200))
    opening, closing = chance.choice((("[", "]"), ("{a: ", "}"), ("(", ")")))
    at = chance.randrange(len(text))
    return text[:at] + opening * depth + closing * depth + text[at:]


def _strange(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text))
    return text[:at] + chance.choice(_CHARACTERS) + text[at:]


def _cut(text: str, chance: random.Random) -> str:
    one, two = sorted(chance.randrange(len(text)) for _ in range(2))
    return text[:one] + text[two:] if chance.random() < 0.5 else text[one:two]


def _indented(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    lines[at] = chance.choice((f" {lines[at]}", f"  {lines[at]}", lines[at].lstrip()))
    return "\n".join(lines)


_CHANGES: tuple[Callable[[str, random.Random], str], ...] = (
    _flip,
    _swap_lines,
    _drop_or_repeat,
    _swap_tokens,
    _other_value,
    _other_value,
    _other_word,
    _nested,
    _strange,
    _cut,
    _indented,
)


def fuzzed(seed: str) -> Draft:
    """A shipped file after one to three changes; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - reproducible, and no secret
    file = chance.choice(FILES)
    text = text_of(file)
    for _ in range(chance.randint(1, 3)):
        text = chance.choice(_CHANGES)(text, chance) or "x"
    return Draft(file, text)


def answered(draft: Draft) -> tuple[Diagnostic, ...]:
    """All that reading, shaping, building, composing and linting say of a small set with it."""
    data = draft.text.encode("utf-8", "surrogateescape")
    result = read_yaml(data, draft.file)
    content = plain(result.root) if result.root else None
    found = list(result.diagnostics)
    built: list[Document] = []
    if result.root is not None and isinstance(content, dict):
        raw, wrong = split_items(RawDocument(content, places(result.root)))
        found += wrong
        for each in raw:
            one = build(dict(each.plain), each.places)
            found += one.diagnostics
            built += [one.document] if one.document else []
    ids = {each.id for each in built}
    singles = {each.kind for each in built} - {"RiskLimit", "CircuitBreaker", "AlertRule"}
    kept = [
        e for e in CORE if e.id not in ids and e.kind not in singles and e.name not in names(built)
    ]
    composed = compose([*kept, *built], "fuzzed")
    found += composed.diagnostics
    if composed.policy_set is not None:
        found += lint(composed.policy_set, now=NOW)
    return in_file_order(found)


def names(built: list[Document]) -> set[str]:
    """The names that documents have."""
    return {each.name for each in built}


def in_order(draft: Draft) -> None:
    """Nothing was raised; what was found has its page, and its mends can be made."""
    found = answered(draft)
    assert {each.code for each in found} <= set(CODES)
    assert all(each.message.isprintable() and "\n" not in each.message for each in found)
    text = draft.text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    once = fixed({draft.file: text}, found)
    assert set(once) <= {draft.file}


@pytest.mark.long
def test_no_traceback_on_fuzzed_files() -> None:
    """100 shipped files, and 10,000 at night, each changed at random, are all answered."""
    for number in range(10_000 if at_night() else 100):
        in_order(fuzzed(f"{SEED}/{number}"))


@settings(max_examples=15)
@given(st.integers(0, 2**64))
def test_no_traceback_on_files_of_other_seeds(seed: int) -> None:
    """Nor on any other seed that hypothesis tries: three hundred of them at night."""
    in_order(fuzzed(f"other/{seed}"))

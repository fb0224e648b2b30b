"""Mends as data: what a program may write in place of what a person wrote."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policyset.sets import NOW, POLICIES

from engine.errors import Diagnostic, Fix, Place
from engine.policyset.lint import lint
from engine.policyset.lint.fixing import fixed, fixes
from engine.policyset.opening import load_policy_set

SET = Path("policies/policyset.yaml")
FILES = (
    "deployment.yaml",
    "schedule.yaml",
    "universe/spot.yaml",
    "execution/spot.yaml",
    "risk/max_order_value.yaml",
    "risk/max_strategy.yaml",
    "risk/max_position.yaml",
    "risk/max_messages_1m.yaml",
    "risk/no_duplicates.yaml",
    "live/policyset.yaml",
)
SHIPPED = {Path("policies") / name: (POLICIES / name).read_text() for name in FILES} | {
    SET: "apiVersion: mandate/v1\nkind: PolicySet\nmetadata: {name: some, description: A few.}\n"
    "spec:\n  include: [deployment.yaml, schedule.yaml, universe/*.yaml, execution/*.yaml, "
    "risk/*.yaml]\n"
}
"""Some of the shipped documents: enough for a set, and quick to read many times."""

MENDS: tuple[tuple[str, str, str, str], ...] = (
    # what is wrong, the file, what stands there, and what was meant
    ("a key misspelt", "risk/max_order_value.yaml", "requires: order", "require: order"),
    ("a space in a key", "risk/max_order_value.yaml", '"stage ": enforce', "stage: enforce"),
    ("a key in another case", "risk/max_order_value.yaml", "Stage: enforce", "stage: enforce"),
    ("a value misspelt", "risk/max_order_value.yaml", "stage: enforced", "stage: enforce"),
    ("a kind misspelt", "risk/max_order_value.yaml", "kind: RiskLimt", "kind: RiskLimit"),
    ("one for a list", "risk/max_order_value.yaml", "intents: entry", "intents: [entry]"),
    ("a number in quotes", "risk/max_strategy.yaml", 'pct: "10"', "pct: 10"),
    ("a number with digits grouped", "risk/max_order_value.yaml", "usd: 1_500", "usd: 1500"),
    ("a number with an exponent", "risk/max_order_value.yaml", "usd: 1.5e3", "usd: 1500"),
    ("a flag in words", "deployment.yaml", "read_only: yes", "read_only: true"),
    ("a flag in capitals", "deployment.yaml", "read_only: True", "read_only: true"),
    ("a flag in quotes", "deployment.yaml", 'read_only: "true"', "read_only: true"),
    ("a duration in words", "schedule.yaml", "interval: 60 seconds", "interval: 60s"),
    ("a product with a slash", "deployment.yaml", "reference: BTC/USD", "reference: BTC-USD"),
    ("a product in small letters", "deployment.yaml", "reference: btc-usd", "reference: BTC-USD"),
    (
        "a fact misspelt",
        "risk/max_order_value.yaml",
        "require: order.notional_us <=",
        "require: order.notional_usd <=",
    ),
    (
        "a parameter misspelt in its rule",
        "risk/max_order_value.yaml",
        "<= params.max_ordr_usd",
        "<= params.max_order_usd",
    ),
    (
        "a case misspelt",
        "risk/max_position.yaml",
        "regime.name, bul: 3.6",
        "regime.name, bull: 3.6",
    ),
    (
        "an enum's value misspelt",
        "execution/spot.yaml",
        'asset.status == "on line"',
        'asset.status == "online"',
    ),
    (
        "another language's and",
        "execution/spot.yaml",
        "not quote.one_sided && not",
        "not quote.one_sided and not",
    ),
)

NO_MENDS: tuple[tuple[str, str, str, str], ...] = (
    ("an octal or a ten", "risk/max_strategy.yaml", "pct: 010", "pct: 10"),
    ("a comma of thousands or of tenths", "risk/max_order_value.yaml", "usd: 1,500", "usd: 1500"),
    ("a word that is near nothing", "risk/max_order_value.yaml", "stage: soon", "stage: enforce"),
    (
        "a name between two others",
        "risk/max_messages_1m.yaml",
        "pace.messages_1_count",
        "pace.messages_1m_count",
    ),
)


def planted(root: Path, broken: dict[Path, str]) -> Path:
    """The shipped sets below `root`, some files in other words."""
    (root / ".git").mkdir(exist_ok=True)
    for name, text in (SHIPPED | broken).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
    return root / "policies"


def found(directory: Path) -> tuple[Diagnostic, ...]:
    """Everything that loading and linting say."""
    loaded = load_policy_set(directory)
    if loaded.policy_set is None:
        return loaded.diagnostics
    return (*loaded.diagnostics, *lint(loaded.policy_set, now=NOW))


def mended(directory: Path) -> None:
    """Write what the fixes make of the files, until they make nothing more."""
    for _ in range(5):
        every = found(directory)
        files = {each.place.file for each in every if each.place}
        new = fixed({each: Path(each).read_bytes().decode() for each in files}, every)
        if not new:
            return
        for name, text in new.items():
            Path(name).write_bytes(text.encode())
    raise AssertionError(directory)


def in_place(file: str, right: str, wrong: str) -> dict[Path, str]:
    """A shipped file with a stretch in other words."""
    name = Path("policies") / file
    assert right in SHIPPED[name], (file, right)
    return {name: SHIPPED[name].replace(right, wrong, 1)}


@pytest.mark.parametrize(("_name", "file", "wrong", "right"), MENDS, ids=[m[0] for m in MENDS])
def test_a_clear_mistake_is_mended_to_the_letter(
    tmp_path: Path, _name: str, file: str, wrong: str, right: str
) -> None:
    """The mended file is the shipped one again, comments and all, and the set has its old hash."""
    # In the shipped file `intents: [entry, add]` stands where the mend can only know of one.
    right = {"intents: [entry]": "intents: [entry, add]"}.get(right, right)
    directory = planted(tmp_path, in_place(file, right, wrong))
    assert found(directory)
    mended(directory)
    expected = SHIPPED[Path("policies") / file]
    if "intents" in right:
        expected = expected.replace("[entry, add]", "[entry]", 1)
    assert (directory / file).read_text() == expected


@pytest.mark.parametrize(
    ("_name", "file", "wrong", "right"), NO_MENDS, ids=[m[0] for m in NO_MENDS]
)
def test_what_may_mean_two_things_is_left_to_a_person(
    tmp_path: Path, _name: str, file: str, wrong: str, right: str
) -> None:
    """A mistake with two readings is told and not touched."""
    directory = planted(tmp_path, in_place(file, right, wrong))
    before = (directory / file).read_text()
    assert found(directory)
    mended(directory)
    assert (directory / file).read_text() == before


def test_several_mistakes_are_mended_together(tmp_path: Path) -> None:
    """Two on one line, one behind the other, and one in another file, all go."""
    broken = in_place("risk/max_order_value.yaml", "stage: enforce", "stage: enforced")
    broken |= in_place("deployment.yaml", "read_only: true", "read_only: yes")
    name = Path("policies/deployment.yaml")
    broken[name] = broken[name].replace("value: 1, source", "valu: 1, sorce", 1)
    directory = planted(tmp_path, broken)
    mended(directory)
    assert {name: (tmp_path / name).read_text() for name in broken} == {
        name: SHIPPED[name] for name in broken
    }


def test_line_ends_and_marks_are_mended(tmp_path: Path) -> None:
    """A file with a byte-order mark and carriage returns is written as every other."""
    name = Path("policies/risk/max_order_value.yaml")
    directory = planted(tmp_path, {name: "\ufeff" + SHIPPED[name].replace("\n", "\r\n")})
    mended(directory)
    assert (tmp_path / name).read_bytes().decode() == SHIPPED[name]


def test_a_patch_is_mended_where_it_stands(tmp_path: Path) -> None:
    """A value that an overlay misspells is mended in the overlay, and not in its base."""
    name = Path("policies/live/policyset.yaml")
    directory = planted(tmp_path, {name: SHIPPED[name].replace("mode: live", "mode: Live")})
    mended(directory / "live")
    assert (tmp_path / name).read_text() == SHIPPED[name]


def test_a_mend_that_is_only_likely_is_kept_for_those_who_ask() -> None:
    """What is not safe is left out, unless the caller wants everything."""
    place = Place("a.yaml", 1, 1, 3, "abc")
    finding = Diagnostic("M226", "of a test", place, "a mend", fix=Fix(place, "x", safe=False))
    assert fixed({"a.yaml": "abc"}, [finding]) == {}
    assert fixed({"a.yaml": "abc"}, [finding], safe_only=False) == {"a.yaml": "x"}


def test_a_text_that_has_moved_on_is_not_touched() -> None:
    """A fix is for the line that was read; another line in its place stays as it is."""
    place = Place("a.yaml", 2, 1, 3, "abc")
    finding = Diagnostic("M303", "of a test", place, "a mend", fix=Fix(place, "x", safe=True))
    assert fixed({"a.yaml": "abc\nabd"}, [finding]) == {}
    assert fixed({"a.yaml": "abc"}, [finding]) == {}
    assert fixed({}, [finding]) == {}


def test_a_fix_that_empties_a_line_takes_the_line() -> None:
    """Nothing is left of what was only there to be deleted."""
    place = Place("a.yaml", 2, 1, 3, "abc")
    finding = Diagnostic("M120", "of a test", place, "a mend", fix=Fix(place, "", safe=True))
    assert fixed({"a.yaml": "one\nabc\ntwo\n"}, [finding]) == {"a.yaml": "one\ntwo\n"}


_STRETCH = st.tuples(
    st.integers(1, 4), st.integers(1, 9), st.integers(0, 6), st.text("ab", max_size=3)
)


def proposed(row: int, at: int, width: int, text: str) -> Diagnostic:
    """A finding whose fix replaces a stretch of one line of digits."""
    place = Place("f", row, at, width, "0123456789")
    return Diagnostic("M303", "of a test", place, "a mend", fix=Fix(place, text, safe=True))


@given(st.lists(_STRETCH, max_size=8))
def test_fixes_never_overlap_and_never_depend_on_their_order(
    stretches: list[tuple[int, int, int, str]],
) -> None:
    """Whatever is proposed, what is taken lies apart, and any order gives the same text."""
    text = "0123456789\n" * 4
    findings = [proposed(*each) for each in stretches]
    taken = fixes(findings)
    for one, two in pairwise(taken):
        assert one.place < two.place
        if one.place.line == two.place.line:
            assert one.place.column + one.place.width <= two.place.column
    assert fixed({"f": text}, findings) == fixed({"f": text}, findings[::-1])

"""What the reader takes, what it refuses, and where it points."""

from __future__ import annotations

import time
import tracemalloc
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.codes import CODES
from engine.policyset.reader import ReadResult, _read, read_yaml
from engine.policyset.reading.nodes import (
    MappingNode,
    ScalarKind,
    ScalarNode,
    ScalarStyle,
    places,
    plain,
)
from engine.policyset.reading.scalars import MAX_DIGITS
from engine.policyset.reading.scan import MAX_BYTES

HOSTILE = Path(__file__).parents[1] / "documents" / "hostile"
READABLE = Path(__file__).parents[1] / "documents" / "good"
GOOD = """\
apiVersion: mandate/v1
kind: RiskLimit
metadata: {name: max_position, "owner": 'risk'}
spec:
  intents: [entry, add]
  require: |
    position.pct_after
      <= params.max_pct
  limit: 0.10
  unlimited: false
  reason: null
"""


def read(text: str) -> ReadResult:
    """Read a text as a file of its own."""
    return read_yaml(text.encode(), "f.yaml")


def value_of(text: str) -> ScalarNode:
    """The only value of `a: …`, which must be readable."""
    result = read(text)
    assert result.diagnostics == ()
    assert isinstance(result.root, MappingNode)
    node = result.root.entries[0].value
    assert isinstance(node, ScalarNode)
    return node


@pytest.mark.parametrize("path", sorted(HOSTILE.glob("*.yaml")), ids=lambda path: path.stem)
def test_hostile_files_earn_exactly_the_findings_beside_them(path: Path) -> None:
    """Each hostile file is refused with just the codes and places of its `.expected` file."""
    result = read_yaml(path.read_bytes(), path.name)
    found = [f"{d.code}:{d.place.line}:{d.place.column}" for d in result.diagnostics if d.place]
    assert found == path.with_suffix(".expected").read_text().split()
    assert result.root is None


@pytest.mark.parametrize("path", sorted(HOSTILE.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_finding_has_words_and_a_mend(path: Path) -> None:
    """A finding says what, where and how to mend it, in the form of the house."""
    for each in read_yaml(path.read_bytes(), path.name).diagnostics:
        assert each.code in CODES
        assert each.help
        assert "\n" not in each.message
        assert not each.message.endswith(".")
        assert each.place is not None
        assert each.message.isprintable()
        assert each.place.source_line.isprintable()


def test_hostile_files_earn_every_code_of_reading_one_file() -> None:
    """No code for reading one file lacks a file that earns it, but those made here by size."""
    earned = {line[:4] for path in HOSTILE.glob("*.expected") for line in path.read_text().split()}
    assert earned | {"M101", "M131"} == {code for code in CODES if "M101" <= code <= "M139"}


def test_a_document_reads_as_plain_data() -> None:
    """Text stays text, numbers are Decimal as written, and nothing else is guessed."""
    result = read(GOOD)
    assert result.diagnostics == ()
    assert result.root is not None
    assert plain(result.root) == {
        "apiVersion": "mandate/v1",
        "kind": "RiskLimit",
        "metadata": {"name": "max_position", "owner": "risk"},
        "spec": {
            "intents": ["entry", "add"],
            "require": "position.pct_after\n  <= params.max_pct\n",
            "limit": Decimal("0.10"),
            "unlimited": False,
            "reason": None,
        },
    }


PLACES = (
    (("metadata",), (3, 1), (3, 11)),
    (("metadata", "name"), (3, 12), (3, 18)),
    (("metadata", "owner"), (3, 32), (3, 41)),
    (("spec", "intents"), (5, 3), (5, 12)),
    (("spec", "intents", 1), (5, 20), (5, 20)),
    (("spec", "require"), (6, 3), (6, 12)),
    (("spec", "limit"), (9, 3), (9, 10)),
    (("spec", "params", "max_pct"), (4, 1), (5, 3)),
)


@pytest.mark.parametrize(("path", "key", "value"), PLACES)
def test_every_key_and_value_knows_its_place(
    path: tuple[str | int, ...], key: tuple[int, int], value: tuple[int, int]
) -> None:
    """Keys and values have places; what was not written has the place of what is around it."""
    root = read(GOOD).root
    assert root is not None
    there = places(root)
    assert (there.of_key(path).line, there.of_key(path).column) == key
    assert (there.of(path).line, there.of(path).column) == value


def test_what_is_no_text_has_an_empty_snippet_where_it_stands() -> None:
    """A mapping, or a text that was never written, has a place to point at and no text."""
    root = read(GOOD).root
    assert root is not None
    for path, line in ((("spec",), 5), (("spec", "intents"), 5), (("spec", "when"), 5)):
        snippet = places(root).snippet(path)
        assert (snippet.text, snippet.place().line) == ("", line)


SNIPPETS = (
    ("a: x < limit", "limit", (1, 8)),
    ("a: 'x < limit'", "limit", (1, 9)),
    ('a: "x < limit"', "limit", (1, 9)),
    ("b: 1\na: |\n  x\n    < limit\n", "limit", (4, 7)),
    ("b: 1\na: |-  # why\n\n  x\n\n  < limit", "limit", (6, 5)),
    ("b: 1\na: |2\n    x < limit\n", "limit", (3, 9)),
    ("b: {a: x < limit}", "limit", (1, 12)),
)


@pytest.mark.parametrize(("text", "word", "at"), SNIPPETS)
def test_a_place_inside_a_text_is_the_place_in_the_file(
    text: str, word: str, at: tuple[int, int]
) -> None:
    """An offset into an expression becomes the line and column at which the user wrote it."""
    root = read(text).root
    assert root is not None
    there = places(root)
    path = ("b", "a") if ("b", "a") in there.spots else ("a",)
    snippet = there.snippet(path)
    place = snippet.place(snippet.text.index(word))
    assert (place.line, place.column) == at
    assert place.source_line[place.column - 1 :].startswith(word)


@pytest.mark.parametrize(
    "text",
    [
        "a: |\n  x\n",
        "a: |\n  x",
        "a: |\n\n",
        "a: |+\n  x\n\n\n",
        "a: |-\n  x\n  y\n",
        "a: |\n  x\nb: 1",
    ],
)
def test_a_block_has_an_anchor_for_each_of_its_lines(text: str) -> None:
    """Every offset of a block, its end included, has a place inside the file."""
    root = read(text).root
    assert isinstance(root, MappingNode)
    node = root.entries[0].value
    assert isinstance(node, ScalarNode)
    assert node.style is ScalarStyle.BLOCK
    for offset in range(len(node.snippet.text) + 1):
        assert 1 <= node.snippet.place(offset).line <= text.count("\n") + 1


TEXTS = (
    ("a: 90s", "90s"),
    ("a: BTC-USD", "BTC-USD"),
    ("a: 1.2.3", "1.2.3"),
    ("a: '010'", "010"),
    ('a: "yes"', "yes"),
    ("a: 5%", "5%"),
    ("a: 24h", "24h"),
    ("a: nan", "nan"),
    ("a: 12e", "12e"),
    ("a: yes please", "yes please"),
    ('a: ""', ""),
    ("a: $HOME", "$HOME"),
    ("a: " + "1_" * 40, "1_" * 40),
    ("a: 'it''s'", "it's"),
    ("a: cafe\u0301", "caf\u00e9"),
    ("a: \uff11\uff12", "\uff11\uff12"),
)


@pytest.mark.parametrize(("text", "value"), TEXTS)
def test_text_is_text(text: str, value: str) -> None:
    """What no YAML program takes for anything else is text, in NFC."""
    node = value_of(text)
    assert (node.kind, node.value) == (ScalarKind.TEXT, value)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=6, min_value=-(10**15), max_value=10**15
    )
)
@example(Decimal("-0.00"))
@example(Decimal("0.10"))
def test_a_plain_decimal_is_kept_exactly(number: Decimal) -> None:
    """Whatever plain decimal is written, that very number is read, with its zeros."""
    node = value_of(f"a: {number:f}")
    assert node.kind is ScalarKind.NUMBER
    assert node.value == number
    assert str(node.value) == f"{number:f}".replace("-0.00", "0.00") or number != 0


@pytest.mark.parametrize("digits", [MAX_DIGITS, MAX_DIGITS + 1])
def test_a_number_has_as_many_digits_as_a_decimal_keeps(digits: int) -> None:
    """Twenty-eight digits are kept, one more is refused."""
    result = read("a: " + "9" * digits)
    assert [each.code for each in result.diagnostics] == ["M125"] * (digits - MAX_DIGITS)


MENDS = (
    ("a: 1e3", "write `1000`"),
    ("a: 1E-3", "write `0.001`"),
    ("a: 1_000.50", "write `1000.5`"),
    ("a: 1,000", "write `1000`"),
    ("a: .5", "write `0.5`"),
    ("a: 007", "write `7`"),
    ("a: 1e99999999", "write a plain decimal number"),
    ("a: 0x1F", "write a plain decimal number"),
    ("a: off", "write `false`"),
    ("a: Y", "write `true`"),
)


@pytest.mark.parametrize(("text", "mend"), MENDS)
def test_the_mend_shows_what_to_write(text: str, mend: str) -> None:
    """Where it is clear what was meant, the mend spells it out."""
    (found,) = read(text).diagnostics
    assert found.help.startswith(mend)


def test_no_finding_prints_a_secret() -> None:
    """A secret is masked wherever the line of the user is printed back, comments included."""
    secret = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"  # noqa: S105 - a made-up token
    result = read(f"{secret}: yes  # {secret}\n{secret}: no\n")
    assert {each.code for each in result.diagnostics} == {"M111", "M127", "M120"}
    printed = [
        (str(each), each.help, each.place and each.place.source_line, each.related)
        for each in result.diagnostics
    ]
    assert secret[4:] not in repr(printed)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"#" * (MAX_BYTES + 1), "M101"),
        (b"a: 1\n" * 2_000_000, "M101"),
        (b"a: " + b"x" * 3000, "M131"),
    ],
    ids=["one byte too many", "ten megabytes", "a long line"],
)
def test_size_is_refused_before_anything_else(data: bytes, code: str) -> None:
    """Too large is one finding, whatever else is in the file."""
    result = read_yaml(data, "f.yaml")
    assert [each.code for each in result.diagnostics] == [code]
    assert result.root is None


UNITS = (
    *(
        "[",
        "[\n",
        "{",
        "{a: ",
        "- ",
        "-\n",
        "? ",
        "? x\n",
        ": ",
        ":",
        "a: [\n",
        "&a ",
        "*a ",
        "!a ",
    ),
    *(
        "!",
        "|\n",
        ">\n",
        "'",
        '"',
        '"" ',
        "[],",
        "---\n",
        "%A\n",
        "\t",
        "\r",
        "\n",
        " ",
        "#",
        "a: 1\n",
    ),
    *("a,\n", "a ", "x\n  ", "k" * 1100 + ": 1\n", "eyJ-", "sk-a ", "a://a:", "-----BEGIN A-----"),
    *("organizations/", "123456789:", "1_", "\\n", "${", "\u202e", "\x01", "\u00e9"),
)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("start", ["", "a: ", 'a: "', "a: |\n  ", "["])
def test_hostile_text_costs_little_time_and_memory(start: str, unit: str) -> None:
    """64 KiB of one hostile unit never raises, and needs bounded work; the bound is generous."""
    data = (start + unit * MAX_BYTES).encode()[:MAX_BYTES].decode(errors="ignore").encode()
    begun = time.process_time()
    read_yaml(data, "f.yaml")
    # 100 ms where nothing else runs; a shared machine is given five times as long.
    assert time.process_time() - begun < 0.5


def test_ten_megabytes_and_an_alias_bomb_need_little_memory() -> None:
    """Memory stays far below 64 MiB beyond the bytes that the caller already holds."""
    bomb = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 200))
    large = b"a: [1]\n" * 1_500_000
    tracemalloc.start()
    read_yaml(large, "large.yaml")
    read_yaml(bomb.encode(), "bomb.yaml")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 * 1024 * 1024


ALPHABET = st.sampled_from(
    [
        *"abn01:-[]{},&*!|>'\"#%@`?~<=\\ \n\t\r\u202e\u0435.$_",
        ": ",
        "- ",
        "\n  ",
        "${",
        "---\n",
        "yes",
        "1e3",
        "<<: ",
    ]
)


@settings(deadline=None, max_examples=120)
@given(st.lists(ALPHABET, max_size=60).map("".join))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    """No text raises, and a text without a tree has an error that points into it."""
    result = read(text)
    assert (result.root is None) == bool(result.diagnostics)
    lines = text.count("\n") + text.count("\r") + 1
    assert all(each.place and each.place.line <= lines for each in result.diagnostics)


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """No bytes raise."""
    result = read_yaml(data, "f.yaml")
    assert (result.root is None) == bool(result.diagnostics)


@pytest.mark.parametrize("path", sorted(READABLE.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_same_bytes_under_another_name_are_the_same_tree_there(path: Path) -> None:
    """What was read once is not read again: only its name is another, in every place and text."""
    data = path.read_bytes()
    for name in ("one.yaml", "two.yaml"):
        read_yaml.cache_clear()
        kept, anew = read_yaml(data, name), _read(data, name)
        assert kept.root is not None
        assert anew.root is not None
        # `==` of places leaves out their width and their line; this does not.
        assert asdict(kept.root) == asdict(anew.root)


def test_findings_name_the_file_in_which_they_were_found() -> None:
    """The same mistake in two files is told of both."""
    for name in ("one.yaml", "two.yaml"):
        assert {each.place.file for each in read_yaml(b"a: 1\na: 2\n", name).diagnostics} == {name}

"""What the grammar reads, what it refuses, where, and with which mend."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

import pytest
from expr.trees import trees
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.codes import CODES
from engine.errors import Snippet
from engine.expr.grammar import GENERATED, WRITTEN, Parsed, parse
from engine.expr.nodes import (
    And,
    Arithmetic,
    Call,
    Compare,
    Conditional,
    Fact,
    Flag,
    Membership,
    Negate,
    Node,
    Not,
    Number,
    Or,
    Span,
    Text,
    children,
    walk,
)
from engine.expr.printing import print_tree

A, B, C = Fact("a"), Fact("b"), Fact("c.d_1")


def number(text: str) -> Number:
    """A literal number."""
    return Number(Decimal(text))


TREES: dict[str, tuple[str, Node]] = {
    "a dotted name is one fact": ("c.d_1", C),
    "a part of a name may be a word of the language": (
        "limit.in.not < 1",
        Compare((Fact("limit.in.not"), number("1")), ("<",)),
    ),
    "a later part of a name may begin with a digit": ("a.5m", Fact("a.5m")),
    "numbers keep every digit": ("0.10", number("0.1")),
    "a minus right before digits is the number's": ("- 5", number("-5")),
    "a minus before brackets is an operation": ("-(5)", Negate(number("5"))),
    "flags are lower case": ("true", Flag(value=True)),
    "text in single quotes": ("'x'", Text("x")),
    "quotes and backslashes are escaped": (r'"a\"\\\'"', Text("a\"\\'")),
    "and takes any number": ("a and b and c.d_1", And((A, B, C))),
    "or binds looser than and": ("a or b and c.d_1", Or((A, And((B, C))))),
    "not binds looser than a comparison": ("not a < b", Not(Compare((A, B), ("<",)))),
    "comparisons chain": (
        "a < b <= 3 != c.d_1",
        Compare((A, B, number("3"), C), ("<", "<=", "!=")),
    ),
    "times binds tighter than plus": (
        "a + b * 2",
        Arithmetic("+", A, Arithmetic("*", B, number("2"))),
    ),
    "minus groups to the left": ("a - b - a", Arithmetic("-", Arithmetic("-", A, B), A)),
    "membership of numbers": ("a in (1, -2)", Membership(A, (number("1"), number("-2")))),
    "membership of one text": ("a in ('x')", Membership(A, (Text("x"),))),
    "membership in a set of texts": (
        "'x' in asset.groups",
        Membership(Text("x"), (Fact("asset.groups"),)),
    ),
    "not in is a negated membership": ("a not in (1,)", Not(Membership(A, (number("1"),)))),
    "a choice between two": ("a if b else 3", Conditional(B, A, number("3"))),
    "a call": ("min(a, b)", Call("min", (A, B))),
    "a call with a last comma": ("min(a, b,)", Call("min", (A, B))),
    "counting": ("at_least(2, a, b)", Call("at_least", (number("2"), A, B))),
    "a series call is one fact": ('change_pct( "60m" )', Fact('change_pct("60m")')),
    "a series call with two constants": ("ema(20, '1m')", Fact('ema(20, "1m")')),
    "lines break anywhere": ("(\n a\n) and\n\tb", And((A, B))),
}

# name: (text, code, (line, column, width), a part of the mend)
REFUSED: dict[str, tuple[str, str, tuple[int, int, int], str]] = {
    "nothing": ("", "M202", (1, 1, 1), "write a rule"),
    "only spaces": (" \n ", "M202", (1, 1, 1), "write a rule"),
    "empty brackets": ("a and ()", "M202", (1, 7, 2), "write a fact"),
    "assignment": ("quote.age_s = 5", "M205", (1, 13, 1), "did you mean `==`?"),
    "walrus": ("a := 5", "M205", (1, 3, 2), "did you mean `==`?"),
    "and of C": ("a && b", "M205", (1, 3, 2), "did you mean `and`?"),
    "or of C": ("a || b", "M205", (1, 3, 2), "did you mean `or`?"),
    "not of C": ("!a", "M205", (1, 1, 1), "did you mean `not`?"),
    "inequality of SQL": ("a <> b", "M205", (1, 3, 2), "did you mean `!=`?"),
    "arrow for at least": ("a => b", "M205", (1, 3, 2), "did you mean `>=`?"),
    "identity of JavaScript": ("a === b", "M205", (1, 3, 3), "did you mean `==`?"),
    "choice of C": ("a ? b : 1", "M205", (1, 3, 1), "a if test else b"),
    "percent": ("a > 5%", "M205", (1, 6, 1), "`_pct`"),
    "power": ("a ** 2 > b", "M205", (1, 3, 2), "x * x"),
    "whole division": ("a // 2 > b", "M205", (1, 3, 2), "`/`"),
    "two statements": ("a < 1; b", "M205", (1, 6, 1), "join two with `and`"),
    "an attribute of a value": ("(a).b", "M205", (1, 4, 1), "no attributes"),
    "capital truth": ("a == True", "M206", (1, 6, 4), "did you mean `true`?"),
    "nothing of Python": ("a == None", "M206", (1, 6, 4), "has(fact)"),
    "identity": ("a is b", "M206", (1, 3, 2), "did you mean `==`?"),
    "capital and": ("a AND b", "M206", (1, 3, 3), "did you mean `and`?"),
    "capital not": ("NOT a", "M206", (1, 1, 3), "did you mean `not`?"),
    "lambda": ("lambda", "M206", (1, 1, 6), "the words are"),
    "comprehension": ("(a for b in c.d)", "M206", (1, 4, 3), "the words are"),
    "exponent": ("a < 1e-3", "M207", (1, 5, 4), "did you mean `0.001`?"),
    "underscores": ("a < 1_000", "M207", (1, 5, 5), "did you mean `1000`?"),
    "hexadecimal": ("a < 0x1f", "M207", (1, 5, 4), "plain decimals"),
    "leading zeros": ("a < 007", "M207", (1, 5, 3), "did you mean `7`?"),
    "no digit before the point": ("a < .5", "M207", (1, 5, 2), "did you mean `0.5`?"),
    "no digit after the point": ("a < 1.", "M207", (1, 5, 2), "did you mean `1`?"),
    "a number too large for anything": ("a < 1e999", "M207", (1, 5, 5), "plain decimals"),
    "a number with a unit": ("a < 5bps", "M207", (1, 5, 4), "plain decimals"),
    "too many digits": (f"a < {'1' * 41}", "M207", (1, 5, 41), "40 digits"),
    "open text": ("a == 'x", "M208", (1, 6, 1), "at its end"),
    "text over two lines": ("a == 'x\ny'", "M208", (1, 6, 1), "at its end"),
    "text beside text": ("a == 'x' 'y'", "M208", (1, 6, 7), "one text"),
    "formatted text": ("a == f'x'", "M208", (1, 6, 4), "prefix"),
    "a line break in text": (r"a == 'x\n'", "M208", (1, 6, 5), "the character itself"),
    "letters beyond ASCII in text": ("a == 'é'", "M208", (1, 6, 3), "ASCII"),
    "a letter beyond ASCII": ("é < 1", "M204", (1, 1, 1), "plain ASCII"),
    "a zero byte": ("a\0", "M204", (1, 2, 1), "plain ASCII"),
    "a comment": ("a # b", "M204", (1, 3, 1), "comments"),
    "backticks": ("`a`", "M204", (1, 1, 1), "plain ASCII"),
    "square brackets": ("a in [1]", "M209", (1, 6, 1), "round brackets"),
    "subscript": ("a[0]", "M209", (1, 2, 1), "round brackets"),
    "an open bracket": ("(a", "M209", (1, 1, 1), "add `)`"),
    "a bracket that closes nothing": ("a)", "M209", (1, 2, 1), "leave it out"),
    "two values": ("a b", "M210", (1, 3, 1), "an operator joins"),
    "a value and a number": ("a 5", "M210", (1, 3, 1), "an operator joins"),
    "brackets after a value": ("5(a)", "M210", (1, 2, 1), "an operator joins"),
    "a call of a call": ("has(a)(b)", "M210", (1, 7, 1), "an operator joins"),
    "an operator at the end": ("a and", "M210", (1, 3, 3), "an operator joins"),
    "an operator at the start": ("* a", "M210", (1, 1, 1), "an operator joins"),
    "a plus sign": ("+a", "M210", (1, 1, 1), "an operator joins"),
    "a comma at the start": (", a", "M210", (1, 1, 1), "an operator joins"),
    "an operator before a bracket": ("(a +)", "M210", (1, 5, 1), "an operator joins"),
    "not before an operator": ("not < a", "M210", (1, 5, 1), "an operator joins"),
    "a choice without else": ("a if b", "M210", (1, 1, 1), "`a if test else b`"),
    "two else": ("a if b else c.d else a", "M210", (1, 17, 4), "`a if test else b`"),
    "a list": ("a, b", "M210", (1, 1, 4), "behind `in`"),
    "a list in brackets": ("(1, 2) == a", "M210", (1, 1, 6), "behind `in`"),
    "capitals": ("Quote.Bid", "M211", (1, 1, 9), "did you mean `quote.bid`?"),
    "two dots": ("a..b", "M211", (1, 1, 4), "joined by dots"),
    "a dot at the end": ("a.b.", "M211", (1, 1, 4), "joined by dots"),
    "a leading underscore": ("__class__", "M211", (1, 1, 9), "joined by dots"),
    "unknown function": ("mean_of(a)", "M212", (1, 1, 7), "the functions are"),
    "a near miss": ("mi(a, b)", "M212", (1, 1, 2), "did you mean `min`?"),
    "a near miss of a series": ("chnge_pct('5m')", "M212", (1, 1, 9), "`change_pct`?"),
    "a method": ("a.upper()", "M212", (1, 1, 7), "no methods"),
    "a call of a flag": ("true (a)", "M210", (1, 6, 1), "an operator joins"),
    "too few arguments": ("min(a)", "M213", (1, 1, 6), "min(a, b, ...)"),
    "too many arguments": ("abs(a, b)", "M213", (1, 1, 9), "abs(x)"),
    "has of a number": ("has(3)", "M213", (1, 1, 6), "has(fact)"),
    "default of an expression": ("default(a + b, 1)", "M213", (1, 1, 17), "default(fact, value)"),
    "counting with a fact": ("at_least(a, b)", "M213", (1, 1, 14), "at_least(n"),
    "counting with a fraction": ("at_least(1.5, a, b)", "M213", (1, 1, 19), "at_least(n"),
    "counting to nothing": ("at_least(0, a)", "M213", (1, 1, 14), "at_least(n"),
    "counting too far": ("at_least(3, a, b)", "M213", (1, 1, 17), "at_least(n"),
    "a window in words": ("change_pct('an hour')", "M213", (1, 1, 21), 'change_pct("15m")'),
    "a window that varies": ("change_pct(a)", "M213", (1, 1, 13), 'change_pct("15m")'),
    "a window without quotes": ("mean(60)", "M213", (1, 1, 8), 'mean("15m")'),
    "a count in quotes": ("ema('20', '1m')", "M213", (1, 1, 15), "ema(n, bar)"),
    "a count of nothing": ("ema(0, '1m')", "M213", (1, 1, 12), "ema(n, bar)"),
    "a series without its constants": ("ema(20)", "M213", (1, 1, 7), "ema(n, bar)"),
    "the longer window first": (
        "volume_ratio('24h', '1h')",
        "M213",
        (1, 1, 25),
        'volume_ratio("15m", "24h")',
    ),
    "a text to search in": ("a in 'BTC-USD'", "M214", (1, 6, 9), "in brackets"),
    "no choices": ("a in ()", "M214", (1, 6, 2), "in brackets"),
    "a fact among the choices": ("a in (1, b)", "M214", (1, 10, 1), "in brackets"),
    "a flag among the choices": ("a in (true, 1)", "M214", (1, 7, 4), "in brackets"),
    "a sum among the choices": ("a in (1 + 2, 1)", "M214", (1, 7, 5), "in brackets"),
    "a negated fact among the choices": ("a in (-b, 1)", "M214", (1, 7, 2), "in brackets"),
    "in behind a comparison": ("a < b in (1, 2)", "M215", (1, 1, 15), "join two questions"),
    "signs without end": ("-" * 400 + "a", "M201", (1, 13, 1), "12 levels"),
    "negations without end": ("not " * 100 + "a", "M201", (1, 49, 3), "12 levels"),
    "brackets without end": ("(" * 200 + "a" + ")" * 200, "M201", (1, 25, 1), "12 levels"),
    "a long text": ("a" * 513, "M201", (1, 1, 512), "split"),
    "a deep sum": ("a" + " + a" * 12, "M201", (1, 1, 1), "12 levels"),
    "many parts": (f"a in ({', '.join('1' for _ in range(64))})", "M201", (1, 1, 197), "split"),
    "canonical text that is too long": (
        "+".join(["a" * 40] * 10) + "<" + "+".join(["b" * 8] * 10),
        "M201",
        (1, 1, 499),
        "split",
    ),
}


def read(text: str) -> Parsed:
    """Parse a text that is its own file."""
    return parse(Snippet.of(text))


@pytest.mark.parametrize(("text", "tree"), TREES.values(), ids=TREES)
def test_reads(text: str, tree: Node) -> None:
    """Text of the language becomes the tree that it looks like."""
    parsed = read(text)
    assert parsed.diagnostics == ()
    assert parsed.tree == tree


@pytest.mark.parametrize(("text", "code", "where", "mend"), REFUSED.values(), ids=REFUSED)
def test_refuses(text: str, code: str, where: tuple[int, int, int], mend: str) -> None:
    """What is not in the language is refused, at its place, with a mend."""
    parsed = read(text)
    assert parsed.tree is None
    first = parsed.diagnostics[0]
    place = first.place
    assert place is not None
    assert (first.code, (place.line, place.column, place.width)) == (code, where)
    assert mend in first.help


def test_independent_slips_are_told_together() -> None:
    """One slip does not hide the next, and a guess about their order is not told."""
    parsed = read("Quote.bid = 1e3 && min(a) or b[0]")
    assert [each.code for each in parsed.diagnostics] == [
        "M211",
        "M205",
        "M207",
        "M205",
        "M209",
        "M209",
    ]
    parsed = read("min(a) < 1 and nope(b) and c in 'x'")
    assert [each.code for each in parsed.diagnostics] == ["M213", "M212", "M214"]


def test_a_slip_does_not_make_noise() -> None:
    """After a refused operator nothing is said about the values that seem to be missing."""
    assert [each.code for each in read("5 % < ").diagnostics] == ["M205"]
    assert [each.code for each in read("a is not b").diagnostics] == ["M206"]


def test_places_follow_lines() -> None:
    """A finding on the third line of a block is placed there."""
    place = read("a and\n  b and\n    c =! 3").diagnostics[0].place
    assert place is not None
    assert (place.line, place.column, place.source_line) == (3, 7, "    c =! 3")


def test_definitions_may_be_larger() -> None:
    """A table of sixty cases, unrolled by the engine, is a definition that no one may write."""
    text = " else ".join(f'{case} if group.name == "g{case}"' for case in range(60)) + " else 0"
    assert read(text).tree is None
    tree = parse(Snippet.of(text), GENERATED).tree
    assert tree is not None
    assert parse(Snippet.of(print_tree(tree)), GENERATED).tree == tree


ALPHABET = st.sampled_from(
    [*"()[]{}.,;:'\"=<>!&|+-*/%@#\\ \n\0é", "not ", "and ", "in ", "if ", "else ", "a", "a.b", "1",
     "true", "None", "lambda", "min(", "has(", "ema(", '"5m"', "**", "1e5", "__import__", "==", "≤"]
)  # fmt: skip


@settings(deadline=None, max_examples=120)
@given(st.lists(ALPHABET, max_size=40).map("".join))
def test_any_text_is_answered(text: str) -> None:
    """Whatever is typed, the answer is a tree or placed findings in our words, never both."""
    parsed = read(text)
    assert (parsed.tree is None) == bool(parsed.diagnostics)
    for finding in parsed.diagnostics:
        assert finding.code in CODES
        assert finding.place is not None
        assert finding.place.column >= 1
        assert finding.help
        assert "\n" not in finding.message
        assert not re.match(r"[A-Z]", finding.message)
        assert not finding.message.endswith(".")


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=80))
def test_any_unicode_is_answered(text: str) -> None:
    """Text in any script is answered and never raises."""
    parsed = read(text)
    assert (parsed.tree is None) == bool(parsed.diagnostics)


@settings(deadline=None, max_examples=80)
@given(trees())
def test_spans_cover_their_part(tree: Node) -> None:
    """Each node knows its own text: parents enclose children, and names stand at their span."""
    text = print_tree(tree)
    parsed = read(text).tree
    assert parsed is not None
    for node in walk(parsed):
        for child in children(node):
            assert node.span.start <= child.span.start <= child.span.end <= node.span.end
        if isinstance(node, Fact):
            assert text[node.span.start : node.span.end] == node.name
    for left, right in pairwise(children(parsed)):
        assert left.span.end <= right.span.start


def test_spans_are_not_part_of_a_tree() -> None:
    """Two spellings of one expression are one tree."""
    assert read("a<b").tree == read("(a  <  b)").tree
    assert read("a").tree == Fact("a", Span(3, 4))


def test_bounds_are_those_of_the_design() -> None:
    """People write at most 512 characters, 64 nodes, 12 levels."""
    assert (WRITTEN.characters, WRITTEN.nodes, WRITTEN.depth) == (512, 64, 12)

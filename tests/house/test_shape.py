"""The size and the words of every file: docstrings, lengths, reasons, unfinished marks."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import tomllib
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 70

SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:)")
# A rule in brackets or after a colon, then ` - ` or (as mypy has it) `  # `, then the reason.
EXPLAINED = re.compile(
    r"#\s*(noqa: [A-Z]+\d+(, ?[A-Z]+\d+)*|type: ignore\[[a-z, -]+\]|pragma: no \w+) +[-#] \S.*"
)
# Spelt apart, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b|\bfor " r"now\b")


class _Source(Protocol):
    name: str
    text: str
    tree: ast.Module


def _comments(text: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def test_every_module_says_what_it_is(all_sources: tuple[_Source, ...]) -> None:
    """Each module begins with a docstring."""
    assert [source.name for source in all_sources if not ast.get_docstring(source.tree)] == []


def test_no_file_is_too_long(all_sources: tuple[_Source, ...]) -> None:
    """A file holds one idea, in at most six hundred lines."""
    lengths = {source.name: source.text.count("\n") for source in all_sources}
    assert {name: lines for name, lines in lengths.items() if lines > MAX_FILE_LINES} == {}


def test_no_function_is_too_long(all_sources: tuple[_Source, ...]) -> None:
    """A function fits on a screen: at most seventy lines."""
    functions = [
        (source.name, node)
        for source in all_sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    too_long = [
        f"{name}:{node.lineno}: {node.name}"
        for name, node in functions
        if (node.end_lineno or node.lineno) - node.lineno + 1 > MAX_FUNCTION_LINES
    ]
    assert too_long == []


def test_every_suppression_has_a_reason(all_sources: tuple[_Source, ...]) -> None:
    """Whoever silences a checker names the rule and says why, on the same line."""
    silent = [
        f"{source.name}:{line}: {comment}"
        for source in all_sources
        for line, comment in _comments(source.text)
        if SUPPRESSION.search(comment) and not EXPLAINED.search(comment)
    ]
    assert silent == []


def test_nothing_is_left_unfinished(all_sources: tuple[_Source, ...]) -> None:
    """No comment promises work: what is committed is done."""
    marks = [
        f"{source.name}:{line}: {comment}"
        for source in all_sources
        for line, comment in _comments(source.text)
        if UNFINISHED.search(comment)
    ]
    assert marks == []


def test_every_test_states_its_truth(all_sources: tuple[_Source, ...]) -> None:
    """Each test function has a docstring: the sentence that it proves."""
    silent = [
        f"{source.name}:{node.lineno}: {node.name}"
        for source in all_sources
        if source.name.startswith("tests/")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_every_ignored_rule_has_a_reason(root: Path) -> None:
    """Each rule that ruff is told to leave out carries a comment that says why."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    settings = tomllib.loads(text)["tool"]["ruff"]["lint"]
    ignored = [
        *settings["ignore"],
        *(r for rules in settings["per-file-ignores"].values() for r in rules),
    ]
    unexplained = [rule for rule in ignored if not re.search(rf'"{rule}"[^#\n]*# \S.*', text)]
    assert ignored
    assert unexplained == []

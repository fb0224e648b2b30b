"""Clock, chance, disk and environment come through ports, so a history replays from its seed."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

CALLS = re.compile(
    r"""
      time\.(time|time_ns|monotonic|monotonic_ns|perf_counter|perf_counter_ns|sleep)
    | (datetime\.)?(datetime|date)\.(now|utcnow|today)
    | (random|secrets)\.\w+ | (uuid\.)?uuid[14] | os\.(urandom|getrandom|getenv|open)
    | getenv | urandom | open | io\.open | .*\.utcnow
    """,
    re.VERBOSE,
)
"""Calls that reach for the clock, for chance, or for the disk."""

FILE_METHODS = re.compile(r".*\.(read|write)_(text|bytes)")
"""pathlib's way to the disk, whatever the path is called."""

IMPORTED_NAMES = {
    "time": {"time", "time_ns", "monotonic", "monotonic_ns", "sleep"},
    "os": {"environ", "getenv", "urandom"},
    "random": {"*"},
    "secrets": {"*"},
}
"""Names that, imported bare, would slip through the pattern above."""

FILES_ARE_READ_IN = (
    "engine/simulation/sweeping/units.py",  # the program itself, and results by content
    "engine/adapters/",  # that is what adapters are for
    "engine/policyset/",  # documents are read before there is a port, and never written
)
ORDER_PATH = ("engine/adapters/coinbase/", "engine/adapters/http.py")
"""Adapters that an order passes: they have a clock, chance and a disk through ports as well."""
ENVIRONMENT_IS_READ_IN = ("engine/adapters/environment",)


class _Source(Protocol):
    name: str
    tree: ast.Module


def _dotted(node: ast.expr) -> str:
    """`a.b.c` of a name or an attribute; a call or subscript inside it becomes `_`."""
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "_"


def _calls(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.lineno, _dotted(node.func)


def _aliases(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Another name for one of these modules would hide its calls from the pattern."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname and alias.name in {*IMPORTED_NAMES, "datetime", "uuid", "io"}:
                    yield node.lineno, f"import {alias.name} as {alias.asname}"


def _bare_imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in IMPORTED_NAMES:
            taken = {alias.name for alias in node.names}
            if IMPORTED_NAMES[node.module] & (taken | {"*"}):
                yield node.lineno, f"from {node.module} import {', '.join(sorted(taken))}"


def _offences(source: _Source) -> Iterator[str]:
    if source.name.startswith("engine/adapters/") and not source.name.startswith(ORDER_PATH):
        return
    found = [(line, call) for line, call in _calls(source.tree) if CALLS.fullmatch(call)]
    for line, what in (*found, *_bare_imports(source.tree), *_aliases(source.tree)):
        yield f"{source.name}:{line}: {what}"


def test_engine_takes_clock_chance_and_disk_from_ports(
    engine_sources: tuple[_Source, ...],
) -> None:
    """Nothing outside the adapters reads a clock, draws a number or opens a file by itself.

    Nor does an adapter that an order passes.
    """
    assert [offence for source in engine_sources for offence in _offences(source)] == []


def test_files_are_read_where_documents_come_in(engine_sources: tuple[_Source, ...]) -> None:
    """Paths are read and written in the adapters only, and read in the policy set."""
    offences = [
        f"{source.name}:{line}: {call}"
        for source in engine_sources
        for line, call in _calls(source.tree)
        if FILE_METHODS.fullmatch(call)
        and not (
            source.name.startswith(FILES_ARE_READ_IN)
            and (".read_" in call or source.name.startswith("engine/adapters/"))
        )
    ]
    assert offences == []


def test_environment_is_read_in_one_place(engine_sources: tuple[_Source, ...]) -> None:
    """Only `adapters/environment` looks at the environment, where the secrets are."""
    offences = [
        f"{source.name}:{node.lineno}"
        for source in engine_sources
        if not source.name.startswith(ENVIRONMENT_IS_READ_IN)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute | ast.Name)
        and re.fullmatch(r"os\.(environb?|getenvb?)|environb?", _dotted(node))
    ]
    assert offences == []


@pytest.mark.parametrize(
    ("code", "offends"),
    [
        ("import time\ntime.time()", True),
        ("import datetime as d\nd.datetime.now()", True),
        ("import time as t", True),
        ("datetime.datetime.now(tz)", True),
        ("datetime.now()", True),
        ("random.random()", True),
        ("uuid.uuid4()", True),
        ("os.urandom(8)", True),
        ("open('f')", True),
        ("from time import monotonic", True),
        ("from random import choice", True),
        ("clock.now()", False),
        ("clock.monotonic_s()", False),
        ("journal.open(disk)", False),
        ("def open(): ...", False),
        ("# time.time()", False),
        ("from time import struct_time", False),
    ],
)
def test_the_rule_itself(code: str, offends: bool) -> None:  # noqa: FBT001 - a table's column
    """The rule catches the calls that it names and lets the ports' own calls pass."""

    class Snippet:
        name = "engine/cycle/x.py"
        tree = ast.parse(code)

    class OrderPath(Snippet):
        name = "engine/adapters/coinbase/x.py"

    assert bool(list(_offences(Snippet))) is offends
    assert bool(list(_offences(OrderPath))) is offends

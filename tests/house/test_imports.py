"""What an import drags in: the light lock must be enough for everything but a few doors."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = (
    "polars", "numba", "numpy", "pyarrow", "z3", "httpx", "websockets", "jwt", "cryptography",
    "psycopg", "apprise", "requests",
)  # fmt: skip
"""Libraries that are extras, or slow: no module may need one merely to be imported."""

DOORS = (
    "engine.adapters.http", "engine.adapters.websocket", "engine.adapters.coinbase.",
    "engine.venue.", "engine.adapters.postgres.", "engine.run.shared_view",
    "engine.run.real_time.", "engine.run.assembly.sharing", "engine.expr.backends.frame",
    "engine.simulation.prescreening.", "engine.adapters.notify.alertmanager",
)  # fmt: skip
"""Modules, and packages, that are nothing without their library: imported on first use."""

_PREFIXES = tuple(f"{door.rstrip('.')}." for door in DOORS)


class _Source(Protocol):
    name: str


def _module(name: str) -> str:
    """`engine/expr/nodes.py` is the module `engine.expr.nodes`."""
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def test_modules_import_nothing_heavy(engine_sources: tuple[_Source, ...], root: Path) -> None:
    """Every module but a door can be imported, and reported on, without a heavy library."""
    modules = [_module(source.name) for source in engine_sources]
    modules = [
        name
        for name in (*modules, "cli.policy", "cli.trader")
        if not f"{name}.".startswith(_PREFIXES)
    ]
    program = (
        "import json, sys\nfrom importlib import import_module\nfirst = {}\n"
        f"for name in {modules}:\n"
        "    import_module(name)\n"
        f"    for heavy in {HEAVY}:\n"
        "        if heavy in sys.modules: first.setdefault(heavy, name)\n"
        "print(json.dumps(first))"
    )
    finished = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False
    )
    assert (finished.stderr, finished.returncode) == ("", 0)
    assert json.loads(finished.stdout) == {}

"""What an import drags in, and which library has which door."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = ("polars", "numba", "numpy", "pyarrow", "z3", "httpx")
"""Libraries that the live path and `policy lint` must never pay for."""

LIGHT_DOORS = [
    "engine.errors",
    "engine.codes",
    "engine.ports",
    "engine.expr.vocabulary",
    "engine.expr.facts",
    "engine.kinds.registry",
    "engine.ledger.records",
    "engine.policyset.reader",
    "cli.policy",
    "cli.trader",
]


@pytest.mark.parametrize("module", LIGHT_DOORS)
def test_light_module_imports_nothing_heavy(module: str, root: Path) -> None:
    """Reading, checking and sealing policies imports no heavy library."""
    program = (
        f"import json, sys, {module}; print(json.dumps([n for n in {HEAVY} if n in sys.modules]))"
    )
    finished = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    )
    assert json.loads(finished.stdout) == []

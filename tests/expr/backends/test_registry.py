"""Backends by name."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.errors import Diagnostic
from engine.expr.backends.backend import NotDefinedError
from engine.expr.backends.registry import (
    DEFAULT_BACKEND,
    backend_names,
    find_backend,
    not_defined,
)
from engine.expr.facts import VOCABULARY
from engine.expr.nodes import Arithmetic, Fact, Number


@pytest.mark.parametrize("name", backend_names())
def test_every_backend_evaluates(name: str) -> None:
    """A registered name gives values."""
    evaluate = find_backend(name)
    assert not isinstance(evaluate, Diagnostic)
    tree = Arithmetic("+", Fact("quote.bid"), Number(Decimal(1)))
    assert evaluate(tree, {"quote.bid": 2.0}, VOCABULARY) == 3.0
    assert evaluate(tree, {}, VOCABULARY) is None


def test_the_default_is_registered() -> None:
    """What is used when nobody asks exists."""
    assert DEFAULT_BACKEND in backend_names()


def test_an_unknown_backend_is_a_finding_that_lists_the_names() -> None:
    """A slip in the name is answered, not raised."""
    found = find_backend("explain")
    assert isinstance(found, Diagnostic)
    assert found.code == "M280"
    assert all(f"`{name}`" in found.help for name in backend_names())


def test_an_operation_without_a_meaning_names_the_others() -> None:
    """Where one backend has no meaning, the user learns which may."""
    found = not_defined(NotDefinedError("closure", "cosine"))
    assert found.code == "M281"
    assert found.message == "`cosine` is not defined in backend `closure`"
    assert "`interpret`" in found.help
    assert "`closure`" not in found.help

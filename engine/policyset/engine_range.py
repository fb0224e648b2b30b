"""Which engines a policy set can run on: a range of versions (PEP 440), as the set states it.

In: the range, its place, the version of this engine. Out: a finding (M772), or None. It is asked
when the set is read, and is no part of the seal: it says where a set may run, not what it means.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from engine.errors import Diagnostic

if TYPE_CHECKING:
    from engine.errors import Place

_DISTRIBUTION = "mandate-trader"


def engine_version() -> str | None:
    """The version of this engine; None where it runs without having been installed."""
    try:
        return version(_DISTRIBUTION)
    except PackageNotFoundError:
        return None


def check_engine(wanted: str, place: Place, engine: str | None) -> Diagnostic | None:
    """Refuse a set that asks for another engine, or in words that are no range."""
    try:
        allowed = SpecifierSet(wanted)
    except InvalidSpecifier:
        message = f"`{wanted}` is no range of versions"
        return Diagnostic("M772", message, place, "write for example `>=0.1,<2`")
    if engine is None:
        message = f"the set asks for an engine `{wanted}`, and this one does not know its version"
        return Diagnostic("M772", message, place, "install it: `pip install mandate-trader`")
    if allowed.contains(engine, prereleases=True):
        return None
    message = f"the set asks for an engine `{wanted}`, and this one is {engine}"
    return Diagnostic("M772", message, place, f'pip install "{_DISTRIBUTION}{wanted}"')

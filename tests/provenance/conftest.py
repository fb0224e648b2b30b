"""Keys of people, the host's file of them, and bundles that they signed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes.people import Person

from engine.model.orders import Mode
from engine.model.times import UtcTime
from engine.policyset.opening import load_policy_set
from engine.provenance.bundle import Bundle, Terms, bundled

if TYPE_CHECKING:
    from engine.policyset.policyset import PolicySet

ROOT = Path(__file__).parents[2]
LATER = UtcTime.parse("2026-09-01T00:00:00Z")


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Person]:
    """People with keys; Mallory is known to nobody."""
    folder = tmp_path_factory.mktemp("keys")
    names = ("alice", "bob", "mallory", "old", "new", "gitter")
    return {name: Person.with_key(folder, name) for name in names}


@pytest.fixture(scope="session")
def shipped() -> PolicySet:
    """The paper set of this repository."""
    return load_policy_set(ROOT / "policies/paper").required()


@pytest.fixture(scope="session")
def unsigned(shipped: PolicySet) -> Bundle:
    """A bundle of it, approved for paper by nobody yet."""
    return bundled(shipped, Terms(Mode.PAPER, 7, LATER), {"limits.yaml": b"tests: []\n"})


@pytest.fixture(scope="session")
def signed(unsigned: Bundle, people: dict[str, Person]) -> Bundle:
    """The same, signed by Alice."""
    return unsigned.signed(people["alice"].sign(unsigned.envelope.to_sign()))

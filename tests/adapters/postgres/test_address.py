"""Addresses of shared ledgers: what is read, and what is refused without repeating a secret."""

from __future__ import annotations

import pytest

from engine.adapters.postgres.address import Address, driver_missing, is_address, parse_address
from engine.errors import MandateError

HIDDEN = "hunter2-and-more"


@pytest.mark.parametrize(
    ("text", "stream"),
    [
        ("postgresql://desk@ledger.example/trading", None),
        ("postgres://desk@ledger.example:5433/trading?sslmode=verify-full", None),
        ("postgresql:///trading?host=/run/postgresql", None),
        ("postgresql://a,b/trading", None),
        ("postgresql://localhost/trading#paper/main", ("paper", "main")),
        ("postgresql://localhost/trading#dry_run/small_1", ("dry_run", "small_1")),
    ],
)
def test_an_address_is_shown_as_it_was_typed(text: str, stream: tuple[str, str] | None) -> None:
    """What is told to the driver has no stream in it; what is told to a person has."""
    found = parse_address(text)
    assert (str(found), found.stream) == (text, stream)
    assert found.target == text.partition("#")[0]
    assert parse_address(str(Address(found.target).of("paper", "main"))).stream == ("paper", "main")


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://desk:{HIDDEN}@ledger.example/trading",
        f"postgresql://desk:{HIDDEN}@/trading?host=/run/postgresql#paper/main",
        f"postgresql://ledger.example/trading?password={HIDDEN}",
        f"postgresql://ledger.example/trading?sslmode=require&PassWord={HIDDEN}",
        f"postgresql://ledger.example/trading?sslpassword={HIDDEN}",
        "postgresql://desk:@ledger.example/trading",
        "postgresql://ledger.example",
        "postgresql://ledger.example/",
        "postgresql://ledger.example/one/two",
        "postgresql://[::1/trading",
        "postgresql://ledger.example/tra ding",
        "postgresql://ledger.example/trading\n",
        "postgresql://ledger.example/trading#main",
        "postgresql://ledger.example/trading#wet/main",
        "postgresql://ledger.example/trading#paper/Main",
    ],
)
def test_what_is_secret_or_left_to_chance_is_refused(text: str) -> None:
    """A finding of the same code, with a mend, and without the password."""
    with pytest.raises(MandateError) as refused:
        parse_address(text)
    (finding,) = refused.value.diagnostics
    assert finding.code == "M470"
    assert finding.help
    assert HIDDEN not in f"{finding}{finding.help}"


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("postgresql://x/y", True),
        ("PostgreSQL://x/y", True),
        ("postgres://x/y", True),
        ("mysql://x/y", False),
        ("runs/mine", False),
        ("postgresql:", False),
    ],
)
def test_an_address_is_told_from_a_directory(text: str, server: bool) -> None:  # noqa: FBT001 - a column of the table
    """By its scheme alone."""
    assert is_address(text) is server


def test_a_light_installation_is_told_what_to_install() -> None:
    """The extra, by its name."""
    (finding,) = driver_missing().diagnostics
    assert (finding.code, "mandate-trader[postgres]" in finding.help) == ("M477", True)

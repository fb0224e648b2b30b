"""Where a run records: a directory, or a journal that a shared ledger follows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.errors import MandateError
from engine.model.orders import Mode
from engine.run.placing import place

if TYPE_CHECKING:
    from engine.policyset.policyset import PolicySet

SERVER = "postgresql://desk@ledger.example/trading"


def test_a_directory_is_where_it_was_said_or_new(
    any_pair: PolicySet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run without a word gets a directory of its own."""
    monkeypatch.chdir(tmp_path)
    assert place("here", None, any_pair, None).directory == Path("here")
    (tmp_path / "runs" / "any_pair-1").mkdir(parents=True)
    assert place(None, None, any_pair, None).directory == Path("runs/any_pair-2")
    assert place(None, None, any_pair, None).shared is None


@pytest.mark.parametrize(
    ("address", "journal", "mode", "directory", "shared"),
    [
        (SERVER, None, None, "runs/trading-paper-main", f"{SERVER}#paper/main"),
        (SERVER, None, Mode.DRY_RUN, "runs/trading-dry_run-main", f"{SERVER}#dry_run/main"),
        (f"{SERVER}#paper/main", Path("/srv/j"), None, "/srv/j", f"{SERVER}#paper/main"),
    ],
)
def test_the_journal_of_a_shared_ledger_is_found_again_by_the_next_run(
    any_pair: PolicySet,
    address: str,
    journal: Path | None,
    mode: Mode | None,
    directory: str,
    shared: str,
) -> None:
    """It is named for the database and the stream, or lies where it was said."""
    placing = place(address, journal, any_pair, mode)
    assert (str(placing.directory), str(placing.shared)) == (directory, shared)


@pytest.mark.parametrize(
    ("ledger", "journal", "code"),
    [
        ("runs/mine", Path("elsewhere"), "M470"),
        (None, Path("elsewhere"), "M470"),
        (f"{SERVER}#live/main", None, "M478"),
        (f"{SERVER}#paper/other", None, "M478"),
        ("postgresql://desk:secret-secret@ledger.example/trading", None, "M470"),
        ("mysql://ledger.example/trading", None, "M450"),
    ],
)
def test_what_is_ambiguous_is_refused(
    any_pair: PolicySet, ledger: str | None, journal: Path | None, code: str
) -> None:
    """A second place for one journal, another stream's address, a secret: nothing is guessed."""
    with pytest.raises(MandateError, match=code) as refused:
        place(ledger, journal, any_pair, None)
    assert "secret-secret" not in str(refused.value)

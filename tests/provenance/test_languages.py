"""Versions of the language: a period between them, and files that are all migrated or none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cli.policy_verbs.migrate import migrate_set
from engine.errors import Diagnostic, MandateError
from engine.model.times import UtcTime
from engine.policyset.opening import load_policy_set
from engine.policyset.policyset import LANGUAGE_VERSION
from engine.provenance.languages import LANGUAGES, Language, Languages, Migration, Standing

SAMPLE = Path(__file__).parents[1] / "cli/trader/policies"
MAY, JUNE = (UtcTime.parse(f"2026-0{month}-01T00:00:00Z") for month in (5, 6))
OLD = Language("t1", "mandate/v1", LANGUAGE_VERSION, deprecated=MAY, ends=JUNE)
NEW, NEWEST = (Language(name, "mandate/v1", LANGUAGE_VERSION) for name in ("t2", "t3"))


def _wider(text: str) -> str:
    return text.replace("max_position_pct: 4}", "max_position_pct: 5}  # as t2 has it")


def _broken(text: str) -> str:
    return text.replace("position.pct_after", "position.share_after")


TEST_ONLY = Languages(
    (OLD, NEW, NEWEST), (Migration("t1", "t2", _wider), Migration("t2", "t3", _broken))
)


@pytest.mark.parametrize(
    ("now", "standing"),
    [
        ("2026-04-30T23:59:59Z", Standing.CURRENT),
        ("2026-05-01T00:00:00Z", Standing.DEPRECATED),
        ("2026-05-31T23:59:59Z", Standing.DEPRECATED),
        ("2026-06-01T00:00:00Z", Standing.ENDED),
    ],
)
def test_a_version_goes_after_a_period(now: str, standing: Standing) -> None:
    """A version is told to go before it goes."""
    assert OLD.standing(UtcTime.parse(now)) is standing


def test_this_engine_speaks_the_language_that_it_seals() -> None:
    """The newest version of the registry is the one in the seal, and nothing is to replace it."""
    newest = LANGUAGES.spoken[-1]
    assert newest.expressions == LANGUAGE_VERSION
    assert newest.standing(JUNE) is Standing.CURRENT


def test_a_set_is_migrated_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The files are in the next version, comments kept, and both hashes are told."""
    folder = shutil.copytree(SAMPLE, tmp_path / "set")
    before = load_policy_set(folder).required().hash
    (folder / "risk.yaml").write_text("# a remark\n" + (folder / "risk.yaml").read_text())
    assert migrate_set(TEST_ONLY, "t1", "t2", folder) == 0
    after = load_policy_set(folder).required().hash
    told = capsys.readouterr().out
    assert before in told
    assert after in told
    assert before != after
    assert (folder / "risk.yaml").read_text().startswith("# a remark\n")


def test_what_makes_no_set_is_not_written(tmp_path: Path) -> None:
    """Where one step gives no set, every file stays as it was."""
    folder = shutil.copytree(SAMPLE, tmp_path / "set")
    texts = {each: each.read_bytes() for each in folder.rglob("*")}
    with pytest.raises(MandateError):
        migrate_set(TEST_ONLY, "t1", "t3", folder)
    assert {each: each.read_bytes() for each in folder.rglob("*")} == texts


@pytest.mark.parametrize(("old", "new"), [("t3", "t1"), ("t9", "t1"), ("t1", "t9"), ("t2", "t1")])
def test_no_way_is_guessed(old: str, new: str) -> None:
    """Back, and to or from a version that nobody speaks, there is no way."""
    found = TEST_ONLY.way(old, new)
    assert isinstance(found, Diagnostic)
    assert found.code == "M773"


def test_a_version_is_its_own_way() -> None:
    """From a version to itself nothing is to be done."""
    assert TEST_ONLY.way("t1", "t1") == ()

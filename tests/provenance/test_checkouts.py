"""Signed checkouts: real repositories, real commits, the real git and ssh-keygen."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.model.orders import Mode
from engine.model.times import UtcTime
from engine.provenance.verified import Trust, verified

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakes.people import Person

    from engine.provenance.verifying import Verified

ROOT = Path(__file__).parents[2]
NOW = UtcTime.parse("2026-06-01T12:00:00Z")
COMMITTED = "2026-05-01T10:00:00Z"
SET = "policies/paper"


@dataclass(frozen=True)
class Checkout:
    """A repository with the shipped policies, and the host beside it."""

    folder: Path
    trust: Trust

    def git(self, *words: str) -> str:
        """Run git there, as a person would."""
        dates = {"GIT_AUTHOR_DATE": COMMITTED, "GIT_COMMITTER_DATE": COMMITTED}
        surroundings = {"PATH": os.environ["PATH"], "HOME": str(self.folder), **dates}
        done = subprocess.run(  # noqa: S603 - words of the test
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words],  # noqa: S607 - git is found
            cwd=self.folder,
            env=surroundings,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def sign(self, person: Person, *words: str) -> None:
        """Make HEAD a commit that this person signed."""
        key = ("-c", "gpg.format=ssh", "-c", f"user.signingKey={person.key}")
        self.git(*key, "commit", "-q", "--allow-empty", "-S", *(words or ("-m", "approved")))

    def verified(self, **changes: object) -> Verified:
        """What a run that demands signatures would get."""
        return verified(self.folder / SET, replace(self.trust, **changes), NOW)  # type: ignore[arg-type]  # names of the test

    def codes(self, **changes: object) -> list[str]:
        """The reasons against it."""
        return sorted(
            {each.code for each in self.verified(**changes).diagnostics if each.code[:2] == "M7"}
        )


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, people: dict[str, Person]) -> Path:
    """A repository whose HEAD Alice signed."""
    folder = tmp_path_factory.mktemp("template")
    for each in ("policies", "strategies"):
        shutil.copytree(ROOT / each, folder / each)
    made = Checkout(folder, Trust(folder, 1, None))
    made.git("init", "-q")
    made.git("add", ".")
    made.sign(people["alice"])
    return folder


@pytest.fixture
def checkout(template: Path, tmp_path: Path, people: dict[str, Person]) -> Checkout:
    """The same, for one test to change; the host knows Alice, and people by their dates."""
    shutil.copytree(template, tmp_path / "repo")
    lines = [
        f"{people['alice'].name} {people['alice'].public}",
        f'old valid-before="20260502Z" {people["old"].public}',
        f'gitter namespaces="mandate-policy" {people["gitter"].public}',
    ]
    allowed = tmp_path / "allowed_signers"
    allowed.write_text("\n".join(lines) + "\n")
    return Checkout(tmp_path / "repo", Trust(allowed, 1, None))


def test_a_signed_head_is_what_runs(checkout: Checkout) -> None:
    """A clean checkout of a commit that an allowed signer signed is the set of that commit."""
    policy_set, approval = checkout.verified().required()
    assert policy_set.name == "paper"
    assert approval.commit == checkout.git("rev-parse", "HEAD")
    assert [each.principal for each in approval.signers] == ["alice@example.com"]
    assert approval.sequence == UtcTime.parse(COMMITTED).ns // 10**9
    assert approval.purpose is Mode.PAPER


def _edit(checkout: Checkout) -> Path:
    file = checkout.folder / "policies/risk/max_position.yaml"
    file.write_text(file.read_text() + "# looser\n")
    return file


def _unsigned(checkout: Checkout, _: dict[str, Person]) -> None:
    checkout.git("commit", "-q", "--allow-empty", "-m", "nobody signed")


def _by(name: str) -> Callable[[Checkout, dict[str, Person]], None]:
    return lambda checkout, people: checkout.sign(people[name])


def _edited(checkout: Checkout, _: dict[str, Person]) -> None:
    _edit(checkout)


def _staged(checkout: Checkout, _: dict[str, Person]) -> None:
    _edit(checkout)
    checkout.git("add", ".")


def _stray(checkout: Checkout, _: dict[str, Person]) -> None:
    (checkout.folder / "policies/risk/mine.yaml").write_text("kind: RiskLimit\n")


def _gone(checkout: Checkout, _: dict[str, Person]) -> None:
    (checkout.folder / "policies/risk/max_position.yaml").unlink()


def _amended(checkout: Checkout, _: dict[str, Person]) -> None:
    """The signature of another commit, put into one of other files."""
    stored = checkout.git("cat-file", "commit", "HEAD")
    _edit(checkout)
    checkout.git("add", ".")
    forged = stored.replace(checkout.git("rev-parse", "HEAD^{tree}"), checkout.git("write-tree"))
    (checkout.folder / ".git/forged").write_text(forged + "\n")
    commit = checkout.git("hash-object", "-t", "commit", "-w", ".git/forged")
    checkout.git("reset", "-q", "--hard", commit)


REFUSED: dict[str, tuple[str, Callable[[Checkout, dict[str, Person]], None]]] = {
    "nobody signed HEAD": ("M751", _unsigned),
    "the signature is another commit's": ("M752", _amended),
    "an unknown key, which git calls good": ("M753", _by("mallory")),
    "a key that was valid when it signed": ("M755", _by("old")),
    "a key for bundles only": ("M756", _by("gitter")),
    "a changed file": ("M767", _edited),
    "a staged file": ("M767", _staged),
    "a file that is in no commit": ("M767", _stray),
    "a file that is gone": ("M767", _gone),
}


@pytest.mark.long
@pytest.mark.parametrize(("code", "spoil"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_as_signed_is_refused(
    code: str,
    spoil: Callable[[Checkout, dict[str, Person]], None],
    checkout: Checkout,
    people: dict[str, Person],
) -> None:
    """HEAD must be signed by somebody whom the host knows today, and the tree be clean."""
    spoil(checkout, people)
    assert checkout.codes() == [code]


def test_trust_in_the_tree_is_refused(checkout: Checkout, people: dict[str, Person]) -> None:
    """Allowed signers in the repository, or behind a link in it, are those of the pull request."""
    inside = checkout.folder / "allowed"
    inside.write_text(f"m {people['mallory'].public}\n")
    link = checkout.folder / "link"
    link.symlink_to(checkout.trust.allowed_signers)
    assert checkout.codes(allowed_signers=inside) == ["M759"]
    assert checkout.codes(allowed_signers=link) == ["M759"]


def test_an_edit_that_git_was_told_to_ignore_does_not_run(checkout: Checkout) -> None:
    """What runs comes from the commit: a file that git was told not to look at has no say."""
    before = checkout.verified().required()[0].hash
    file = checkout.folder / "policies/risk/max_position.yaml"
    checkout.git("update-index", "--assume-unchanged", str(file))
    file.write_text(file.read_text().replace("3.0", "90.0"))
    assert checkout.verified().required()[0].hash == before


def test_a_replaced_commit_is_not_believed(checkout: Checkout, people: dict[str, Person]) -> None:
    """A ref that replaces the signed commit by another one changes nothing."""
    signed = checkout.git("rev-parse", "HEAD")
    _edit(checkout)
    checkout.git("commit", "-q", "-am", "looser")
    loose = checkout.git("rev-parse", "HEAD")
    checkout.sign(people["alice"], "-m", "on top")
    checkout.git("reset", "-q", "--hard", loose)
    checkout.git("replace", loose, signed)
    assert checkout.codes() == ["M751"]


def test_settings_of_the_checkout_vouch_for_nobody(
    checkout: Checkout, people: dict[str, Person]
) -> None:
    """A checkout that names a verifier or signers of its own is not asked."""
    checkout.sign(people["mallory"])
    own = checkout.folder / ".git/own"
    own.write_text(f"m {people['mallory'].public}\n")
    checkout.git("config", "gpg.ssh.allowedSignersFile", str(own))
    checkout.git("config", "gpg.ssh.program", "/bin/true")
    assert checkout.codes() == ["M753"]


def test_several_signers_need_a_bundle(checkout: Checkout) -> None:
    """A commit has one signature, so a host that asks for two is not content with it."""
    assert checkout.codes(signers=2) == ["M758"]


def test_attributes_hide_nothing(checkout: Checkout, people: dict[str, Person]) -> None:
    """A revision that asks to be exported without a limit is still judged with it."""
    before = checkout.verified().required()[0].hash
    (checkout.folder / ".gitattributes").write_text("policies/risk/*.yaml export-ignore\n")
    checkout.git("add", ".")
    checkout.sign(people["alice"])
    assert checkout.verified().required()[0].hash == before


def test_findings_name_files_of_the_repository(
    checkout: Checkout, people: dict[str, Person]
) -> None:
    """What is wrong in a signed commit is told where a person can find it."""
    file = checkout.folder / "policies/risk/max_position.yaml"
    file.write_text(file.read_text().replace("position.pct_after", "position.pct_aftr"))
    checkout.git("add", ".")
    checkout.sign(people["alice"])
    found = checkout.verified()
    assert found.policy_set is None
    places = {each.place.file for each in found.diagnostics if each.place}
    assert "policies/risk/max_position.yaml" in places


def test_outside_of_a_repository_nothing_is_signed(tmp_path: Path, checkout: Checkout) -> None:
    """A folder without git has no signed HEAD."""
    folder = tmp_path / "bare"
    folder.mkdir()
    assert verified(folder, checkout.trust, NOW).diagnostics[0].code == "M701"


@pytest.mark.parametrize("name", ["../out.yaml", "a/../../out.yaml", ".git/config"])
def test_a_tree_with_names_that_lead_out_is_refused(checkout: Checkout, name: str) -> None:
    """Objects written by hand, with names that git would refuse, are not unpacked."""
    from engine.adapters.environment.revisions import _place_for

    with pytest.raises(ValueError, match="no name inside"):
        _place_for(checkout.folder, name)

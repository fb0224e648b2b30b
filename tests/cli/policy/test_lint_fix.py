"""`policy lint --fix`: what leaves no room for doubt is written, and everything else is left."""

from __future__ import annotations

import json
import subprocess
from shutil import which
from typing import TYPE_CHECKING

import pytest

from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MISTAKES = {
    "risk/orders.yaml": (("order.notional_usd >=", "order.notional_us >="),),
    "deployment.yaml": (("mode: paper", "mode: Paper"),),
    "breaker.yaml": (("loss_pct: 2", "loss_pct: 2.0e0"),),
}


def files(folder: Path) -> dict[Path, bytes]:
    """Every file below a folder."""
    return {each: each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def plant(sample: Path, name: str) -> None:
    """Make the mistakes of one file."""
    path = sample / name
    for right, wrong in MISTAKES[name]:
        text = path.read_text()
        assert right in text
        path.write_text(text.replace(right, wrong, 1))


@pytest.fixture
def broken(sample: Path) -> Path:
    """The sample set with every mistake in it."""
    for name in MISTAKES:
        plant(sample, name)
    return sample


def test_every_safe_mend_is_written(sample: Path, policy: Callable) -> None:
    """A broken set becomes the one that was meant, mistakes behind mistakes included."""
    meant = load_policy_set(sample).required().hash
    for name in MISTAKES:
        plant(sample, name)
    assert load_policy_set(sample).policy_set is None
    outcome = policy("lint", "--fix")
    assert load_policy_set(sample).required().hash == meant
    told = outcome.err.splitlines()
    assert [line.partition(" ")[0] for line in told] == ["fixed", "fixed", "fixed", "there", meant]
    assert "policies/breaker.yaml" in outcome.err
    assert "`2.0e0` is now `2` (spelling only)" in outcome.err
    assert "`order.notional_us` is now `order.notional_usd` (changes what is said)" in outcome.err


def test_a_second_run_has_nothing_to_do(broken: Path, policy: Callable) -> None:
    """What is mended stays as it is."""
    policy("lint", "--fix")
    before = files(broken)
    outcome = policy("lint", "--fix")
    assert (outcome.err, files(broken)) == ("", before)
    assert outcome.out == policy("lint").out


def test_a_difference_is_shown_and_nothing_written(broken: Path, policy: Callable) -> None:
    """`--diff` prints what a patch program can apply, and that gives what `--fix` writes."""
    before = files(broken)
    outcome = policy("lint", "--diff")
    assert outcome.status == 1
    assert files(broken) == before
    assert "would fix policies/risk/orders.yaml" in outcome.err
    git = which("git")
    assert git is not None, "needs git, to apply the difference with"
    applied = subprocess.run(  # noqa: S603 - our own words
        [git, "apply", "-"], input=outcome.out, text=True, cwd=broken.parent, check=False
    )
    assert applied.returncode == 0
    assert policy("lint", "--fix").err == ""


def test_what_has_no_mend_is_left(sample: Path, policy: Callable) -> None:
    """A finding that needs a person stays a finding, with its status, and its file as it is."""
    path = sample / "risk" / "orders.yaml"
    path.write_text(path.read_text().replace("order.notional_usd >=", "order.zzz >=", 1))
    before = files(sample)
    outcome = policy("lint", "--fix")
    assert (outcome.status, outcome.err) == (1, "")
    assert "M203" in outcome.out
    assert files(sample) == before


def test_a_base_is_left_alone(broken: Path, policy: Callable) -> None:
    """From an overlay nothing below it is changed: other sets have the same base."""
    before = files(broken)
    outcome = policy("lint", "policies/small", "--fix")
    assert outcome.status == 1
    assert files(broken) == before
    assert "left policies/deployment.yaml:" in outcome.err
    assert "belongs to a base" in outcome.err


@pytest.mark.parametrize("link", ["risk", "risk/orders.yaml"])
def test_links_are_left_alone(broken: Path, policy: Callable, tmp_path: Path, link: str) -> None:
    """What a link leads to is not written, be it a file or a folder."""
    elsewhere = tmp_path / "elsewhere"
    (broken / link).rename(elsewhere)
    (broken / link).symlink_to(elsewhere)
    before = files(elsewhere) if elsewhere.is_dir() else elsewhere.read_bytes()
    outcome = policy("lint", "--fix")
    after = files(elsewhere) if elsewhere.is_dir() else elsewhere.read_bytes()
    assert outcome.status == 1
    assert after == before
    assert "left policies/risk/orders.yaml" in outcome.err


@pytest.mark.usefixtures("broken")
def test_machine_formats_stay_readable(policy: Callable) -> None:
    """What was fixed goes to stderr, so that stdout is the findings and nothing else."""
    outcome = policy("lint", "--fix", "--format", "json")
    assert outcome.out == policy("lint", "--format", "json").out
    assert json.loads(outcome.out)["version"] == 1
    assert "fixed" in outcome.err


def test_a_file_that_cannot_be_written(broken: Path, policy: Callable) -> None:
    """Where a file cannot be replaced it stays whole, and the reason is said."""
    (broken / ".deployment.yaml.draft").mkdir()
    before = (broken / "deployment.yaml").read_bytes()
    outcome = policy("lint", "--fix")
    assert outcome.status == 2
    assert "cannot write" in outcome.err
    assert (broken / "deployment.yaml").read_bytes() == before


@pytest.mark.usefixtures("sample")
def test_no_set_at_all(policy: Callable) -> None:
    """A directory without a set has its finding and no fix."""
    outcome = policy("lint", "nowhere", "--fix")
    assert (outcome.status, outcome.err) == (1, "")
    assert "M140" in outcome.out

"""What a user may do wrong, and what each verb says to it: a place, a mend, the right status."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

BROKEN_FILES = {
    "a second colon": ("breaker.yaml", "scope: account", "scope: a: b", "breaker.yaml:5:11: M112"),
    "an unknown key": ("risk/position.yaml", "on_breach", "on_breech", "position.yaml:14:3: M303"),
    "text for a number": (
        "breaker.yaml",
        "loss_pct: 2",
        'loss_pct: "2"',
        "breaker.yaml:7:22: M311",
    ),
    "an unknown fact": ("execution.yaml", "quote.spread_bps", "quote.spred_bps", ":13:16: M203"),
    "a pattern for nothing": ("policyset.yaml", "risk/*", "riks/*", "policyset.yaml:5:23: M143"),
}
"""What to replace in which file, and what the finding must say."""

USAGE = {
    "no such verb": ["lnit"],
    "an unknown format": ["lint", "--format", "xml"],
    "an unknown option": ["hash", "--short"],
    "too many words": ["show", "policies", "max_order", "more"],
    "an unknown document": ["show", "policies", "max_ordr"],
    "nothing to evaluate": ["eval"],
    "an unknown backend": ["eval", "1 < 2", "--backend", "pandas"],
    "a batch with an expression": ["eval", "1 < 2", "--batch"],
    "facts that are not there": ["eval", "1 < 2", "--facts", "nothing.json"],
    "an unknown kind": ["schema", "RiskLimt"],
    "two tasks at once": ["schema", "--write", "--check"],
    "no terminal to ask on": ["init", "new"],
    "a directory in use": ["init", "policies", "--equity", "5000"],
    "a file in the place of a directory": ["init", "policies/policyset.yaml"],
    "equity in words": ["init", "new", "--equity", "much"],
    "an account too small": ["init", "new", "--equity", "20"],
    "a currency without a rate": ["init", "new", "--equity", "5000", "--quote-currency", "EUR"],
    "an unknown venue": [
        *("init", "new", "--equity", "5000", "--quote-currency", "USD", "--venue", "kraken")
    ],
    "a change without a value": ["set", "max_order", "params.max_order_usd"],
    "a change of an unknown document": ["set", "max_ordr", "stage=warn"],
    "a change of an unknown path": ["set", "max_order", "params.max_ordr_usd=5"],
    "a change of a list in lines": ["set", "universe", "tiers=[]"],
    "a change of several lines": ["set", "max_order", "require=order.notional_usd <= 5"],
}

VERBS_OF_A_SET = (["lint"], ["hash"], ["show"])


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize("words", USAGE.values(), ids=USAGE)
def test_misuse_is_status_two(policy: Callable, words: list[str]) -> None:
    """What cannot be followed is said on stderr with the usage status, and stdout stays empty."""
    outcome = policy(*words)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err


@pytest.mark.long
@pytest.mark.usefixtures("sample")
def test_misuse_reads_well(policy: Callable, snapshot: SnapshotAssertion) -> None:
    """Each of our own sentences on a misuse says what is wrong, and what would be right."""
    said = {name: policy(*words).err for name, words in USAGE.items()}
    ours = {name: text for name, text in said.items() if text.startswith("policy ")}
    assert "\n".join(f"{name}\n  {text}" for name, text in ours.items()) == snapshot


@pytest.mark.parametrize("verb", VERBS_OF_A_SET, ids=lambda words: words[0])
@pytest.mark.parametrize("mistake", BROKEN_FILES)
def test_broken_file_has_a_place(
    sample: Path, policy: Callable, verb: list[str], mistake: str
) -> None:
    """Every verb that needs a set names file, line and column of what is wrong, with status 1."""
    name, old, new, said = BROKEN_FILES[mistake]
    path = sample / name
    path.write_text(path.read_text().replace(old, new, 1))
    outcome = policy(*verb)
    assert outcome.status == 1
    assert said in outcome.out + outcome.err


@pytest.mark.parametrize("verb", VERBS_OF_A_SET, ids=lambda words: words[0])
@pytest.mark.parametrize(
    ("directory", "said"),
    [
        ("nothing", "M140: `nothing` is no directory"),
        ("policies/risk", "M140: `policies/risk` has no `policyset.yaml`"),
        ("policies/policyset.yaml", "is no directory"),
        ("loop", "M141: `loop` cannot be read: too many levels of symbolic links"),
        ("n" * 300, "cannot be read: file name too long"),
    ],
    ids=["absent", "not a set", "a file", "a circle of links", "a name too long"],
)
def test_no_set_is_a_finding(
    sample: Path, policy: Callable, verb: list[str], directory: str, said: str
) -> None:
    """A directory that holds no set, or cannot be looked into, is a finding and never a trace."""
    (sample.parent / "loop").symlink_to("loop")
    words = [*verb, directory, *(["max_order"] if verb == ["show"] else [])]
    outcome = policy(*words)
    assert outcome.status == 1
    assert said in outcome.out + outcome.err


def test_all_findings_come_at_once(sample: Path, policy: Callable) -> None:
    """Mistakes of shape and of meaning in several files are findings of one run, in file order."""
    for mistake in ("text for a number", "an unknown key", "an unknown fact"):
        name, old, new, _ = BROKEN_FILES[mistake]
        path = sample / name
        path.write_text(path.read_text().replace(old, new, 1))
    lines = [line for line in policy("lint").out.splitlines() if ": M" in line]
    assert [(line.split(":")[0], line.split(": ")[1]) for line in lines] == [
        ("policies/breaker.yaml", "M311"),
        ("policies/execution.yaml", "M203"),
        ("policies/risk/position.yaml", "M304"),
        ("policies/risk/position.yaml", "M303"),
    ]


def test_a_missing_document_is_not_held_against_others(sample: Path, policy: Callable) -> None:
    """What refers to a document that could not be built is silent until that one is mended."""
    limit, waiver = sample / "risk" / "position.yaml", sample / "waiver.yaml"
    limit.write_text(limit.read_text().replace("stage:", "stge:"))
    waiver.write_text(waiver.read_text().replace("reason:", "raison:"))
    alert = (sample / "breaker.yaml").read_text()
    alert = alert.replace(
        "portfolio.pnl_day_pct <= -params", "limit.max_position.used_pct > params"
    )
    (sample / "breaker.yaml").write_text(alert)
    assert {line.split(": ")[1] for line in policy("lint").out.splitlines() if ": M" in line} == {
        "M303",
        "M304",
    }


def test_findings_read_well(sample: Path, policy: Callable, snapshot: SnapshotAssertion) -> None:
    """A finding shows the line, underlines the part, and says the mend; a line sums up."""
    for name, old, new, _ in (BROKEN_FILES["an unknown key"], BROKEN_FILES["text for a number"]):
        path = sample / name
        path.write_text(path.read_text().replace(old, new, 1))
    assert policy("lint").out == snapshot

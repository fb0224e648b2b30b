"""`trader run --rules`: how often each rule fired, for people and for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Ran


def test_the_table_puts_rules_that_never_fired_first(
    ask: Callable[..., Ran], run_words: tuple[str, ...], tmp_path: Path
) -> None:
    """After the summary: the sums, then every rule with what it was asked and said."""
    ran = ask(*run_words, "--ledger", str(tmp_path / "one"), "--cycles", "60", "--rules")
    assert ran.status == 0, ran.err
    page = ran.out[ran.out.index("\nrules (") :].splitlines()[1:]
    assert page[0].endswith("never did)")
    shares = [line.split("%")[0].split()[-1] for line in page[2:] if "%" in line]
    fired = [float(each) > 0 for each in shares]
    assert fired == sorted(fired)
    assert {True, False} == set(fired)


def test_the_last_line_of_json_holds_the_same_counts(
    ask: Callable[..., Ran], run_words: tuple[str, ...], tmp_path: Path
) -> None:
    """One object after those of the cycles, and only when it was asked for."""
    words = (*run_words, "--cycles", "60", "--format", "json")
    told = ask(*words, "--ledger", str(tmp_path / "two"), "--rules").out.splitlines()
    plain = ask(*words, "--ledger", str(tmp_path / "three")).out.splitlines()
    assert told[:-1] == plain
    rules = json.loads(told[-1])["rules"]
    assert [each["rule"] for each in rules] == sorted(each["rule"] for each in rules)
    for each in rules:
        assert each["asked"] == each["held"] + each["failed"] + each["undecided"]
    assert any(each["fired"] for each in rules)

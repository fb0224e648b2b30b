"""`policy eval`: one expression, or a stream of them."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[3]

ANSWERS = {
    "true": ("quote.age_s < 5", '{"quote.age_s": 4}', 0, "true\n"),
    "false": ("quote.age_s < 5", '{"quote.age_s": 6}', 0, "false\n"),
    "a number": ("quote.bid * 2", '{"quote.bid": 1.5}', 0, "3.0\n"),
    "text": ("'a' if x else 'b'", '{"x": false}', 0, '"b"\n'),
    "a fact of nobody's": ("my.fact + 1", '{"my.fact": 1}', 0, "2.0\n"),
    "undecided": ("quote.age_s < 5", '{"quote.age_s": null}', 3, "undecided\n"),
    "no number": ("1 / 0", "{}", 3, "undecided\n"),
    "refused": ("quote.age_s <", "{}", 1, ""),
    "a fact of another type": ("quote.age_s < 5", '{"quote.age_s": "4"}', 1, ""),
}

BAD_FACTS = {
    "not JSON": (b'{"a": 1,\n "b" 2}', "<stdin>:2:6: M286"),
    "no object": (b"[1]", "not a JSON object"),
    "stated twice": (b'{"a": 1, "a": 2}', "`a` is stated twice"),
    "not UTF-8": (b'{"a": "\xff"}', "not UTF-8"),
    "nested too deep": (b"[" * 100_000, "nested too deep"),
}


class _Stdin:
    """Standard input that holds some bytes."""

    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)

    def isatty(self) -> bool:
        """A pipe."""
        return False


@pytest.mark.parametrize("backend", ["closure", "interpret", "frame"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_answer(tmp_path: Path, policy: Callable, answer: str, backend: str) -> None:
    """The value is JSON on stdout; the status tells fine, refused and undecided apart."""
    expression, facts, status, out = ANSWERS[answer]
    path = tmp_path / "facts.json"
    path.write_text(facts)
    outcome = policy("eval", expression, "--facts", str(path), "--backend", backend)
    assert (outcome.status, outcome.out) == (status, out)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("quote.age_s < 5", "policy eval: undecided without `quote.age_s`\n"),
        ("quote.spread_bps < 5", "policy eval: undecided without `quote.ask`, `quote.bid`\n"),
        ("1 / 0 > 1", "policy eval: undecided though no fact is missing"),
    ],
)
def test_undecided_says_what_is_missing(policy: Callable, expression: str, said: str) -> None:
    """The missing facts are named, those behind a definition rather than the derived one."""
    assert said in policy("eval", expression).err


@pytest.mark.parametrize("mistake", BAD_FACTS)
def test_bad_facts(policy: Callable, monkeypatch: pytest.MonkeyPatch, mistake: str) -> None:
    """Facts that cannot be read are a finding with a place and status 1."""
    data, said = BAD_FACTS[mistake]
    monkeypatch.setattr(sys, "stdin", _Stdin(data))
    outcome = policy("eval", "a < 2", "--facts", "-")
    assert (outcome.status, outcome.out) == (1, "")
    assert said in outcome.err


def test_batch(policy: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line has its answer in order; a bad one has a code, and the next ones go on."""
    lines = (
        b'{"expr": "1 < 2", "facts": {}}',
        b'{"expr": "1 < 2", "facts": {}, "backend": "interpret"}',
        b"\xff",
        b"{",
        b"",
        b'{"expr": "x", "facts": {"x": null}}',
        b'{"expr": "1 +", "facts": {}}',
        b'{"expr": "a + 0.5", "facts": {"a": 1}}',
    )
    monkeypatch.setattr(sys, "stdin", _Stdin(b"\n".join(lines)))
    outcome = policy("eval", "--batch")
    assert outcome.status == 0
    assert [json.loads(line) for line in outcome.out.splitlines()] == [
        {"value": True},
        {"value": True},
        {"value": None, "error": "M283"},
        {"value": None, "error": "M283"},
        {"value": None},
        {"value": None, "error": "M210"},
        {"value": 1.5},
    ]


def test_batch_answers_before_the_next_line() -> None:
    """Whoever writes one line gets its answer without closing the pipe first."""
    program = "import sys; sys.argv[1:] = ['eval', '--batch']; from cli.policy import main; main()"
    with subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as batch:
        assert batch.stdin
        assert batch.stdout
        for number in (1, 2):
            batch.stdin.write(b'{"expr": "a", "facts": {"a": %d}}\n' % number)
            batch.stdin.flush()
            assert json.loads(batch.stdout.readline()) == {"value": float(number)}
        batch.stdin.close()
        assert batch.wait() == 0

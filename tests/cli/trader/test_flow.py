"""`trader flow`: what a person says was paid in or out, left for the loop with who and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Ran

WHO = ("--who", "ann", "--reason", "from  savings")


def _commands() -> list[dict[str, str]]:
    paths = sorted(Path("ledger/commands").glob("*.json"))
    return [json.loads(path.read_bytes()) for path in paths]


@pytest.mark.parametrize(
    ("kind", "target"),
    [("deposit", "2000.5 USD"), ("withdrawal", "-2000.5 USD"), ("reward", "2000.5 USD")],
)
def test_a_flow_is_left_for_the_loop(
    kind: str, target: str, ask: Callable[..., Ran], ledger: str
) -> None:
    """The word gives the sign; who and why go with it, and what the venue showed is told."""
    ran = ask("flow", kind, "2000.50", "USD", "--ledger", ledger, *WHO)
    assert ran.status == 0
    assert ran.out.splitlines()[0] == (
        f"a {kind} of 2000.5 USD is ordered to be recorded; "
        "by the last comparison venue and ledger agree on USD"
    )
    why = f"{kind}: from savings"
    assert _commands() == [{"verb": "flow", "target": target, "who": "ann", "why": why}]


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("0", "USD", "`0` is no amount"),
        ("+5", "USD", "`+5` is no amount"),
        ("much", "USD", "`much` is no amount"),
        ("NaN", "USD", "`NaN` is no amount"),
        ("5", "usd", "`usd` is no currency"),
    ],
)
def test_what_is_no_amount_of_a_currency_is_refused(
    amount: str, currency: str, words: str, ask: Callable[..., Ran], ledger: str
) -> None:
    """Nothing is guessed, and nothing is left for the loop."""
    ran = ask("flow", "deposit", amount, currency, "--ledger", ledger, *WHO)
    assert (ran.status, _commands()) == (1, [])
    assert f"M415: {words}" in ran.err
    assert "Traceback" not in ran.err

"""`policy init`: a set of one's own that lints clean from the first moment."""

from __future__ import annotations

import io
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer

from cli.policy_verbs.scaffold import Account, proposals, set_name
from cli.policy_verbs.templates import shipped
from engine.expr.nodes import Number
from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from collections.abc import Callable

    from syrupy.assertion import SnapshotAssertion

ROOT = Path(__file__).resolve().parents[3]


def _begin(policy: Callable, equity: str, currency: str = "USD") -> tuple[str, ...]:
    outcome = policy(
        *("init", "mine", "--equity", equity, "--quote-currency", currency, "--venue", "coinbase")
    )
    assert (outcome.status, outcome.err) == (0, "")
    return tuple(outcome.out.splitlines())


@pytest.mark.long
@pytest.mark.parametrize(
    ("equity", "currency"), [("125", "USD"), ("50,000", "USDC"), ("1000000000", "USD")]
)
def test_the_new_set_is_clean(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    policy: Callable,
    equity: str,
    currency: str,
) -> None:
    """At any size of account the set lints clean, says what was asked for, and trades on paper."""
    monkeypatch.chdir(tmp_path)
    assert _begin(policy, equity, currency)[0].endswith(" rules, no findings")
    assert policy("lint", "mine").status == 0
    policy_set = load_policy_set(Path("mine")).required()
    worth = Decimal(equity.replace(",", ""))
    low, high = policy_set.deployment.equity_planned_usd
    assert low <= worth <= high
    assert policy_set.universe.quote_currencies == (currency,)
    assert policy_set.deployment.mode == "paper"
    assert policy_set.deployment.live_enabled is False
    assert policy_set.strategies == ()
    # Two ways to say how much one order may be: none of them stands in the other's way.
    asked, allowed = (
        policy_set.vocabulary.definition_tree(f"policy.{name}")
        for name in ("max_order_value.max_order_usd", "max_order_quantity.max_usd")
    )
    assert isinstance(asked, Number)
    assert isinstance(allowed, Number)
    assert asked.value < allowed.value < 2 * asked.value


@pytest.mark.long
def test_the_first_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: Callable, snapshot: SnapshotAssertion
) -> None:
    """What is written says only what is the user's; a second `init` is refused and changes nothing.

    The first line of every document leads to a schema that is there, and the commands that are
    named at the end work as they are printed.
    """
    monkeypatch.chdir(tmp_path)
    lines = _begin(policy, "10000")
    own = Path("mine/policyset.yaml")
    assert own.read_text() == snapshot
    assert policy("init", "mine").status == 2
    assert own.read_text() == snapshot
    for path in Path("mine").rglob("*.yaml"):
        head, _, schema = path.read_text().splitlines()[0].partition("$schema=")
        assert head == "# yaml-language-server: "
        assert (path.parent / schema).is_file(), path
    told = [line.split()[1:] for line in lines if line.startswith("  policy ")]
    assert [policy(*words).status for words in told] == [0, 0, 0]
    assert len(load_policy_set(Path("mine")).required().strategies) == 1


@pytest.mark.long
def test_a_person_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: Callable
) -> None:
    """On a terminal each value that was left out is asked for, again until it can be read."""
    monkeypatch.chdir(tmp_path)
    answers = iter(["lots", "10,000", "eur", "usd", "coinbase"])
    monkeypatch.setattr(sys, "stdin", _Terminal())
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: next(answers))
    outcome = policy("init", "mine")
    assert outcome.status == 0
    assert outcome.err.splitlines() == [
        "  write a number of USD from 125 to 1,000,000,000",
        "  write one of USD, USDC",
    ]


def test_a_person_may_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: Callable
) -> None:
    """Whoever leaves at a question leaves nothing behind."""

    def leave(*_: object, **__: object) -> str:
        raise typer.Abort

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", _Terminal())
    monkeypatch.setattr(typer, "prompt", leave)
    assert policy("init", "mine").status == 130
    assert not Path("mine").exists()


@pytest.mark.parametrize(
    ("directory", "name"),
    [("mine", "mine"), ("My Fund 2", "my_fund_2"), ("2025", "set_2025"), ("…", "set")],
)
def test_name_of_the_set(directory: str, name: str) -> None:
    """The set is named for its directory, in the letters that a name may have."""
    assert set_name(directory) == name


def test_the_most_conservative_comes_first() -> None:
    """The shipped shares of equity are proposed before the larger ones of small accounts."""
    account = Account(Decimal(10_000), "USD", "coinbase")
    first, second = proposals(account, shipped(ROOT), "mine")
    assert "max_position_pct" not in first
    assert "max_position_pct" in second


class _Terminal(io.StringIO):
    """Standard input with a person at it."""

    def isatty(self) -> bool:
        """A terminal."""
        return True

"""`trader why`: the first thing that stood in a product's way, in words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.adapters.system.disk import DirectoryDisk
from engine.errors import Diagnostic, MandateError
from engine.ledger.journal import Journal
from engine.ledger.records import RecordKind, encode_body
from engine.run.ledgers import LedgerView

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Ran


def _denied_cycle(ledger: str) -> tuple[str, int]:
    """A product and a cycle in which it was denied for its exposure."""
    with LedgerView.open(ledger).index() as index:
        rows = index._rows(
            "SELECT symbol, cycle FROM records WHERE kind = 'decision' AND verdict = 'deny' LIMIT 1"
        )
    return rows[0]


def test_nothing_was_proposed(ask: Callable[..., Ran], ledger: str) -> None:
    """A product that no strategy wanted has its blocker too, with the signals' answers."""
    ran = ask("why", "BTC-USD", "--ledger", ledger, "--cycle", "1")
    assert ran.status == 0
    assert ran.out.startswith("BTC-USD: strategy momentum sees no entry (rising:false)\n")
    assert "cycle 1, 2026-01-05 08:00:00 UTC, ACTIVE" in ran.out


def test_denied_with_every_rule(ask: Callable[..., Ran], ledger: str) -> None:
    """A denied order is told with its first reason, and each rule's numbers and headroom."""
    symbol, cycle = _denied_cycle(ledger)
    out = ask("why", symbol, "--ledger", ledger, "--cycle", str(cycle)).out
    assert out.startswith(f"{symbol}: max_exposure: portfolio.at_risk_pct_after is ")
    assert "  denied\n" in out
    breach = next(line for line in out.splitlines() if line.startswith("  breach  max_exposure"))
    assert "<= 9 %, " in breach
    assert breach.endswith(" beyond")
    passed = next(line for line in out.splitlines() if line.startswith("  pass    spread"))
    assert passed.endswith(" bps left")


def test_without_the_set(
    ask: Callable[..., Ran], ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where this release cannot build the set again, the answer has the numbers without names."""

    def refuse(_body: object) -> None:
        raise MandateError([Diagnostic("M440", "another release")])

    monkeypatch.setattr("engine.run.questions.activated_set", refuse)
    symbol, cycle = _denied_cycle(ledger)
    out = ask("why", symbol, "--ledger", ledger, "--cycle", str(cycle)).out
    assert out.startswith(f"{symbol}: max_exposure: the value is ")


def test_sent_and_then_held(ask: Callable[..., Ran], ledger: str) -> None:
    """Where nothing stood in the way the order is named; a cycle later the product is held."""
    with LedgerView.open(ledger).index() as index:
        symbol, cycle, order = index._rows(
            "SELECT symbol, cycle, client_order_id FROM records"
            " WHERE kind = 'decision' AND client_order_id IS NOT NULL LIMIT 1"
        )[0]
    sent = ask("why", symbol, "--ledger", ledger, "--cycle", str(cycle)).out
    assert sent.startswith(f"{symbol}: nothing stood in its way: allowed smaller, ")
    assert order in sent
    held = ask("why", symbol, "--ledger", ledger, "--cycle", str(cycle + 1)).out
    assert held.startswith(f"{symbol}: it is held already\n")
    assert f"trader why {symbol} --cycle" in held


def test_what_else_stood_in_the_way(ask: Callable[..., Ran], ledger: str) -> None:
    """The other blockers of the cycles before are counted by what they are about, newest words."""
    with LedgerView.open(ledger).index() as index:
        symbol, cycle = index._rows(
            "SELECT symbol, cycle FROM records"
            " WHERE kind = 'decision' AND client_order_id IS NOT NULL LIMIT 1"
        )[0]
    assert "cycles before" not in ask("why", symbol, "--ledger", ledger, "--cycle", "1").out
    out = ask("why", symbol, "--ledger", ledger, "--cycle", str(cycle + 1)).out
    head, _, before = out.partition("\nin the 60 cycles before\n")
    assert "it is held already" in head
    assert "it is held already" not in before
    (line,) = before.splitlines()
    count = int(line.split("x")[0])
    assert count == min(60, cycle - 1)
    assert line.endswith(f"(last in cycle {cycle - 1})")


@pytest.mark.parametrize(
    ("words", "code", "names"),
    [
        (("XRP-USD",), "M455", "AVAX-USD, BTC-USD"),
        (("bitcoin",), "M455", "BTC-USD"),
        (("BTC-USD", "--cycle", "9999"), "M454", "it has the cycles 1 to 361"),
    ],
    ids=["a product without quotes", "no product's name", "a cycle that was not run"],
)
def test_refusals(
    words: tuple[str, ...], code: str, names: str, ask: Callable[..., Ran], ledger: str
) -> None:
    """What the ledger does not have is refused, with what it has."""
    ran = ask("why", *words, "--ledger", ledger)
    assert (ran.status, ran.out) == (1, "")
    assert code in ran.err
    assert names in ran.err


def test_no_ledger(ask: Callable[..., Ran], tmp_path: object) -> None:
    """A directory without a journal is no ledger, and stays as it is."""
    ran = ask("why", "BTC-USD", "--ledger", str(tmp_path))
    assert ran.status == 1
    assert "M451" in ran.err


def test_a_ledger_without_a_cycle(
    ask: Callable[..., Ran], run_words: tuple[str, ...], tmp_path: object
) -> None:
    """Before the first cycle there is nothing to ask about."""
    from pathlib import Path

    from engine.run import RunSettings, prepare

    folder = Path(str(tmp_path)) / "ledger"
    quotes = tuple(Path(word) for word in run_words[4::2])
    prepare(RunSettings(Path(run_words[2]), folder, quotes)).lease.release()
    ran = ask("why", "BTC-USD", "--ledger", str(folder))
    assert ran.status == 1
    assert "M454" in ran.err


def test_a_difference_from_the_venue_is_told_with_its_mend(
    ask: Callable[..., Ran], ledger: str
) -> None:
    """Where venue and ledger differ, why says in what, and what a person can do about it."""
    assert "venue and ledger differ" not in ask("why", "BTC-USD", "--ledger", ledger).out
    journal = Journal.open(DirectoryDisk(Path(ledger)))
    words = "venue 12, ledger 10; `trader flow deposit 2 USD` confirms it"
    body = encode_body({"mismatches": 1, "differences": {"USD": words}, "away": {"USD": "2"}})
    assert journal.last is not None
    journal.append(RecordKind.RECONCILE, journal.last.time, body)
    journal.sync()
    told = ask("why", "BTC-USD", "--ledger", ledger).out
    assert f"venue and ledger differ\n  USD  {words}\n" in told


def test_a_whole_stretch(ask: Callable[..., Ran], ledger: str) -> None:
    """Every sort of reason with how often, and every decision; cycles add up to all of them."""
    told = ask("why", "BTC-USD", "--last", "24h", "--ledger", ledger).out
    head, knew, *rest = told.splitlines()
    assert head == "BTC-USD: 2026-01-04 14:00:00 to 2026-01-05 14:00:00 UTC, 361 cycles"
    clear = int(knew.rsplit(" ", 1)[1])
    counts = [int(line.split("x")[0]) for line in rest if re.match(r" +\d+x  ", line)]
    assert sum(counts) + clear == 361
    assert counts == sorted(counts, reverse=True)
    decided = rest[rest.index("what was decided") + 1 :]
    assert decided == sorted(decided, key=lambda line: line[:21], reverse=True)
    assert any("  allowed" in line for line in decided)
    short = ask("why", "BTC-USD", "--last", "10m", "--ledger", ledger).out
    assert short.splitlines()[0].endswith("UTC, 11 cycles")


def test_a_stretch_of_what_nobody_knows_is_refused(ask: Callable[..., Ran], ledger: str) -> None:
    """A product without a quote is named as unknown; a cycle and a stretch are one too many."""
    assert ask("why", "NONE-USD", "--last", "1h", "--ledger", ledger).err.startswith("M455")
    both = ask("why", "BTC-USD", "--last", "1h", "--cycle", "3", "--ledger", ledger)
    assert (both.status, both.out) == (2, "")

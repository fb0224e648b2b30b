"""Accidents of state, of the stamp on every order, of alerts, and of a number written twice.

A3, A9, A15, A22 and A26 of the list of those that must not happen again. Each test says what a
naive engine does, and where that is cheap, does it and shows that the check would have told.
"""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cycle.cases import judged, situation, wish
from cycle.small_sets import DEPLOYMENT, STRATEGY, alert, limit, set_of
from cycle.trading_desk import BTC, ETH, START, Bench, bench, done
from policyset.sets import altered, documents, findings

from engine.adapters.system.lock import FileLock
from engine.cycle import cycle
from engine.cycle.facts.portfolio import portfolio_facts
from engine.cycle.steps import alerts
from engine.errors import MandateError
from engine.ledger.records import RecordKind
from engine.ledger.state import State
from engine.model.decisions import Verdict
from engine.model.orders import Mode
from engine.policyset.seal import canonical_bytes, document_hash
from engine.policyset.sealing import effective_plain, seal_documents
from engine.run.refusals import check_stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.cycle.desk import Round
    from engine.errors import Diagnostic
    from engine.kinds.base import Document, Plain

HASH = re.compile(r"[0-9a-f]{64}")
POSITION = limit("max_position", "position.pct_after <= 3")


# A3: a dry run's invented equity became the high-water mark of the live account.


@pytest.mark.parametrize("mode", [Mode.PAPER, Mode.LIVE])
def test_a03_no_mode_goes_on_with_another_mode_s_state(mode: Mode) -> None:
    """A ledger of a dry run is refused to paper and live; naive: one state file for all modes."""
    state = State(mode=Mode.DRY_RUN.value, account="main", genesis=START)
    with pytest.raises(MandateError) as caught:
        check_stream(state, set_of().deployment, mode)
    assert [each.code for each in caught.value.diagnostics] == ["M446"]
    check_stream(state, set_of().deployment, Mode.DRY_RUN)


def test_a03_no_account_goes_on_with_another_account_s_state() -> None:
    """Nor does another account of the same mode."""
    state = State(mode=Mode.PAPER.value, account="other", genesis=START)
    with pytest.raises(MandateError):
        check_stream(state, set_of().deployment, Mode.PAPER)


def test_a03_the_drawdown_of_one_stream_does_not_move_another() -> None:
    """10,000 invented USD in one ledger are no loss in the other; naive: a mark that both read."""
    rich, poor = bench(cash="10000"), bench(cash="255")
    for made, equity in ((rich, "10000"), (poor, "255")):
        made.close(equity)
    naive = 100 * (1 - Decimal(255) / Decimal(10_000))
    assert naive == Decimal("97.45")
    assert poor.round().account["portfolio.drawdown_pct"] == 0.0


def test_a03_equity_that_is_not_known_is_missing_and_denies() -> None:
    """A coin without a price leaves no equity; naive: 10,000 is put in its place, and allows."""
    made = bench(POSITION)
    made.quote(BTC)
    made.hold(BTC, "2", "100")
    made.quote(BTC, bid=None)
    facts = portfolio_facts(
        made.state, made.desk.valuation, made.now, new_positions=0, dust=frozenset()
    )
    assert "portfolio.equity_usd" not in facts
    policy_set, order = set_of(POSITION), wish(quantity="1")
    told = judged(policy_set, order, situation({"portfolio.equity_usd": None}))
    assert told.verdict is Verdict.DENY
    assert "portfolio.equity_usd" in dict(told.reasons[0].values)["missing"]
    naive = judged(policy_set, order, situation({"portfolio.equity_usd": 10_000.0}))
    assert naive.verdict is Verdict.ALLOW


# A9: two instances ran, one live and one on paper.


def test_a09_a_second_instance_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    """It does not start while the first lives; naive: a pid file that is written over."""
    first = FileLock.acquire(tmp_path / "LOCK", START)
    with pytest.raises(MandateError) as caught:
        FileLock.acquire(tmp_path / "LOCK", START)
    (found,) = caught.value.diagnostics
    assert found.code == "M413"
    assert "process" in found.message
    first.release()
    FileLock.acquire(tmp_path / "LOCK", START).release()


def test_a09_a_lock_that_was_lost_stops_what_is_about_to_leave() -> None:
    """The lease is read again before the wire: nothing is sent; naive: it is read at the start."""
    made = _wanting()
    made.desk.lease_held = lambda: False
    this = _turn(made)
    assert [told.outcome for told in this.orders] == [
        "not sent: the lock on this account is no longer ours"
    ]
    assert made.venue.sent == []
    honest = _wanting()
    _turn(honest)
    assert len(honest.venue.sent) == 1


def _wanting() -> Bench:
    """A desk that would buy now."""
    made = bench(STRATEGY)
    made.quote(BTC)
    return made


def _turn(made: Bench) -> Round:
    made.venue.cash = dict(made.state.cash)
    this = done(cycle.run(made.desk, made.now))
    made.wait(60)
    return this


# A15: most cycles carried no hash of the configuration, and half of it was outside the hash.


def test_a15_every_order_and_record_of_a_decision_carries_all_64_digits() -> None:
    """Decision, intent and cycle say the whole hash, and the order's id begins with it.

    Naive: eight digits, in the log alone, of the one file that the risk engine reads.
    """
    made = _wanting()
    _turn(made)
    own = made.policy_set.hash
    assert HASH.fullmatch(own)
    stamped = {RecordKind.DECISION, RecordKind.INTENT, RecordKind.CYCLE}
    bodies = [each.fields() for each in made.journal.records() if each.kind in stamped]
    assert len(bodies) == len(stamped)
    assert {body["policy_set"] for body in bodies} == {own}
    (order,) = made.venue.sent
    assert order.policy_set == own
    assert order.client_order_id.replace("-", "").startswith(own[:12])


def leaves(value: Plain, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The places of everything that is no mapping and no list."""
    match value:
        case dict():
            for key, each in value.items():
                yield from leaves(each, (*path, key))
        case list():
            for at, each in enumerate(value):
                yield from leaves(each, (*path, at))
        case _:
            yield path


def edited(value: Plain, path: tuple[str | int, ...]) -> Plain:
    """The same with another value at one place."""
    if not path:
        return _other(value)
    first, *rest = path
    if isinstance(value, dict):
        return {**value, str(first): edited(value[str(first)], tuple(rest))}
    assert isinstance(value, list)
    assert isinstance(first, int)
    return [edited(e, tuple(rest)) if at == first else e for at, e in enumerate(value)]


def _other(value: Plain) -> Plain:
    match value:
        case bool():
            return not value
        case Decimal():
            return value + Decimal("0.001")
        case str():
            return f"{value} "
        case _:
            return "something"


@pytest.mark.parametrize("document", documents("paper"), ids=lambda each: each.id)
def test_a15_one_edit_of_anything_in_the_set_is_another_hash(document: Document) -> None:
    """Each value of each document, mode and strategies included; naive: the risk file alone."""
    plain = effective_plain(document)
    if document.kind == "PolicySet":
        assert document.id not in {each.document.id for each in seal_documents([document])}
        return
    before = document_hash(document.kind, document.name, canonical_bytes(plain))
    hashes = [
        document_hash(document.kind, document.name, canonical_bytes(edited(plain, path)))
        for path in leaves(plain)
    ]
    assert hashes
    assert before not in hashes


def test_a15_mode_and_strategies_are_inside_the_set_s_hash() -> None:
    """The two that were outside: each moves the hash of the whole set."""
    base = set_of(STRATEGY)
    others = (set_of(), set_of(STRATEGY.replace("enabled: true", "enabled: false")))
    dry = set_of(STRATEGY, _DRY)
    assert len({base.hash, dry.hash, *(each.hash for each in others)}) == 4


_DRY = DEPLOYMENT.partition("  paper:")[0].replace("mode: paper", "mode: dry_run")


# A22: an alert was deduplicated by its text, in which numbers change, so it never was.


def _hear(made: Bench, spread: str) -> None:
    for symbol in (BTC, ETH):
        made.quote(symbol, "100", spread)
    done(alerts.run(made.desk, made.round()))
    made.wait(60)


def test_a22_the_same_alert_with_other_numbers_is_the_same_alert() -> None:
    """One message a rule and product within `dedupe`; naive: one for each text, so for each."""
    made = bench(alert("wide", "quote.spread_bps > 50", scope="symbol", dedupe="1h"))
    for spread in ("101", "100.01", "102", "100.01", "103", "100.01"):
        _hear(made, spread)
    firing = [subject for _, subject, _ in made.letters.told if subject.endswith("firing")]
    assert len(firing) == 2
    assert sum("BTC-USD" in subject for subject in firing) == 1
    recorded = [each.fields() for each in made.journal.records() if each.kind is RecordKind.ALERT]
    texts = {str(each["text"]) for each in recorded if each["phase"] == "firing"}
    assert len(texts) == 3, "a dedupe by text would have told each of them"


def test_a22_an_alert_that_goes_on_is_escalated_by_the_clock() -> None:
    """Nobody has to raise it again; naive: escalation waits for the next time it is raised."""
    made = bench(
        alert("wide", "quote.spread_bps > 50", scope="symbol", dedupe="1m", escalate_after="5m")
    )
    for _ in range(8):
        _hear(made, "101")
    subjects = [subject for _, subject, _ in made.letters.told if "BTC-USD" in subject]
    assert [each.rpartition(" ")[2] for each in subjects] == ["firing", "escalated"]


# A26: five values for one quote age, and 7 per cent written as 0.07 beside 4.0.

SECOND_AGE = """
kind: RiskLimit
metadata: {name: quote_age_again, description: The same bound with another number., owner: risk}
spec:
  scope: symbol
  intents: [entry, add]
  require: quote.age_s <= params.max_age_s
  params: {max_age_s: 60}
  on_breach: deny
  stage: enforce
"""
FRACTION = """
kind: RiskLimit
metadata: {name: max_position_again, description: A share written as a fraction., owner: risk}
spec:
  scope: symbol
  intents: [entry, add]
  require: position.pct_after <= params.max_position_pct
  params: {max_position_pct: 0.07}
  on_breach: deny
  stage: enforce
"""


def test_a26_a_second_value_for_one_quote_age_is_told_with_both_places() -> None:
    """The shipped set bounds it already; naive: both load, and whichever is read last counts."""
    assert findings(documents()) == ()
    (found,) = findings(altered(documents(), SECOND_AGE))
    assert found.code == "M347"
    assert places_of(found) == ["new.yaml", "spot.yaml"]


def test_a26_a_share_written_as_a_fraction_is_told_and_so_is_what_it_breaks() -> None:
    """0.07 per cent of equity is no position: the number, and every limit that it makes idle."""
    found = {each.code: each for each in findings(altered(documents(), FRACTION))}
    assert "0.07" in found["M227"].message
    assert places_of(found["M227"]) == ["new.yaml"]
    assert places_of(found["M353"]) == ["new.yaml", "spot.yaml"]
    assert all("new.yaml" in places_of(each) for each in found.values())


def places_of(found: Diagnostic) -> list[str]:
    """The files that a finding points at, its own first."""
    assert found.place is not None
    return [Path(each.file).name for each in (found.place, *(place for place, _ in found.related))]

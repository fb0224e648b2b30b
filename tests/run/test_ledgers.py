"""A ledger to ask: found by its text, viewed without a change, questioned by product and id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from run.conftest import POLICIES, records

from engine.cycle import operator
from engine.errors import MandateError
from engine.ledger.records import RecordKind, decode_body
from engine.model.symbols import Symbol
from engine.run import RunSettings, prepare
from engine.run.ledgers import LedgerView, ledger_path, new_ledger
from engine.run.questions import last_decision, named_set, order_story, why

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from engine.adapters.sqlite.index import SqliteIndex
    from engine.policyset.policyset import PolicySet


@pytest.fixture(scope="module")
def ledger(recording: Path, any_pair: PolicySet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of thirty cycles."""
    path = tmp_path_factory.mktemp("asked") / "ledger"
    settings = RunSettings(POLICIES / "any_pair", path, (recording,), cycles=30)
    prepare(settings, any_pair).run(lambda _this: None)
    return path


@pytest.fixture
def index(ledger: Path) -> Iterator[SqliteIndex]:
    """Its index."""
    with LedgerView.open(str(ledger)).index() as opened:
        yield opened


def refused(question: Callable[[], object]) -> str:
    """The code of a refusal, which names its mend."""
    with pytest.raises(MandateError) as caught:
        question()
    (found,) = caught.value.diagnostics
    assert found.help
    return found.code


def test_an_address_is_no_directory() -> None:
    """No folder called `postgresql:` is ever made."""
    assert refused(lambda: ledger_path("mysql://localhost/x")) == "M450"
    assert ledger_path("runs/mine").name == "mine"


def test_a_new_ledger_takes_the_first_free_name(tmp_path: Path) -> None:
    """Nothing is written over."""
    (tmp_path / "mine-1").mkdir()
    assert new_ledger(tmp_path, "mine") == tmp_path / "mine-2"


def test_a_folder_without_a_journal_is_no_ledger(tmp_path: Path) -> None:
    """And is not made into one by asking."""
    assert refused(lambda: LedgerView.open(str(tmp_path / "none"))) == "M451"
    assert not (tmp_path / "none").exists()


def test_a_view_tells_records_holder_and_switch(ledger: Path) -> None:
    """What lies there now."""
    view = LedgerView.open(str(ledger))
    assert [each.hash for each in view.records()] == [each.hash for each in records(ledger)]
    assert view.holder() is None
    assert view.kill_switch() is None
    operator.throw_kill_switch(view.disk, "anna", "fire", records(ledger)[-1].time)
    assert "fire" in str(view.kill_switch())
    operator.release_kill_switch(view.disk)


def test_an_index_that_cannot_be_kept_is_made_in_memory(ledger: Path, tmp_path: Path) -> None:
    """An auditor's copy may be on a medium that cannot be written."""
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "journal").symlink_to(ledger / "journal")
    (copy / "index.sqlite").mkdir()
    with LedgerView.open(str(copy)).index() as opened:
        assert opened.last(RecordKind.CYCLE) is not None


def test_an_order_s_story_begins_with_its_decision(index: SqliteIndex, ledger: Path) -> None:
    """Found by id, by the beginning of one, and by its intent's number."""
    body = decode_body(next(r for r in records(ledger) if r.kind is RecordKind.INTENT).body)
    order_id, number = str(body["client_order_id"]), str(body["intent"])
    for key in (order_id, number):
        story = order_story(index, key)
        assert story.decided.client_order_id == order_id
        assert [each.kind for each in story.steps][:3] == [
            RecordKind.INTENT,
            RecordKind.SENT,
            RecordKind.ACKNOWLEDGED,
        ]


def test_questions_that_have_no_answer_are_refused(index: SqliteIndex) -> None:
    """Each with what the ledger does have."""
    assert refused(lambda: order_story(index, "ffffffff")) == "M452"
    assert refused(lambda: why(index, "BTC-USDT", 9999)) == "M454"
    assert refused(lambda: why(index, "not a product", None)) == "M455"
    assert refused(lambda: why(index, "DOGE-USDT", None)) == "M455"


def test_the_beginning_of_many_orders_is_not_one(index: SqliteIndex, any_pair: PolicySet) -> None:
    """The set's own prefix stands before all of its orders."""
    assert refused(lambda: order_story(index, any_pair.hash[:8])) == "M453"


def test_why_nothing_happened(index: SqliteIndex) -> None:
    """The reason of the last cycle, or of one that is named, with the decisions of that cycle."""
    for cycle in (None, 1, 7):
        told = why(index, "btc/usdt", cycle)
        assert told.symbol == Symbol("BTC", "USDT")
        assert told.cycle == (cycle or 30)
        assert told.reason is not None or told.decisions


def test_the_last_decision_about_a_product(index: SqliteIndex) -> None:
    """In whatever cycle; of a product that was never decided there is none."""
    found = last_decision(index, Symbol("BTC", "USDT"))
    assert found is not None
    assert found.intent.symbol == Symbol("BTC", "USDT")
    assert last_decision(index, Symbol("DOGE", "USD")) is None


def test_a_set_is_named_by_its_hash(index: SqliteIndex, any_pair: PolicySet) -> None:
    """And built again from the ledger; one that was never activated is unknown."""
    named = named_set(index, any_pair.hash)
    assert (named.name, named.hash) == ("any_pair", any_pair.hash)
    assert named.policy_set is not None
    assert named.policy_set.hash == any_pair.hash
    assert named_set(index, "0" * 64).policy_set is None


def test_a_ledger_without_a_cycle_says_so(
    recording: Path, any_pair: PolicySet, tmp_path: Path
) -> None:
    """A run that was prepared and not run has a genesis only."""
    session = prepare(RunSettings(POLICIES / "any_pair", tmp_path / "new", (recording,)), any_pair)
    session.lease.release()
    with LedgerView.open(str(tmp_path / "new")).index() as opened:
        assert refused(lambda: why(opened, "BTC-USDT", None)) == "M454"

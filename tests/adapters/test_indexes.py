"""Both indexes answer every question alike: the embedded one, and the one of the shared ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.shared import ship
from fakes.story import BTC, ETH, ONE, SOL, STORY, T0, TWO, tell

from engine.adapters.sqlite.index import SqliteIndex
from engine.adapters.system.memory_disk import MemoryDisk
from engine.ledger.index import OrderEntry
from engine.ledger.journal import Journal
from engine.ledger.reader import JournalReader
from engine.ledger.records import Record, RecordKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.ledger.index import LedgerIndex
    from engine.model.symbols import Symbol


@pytest.fixture(scope="module")
def disk() -> MemoryDisk:
    """A disk with the whole story, synced."""
    disk = MemoryDisk()
    tell(Journal.open(disk))
    return disk


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def index(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, disk: MemoryDisk
) -> Iterator[LedgerIndex]:
    """An index that holds the story."""
    if request.param == "sqlite":
        with _embedded(tmp_path_factory.mktemp("index") / "index.sqlite", disk) as embedded:
            yield embedded
    else:
        shared = request.getfixturevalue("postgres").database()
        with ship(shared, JournalReader(disk).records()) as ledger:
            yield ledger.index()


def _embedded(path: Path, disk: MemoryDisk) -> SqliteIndex:
    index = SqliteIndex(path)
    assert index.catch_up(JournalReader(disk)) == len(STORY)
    return index


def _sequences(records: tuple[Record, ...]) -> list[int]:
    return [each.sequence for each in records]


def test_a_record_comes_back_as_the_journal_has_it(index: LedgerIndex, disk: MemoryDisk) -> None:
    """Bytes, hash and time are the same."""
    assert [index.record(each.sequence) for each in JournalReader(disk).records()] == list(
        JournalReader(disk).records()
    )
    assert index.record(99) is None


@pytest.mark.parametrize(
    ("key", "sequences"),
    [
        pytest.param(ONE, [3, 4, 6, 8], id="a whole id, with the decision that has none yet"),
        pytest.param(ONE.upper(), [3, 4, 6, 8], id="an id in capitals"),
        pytest.param("aaaab", [7], id="a prefix of one order"),
        pytest.param("aaaa", [3, 4, 6, 7, 8], id="a prefix of two orders"),
        pytest.param("1", [3, 4, 6, 8], id="an intent's number"),
        pytest.param("2", [5], id="an intent that was denied"),
        pytest.param("77", [], id="an intent that was never there"),
        pytest.param("aaa", [], id="a prefix that is too short"),
        pytest.param("bbbb", [], id="an id that was never there"),
        pytest.param("%", [], id="a pattern"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_the_story_of_an_order_is_all_its_records(
    index: LedgerIndex, key: str, sequences: list[int]
) -> None:
    """By id, by a beginning of it, or by the intent's number; oldest first."""
    assert _sequences(index.records_of_order(key)) == sequences


def test_orders_tell_which_ones_share_a_prefix(index: LedgerIndex) -> None:
    """A person who typed too little sees what to choose from."""
    one = OrderEntry(ONE, 1, "BTC-USD", 4, 8)
    two = OrderEntry(TWO, 3, "ETH-USD", 7, 7)
    assert index.orders("aaaa") == (one, two)
    assert index.orders("1") == (one,)
    assert index.orders("2") == ()


@pytest.mark.parametrize(("symbol", "sequence"), [(BTC, 9), (ETH, 5), (SOL, None)])
def test_the_last_decision_about_a_product(
    index: LedgerIndex, symbol: Symbol, sequence: int | None
) -> None:
    """The newest one, whatever its verdict."""
    found = index.last_decision(symbol)
    assert (found.sequence if found else None) == sequence


def test_records_of_a_kind(index: LedgerIndex) -> None:
    """The newest of them since a time, oldest first, no more than asked."""
    assert _sequences(index.records(RecordKind.DECISION)) == [3, 5, 9]
    assert _sequences(index.records(RecordKind.DECISION, limit=2)) == [5, 9]
    assert _sequences(index.records(RecordKind.DECISION, since=T0.plus_s(4))) == [5, 9]
    assert index.records(RecordKind.HALT) == ()
    assert index.last(RecordKind.HALT) is None
    assert (cycle := index.last(RecordKind.CYCLE)) is not None
    assert cycle.fields() == {"cycle": 2}


def test_a_cycle_and_what_it_decided_are_found_by_its_number(index: LedgerIndex) -> None:
    """A number that is a flag in the body is none."""
    assert [(each.sequence if each else None) for each in map(index.cycle, (1, 2, 3))] == [
        2,
        10,
        None,
    ]
    assert index.decisions_of(BTC, 1) == ()

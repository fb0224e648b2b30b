"""An operator's hand on a venue that runs: done and durable, or refused in words."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from fakes.venue import running_venue

from engine.errors import MandateError
from engine.venue.passage import HANG_UP, HangUp, Reply
from engine.venue.running.hand import tell
from engine.venue.running.session import ADDRESS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fakes.venue import RunningVenue

    from engine.venue.passage import Asked, Onward


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The venue's directory."""
    return tmp_path_factory.mktemp("venue")


@pytest.fixture(scope="module")
def running(state: Path) -> Iterator[RunningVenue]:
    """A venue that lives there, and has written where it answers."""
    with running_venue(root=state) as made:
        (state / ADDRESS).write_text(json.dumps({"rest": made.rest}))
        yield made


def refused(state: Path, **fields: str) -> str:
    """Why a transfer is not made."""
    with pytest.raises(MandateError) as caught:
        tell(state, "transfer", fields)
    (found,) = caught.value.diagnostics
    assert found.code == "M607"
    return found.message


def test_a_deed_is_done_when_it_returns(running: RunningVenue, state: Path) -> None:
    """Money that was sent in is there."""
    tell(state, "transfer", {"currency": "EUR", "units": "5"})
    held = {e.currency: e.units for e in running.within(running.venue.fate.balances)}
    assert held["EUR"] == Decimal(5)


def test_what_the_venue_refuses_is_told_in_its_words(running: RunningVenue, state: Path) -> None:
    """A withdrawal of what is not there, and a transfer of nothing that is a currency."""
    del running
    assert "GBP" in refused(state, currency="GBP", units="-1")
    assert refused(state, currency="x", units="1").startswith("the venue does not do it: ")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Reply(500, b"<html>"), "the venue does not do it: status 500"),
        (Reply(503, b"[]"), "the venue does not do it: status 503"),
        (HANG_UP, "no venue answers for `{state}`: LostError"),
    ],
    ids=["a page that is no answer", "a list", "no answer"],
)
def test_an_answer_that_is_none_is_no_deed(
    running: RunningVenue, state: Path, answer: Reply | HangUp, words: str
) -> None:
    """Whatever stands between: nobody is told that it was done."""

    async def answered(_asked: Asked, _onward: Onward) -> Reply | HangUp:
        return answer

    before = running.door.passage
    running.through(answered)
    try:
        assert refused(state, currency="EUR", units="1") == words.format(state=state)
    finally:
        running.through(before)


def test_where_no_venue_runs_a_hand_finds_none(tmp_path: Path) -> None:
    """A directory without an address, and one whose address is no text of ours."""
    for text in (None, "{}", "no json"):
        if text is not None:
            (tmp_path / ADDRESS).write_text(text)
        assert refused(tmp_path, currency="EUR", units="1").startswith("no venue answers for")

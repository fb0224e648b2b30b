"""Commands to a loop from outside: what it records is the answer, and silence has an end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from fakes.clock import ManualClock

from engine.adapters.system.disk import DirectoryDisk
from engine.cycle import operator
from engine.cycle.clockwork import Command
from engine.errors import MandateError
from engine.ledger.journal import Journal
from engine.ledger.records import RecordKind, encode_body
from engine.run import prepare
from engine.run.accounts import PATIENCE_S, Answered, check_loop, flow_asked, ordered
from engine.run.ledgers import LedgerView

if TYPE_CHECKING:
    from conftest import Settings

    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet

COMMAND = Command("reconcile", "", "ann", "looks odd")


@dataclass
class LoopClock(ManualClock):
    """Time in which a loop is at work: whenever somebody waits, it carries commands out.

    `obeys` says after how many waits; `others` are commands of other people that it tells first.
    """

    journal: Journal | None = None
    disk: DirectoryDisk | None = None
    obeys: int = 3
    others: tuple[Command, ...] = ()
    waits: int = 0

    async def sleep_until(self, moment: UtcTime) -> None:
        """Let the loop have its turn."""
        await super().sleep_until(moment)
        self.waits += 1
        if self.waits == self.obeys and self.journal is not None and self.disk is not None:
            told = [*self.others, *operator.take_commands(self.disk)]
            for command in told:
                self._obey(command)
            self.journal.sync()

    def _obey(self, command: Command) -> None:
        assert self.journal is not None
        assert self.journal.last is not None
        at = self.journal.last.time
        if command == COMMAND:
            reading = encode_body({"mismatches": 0, "differences": {}, "who": command.who})
            self.journal.append(RecordKind.RECONCILE, at, reading)
        body = {
            "command": command.verb,
            "target": command.target,
            "who": command.who,
            "why": command.why,
            "outcome": "nothing differs" if command == COMMAND else "refused",
        }
        self.journal.append(RecordKind.OPERATOR_COMMAND, at, encode_body(body))


@pytest.fixture
def view(settings: Settings, any_pair: PolicySet) -> LedgerView:
    """A ledger that a run has begun, and that nobody runs."""
    asked = settings()
    prepare(asked, any_pair).lease.release()
    return LedgerView.open(str(asked.ledger))


def at_work(view: LedgerView, **other: object) -> LoopClock:
    """A clock with a loop behind it."""
    assert view.path is not None
    disk = DirectoryDisk(view.path)
    return replace(LoopClock(), journal=Journal.open(disk), disk=disk, **other)  # type: ignore[arg-type]  # fields by name


def test_the_answer_is_what_the_loop_recorded(view: LedgerView) -> None:
    """Of this command and no other, with the reading that was made for it."""
    clock = at_work(view, others=(replace(COMMAND, why="another reason"),))
    answer = asyncio.run(ordered(view, COMMAND, clock))
    assert answer.outcome == "nothing differs"
    assert answer.reading is not None
    assert answer.reading["who"] == "ann"
    assert clock.waits == 3


def test_an_answer_to_the_same_words_before_is_no_answer(view: LedgerView) -> None:
    """A second command of the same words waits for its own record."""
    first = at_work(view, obeys=1)
    asyncio.run(ordered(view, COMMAND, first))
    second = at_work(view, obeys=2)
    assert asyncio.run(ordered(view, COMMAND, second)).outcome == "nothing differs"
    assert second.waits == 2


def test_a_command_without_a_reading_has_none(view: LedgerView) -> None:
    """What was compared before belongs to somebody else's question."""
    asyncio.run(ordered(view, COMMAND, at_work(view)))
    resend = Command("resend", "3", "ann", "gone")
    assert asyncio.run(ordered(view, resend, at_work(view))) == Answered("refused", None)


def test_a_loop_that_says_nothing_is_waited_for_and_no_longer(view: LedgerView) -> None:
    """After a minute the command stands and the person is told where it is."""
    clock = ManualClock()
    with pytest.raises(MandateError) as raised:
        asyncio.run(ordered(view, COMMAND, clock))
    assert [each.code for each in raised.value.diagnostics] == ["M419"]
    assert clock.steady_s == pytest.approx(PATIENCE_S, abs=1.0)
    assert [each.verb for each in operator.take_commands(view.disk)] == ["reconcile"]


def test_without_a_loop_nothing_is_sent_again(view: LedgerView) -> None:
    """The one who holds the ledger holds its limits."""
    with pytest.raises(MandateError, match="nobody runs this ledger"):
        check_loop(view)


def test_a_flow_is_asked_with_its_sign(view: LedgerView) -> None:
    """The word gives the sign; every mistake is told at once."""
    assert flow_asked(view, "5.50", "USD", out=True) == (Decimal("-5.50"), None)
    with pytest.raises(MandateError) as raised:
        flow_asked(view, "-5", "usd", out=False)
    assert [each.code for each in raised.value.diagnostics] == ["M415", "M415"]

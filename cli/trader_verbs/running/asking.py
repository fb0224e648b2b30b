"""A run at a terminal asks the person there about each order that waits for a yes.

In: a session, what is typed. Out: questions on stderr, and the answers as commands in the files
that every other hand uses too, so that they are recorded alike. Waits for nobody: cycles, exits and
the kill switch go on, and who types nothing has said no when the time is over.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cli.trader_verbs.approve import question
from engine.adapters.environment import user_name
from engine.adapters.system.disk import DirectoryDisk
from engine.cycle import operator
from engine.cycle.clockwork import Command
from engine.run.asks import waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.supervision import Ask
    from engine.run import Session

LOOK_S = 0.2
_MOST_BYTES = 4096
_WORDS = {"y": "approve", "yes": "approve", "n": "refuse", "no": "refuse"}
_WHY = "at the terminal of the run"
_HELP = "answer `y` or `n`, or `y 3` for order 3\n"


def at_terminal() -> bool:
    """Whether a person sits where a question is seen and answered."""
    return sys.stdin.isatty() and sys.stderr.isatty()


@dataclass(slots=True)
class Terminal:
    """One person at the terminal of one run; `said` is what he has typed and not ended.

    What he answered once can be taken back by `trader refuse`, and not by a slip of the finger.
    """

    session: Session
    say: Callable[[str], object] = sys.stderr.write
    asked: set[int] = field(default_factory=set)
    answered: set[int] = field(default_factory=set)
    said: bytes = b""

    async def run(self) -> None:
        """Ask and listen for as long as the loop goes on."""
        running, typed = asyncio.get_running_loop(), sys.stdin.fileno()
        running.add_reader(typed, self._read, typed)
        try:
            while True:
                self.look()
                await asyncio.sleep(LOOK_S)
        finally:
            running.remove_reader(typed)

    def look(self) -> None:
        """Show each question once."""
        for each in self.open():
            if each.number not in self.asked:
                self.asked.add(each.number)
                self.say(f"order {question(each).strip()}\n  {_HELP}")

    def open(self) -> list[Ask]:
        """The questions that can be answered now."""
        desk = self.session.desk
        return waiting(desk.state, desk.clock.now())

    def _read(self, typed: int) -> None:
        data = os.read(typed, _MOST_BYTES)
        if not data:
            # He has closed his terminal: what waits is answered by silence, or by another hand.
            asyncio.get_running_loop().remove_reader(typed)
            return
        *lines, self.said = (self.said + data)[-_MOST_BYTES:].split(b"\n")
        for line in lines:
            self.hear(line.decode("utf-8", "replace"))

    def hear(self, line: str) -> None:
        """One line: an answer to the oldest question, or to the one that it names."""
        words = line.lower().split()
        if not words:
            return
        # The loop takes an answer in at its next tick; meanwhile the next word is about the next.
        waits = {each.number: each for each in self.open() if each.number not in self.answered}
        number = words[1] if len(words) > 1 else str(next(iter(waits), ""))
        verb = _WORDS.get(words[0])
        if verb is None:
            self.say(_HELP)
        elif not number.isdecimal() or int(number) not in waits:
            self.say("no such order waits for an answer\n")
        else:
            self._drop(Command(verb, number, user_name(), _WHY))
            self.answered.add(int(number))
            self.say(f"{verb} {number}\n")

    def _drop(self, command: Command) -> None:
        disk = DirectoryDisk(self.session.settings.ledger)
        operator.drop_command(disk, command, self.session.desk.clock.now())

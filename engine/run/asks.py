"""Orders that wait for a yes, in questions: which there are, and whether one may be answered.

In: a status. Out: asks; refuses (M942) a number that nobody was asked about, or that was answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Diagnostic, MandateError

if TYPE_CHECKING:
    from engine.ledger.state import State
    from engine.model.supervision import Ask
    from engine.model.times import UtcTime


def waiting(state: State, now: UtcTime) -> list[Ask]:
    """The questions that can still be answered, the oldest first."""
    return [each for each in state.asks.values() if each.open and now < each.until]


def answerable(state: State, number: int, now: UtcTime, *, yes: bool) -> Ask:
    """The question of this number; raises MandateError (M942) where an answer means nothing."""
    ask = state.asks.get(number)
    if ask is not None and now < ask.until and (ask.open or _can_be_taken_back(ask, yes=yes)):
        return ask
    others = ", ".join(str(each.number) for each in waiting(state, now)) or "none"
    if ask is None:
        message = f"nobody is asked about order {number}"
    elif ask.answered is not None:
        message = f"{ask.answered.who} said {ask.answered.answer.value} to order {number} already"
    else:
        message = f"order {number} was to be answered until {ask.until}"
    mend = f"questions that wait: {others}; `trader approve` lists them"
    raise MandateError([Diagnostic("M942", message, None, mend)])


def _can_be_taken_back(ask: Ask, *, yes: bool) -> bool:
    return ask.agreed and not ask.orders and not yes

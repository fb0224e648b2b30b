"""A motor that counts its answers: how often each rule held, failed, or could not be decided.

In: facts, as any motor takes them. Out: the motor's answers, unchanged. Every run counts, so an
answer is only put aside; thousands at a time are counted into a table of answer rows, of which a
market has few.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from engine.expr.backends.closure import Answers, Motor
    from engine.expr.nodes import Value

    Verdicts: TypeAlias = tuple[bool | None, ...]

_AT_ONCE = 4096


@dataclass(slots=True)
class CountedMotor:
    """Answers like `motor`; `answered` says how often it gave each answer to a rule.

    The same facts asked twice in a row are one question: some steps look before they ask.
    """

    motor: Motor
    _rows: Counter[Verdicts] = field(default_factory=Counter)
    _given: list[Verdicts] = field(default_factory=list)
    _last: Mapping[str, Value] | None = None

    def evaluate(self, facts: Mapping[str, Value]) -> Answers:
        """Answer every rule over one mapping of facts."""
        answers = self.motor.evaluate(facts)
        if facts is not self._last:
            self._last = facts
            self._given.append(answers.verdicts)
            if len(self._given) == _AT_ONCE:
                self._count()
        return answers

    def answered(self, place: int) -> Counter[bool | None]:
        """How often the rule at this place gave each answer."""
        self._count()
        found: Counter[bool | None] = Counter()
        for verdicts, times in self._rows.items():
            found[verdicts[place]] += times
        return found

    def _count(self) -> None:
        self._rows.update(self._given)
        self._given.clear()

"""A motor that counts its answers: how often each rule held, failed, or could not be decided.

In: facts, as any motor takes them. Out: the motor's answers, unchanged. Counting is one step in
a table of answer rows, of which a market has few, so that every run can afford it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.expr.backends.closure import Answers, Motor
    from engine.expr.nodes import Value


@dataclass(slots=True)
class CountedMotor:
    """Answers like `motor`; `rows` says how often it gave each row of verdicts.

    The same facts asked twice in a row are one question: some steps look before they ask.
    """

    motor: Motor
    rows: Counter[tuple[bool | None, ...]] = field(default_factory=Counter)
    _last: Mapping[str, Value] | None = None

    def evaluate(self, facts: Mapping[str, Value]) -> Answers:
        """Answer every rule over one mapping of facts."""
        answers = self.motor.evaluate(facts)
        if facts is not self._last:
            self._last = facts
            self.rows[answers.verdicts] += 1
        return answers

    def answered(self, place: int) -> Counter[bool | None]:
        """How often the rule at this place gave each answer."""
        found: Counter[bool | None] = Counter()
        for verdicts, times in self.rows.items():
            found[verdicts[place]] += times
        return found

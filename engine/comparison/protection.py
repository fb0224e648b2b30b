"""What each edit does, by its field's declared direction: is one protected as well as before?

In: edits. Out: an `Effect` for each: weaker, stronger, the same, or unknown where no direction is
declared. Whole documents count by what they were for: an alert that is gone is weaker. What the
solver proves, what strategies want and words have no effect here.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from engine.comparison.effects import Effect
from engine.comparison.fields import Absent, Meaning, Question, Safer, meaning_of
from engine.comparison.windows import effect_of_windows
from engine.model.times import UtcTime, duration_s

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.comparison.edits import Edit
    from engine.kinds.base import Plain

_SILENT = frozenset({Question.WANTS, Question.WORDS})


@dataclass(frozen=True, slots=True)
class JudgedEdit:
    """One edit, what it bears on, and what it does there."""

    edit: Edit
    meaning: Meaning
    effect: Effect

    @property
    def question(self) -> Question:
        """What it bears on."""
        return self.meaning.question


def judged(edit: Edit) -> JudgedEdit:
    """What one edit does."""
    if not edit.path:
        return _document(edit)
    meaning = meaning_of(edit.kind, edit.path)
    return JudgedEdit(edit, meaning, _effect(edit, meaning))


_PERMISSION = Meaning(Question.PERMISSION, Safer.PROVED)
_PROTECTION = Meaning(Question.PROTECTION, Safer.STATED, Absent.WEAKEST)


def _document(edit: Edit) -> JudgedEdit:
    """A whole document, added or removed."""
    spec = _part(edit.old if edit.new is None else edit.new, "spec")
    match edit.kind:
        case "AlertRule" | "CircuitBreaker":
            meaning = _PROTECTION
        case "RiskLimit":
            meaning = _PERMISSION if _part(spec, "trim") is None else _PROTECTION
        case "Waiver":
            meaning = _PERMISSION
        case "Strategy":
            meaning = Meaning(Question.WANTS)
        case _:
            meaning = Meaning(Question.PERMISSION)
    return JudgedEdit(edit, meaning, _effect(edit, meaning))


def _part(plain: Plain | None, key: str) -> Plain | None:
    return plain.get(key) if isinstance(plain, dict) else None


def _effect(edit: Edit, meaning: Meaning) -> Effect:
    if meaning.question in _SILENT:
        return Effect.SAME
    if meaning.safer in _WHOLE_VALUES:
        return _WHOLE_VALUES[meaning.safer](edit)
    if edit.old is None or edit.new is None:
        proved = meaning.safer is Safer.PROVED and meaning.absent is Absent.UNKNOWN
        return Effect.SAME if proved else _absence(meaning.absent, gone=edit.new is None)
    return Effect.SAME if meaning.safer is Safer.PROVED else _by_strength(meaning, edit)


def _by_strength(meaning: Meaning, edit: Edit) -> Effect:
    before, after = (
        None if each is None else _strength(meaning, each) for each in (edit.old, edit.new)
    )
    if before is None or after is None:
        return Effect.UNKNOWN
    if before == after:
        return Effect.SAME
    return Effect.STRONGER if after > before else Effect.WEAKER


def _members(edit: Edit) -> Effect:
    """A list whose members each protect."""
    before, after = ({*each} if isinstance(each, list) else set() for each in (edit.old, edit.new))
    if before == after:
        return Effect.SAME
    return Effect.STRONGER if before <= after else Effect.WEAKER


def _absence(absent: Absent, *, gone: bool) -> Effect:
    match absent:
        case Absent.UNKNOWN:
            return Effect.UNKNOWN
        case Absent.WEAKEST:
            return Effect.WEAKER if gone else Effect.STRONGER
        case Absent.STRONGEST:
            return Effect.STRONGER if gone else Effect.WEAKER


def _strength(meaning: Meaning, value: Plain) -> Decimal | None:
    """How safe a value is, as a number that grows with it; None where it has none."""
    match meaning.safer:
        case Safer.LOWER:
            number = _number(value)
            return None if number is None else -number
        case Safer.HIGHER:
            return _number(value)
        case Safer.FALSE:
            return Decimal(value is False)
        case Safer.RANKED:
            known = isinstance(value, str) and value in meaning.ranked
            return Decimal(meaning.ranked.index(str(value))) if known else None
        case _:
            return None


def _number(value: Plain) -> Decimal | None:
    """A number, a duration in seconds, or an instant; None for an expression of facts."""
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str):
        return None
    for read in (Decimal, _seconds, _instant):
        try:
            return read(value)
        except (InvalidOperation, ValueError):
            continue
    return None


def _seconds(text: str) -> Decimal:
    return Decimal(duration_s(text))


def _instant(text: str) -> Decimal:
    return Decimal(UtcTime.parse(text).ns)


def _reset(edit: Edit) -> Effect:
    """A person before any clock; of two clocks the later one; midnight and a while are not ordered.

    What a person must respect is safer the longer it takes; the high-water mark has no direction.
    """
    was, becomes = (_part(each, "rearm") for each in (edit.old, edit.new))
    if (was is None) != (becomes is None):
        return Effect.STRONGER if was is None else Effect.WEAKER
    before, after = (_wait(each, rearm) for each, rearm in ((edit.old, was), (edit.new, becomes)))
    same_mark = _part(was, "high_water_mark") == _part(becomes, "high_water_mark")
    if before is None or after is None or before == after or not same_mark:
        return Effect.UNKNOWN
    return Effect.STRONGER if after > before else Effect.WEAKER


def _wait(reset: Plain | None, rearm: Plain | None) -> Decimal | None:
    """The shortest time until it can let go; None where a clock and not a time says it."""
    stated = _part(reset, "after") if rearm is None else _part(rearm, "not_before")
    return None if stated is None else _number(stated)


_WHOLE_VALUES: dict[Safer, Callable[[Edit], Effect]] = {
    Safer.RESET: _reset,
    Safer.MORE: _members,
    Safer.WINDOWS: lambda edit: effect_of_windows(edit.old, edit.new),
}
"""What is compared as one value, there or not."""

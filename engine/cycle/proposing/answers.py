"""The answer of a Python strategy, checked before anything believes it.

In: whatever `propose` returned. Out: proposals by product, or what is wrong in words. One wrong
proposal makes the whole answer wrong: a strategy that errs is not believed in part.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from engine.model.proposals import Proposal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.model.proposals import Context

_LONGEST_REASON = 200


def checked(answer: object, context: Context) -> Mapping[str, Proposal] | str:
    """The proposals by product, or why none of them counts."""
    if not isinstance(answer, list | tuple):
        return f"the answer is no list but {_kind(answer)}"
    known = {each.symbol for each in context.candidates}
    for each in answer:
        wrong = _wrong(each, known)
        if wrong is not None:
            return wrong
    twice = [symbol for symbol, times in Counter(p.symbol for p in answer).items() if times > 1]
    if twice:
        return f"{twice[0]} is proposed twice"
    return {each.symbol: each for each in answer}


def _wrong(each: object, known: set[str]) -> str | None:
    if type(each) is not Proposal:
        return f"a proposal is {_kind(each)}"
    symbol: object = each.symbol
    if not isinstance(symbol, str) or symbol not in known:
        return "a proposal is for a product that is no candidate"
    if not _number(each.conviction) or not 0 <= each.conviction <= 1:
        return f"the conviction for {each.symbol} is not from 0 to 1"
    if not _number(each.size_pct) or not 0 < each.size_pct <= 100:  # noqa: PLR2004 - all of it
        return f"the size for {each.symbol} is no share of equity"
    if not _words(each.reason):
        return f"the reason for {each.symbol} is no line of at most {_LONGEST_REASON} characters"
    return None


def _number(value: object) -> bool:
    """A flag is no number here, and neither are infinity and what is not a number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _words(reason: object) -> bool:
    return isinstance(reason, str) and 0 < len(reason) <= _LONGEST_REASON and reason.isprintable()


def _kind(value: object) -> str:
    return f"of type {type(value).__name__}"

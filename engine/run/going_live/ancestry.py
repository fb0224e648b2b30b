"""Which sets a ledger's time was earned under, and how each is related to the one that is asked.

In: a set, the reigns of a ledger. Out: `Ancestry`. A set that goes live is never the one that ran
on paper, since its Deployment says another mode: what counts is whether the other documents are
the same, by their hashes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.policyset.policyset import PolicySet
    from engine.run.going_live.chronicle import Reign

_NAMED = 3
_DEPLOYMENT = "Deployment/"
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Ancestry:
    """The time of a family of sets: all of it, and what was under the same rules."""

    ran_s: float
    unchanged_s: float
    fills: int
    words: str

    @staticmethod
    def of(policy_set: PolicySet, reigns: Sequence[Reign]) -> Ancestry:
        """Relate each reign to the set that is asked about."""
        own = {each.document.id: each.hash for each in policy_set.sealed}
        same = [each for each in reigns if not _differs(own, each)]
        return Ancestry(
            ran_s=sum(each.ran_s for each in reigns),
            unchanged_s=sum(each.ran_s for each in same),
            fills=sum(each.fills for each in reigns),
            words=_words(policy_set, own, reigns),
        )


def _differs(own: dict[str, str], reign: Reign) -> list[str]:
    """The documents that are not the same in both, but for the Deployment."""
    rules = {name: value for name, value in own.items() if not name.startswith(_DEPLOYMENT)}
    return sorted(
        name for name in {*rules, *reign.rules} if rules.get(name) != reign.rules.get(name)
    )


def _words(policy_set: PolicySet, own: dict[str, str], reigns: Sequence[Reign]) -> str:
    """Each set once, the newest first, with how it is related."""
    found = {each.policy_set: each for each in reigns}
    told = [
        f"{each.name} {each.policy_set[:_DIGITS]} ({_relation(policy_set, own, each)})"
        for each in reversed(found.values())
    ]
    more = f" and {len(told) - _NAMED} sets more" if len(told) > _NAMED else ""
    return f"under {', '.join(told[:_NAMED])}{more}" if told else "under no set"


def _relation(policy_set: PolicySet, own: dict[str, str], reign: Reign) -> str:
    if reign.policy_set == policy_set.hash:
        return "this set"
    differs = _differs(own, reign)
    if not differs:
        return "the same rules"
    more = f" and {len(differs) - 1} more" if len(differs) > 1 else ""
    return f"an ancestor: {differs[0]}{more} differ{'' if more else 's'}"

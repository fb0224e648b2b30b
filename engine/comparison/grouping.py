"""Groups of other assets: what that does to limits by group, by a declared direction.

In: two sets. Out: an `Effect` on permission. Facts of a group are sums over its assets, which a
proof takes as given. An asset that is in one group more meets one limit more, and counts in one sum
more; one that leaves a group, or joins its first, no longer counts where it did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.comparison.effects import Effect
from engine.expr.vocabulary import fact_names
from engine.kinds.parameters import OTHERS
from engine.kinds.rule import OnBreach, Scope, Stage

if TYPE_CHECKING:
    from engine.kinds.rule import Rule
    from engine.policyset.policyset import PolicySet

_OF_GROUPS = frozenset({"asset.groups", "group.name", "portfolio.group_at_risk_usd"})


def effect_of_groups(base: PolicySet, head: PolicySet) -> Effect:
    """Whether other groups allow more."""
    asking = [rule for one in (base, head) for rule in one.rules if _asks(rule, one)]
    before, after = (_groups(each) for each in (base, head))
    if not asking or before == after:
        return Effect.SAME
    alone = frozenset({OTHERS})
    if any(not held <= after.get(asset, alone) for asset, held in before.items()):
        return Effect.WEAKER
    if any(asset not in before for asset in after):
        return Effect.WEAKER
    # What shrinks orders is shown to allow less as a sum grows; of the rest nobody knows.
    shrink = all(each.scope is Scope.GROUP and each.on_breach is OnBreach.RESIZE for each in asking)
    return Effect.STRONGER if shrink else Effect.UNKNOWN


def _asks(rule: Rule, policy_set: PolicySet) -> bool:
    if rule.stage is not Stage.ENFORCE:
        return False
    names = policy_set.vocabulary.closure(fact_names(rule.tree))
    return rule.scope is Scope.GROUP or not _OF_GROUPS.isdisjoint(names)


def _groups(policy_set: PolicySet) -> dict[str, frozenset[str]]:
    """The groups of every asset that is in one."""
    found: dict[str, set[str]] = {}
    for name, assets in policy_set.universe.groups.items():
        for asset in assets:
            found.setdefault(asset, set()).add(name)
    return {asset: frozenset(names) for asset, names in found.items()}

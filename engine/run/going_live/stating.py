"""What the set itself says of a stage, who approved it, and what the doctor has against it.

In: a set, a stage, an approval, the checks of an examination. Out: evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.kinds.rule import RuleRole, Stage
from engine.model.orders import Mode
from engine.run.doctor.checks import Level, Section
from engine.run.going_live.evidence import Evidence, Rung, either, lacking, shown
from engine.run.refusals import live_refusals

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.kinds.rule import Rule
    from engine.model.approvals import Approval
    from engine.policyset.policyset import PolicySet
    from engine.run.doctor.checks import Check

_STAGE = "engine.stage"
_CAPS = frozenset({RuleRole.LIMIT})
_ELSEWHERE = frozenset({Section.TRIPPED, Section.ROUTES, Section.SURROUNDINGS})
"""Sections that going live asks about by itself, and more closely."""
_NAMED = 3


def stated(policy_set: PolicySet, rung: Rung) -> Iterator[Evidence]:
    """Mode, stage and switches of the Deployment, and what holds the sizes down."""
    deployment = policy_set.deployment
    mend = "set it in a reviewed change"
    live = deployment.mode == Mode.LIVE.value
    yield either("mode", deployment.mode, Mode.LIVE.value, mend, met=live)
    met = deployment.stage == rung.value
    yield either("stage", deployment.stage, rung.value, mend, met=met)
    refused = [*live_refusals(deployment)]
    for each in refused:
        yield lacking("live switches", f"{each.code} {each.message}", "none refuses", each.help)
    if not refused:
        yield shown("live switches", "none refuses", "none refuses")
    if rung is not Rung.FULL:
        yield _capped(policy_set, rung)


def _capped(policy_set: PolicySet, rung: Rung) -> Evidence:
    caps = [each.id for each in policy_set.rules if _caps(policy_set, each)]
    found = ", ".join(caps) or "no limit knows the stage"
    mend = f"write a RiskLimit with a table `by: {_STAGE}`: else {rung.value} is as large as full"
    return either("small sizes", found, "a live limit by stage", mend, met=bool(caps))


def _caps(policy_set: PolicySet, rule: Rule) -> bool:
    """Whether a rule holds orders down by the stage, live."""
    counts = rule.role in _CAPS and rule.stage is Stage.ENFORCE and Mode.LIVE in rule.modes
    return counts and _STAGE in policy_set.vocabulary.base_facts(rule.tree)


def signed(approval: Approval | None) -> Evidence:
    """Who approved this very set."""
    needed = "a signature of somebody whom this host trusts"
    if approval is None:
        mend = "`policy sign`, then ask with `--allowed-signers FILE`"
        return lacking("policy set signed", "nobody's signature was seen", needed, mend)
    names = ", ".join(each.principal for each in approval.signers)
    found = f"{names}, for {approval.purpose.value}, sequence {approval.sequence}"
    mend = "let it be approved for live: `policy bundle --purpose live`, and sign that"
    met = approval.purpose is Mode.LIVE
    return either("policy set signed", found, f"{needed}, for live", mend, met=met)


def examined(checks: Sequence[Check]) -> Evidence:
    """The ordinary examination: every guarding rule armed, no rail absent."""
    bad = [e for e in checks if e.level is Level.BAD and e.section not in _ELSEWHERE]
    rules = sum(each.section is Section.ARMED for each in checks)
    names = ", ".join(f"{each.name} ({each.says})" for each in bad[:_NAMED])
    more = f" and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
    found = f"{len(bad)} to mend: {names}{more}" if bad else f"{rules} rules looked at"
    mend = "`trader doctor` names each with its mend"
    return either("examination", found, "nothing to mend", mend, met=not bad)

"""The universe: which products may be entered, in which tier, with hysteresis.

In: the facts of a cycle. Out: changes of membership, for the cycle record to tell the ledger.
A product enters the first tier that takes it; it leaves when it has missed what its tier asks
for as long as the set says. What nobody can decide keeps or leaves, as the set says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.facts.universe import excluded
from engine.ledger.state import Membership
from engine.model.decisions import Reason, ReasonCode
from engine.policyset.composing import NO_TIER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.cycle.desk import Desk, Round
    from engine.expr.backends.closure import Answers
    from engine.expr.nodes import Value
    from engine.ledger.bodies import Json
    from engine.model.symbols import Symbol


def run(desk: Desk, this: Round) -> None:
    """Decide membership of every product that was quoted."""
    for symbol in this.symbols:
        member = this.universe.get(symbol)
        after = _membership(desk, this, symbol, member)
        if after != member:
            _change(this, symbol, after)
    _limit_count(desk, this)
    this.tell_account({"data.eligible_count": float(len(this.universe))})


def _change(this: Round, symbol: Symbol, after: Membership | None) -> None:
    this.universe_changes[str(symbol)] = _body(after)
    if after is None:
        this.universe.pop(symbol, None)
    else:
        this.universe[symbol] = after
    # A member may not have been quoted since the start: then nobody asks for its facts either.
    if symbol in this.symbols:
        this.tell(symbol, {"asset.tier": after.tier if after else NO_TIER})


def _membership(
    desk: Desk, this: Round, symbol: Symbol, member: Membership | None
) -> Membership | None:
    why = _refused(desk, this, symbol)
    if why is not None:
        this.block(symbol, why)
        return None
    facts = this.facts(symbol)
    if member is not None:
        kept = _kept(desk, this, member, facts)
        if kept is not None:
            return kept
    return _entered(desk, this, symbol, facts)


def _refused(desk: Desk, this: Round, symbol: Symbol) -> Reason | None:
    universe = desk.policy_set.universe
    why = excluded(universe, symbol, this.now)
    if why is not None:
        return Reason(ReasonCode.EXCLUDED, (("why", why),))
    if symbol.quote not in universe.quote_currencies:
        values = (
            ("quote_currency", symbol.quote),
            ("allowed", ",".join(universe.quote_currencies)),
        )
        return Reason(ReasonCode.NOT_IN_UNIVERSE, values)
    return None


def _kept(
    desk: Desk, this: Round, member: Membership, facts: Mapping[str, Value]
) -> Membership | None:
    """The membership as it goes on; None when the product has to enter anew."""
    universe = desk.policy_set.universe
    if member.tier not in {tier.name for tier in universe.tiers}:
        return None  # its tier is gone from the set
    answers = desk.programme.stay.motor.evaluate(facts)
    verdict = answers.verdicts[desk.programme.stay.places[f"{member.tier}_stay"]]
    if verdict is True:
        return Membership(member.tier)
    if verdict is None and universe.on_undecided == "keep":
        return member  # a gap in the data neither starts nor forgives the time of failing
    since = member.failing_since or this.now
    if this.now.since_s(since) >= universe.leave_after:
        return None
    return Membership(member.tier, since)


def _entered(
    desk: Desk, this: Round, symbol: Symbol, facts: Mapping[str, Value]
) -> Membership | None:
    questions = desk.programme.enter
    answers = questions.motor.evaluate(facts)
    for tier in desk.policy_set.universe.tiers:
        verdict = answers.verdicts[questions.places[f"{tier.name}_enter"]]
        if verdict is True:
            return Membership(tier.name)
    this.block(symbol, _why_not(desk, answers))
    return None


def _why_not(desk: Desk, answers: Answers) -> Reason:
    """The facts that are missing, or what the lowest tier asks and did not get."""
    questions = desk.programme.enter
    missing = dict.fromkeys(
        name
        for index, verdict in enumerate(answers.verdicts)
        if verdict is None
        for name in answers.missing(index)
    )
    if missing:
        return Reason(ReasonCode.UNIVERSE_UNDECIDED, (("missing", ",".join(missing)),))
    lowest = questions.places[f"{desk.policy_set.universe.tiers[-1].name}_enter"]
    rule = questions.rules[lowest]
    return Reason(ReasonCode.NOT_IN_UNIVERSE, (("rule", rule.id), ("asks", rule.text)))


def _limit_count(desk: Desk, this: Round) -> None:
    """Beyond the largest number of products, the later in name leave; held ones stay."""
    most = desk.policy_set.universe.max_symbols
    if len(this.universe) <= most:
        return
    members = sorted(this.universe, key=lambda s: (s not in desk.state.positions, s))
    for symbol in members[most:]:
        _change(this, symbol, None)
        this.block(symbol, Reason(ReasonCode.NOT_IN_UNIVERSE, (("max_symbols", str(most)),)))


def _body(member: Membership | None) -> Json:
    if member is None:
        return None
    since = None if member.failing_since is None else str(member.failing_since)
    return {"tier": member.tier, "failing_since": since}

"""The universe: which products may be entered, in which tier, with hysteresis.

In: the facts of a cycle. Out: changes of membership, for the cycle record to tell the ledger.
A product enters the first tier that takes it, and a member moves up at once when a higher tier
takes it. It moves down, or leaves, when it has missed what its tier asks for as long as the set
says. What nobody can decide keeps or leaves, as the set says.
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
    from engine.cycle.judging.programme import CompiledTier
    from engine.expr.backends.closure import Answers
    from engine.expr.nodes import Value
    from engine.ledger.bodies import Json
    from engine.model.symbols import Symbol


def run(desk: Desk, this: Round) -> None:
    """Decide membership of every product that was quoted, and of every silent member."""
    before = dict(this.universe)
    # A member may not have been quoted since the start; a ban, or doubt that leaves, counts still.
    silent = (each for each in before if each not in this.symbols and each not in this.resting)
    for symbol in (*this.symbols, *silent):
        member = before.get(symbol)
        after = _membership(desk, this, symbol, member)
        if after != member:
            _change(this, symbol, after, before)
    _limit_count(desk, this, before)
    this.tell_account({"data.eligible_count": float(len(this.universe))})


def _change(
    this: Round, symbol: Symbol, after: Membership | None, before: Mapping[Symbol, Membership]
) -> None:
    if after == before.get(symbol):
        this.universe_changes.pop(str(symbol), None)
    else:
        this.universe_changes[str(symbol)] = _body(after)
    if after is None:
        this.universe.pop(symbol, None)
    else:
        this.universe[symbol] = after
    # Of a product that was not quoted nobody asks for facts either.
    if symbol in this.symbols:
        this.tell(symbol, {"asset.tier": after.tier if after else NO_TIER})


def _membership(
    desk: Desk, this: Round, symbol: Symbol, member: Membership | None
) -> Membership | None:
    why = _refused(desk, this, symbol)
    if why is not None:
        this.block(symbol, why)
        return None
    if symbol not in this.symbols:
        return None if member is None else _silent(desk, this, member)
    facts = this.facts(symbol)
    # A member whose tier is gone from the set is asked as if it came from outside.
    tier = None if member is None else desk.programme.tiers.get(member.tier)
    if member is None or tier is None:
        return _entered(desk, this, symbol, facts)
    higher = _first_taking(desk, _entering(desk, facts), tier.rank) if tier.rank else None
    if higher is not None:
        return Membership(higher)
    return _kept(desk, this, member, tier, facts) or _entered(desk, this, symbol, facts)


def _silent(desk: Desk, this: Round, member: Membership) -> Membership | None:
    """A member of which nothing was seen since the start: nobody can decide about it."""
    if member.tier not in desk.programme.tiers:
        return None  # its tier is gone from the set; it may enter anew when it is seen
    if desk.policy_set.universe.on_undecided == "keep":
        return member
    return _missing(desk, this, member)


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
    desk: Desk, this: Round, member: Membership, tier: CompiledTier, facts: Mapping[str, Value]
) -> Membership | None:
    """The membership as it goes on; None when the product has to enter anew."""
    verdict = desk.programme.stay.motor.evaluate(facts).verdicts[tier.stay]
    if verdict is True:
        return member if member.failing_since is None else Membership(member.tier)
    if verdict is None and desk.policy_set.universe.on_undecided == "keep":
        return member  # a gap in the data neither starts nor forgives the time of failing
    return _missing(desk, this, member)


def _missing(desk: Desk, this: Round, member: Membership) -> Membership | None:
    """A member that misses what its tier asks: it stays for as long as the set says."""
    since = member.failing_since or this.now
    if this.now.since_s(since) >= desk.policy_set.universe.leave_after:
        return None
    return Membership(member.tier, since)


def _entering(desk: Desk, facts: Mapping[str, Value]) -> Answers:
    return desk.programme.enter.motor.evaluate(facts)


def _first_taking(desk: Desk, answers: Answers, below: int) -> str | None:
    """The first of the `below` highest tiers that takes the product."""
    for tier in desk.programme.tiers.values():
        if tier.rank < below and answers.verdicts[tier.enter] is True:
            return tier.name
    return None


def _entered(
    desk: Desk, this: Round, symbol: Symbol, facts: Mapping[str, Value]
) -> Membership | None:
    answers = _entering(desk, facts)
    tier = _first_taking(desk, answers, len(desk.programme.tiers))
    if tier is None:
        this.block(symbol, _why_not(desk, answers))
        return None
    return Membership(tier)


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
    lowest = [*desk.programme.tiers.values()][-1]
    rule = questions.rules[lowest.enter]
    return Reason(ReasonCode.NOT_IN_UNIVERSE, (("rule", rule.id), ("asks", rule.text)))


def _limit_count(desk: Desk, this: Round, before: Mapping[Symbol, Membership]) -> None:
    """Beyond the largest number, who was no member yet waits: nobody is driven out by a newcomer.

    Where the set itself lets fewer in, what is held stays first, then the higher tier, then the
    earlier in name.
    """
    universe = desk.policy_set.universe
    if len(this.universe) <= universe.max_symbols:
        return
    tiers, held = desk.programme.tiers, desk.state.positions

    def standing(symbol: Symbol) -> tuple[bool, bool, int, Symbol]:
        rank = tiers[this.universe[symbol].tier].rank
        return symbol not in before, symbol not in held, rank, symbol

    for symbol in sorted(this.universe, key=standing)[universe.max_symbols :]:
        _change(this, symbol, None, before)
        reason = Reason(ReasonCode.NOT_IN_UNIVERSE, (("max_symbols", str(universe.max_symbols)),))
        this.block(symbol, reason)


def _body(member: Membership | None) -> Json:
    if member is None:
        return None
    since = None if member.failing_since is None else str(member.failing_since)
    return {"tier": member.tier, "failing_since": since}

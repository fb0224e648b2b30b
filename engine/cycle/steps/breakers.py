"""Breakers: states that stop trading, latched in the ledger until their reset.

In: the facts of a cycle. Out: records of trips and resets, and which breakers nobody can decide.
An undecided breaker never latches; it stops entries of its scope for this cycle. A breaker that
sells everything does not let go by itself before it has: its work would be left half done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.facts.rules import ACCOUNT_KEY, account_rule_facts, symbol_rule_facts
from engine.cycle.judging.situation import Block
from engine.kinds.circuit_breaker.document import ResetAfter, ResetRearm
from engine.kinds.rule import Stage
from engine.ledger.records import RecordKind
from engine.model.decisions import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.cycle.desk import Desk, Round
    from engine.cycle.judging.programme import Questions
    from engine.expr.backends.closure import Answers
    from engine.kinds.circuit_breaker.document import CircuitBreakerSpec
    from engine.ledger.bodies import Body
    from engine.ledger.state import Latch
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime

_DAY_S = 86_400


def run(desk: Desk, this: Round) -> None:
    """Ask every breaker, latch what trips, and let go what has served its time."""
    before = desk.recorder.last
    latched = {key for _, key in desk.state.latches}
    account, product = desk.programme.account_breakers, desk.programme.symbol_breakers
    _ask(desk, this, account, ACCOUNT_KEY, account.motor.evaluate(this.account))
    for symbol in this.symbols if product.rules else ():
        answers = product.motor.evaluate(this.facts(symbol))
        # Nothing trips and nothing is latched for nearly every product of a cycle.
        if str(symbol) in latched or answers.verdicts.count(False) < len(product.rules):
            _ask(desk, this, product, str(symbol), answers)
    _reset_orphans(desk, this)
    if desk.recorder.last is not before:
        _refresh_facts(desk, this)


def _reset_orphans(desk: Desk, this: Round) -> None:
    """A latch outlives the document that set it, until its time; then nothing asks it any more.

    So it does where the document now only records, counts in other modes, or has another scope.
    """
    account = _asked_names(desk.programme.account_breakers)
    symbols = _asked_names(desk.programme.symbol_breakers)
    for name, key in list(desk.state.latches):
        if name not in (account if key == ACCOUNT_KEY else symbols):
            _reset_if_due(desk, this, name, key)


def _asked_names(questions: Questions) -> set[str]:
    pairs = zip(questions.names, questions.rules, strict=True)
    return {name for name, rule in pairs if rule.stage is Stage.ENFORCE}


def _refresh_facts(desk: Desk, this: Round) -> None:
    this.tell_account(account_rule_facts(desk.policy_set, desk.state))
    for symbol in this.symbols:
        this.tell(symbol, symbol_rule_facts(desk.policy_set, desk.state, symbol))


def _ask(desk: Desk, this: Round, questions: Questions, key: str, answers: Answers) -> None:
    for index, (name, rule) in enumerate(zip(questions.names, questions.rules, strict=True)):
        verdict = answers.verdicts[index]
        if rule.stage is not Stage.ENFORCE:
            if verdict:
                this.notes.append(f"{rule.stage.value} breaker {name} would trip: {rule.text}")
            continue
        if verdict is None:
            this.undecided_breakers[name, key] = answers.missing(index)
        elif verdict:
            trip(desk, this, name, key, desk.programme.breaker_specs[name])
        else:
            _reset_if_due(desk, this, name, key)


def trip(desk: Desk, this: Round, name: str, key: str, spec: CircuitBreakerSpec) -> None:
    """Latch a breaker, unless it is latched already."""
    if (name, key) in desk.state.latches:
        return
    body: Body = {
        "breaker": name,
        "key": key,
        "scope": spec.scope,
        "while_tripped": spec.while_tripped,
        "cancel": spec.cancel,
        "on_trip": spec.on_trip,
        "text": spec.trip_when,
        **_reset_body(spec, this.now),
    }
    desk.recorder.record(RecordKind.BREAKER_TRIPPED, this.now, body)
    this.tripped.append(name if key == ACCOUNT_KEY else f"{name}:{key}")


def _reset_body(spec: CircuitBreakerSpec, now: UtcTime) -> Body:
    match spec.reset:
        case ResetAfter(after=after):
            return {"resets_at": str(now.plus_s(after))}
        case ResetRearm(rearm=rearm):
            return {
                "rearm_not_before": str(now.plus_s(rearm.not_before)),
                "high_water_mark": rearm.high_water_mark,
            }
        case "next_utc_day":
            return {"resets_at": str(now.day_start().plus_s(_DAY_S))}


def _reset_if_due(desk: Desk, this: Round, name: str, key: str) -> None:
    latch = desk.state.latches.get((name, key))
    if latch is None or latch.resets_at is None or this.now < latch.resets_at:
        return
    if latch.on_trip == "exit_all" and _holds(desk, key):
        return
    body: Body = {"breaker": name, "key": key, "why": "its time is over", "who": "engine"}
    desk.recorder.record(RecordKind.BREAKER_RESET, this.now, body)


def _holds(desk: Desk, key: str) -> bool:
    """Whether anything that could be sold is held in the scope of a latch."""
    dust = desk.dust()
    return any(key in {ACCOUNT_KEY, str(each)} for each in desk.state.positions if each not in dust)


def blocks(desk: Desk, this: Round, symbol: Symbol) -> Iterator[Block]:
    """What breakers, the operator's halt and a venue that does not tell refuse of this product."""
    if this.killed is not None:
        values = (("by", "kill_switch"), ("why", this.killed))
        yield Block(ReasonCode.HALTED.value, values, exits_too=True)
    if desk.state.halted is not None:
        values = (("by", "operator"), ("why", desk.state.halted))
        yield Block(ReasonCode.HALTED.value, values, exits_too=True)
    if desk.key is not None and desk.key.refused is not None:
        yield Block(ReasonCode.KEY_REFUSED.value, (("why", desk.key.refused),), exits_too=False)
    if desk.unread is not None:
        yield Block(ReasonCode.ACCOUNT_UNREAD.value, (("why", desk.unread),), exits_too=False)
    if symbol in desk.unconfirmed:
        yield Block(ReasonCode.PRODUCT_UNCONFIRMED.value, (), exits_too=False)
    for latch in desk.state.latches.values():
        if latch.key in {ACCOUNT_KEY, str(symbol)}:
            yield _latch_block(latch)
    for (name, key), missing in this.undecided_breakers.items():
        if key in {ACCOUNT_KEY, str(symbol)}:
            values = (("breaker", name), ("missing", ",".join(missing)))
            yield Block(ReasonCode.BREAKER_UNDECIDED.value, values, exits_too=False)


def _latch_block(latch: Latch) -> Block:
    halted = latch.while_tripped == "halted"
    values = (("breaker", latch.breaker), ("since", str(latch.tripped)), ("rule", latch.text))
    code = ReasonCode.HALTED if halted else ReasonCode.BREAKER_TRIPPED
    return Block(code.value, values, exits_too=halted)


def trading_state(desk: Desk, this: Round) -> str:
    """ACTIVE, REDUCING or HALTED, by the account's latches and the operator."""
    account = [each for each in desk.state.latches.values() if each.key == ACCOUNT_KEY]
    stopped = this.killed is not None or desk.state.halted is not None
    if stopped or any(e.while_tripped == "halted" for e in account):
        return "HALTED"
    return "REDUCING" if account else "ACTIVE"

"""Supervision: while a set is trusted least, a person says yes to each order that adds risk.

In: an intent that is priced. Out: a `Permit`: it may go, it waits, or somebody is asked first. A
cycle never waits for a person: the question is a record, the answer a command, and an order that
was agreed to is priced and judged anew, no larger and no dearer than what was agreed. Ways out are
never asked about. Silence is a no, and so is a set that says nobody can be asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.ledger import bodies
from engine.ledger.records import RecordKind
from engine.model.decisions import Reason, ReasonCode
from engine.model.numbers import canonical_number
from engine.model.orders import Mode
from engine.model.supervision import Answer
from engine.model.times import NS_PER_S, UtcTime, duration_text

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.cycle.desk import Desk, Round
    from engine.kinds.deployment.document import DeploymentSpec
    from engine.kinds.deployment.trust import Supervision
    from engine.ledger.bodies import Body
    from engine.model.decisions import Decision
    from engine.model.orders import OrderIntent
    from engine.model.supervision import Ask

NOBODY = "nobody"
"""Who says nothing."""
_STAGE = "supervised"
_BPS = 10_000


@dataclass(frozen=True, slots=True)
class Permit:
    """What a person's part in an order is: `refusal` stops it, `ask_first` is not yet agreed to.

    `agreed` is the yes that it goes under.
    """

    refusal: Reason | None = None
    agreed: Ask | None = None
    ask_first: bool = False

    def narrowed(self, intent: OrderIntent) -> OrderIntent:
        """The intent, no larger than what was agreed to."""
        if self.agreed is None:
            return intent
        return replace(intent, quantity=min(intent.quantity, self.agreed.quantity))


FREE = Permit()
"""Nobody has to be asked."""


def terms_of(deployment: DeploymentSpec, mode: Mode) -> Supervision | None:
    """How a person is asked in this mode; None where he is not."""
    terms = deployment.supervision
    if deployment.stage != _STAGE or terms is None or mode.value not in terms.modes:
        return None
    return terms


def unasked(deployment: DeploymentSpec, mode: Mode) -> bool:
    """Whether somebody would have to be asked, and the set does not say how."""
    live = mode is Mode.LIVE and deployment.stage == _STAGE
    return live and terms_of(deployment, mode) is None


def permit(desk: Desk, this: Round, intent: OrderIntent) -> Permit:
    """Whether this order may go, as far as a person has a say."""
    deployment = desk.policy_set.deployment
    if not intent.intent.adds_risk:
        return FREE
    if unasked(deployment, desk.mode):
        return Permit(refusal=_reason("", "the set does not say how a person is asked"))
    terms = terms_of(deployment, desk.mode)
    # In recorded time there is nobody to ask, and no order that leaves.
    if terms is None or not (desk.attended or desk.mode is Mode.LIVE):
        return FREE
    ask = _standing(desk, this, intent)
    if ask is None:
        return Permit(ask_first=True)
    if ask.agreed:
        return _under(ask, intent, terms)
    return Permit(refusal=_reason(str(ask.number), _why(ask)))


def _standing(desk: Desk, this: Round, intent: OrderIntent) -> Ask | None:
    """The newest question about such an order that still means something, under this set."""
    key = (intent.symbol, intent.strategy, desk.policy_set.hash)
    for ask in reversed(desk.state.asks.values()):
        if (ask.symbol, ask.strategy, ask.policy_set) == key and this.now < ask.over:
            return ask
    return None


def _under(ask: Ask, intent: OrderIntent, terms: Supervision) -> Permit:
    """A yes is for one order, and for what goes on with the rest of it, at about its price."""
    begun = bool(ask.orders)
    goes_on = intent.parent is not None and intent.parent in ask.orders
    if begun is not goes_on or intent.worst_price > _dearest(ask, terms):
        return Permit(ask_first=True)
    return Permit(agreed=ask)


def _dearest(ask: Ask, terms: Supervision) -> Decimal:
    return ask.worst_price * (_BPS + terms.price_move_bps) / _BPS


def _why(ask: Ask) -> str:
    said = ask.answered
    if said is None:
        return f"a person is asked until {_second(ask.until)}"
    if said.answer is Answer.SILENCE:
        return f"nobody answered; asked again from {_second(said.holds_until)} on"
    return f"{said.who} said no; asked again from {_second(said.holds_until)} on"


def _reason(ask: str, why: str) -> Reason:
    values = (("ask", ask), ("why", why)) if ask else (("why", why),)
    return Reason(ReasonCode.NOT_AGREED, values)


def ask(desk: Desk, this: Round, intent: OrderIntent, decision: Decision) -> None:
    """Put the question: durable before anybody hears of it."""
    terms = terms_of(desk.policy_set.deployment, desk.mode)
    if terms is None:
        # INVARIANT: only whom `permit` told to ask first comes here, and it has seen the terms.
        raise AssertionError
    number, until = desk.state.next_ask, desk.clock.now().plus_s(terms.answer_within)
    words = _words(number, intent, decision, terms)
    body: Body = {
        "ask": number,
        "symbol": str(intent.symbol),
        "why": intent.intent.value,
        "strategy": intent.strategy,
        "reason": intent.reason,
        "ladder": intent.ladder,
        "form": intent.form.value,
        "quantity": bodies.written(decision.quantity),
        "resized_by": [*decision.resized_by],
        "limit_price": bodies.written(intent.limit_price),
        "worst_price": bodies.written(intent.worst_price),
        "policy_set": desk.policy_set.hash,
        "until": str(until),
        "to": [terms.route],
        "words": words,
    }
    if desk.posts:
        body["notice"] = desk.state.telling.next_notice
    desk.recorder.record(RecordKind.ASKED, this.now, body)
    desk.recorder.sync()
    this.notes.append(words)
    this.block(intent.symbol, _reason(str(number), f"a person is asked until {_second(until)}"))


def _words(number: int, intent: OrderIntent, decision: Decision, terms: Supervision) -> str:
    quantity, worst = decision.quantity, intent.worst_price
    most = f"{quantity * worst:,.2f} {intent.symbol.quote}"
    return (
        f"asks {number}: {intent.intent.value} {canonical_number(quantity)} {intent.symbol}, "
        f"at most {most} at {canonical_number(worst)} or better, {intent.strategy}: "
        f"{intent.reason}; `trader approve {number}` within {duration_text(terms.answer_within)}"
    )


def answer(desk: Desk, now: UtcTime, target: str, said: Answer, *, who: str, why: str) -> str:
    """Keep what a person said; what came of it in words. An unused yes may be taken back."""
    found = desk.state.asks.get(int(target)) if target.isdecimal() else None
    if found is None:
        return f"refused: nobody was asked about order `{target}`"
    if now >= found.until:
        return f"refused: order {found.number} was to be answered until {_second(found.until)}"
    taken_back = found.agreed and not found.orders and said is Answer.NO
    if found.answered is not None and not taken_back:
        told = found.answered
        return f"refused: {told.who} said {told.answer.value} to order {found.number} already"
    _record(desk, now, found, said, who, why)
    if said is Answer.NO:
        return f"no to order {found.number}: it does not go"
    return f"yes to order {found.number}: it goes in the next cycle that still wants it"


def agreed_body(ask: Ask | None) -> Body:
    """Who let an order go, as its intent keeps it; nothing where nobody was asked."""
    if ask is None or ask.answered is None:
        return {}
    said = ask.answered
    return {"ask": ask.number, "agreed_by": said.who, "agreed_at": str(said.time)}


def keep_up(desk: Desk, now: UtcTime) -> None:
    """Whoever said nothing in time has said no."""
    for each in [e for e in desk.state.asks.values() if e.open and now >= e.until]:
        _record(desk, now, each, Answer.SILENCE, NOBODY, "nobody answered in time")


def _record(desk: Desk, now: UtcTime, about: Ask, said: Answer, who: str, why: str) -> None:
    terms = desk.policy_set.deployment.supervision
    # A set without terms asks nobody, so that a no needs to hold no longer than its question.
    again_s = 0 if terms is None else terms.asked_again_after
    holds = about.until if said is Answer.YES else now.plus_s(again_s)
    body: Body = {
        "ask": about.number,
        "symbol": str(about.symbol),
        "answer": said.value,
        "who": who,
        "reason": why,
        "holds_until": str(holds),
    }
    desk.recorder.record(RecordKind.ANSWERED, now, body)
    desk.recorder.sync()


def _second(time: UtcTime) -> str:
    """To the second, which is as exact as a person reads."""
    return str(UtcTime(time.ns - time.ns % NS_PER_S))

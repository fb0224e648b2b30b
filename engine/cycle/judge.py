"""The judge: may this order leave, and how large? Pure: no clock, no disk, no network.

In: a policy set (compiled once), the order as asked, and its `Situation`. Out: a `Decision`.
Sizing and checking are the same evaluation, so a resized order is never denied by the rule that
resized it. Doubt denies new risk; it never denies an exit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from engine.cycle.facts.order import size_facts
from engine.cycle.judging.panel import Answered, Panel
from engine.cycle.judging.search import largest
from engine.kinds.rule import OnBreach, RuleRole
from engine.model.decisions import Decision, Reason, ReasonCode, Verdict
from engine.model.forms import FORMS
from engine.model.numbers import ZERO, canonical_number, floor_to
from engine.model.orders import ApprovedOrder, Intent
from engine.model.sizing import least_to_leave

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from engine.cycle.judging.panel import Sheet
    from engine.cycle.judging.situation import Situation
    from engine.expr.nodes import Value
    from engine.model.decisions import Evaluation
    from engine.model.market import Product
    from engine.model.orders import Mode, OrderForm, OrderIntent
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet


class Judge:
    """Decides for one policy set in one mode."""

    def __init__(self, policy_set: PolicySet, mode: Mode) -> None:
        self.policy_set = policy_set
        self.mode = mode
        self._panels: dict[Intent, Panel] = {}

    def prepare(self) -> Judge:
        """Compile for every intent now, so that the first order of each costs no more."""
        for intent in Intent:
            self._panel(intent)
        return self

    def judge(self, intent: OrderIntent, situation: Situation) -> Decision:
        """Decide about one order. The same inputs give the same decision, bit for bit."""
        return self.ruling(intent, situation).decision()

    def ruling(self, intent: OrderIntent, situation: Situation) -> Ruling:
        """The same, before it is written down with every rule's answer: that takes most of it."""
        panel = self._panel(intent.intent)
        taker_bps = self.policy_set.deployment.fees.taker_bps
        return _Hearing(panel, intent, situation, taker_bps).decide()

    def stale_rules(self, intent: Intent, facts: Mapping[str, Value]) -> tuple[str, ...]:
        """The rules about the quote's age that these facts, without an order, do not satisfy."""
        return self._panel(intent).failing_on_age(facts)

    def _panel(self, intent: Intent) -> Panel:
        if intent not in self._panels:
            self._panels[intent] = Panel(self.policy_set, intent, self.mode)
        return self._panels[intent]


def approved(
    decision: Decision,
    intent: OrderIntent,
    *,
    client_order_id: str,
    policy_set: str,
    now: UtcTime,
) -> ApprovedOrder:
    """The order that a decision allows, at the size that it allows.

    Raises ValueError for a decision that denies: an order that nobody approved cannot be made.
    """
    if not decision.verdict.allowed or decision.quantity <= 0:
        message = f"intent {intent.number} was not allowed"
        raise ValueError(message)
    seconds = intent.time_to_live_s
    expires = None if seconds is None else now.plus_s(seconds)
    return ApprovedOrder(client_order_id, policy_set, intent, decision.quantity, expires)


class Ruling(NamedTuple):
    """What was decided, and the answers of the rules at the size about which it was decided.

    `refusals` are the reasons, those that a rule gives not yet in words.
    """

    verdict: Verdict
    asked: Decimal
    quantity: Decimal
    refusals: Sequence[Reason | Answered]
    resized_by: tuple[str, ...]
    sheets: Sequence[Sheet]

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why it is denied; empty where it is not."""
        return tuple([_reason(e) if isinstance(e, Answered) else e for e in self.refusals])

    def failing(self) -> list[Answered]:
        """The rules that are not satisfied, also those that are not enforced."""
        return _failing(self.sheets)

    def decision(self) -> Decision:
        """What a record keeps of it."""
        return Decision(
            self.verdict,
            self.asked,
            self.quantity,
            self.reasons,
            self.resized_by,
            _evaluations(self.sheets),
        )


class _Hearing:
    """One order before the judge."""

    def __init__(
        self, panel: Panel, intent: OrderIntent, situation: Situation, taker_bps: Decimal
    ) -> None:
        self.panel = panel
        self.intent = intent
        self.situation = situation
        self.taker_bps = taker_bps

    def decide(self) -> Ruling:
        asked = self.intent.quantity
        sheets = self._answers(asked)
        failing = _failing(sheets)
        refusals: list[Reason | Answered] = [*self._blocked()]
        refusals += self._refused(failing, resizing=False)
        if refusals:
            return self._denied(sheets, refusals)
        breaching = [each for each in failing if self._resizes(each)]
        if not breaching:
            return self._final(asked, sheets, ())
        quantity = self._largest_allowed(asked)
        names = tuple(dict.fromkeys(each.rule.id for each in breaching))
        if quantity <= 0:
            left = Reason(ReasonCode.NOTHING_LEFT, (("limits", ",".join(names)),))
            return self._denied(sheets, [left, *breaching])
        return self._final(quantity, self._answers(quantity), names)

    def _answers(self, quantity: Decimal) -> list[Sheet]:
        return self.panel.answer(self._facts(quantity), self.situation.groups)

    def _facts(self, quantity: Decimal) -> Mapping[str, Value]:
        return {**self.situation.facts, **self._sizes(quantity)}

    def _sizes(self, quantity: Decimal) -> Mapping[str, Value]:
        return size_facts(self.intent, quantity, self.situation.rate)

    def _blocked(self) -> Iterable[Reason]:
        exits = not self.intent.intent.adds_risk
        for block in self.situation.blocks:
            if block.exits_too or not exits:
                yield Reason(ReasonCode(block.code), block.values)
        product = self.situation.product
        if product is None:
            yield Reason(ReasonCode.PRODUCT_UNKNOWN, (("symbol", str(self.intent.symbol)),))
        elif self.intent.form not in FORMS[product.status]:
            yield Reason(ReasonCode.PRODUCT_NOT_TRADABLE, _untradable(product, self.intent.form))
        if self.situation.rate is None and not exits:
            yield Reason(ReasonCode.NO_RATE, (("currency", self.intent.symbol.quote),))

    def _refused(self, failing: Iterable[Answered], *, resizing: bool) -> list[Answered]:
        """What denies the order as it stands; `resizing` counts the rules that resize too."""
        return [
            each
            for each in failing
            if self._denies(each) and (resizing or not self._resizes(each) or self._doubt(each))
        ]

    def _denies(self, answered: Answered) -> bool:
        if not answered.enforced or answered.rule.minimum:
            return False
        # Doubt stops new risk only; a rule that names exits stops them by a decided breach.
        return self.intent.intent.adds_risk or not self._doubt(answered)

    def _doubt(self, answered: Answered) -> bool:
        return answered.verdict is None

    def _resizes(self, answered: Answered) -> bool:
        rule = answered.rule
        return (
            answered.enforced
            and rule.on_breach is OnBreach.RESIZE
            and rule.id in self.panel.size_dependent
        )

    def _largest_allowed(self, asked: Decimal) -> Decimal:
        """The largest multiple of the increment below `asked` that every resizing rule allows."""
        product = self.situation.product
        # INVARIANT: a product that is not known has been refused before sizing.
        step = product.base_increment if product else asked
        sizing = self.panel.sizing(self.situation.facts, self.situation.groups)
        steps = int(floor_to(asked, step) / step)
        guess = int(steps * sizing.share_left(self._sizes(ZERO), self._sizes(asked)))
        return step * largest(steps, guess, lambda n: sizing.allows(self._sizes(n * step)))

    def _final(
        self, quantity: Decimal, sheets: Sequence[Sheet], resized_by: tuple[str, ...]
    ) -> Ruling:
        failing = _failing(sheets)
        refusals: list[Reason | Answered] = [*self._refused(failing, resizing=True)]
        refusals += [each for each in failing if each.rule.minimum and self._below_minimum(each)]
        refusals += self._venue_minimums(quantity) or self._exit_minimums(quantity)
        if refusals:
            return self._denied(sheets, refusals, resized_by)
        verdict = Verdict.RESIZE if resized_by else Verdict.ALLOW
        return Ruling(verdict, self.intent.quantity, quantity, (), resized_by, sheets)

    def _below_minimum(self, answered: Answered) -> bool:
        if not answered.enforced:
            return False
        return self.intent.intent.adds_risk or answered.verdict is False

    def _venue_minimums(self, quantity: Decimal) -> list[Reason]:
        product = self.situation.product
        if product is None:
            return []
        if not product.too_small(quantity, self.intent.worst_price):
            return []
        # In canonical spelling: re-judging reads the numbers from records, without trailing zeros.
        values = (
            ("quantity", canonical_number(quantity)),
            ("min_quantity", canonical_number(product.base_min_size)),
            ("value", canonical_number(quantity * self.intent.worst_price)),
            ("min_value", canonical_number(product.quote_min_size)),
        )
        return [Reason(ReasonCode.BELOW_VENUE_MINIMUM, values)]

    def _exit_minimums(self, quantity: Decimal) -> list[Reason]:
        """A new position that could not be sold at its stop would be one that nobody can leave."""
        product, plan = self.situation.product, self.intent.plan
        if product is None or plan is None or self.intent.intent is not Intent.ENTRY:
            return []
        paid = min(self.intent.worst_price, self.intent.reference_price)
        least = least_to_leave(product, paid, plan, self.taker_bps)
        if quantity >= least:
            return []
        values = (
            ("quantity", canonical_number(quantity)),
            ("least_quantity", canonical_number(least)),
            ("stop_pct", canonical_number(plan.stop_pct)),
            ("taker_bps", canonical_number(self.taker_bps)),
            ("min_value", canonical_number(product.quote_min_size)),
        )
        return [Reason(ReasonCode.EXIT_BELOW_MINIMUM, values)]

    def _denied(
        self,
        sheets: Sequence[Sheet],
        refusals: Sequence[Reason | Answered],
        resized_by: tuple[str, ...] = (),
    ) -> Ruling:
        asked = self.intent.quantity
        return Ruling(Verdict.DENY, asked, ZERO, refusals, resized_by, sheets)


def _untradable(product: Product, form: OrderForm) -> tuple[tuple[str, str], ...]:
    """The product's status; and the form, where the product takes others."""
    status = ("status", product.status.value)
    return (status, ("form", form.value)) if FORMS[product.status] else (status,)


def _reason(answered: Answered) -> Reason:
    guard = answered.rule.role is RuleRole.GUARD
    named: tuple[tuple[str, str], ...] = (("rule", answered.rule.id),)
    if answered.group is not None:
        named = (*named, ("group", answered.group))
    if answered.verdict is None:
        code = ReasonCode.GUARD_UNDECIDED if guard else ReasonCode.LIMIT_UNDECIDED
        return Reason(code, (*named, ("missing", ",".join(answered.missing()))))
    code = ReasonCode.GUARD_BREACHED if guard else ReasonCode.LIMIT_BREACHED
    return Reason(code, (*named, *_first_failure(answered)))


def _failing(sheets: Iterable[Sheet]) -> list[Answered]:
    return [each for sheet in sheets for each in sheet.failing()]


def _evaluations(sheets: Iterable[Sheet]) -> tuple[Evaluation, ...]:
    return tuple([each for sheet in sheets for each in sheet.evaluations()])


def _first_failure(answered: Answered) -> tuple[tuple[str, str], ...]:
    """The comparison that failed, as values of a reason; nothing where none can be named."""
    for each in answered.answers.comparisons(answered.place):
        if each.headroom is not None and each.headroom < 0:
            return (("value", _short(each.left)), ("op", each.op), ("limit", _short(each.right)))
    return ()


def _short(value: Value | None) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)

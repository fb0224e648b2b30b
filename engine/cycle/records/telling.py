"""Decisions in words: what a person reads about a refusal, from its code, numbers and rule.

In: reasons and evaluations as decisions record them, and the policy set that they were made by.
Out: one line each, without a full stop. Refuses nothing: without the set (another release made
it) and for a rule that it does not have, the numbers are told alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.expr.backends.words.wording import number_words, unit_of
from engine.expr.nodes import Compare, walk
from engine.expr.printing import print_tree
from engine.model.decisions import Reason, ReasonCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.expr.nodes import Node
    from engine.expr.units import Unit
    from engine.model.decisions import Comparison, Evaluation, Told
    from engine.policyset.policyset import PolicySet

ALLOWED = {
    "<": "must be below",
    "<=": "may be at most",
    ">": "must be above",
    ">=": "must be at least",
    "==": "must be",
    "!=": "must not be",
}
_TEXTS = {
    ReasonCode.REDUCING: "only orders that reduce risk may leave",
    ReasonCode.BREAKER_TRIPPED: "breaker {breaker} is tripped since {since}: {rule}",
    ReasonCode.BREAKER_UNDECIDED: "breaker {breaker} cannot be decided: {missing} unknown",
    ReasonCode.LEDGER_NOT_DURABLE: "the ledger is not durable",
    ReasonCode.LEDGER_BEHIND: "the shared ledger has been behind for {lag_s} s",
    ReasonCode.KEY_REFUSED: "{why}",
    ReasonCode.ACCOUNT_UNREAD: "{why}",
    ReasonCode.PRODUCT_UNCONFIRMED: "the venue's last list does not tell of this product",
    ReasonCode.PRODUCT_UNKNOWN: "the venue does not list this product",
    ReasonCode.PRODUCT_NOT_TRADABLE: "the venue does not trade this product: it is {status}",
    ReasonCode.NOTHING_TO_SELL: "nothing is held that could be sold",
    ReasonCode.NO_PRICE: "there is no price to order at: no quote, or only one side of it",
    ReasonCode.NO_RATE: "nobody states what {currency} is worth",
    ReasonCode.NO_EQUITY: "the account's equity is not known, so nothing can be sized",
    ReasonCode.UNIVERSE_UNDECIDED: "its place in the universe cannot be decided: {missing} unknown",
    ReasonCode.EXCLUDED: "the universe excludes it: {why}",
    ReasonCode.ALREADY_HELD: "it is held already",
    ReasonCode.ORDER_WORKING: "an order for it is working",
    ReasonCode.LIQUIDATING: "a person is selling all of it",
    ReasonCode.EXIT_BELOW_MINIMUM: "{quantity} units could not leave at a stop of {stop_pct} %: "
    "{least_quantity} are the least",
    ReasonCode.MAINTENANCE: "the maintenance window {window} is open",
    ReasonCode.WIRE_GATE: "stopped at the wire: {why}",
    ReasonCode.NOT_AGREED: "no person has agreed to it: {why}",
    ReasonCode.NO_SIGNAL: "strategy {strategy} sees no entry ({signals})",
    ReasonCode.SIGNAL_UNDECIDED: "strategy {strategy} cannot decide: {missing} unknown",
    ReasonCode.LOW_CONVICTION: "strategy {strategy} is not convinced: {conviction} of 1, "
    "for {size_pct} % of equity",
    ReasonCode.NOT_PROPOSED: "strategy {strategy} does not propose it",
    ReasonCode.STRATEGY_FAILED: "strategy {strategy} failed, and wants nothing in this cycle",
    ReasonCode.BELOW_VENUE_MINIMUM: "below the venue's minimum: {quantity} units worth {value}, "
    "where {min_quantity} units and {min_value} are the least",
}
_SUBJECTS = ("breaker", "by", "window", "status", "why", "missing")
_PAIR = re.compile(r" ([a-z_]+)=")
_EXECUTION = "ExecutionPolicy"
_PLAIN_DIGITS = 2
_SMALL = 1


@dataclass(frozen=True, slots=True)
class _Link:
    """One comparison as the rule spells it."""

    left: str
    op: str
    unit: Unit | None


def reason_words(  # noqa: PLR0911 - one arm a form of sentence
    reason: Reason, policy_set: PolicySet | None
) -> str:
    """Why an order was denied, or why nothing was proposed."""
    values = dict(reason.values)
    match reason.code:
        case ReasonCode.LIMIT_BREACHED | ReasonCode.GUARD_BREACHED:
            return _breach(values, policy_set)
        case ReasonCode.LIMIT_UNDECIDED | ReasonCode.GUARD_UNDECIDED:
            missing = listed_facts(values.get("missing", ""))
            return f"{_about(values)} cannot be decided: {missing} unknown"
        case ReasonCode.NOTHING_LEFT:
            names = ", ".join(short_rule(each) for each in values["limits"].split(","))
            return f"no quantity is small enough for {names}"
        case ReasonCode.HALTED:
            return _halted(values)
        case ReasonCode.NOT_IN_UNIVERSE:
            return _not_in_universe(values)
        case ReasonCode.NO_STRATEGY:
            return _no_strategy(values)
        case _:
            listed = {name: value.replace(",", ", ") for name, value in values.items()}
            listed |= {"rule": one_line(values.get("rule", ""))}
            return _TEXTS[reason.code].format_map(defaultdict(lambda: "something", listed))


def cause(reason: Reason) -> tuple[str, str]:
    """What refuses: a code, and the rule, the breaker or the fact by name."""
    values = dict(reason.values)
    if reason.code is ReasonCode.NOTHING_LEFT:
        return reason.code.value, ", ".join(short_rule(e) for e in values["limits"].split(","))
    if "rule" in values and "breaker" not in values:
        return reason.code.value, short_rule(values["rule"])
    subject = next((values[name] for name in _SUBJECTS if name in values), "")
    return reason.code.value, subject


def reason_of(text: str) -> Reason:
    """The reason whose text a cycle record keeps; raises ValueError for an unknown code."""
    # `why` comes last and is what a person wrote: whatever is in it belongs to it.
    told, has_why, why = text.partition(" why=")
    code, *pieces = _PAIR.split(told)
    pairs = [*zip(pieces[::2], pieces[1::2], strict=True), *([("why", why)] if has_why else [])]
    return Reason(ReasonCode(code), tuple(pairs))


def short_rule(rule_id: str) -> str:
    """`RiskLimit/max_position` is `max_position`, `Strategy/momentum#budget` `momentum budget`.

    There is one ExecutionPolicy in a set, so its guards go by their own names.
    """
    kind, _, rest = rule_id.partition("/")
    document, _, part = rest.partition("#")
    if not part:
        return document
    return part if kind == _EXECUTION else f"{document} {part}"


def listed_facts(names: str) -> str:
    """`a,b` as people write it."""
    return ", ".join(name for name in names.split(",") if name) or "a fact"


def compared_words(evaluation: Evaluation, policy_set: PolicySet | None) -> list[str]:
    """Each comparison of one evaluation: what was compared, with numbers and headroom."""
    rule = policy_set.rule(evaluation.rule) if policy_set else None
    if rule is not None and not evaluation.comparisons:
        return [one_line(rule.text)]
    links = _links(evaluation.rule, policy_set)
    known = len(links) == len(evaluation.comparisons)
    spelt = links if known else [_Link("", each.op, None) for each in evaluation.comparisons]
    pairs = zip(spelt, evaluation.comparisons, strict=True)
    return [_comparison(link, comparison) for link, comparison in pairs]


def one_line(text: str) -> str:
    """A rule's text as its author wrote it, without line breaks."""
    return " ".join(text.split())


def value_shown(value: Told, unit: Unit | None) -> str:
    """A value with its unit, rounded for reading."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "unknown"
    return number_words(_rounded(value), unit) if isinstance(value, float) else value


def _comparison(link: _Link, comparison: Comparison) -> str:
    left, right = _sides(comparison.left, comparison.right, link.unit)
    name = f"{link.left} " if link.left else ""
    told = f"{name}{left} {comparison.op} {right}"
    if comparison.headroom is None:
        return told
    room = value_shown(abs(comparison.headroom), link.unit)
    return f"{told}, {room} {'beyond' if comparison.headroom < 0 else 'left'}"


def _breach(values: Mapping[str, str], policy_set: PolicySet | None) -> str:
    if "op" not in values:
        rule = policy_set.rule(values["rule"]) if policy_set else None
        asks = f": it asks {one_line(rule.text)}" if rule else ""
        return f"{_about(values)} is not satisfied{asks}"
    op = values["op"]
    links = [link for link in _links(values["rule"], policy_set) if link.op == op]
    link = links[0] if len(links) == 1 else _Link("the value", op, None)
    value, limit = _sides(_number(values["value"]), _number(values["limit"]), link.unit)
    return f"{_about(values)}: {link.left} is {value}, {ALLOWED[op]} {limit}"


def _about(values: Mapping[str, str]) -> str:
    group = f" of group {values['group']}" if "group" in values else ""
    return f"{short_rule(values['rule'])}{group}"


def _halted(values: Mapping[str, str]) -> str:
    if "breaker" in values:
        rule = one_line(values.get("rule", ""))
        return f"breaker {values['breaker']} halts trading since {values['since']}: {rule}"
    by = {"kill_switch": "the kill switch"}.get(values.get("by", ""), "an operator's halt")
    return f"halted by {by}: {values.get('why') or 'no reason given'}"


def _not_in_universe(values: Mapping[str, str]) -> str:
    if "asks" in values:
        return f"not in the universe: {short_rule(values['rule'])} asks {one_line(values['asks'])}"
    if "max_symbols" in values:
        return f"not in the universe: it holds {values['max_symbols']} products already"
    if "quote_currency" in values:
        allowed = values["allowed"].replace(",", ", ")
        return f"not in the universe: quoted in {values['quote_currency']}, allowed are {allowed}"
    return "not in the universe"


def _no_strategy(values: Mapping[str, str]) -> str:
    if "strategy" in values:
        return f"strategy {values['strategy']} does not trade tier {values['tier']}"
    return "no strategy is enabled"


def _links(rule_id: str, policy_set: PolicySet | None) -> list[_Link]:
    rule = policy_set.rule(rule_id) if policy_set else None
    if policy_set is None or rule is None:
        return []
    return [
        link
        for node in walk(rule.tree)
        if isinstance(node, Compare)
        for link in _links_of(node, policy_set)
    ]


def _links_of(node: Compare, policy_set: PolicySet) -> list[_Link]:
    unit = _unit(node.operands, policy_set)
    return [
        _Link(print_tree(left), op, unit) for left, op in zip(node.operands, node.ops, strict=False)
    ]


def _unit(nodes: tuple[Node, ...], policy_set: PolicySet) -> Unit | None:
    units = (unit_of(each, policy_set.vocabulary) for each in nodes)
    return next((unit for unit in units if unit), None)


def _number(text: str) -> Told:
    try:
        return float(text)
    except ValueError:
        return text


def _sides(left: Told, right: Told, unit: Unit | None) -> tuple[str, str]:
    """Both sides as text; exact where rounding would make them look equal."""
    shown = value_shown(left, unit), value_shown(right, unit)
    if not isinstance(left, float) or not isinstance(right, float):
        return shown
    if shown[0] == shown[1] and left != right:
        return number_words(left, unit), number_words(right, unit)
    return shown


def _rounded(value: float) -> Decimal:
    digits = f"{value:.{_PLAIN_DIGITS}f}" if abs(value) >= _SMALL else f"{value:.3g}"
    return Decimal(digits)

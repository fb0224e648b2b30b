"""Pairs of the shipped set and an edit of it whose truth is known before anybody proves anything.

Out: `Pair`s: hand-made ones, and families over every limit, guard, breaker and alert. The truth of
a moved number follows from the side of the comparison that it stands on, by a sign calculus of its
own; that of a field, from what the field means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from comparison.corpus.shipped import Edit, documents, shipped, text_of

from engine.expr.nodes import And, Arithmetic, Compare, Fact, Negate, Not, Or, walk
from engine.kinds.rule import OnBreach, RuleRole
from engine.model.numbers import canonical_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.expr.nodes import Node
    from engine.kinds.rule import Rule

_UP, _DOWN = 1, -1
_ORDERS = {RuleRole.LIMIT, RuleRole.GUARD}
_MOVE = Decimal("1.1")


@dataclass(frozen=True, slots=True)
class Pair:
    """The shipped set and an edit: `looser` and `weaker` say what the edit does, None nothing."""

    name: str
    edits: tuple[Edit, ...]
    looser: bool = False
    tighter: bool = False
    weaker: bool = False
    stronger: bool = False


BEHIND = {
    "CircuitBreaker/clock_skew": "it counts where the mode is live, and the shipped set is paper",
    "CircuitBreaker/crossed_book": "the guard `two_sided` refuses a crossed book by itself",
    "CircuitBreaker/market_crash": "in a crash no position may have any size",
    "CircuitBreaker/message_storm": "the limits on messages refuse at a quarter of its number",
    "CircuitBreaker/product_down": "the guard `product_status` asks for the same",
    "CircuitBreaker/stale_data": "the guard `quote_age` asks for a younger quote",
}
"""Breakers that refuse no entry that nothing else refuses: without one, no more is allowed."""
TOLD_IN_SHARES = "RiskLimit/max_total_at_risk max_at_risk_pct moved"
"""An alert is told in shares of this number, and fires later when it grows."""


def _beside_others(pair: Pair) -> Pair:
    """The pair with the truth that it has beside the other rules of the set."""
    if pair.name == TOLD_IN_SHARES:
        return replace(pair, weaker=True)
    behind = pair.edits[0].document in BEHIND
    return replace(pair, looser=False) if behind else pair


def pairs() -> tuple[Pair, ...]:
    """All of them, by name."""
    found = [
        *moved_numbers(),
        *flipped_operators(),
        *stages(),
        *removed(),
        *breaker_fields(),
        *alert_fields(),
        *rewritten(),
        *reworded(),
        *BY_HAND,
    ]
    found = [_beside_others(each) for each in found]
    names = [each.name for each in found]
    assert len(set(names)) == len(names), sorted(n for n in names if names.count(n) > 1)
    return tuple(found)


def _rules(roles: set[RuleRole]) -> Iterator[Rule]:
    for rule in shipped().rules:
        if rule.role in roles and rule.document.partition("/")[0] in {
            "RiskLimit",
            "ExecutionPolicy",
            "CircuitBreaker",
            "AlertRule",
        }:
            yield rule


def moved_numbers() -> Iterator[Pair]:
    """Every number of a limit, guard, breaker or alert moved by a tenth, to the looser side."""
    for rule in _rules({*_ORDERS, RuleRole.TRIP, RuleRole.ALERT}):
        for name in sorted({n.name for n in walk(rule.tree) if isinstance(n, Fact)}):
            parameter = name.rpartition(".")[2]
            text = text_of(rule.document)
            found = re.findall(rf"\b{parameter}: (-?[0-9.]+)$", text, re.MULTILINE)
            side = _side(rule.tree, name)
            if name.startswith("policy.") and len(found) == 1 and side and Decimal(found[0]):
                yield _moved(rule, parameter, Decimal(found[0]), side)


def _moved(rule: Rule, parameter: str, value: Decimal, side: int) -> Pair:
    wanted = side if rule.role in _ORDERS else -side
    grows = (wanted > 0) == (value > 0)
    other = value * _MOVE if grows else value / _MOVE
    if value == int(value) and abs(value) < 10:
        other = value + wanted
    edit = Edit(
        rule.document,
        f"{parameter}: {canonical_number(value)}\n",
        f"{parameter}: {canonical_number(other.quantize(Decimal('0.0001')))}\n",
    )
    return Pair(
        f"{rule.id} {parameter} moved",
        (edit,),
        looser=rule.role is not RuleRole.ALERT,
        weaker=rule.role not in _ORDERS,
    )


def _side(tree: Node, name: str, sign: int = _UP) -> int:  # noqa: PLR0911 - one arm a kind
    """Whether the flag is truer as the number grows: 1, or less true: -1; 0 where it is open."""
    match tree:
        case Fact():
            return sign if tree.name == name else 0
        case And() | Or():
            return _sum(_side(each, name, sign) for each in tree.operands)
        case Not() | Negate():
            return _side(tree.operand, name, -sign)
        case Compare(operands=(left, right), ops=(op,)) if op in {"<", "<=", ">", ">="}:
            larger = _UP if op in {"<", "<="} else _DOWN
            return _sum([_side(right, name, sign * larger), _side(left, name, -sign * larger)])
        case Arithmetic(op="+"):
            return _sum([_side(tree.left, name, sign), _side(tree.right, name, sign)])
        case Arithmetic(op="-"):
            return _sum([_side(tree.left, name, sign), _side(tree.right, name, -sign)])
        case _:
            return 0


def _sum(sides: Iterator[int] | list[int]) -> int:
    found = {each for each in sides if each}
    return found.pop() if len(found) == 1 else 0


def flipped_operators() -> Iterator[Pair]:
    """At the limit itself the order no longer passes: `<=` is `<`, `>=` is `>`."""
    for rule in _rules(_ORDERS):
        for op in ("<=", ">="):
            text = text_of(rule.document)
            if len(re.findall(r"<=|>=", text)) == 1 and f" {op} " in text:
                edit = Edit(rule.document, f" {op} ", f" {op[0]} ")
                yield Pair(f"{rule.id} at its limit", (edit,), tighter=True)


def stages() -> Iterator[Pair]:
    """What is only recorded refuses nothing."""
    for rule in _rules({RuleRole.LIMIT, RuleRole.TRIP}):
        if text_of(rule.document).count("stage: enforce") == 1:
            for stage in ("warn", "shadow"):
                edit = Edit(rule.document, "stage: enforce", f"stage: {stage}")
                trips = rule.role is RuleRole.TRIP
                yield Pair(f"{rule.id} on {stage}", (edit,), looser=True, weaker=trips)


def removed() -> Iterator[Pair]:
    """Documents that nothing else names, taken out."""
    texts = {each: text_of(each) for each in documents()}
    for name in documents():
        kind, _, short = name.partition("/")
        named = [other for other, text in texts.items() if f".{short}." in text and other != name]
        if named or kind not in {"RiskLimit", "CircuitBreaker", "AlertRule"}:
            continue
        trims = "\n  trim:" in texts[name]
        yield Pair(
            f"{name} removed",
            (Edit(name),),
            looser=kind != "AlertRule",
            weaker=kind != "RiskLimit" or trims,
        )


def breaker_fields() -> Iterator[Pair]:
    """What a breaker does when it trips, and how it lets go."""
    for rule in _rules({RuleRole.TRIP}):
        text = text_of(rule.document)
        for old, new, looser in (
            ("while_tripped: halted", "while_tripped: reducing", True),
            ("cancel: all", "cancel: entries", False),
            ("cancel: entries", "cancel: none", False),
            ("on_trip: exit_all", "on_trip: none", False),
            ("not_before: ", "not_before: 1", False),
        ):
            if text.count(old) == 1 and not (new == "cancel: none" and "exit_all" in text):
                edit = Edit(rule.document, old, new)
                longer = old.startswith("not_before")
                name = f"{rule.id} {'longer ' if longer else ''}{old.strip(': ')}"
                yield Pair(
                    name, (edit,), looser=looser, weaker=not (looser or longer), stronger=longer
                )
        after = re.search(r"reset: \{after: (\d+)([smhd])\}", text)
        if after is not None:
            edit = Edit(rule.document, after[0], f"reset: {{after: {int(after[1]) * 2}{after[2]}}}")
            yield Pair(f"{rule.id} resets later", (edit,), stronger=True)


def alert_fields() -> Iterator[Pair]:
    """How loud, how soon and how often."""
    for rule in _rules({RuleRole.ALERT}):
        text = text_of(rule.document)
        for old, new in (
            ("severity: critical", "severity: warning"),
            ("severity: warning", "severity: info"),
            ("\n  dedupe: ", "\n  dedupe: 9"),
        ):
            if text.count(old) == 1:
                yield Pair(
                    f"{rule.id} {old.strip()}", (Edit(rule.document, old, new),), weaker=True
                )
        waits = re.search(r"\n  for: (\d+)([smhd])\n", text)
        if waits is not None:
            new = f"\n  for: {int(waits[1]) * 3}{waits[2]}\n"
            yield Pair(f"{rule.id} waits", (Edit(rule.document, waits[0], new),), weaker=True)


def rewritten() -> Iterator[Pair]:
    """The same question in other words: turned round, denied twice, added nothing."""
    for rule in _rules({RuleRole.LIMIT, RuleRole.TRIP}):
        field = "require" if rule.role is RuleRole.LIMIT else "trip_when"
        line = re.search(rf"\n  {field}: ([^|\n]+)\n", text_of(rule.document))
        if line is None or "'" in line[1] or '"' in line[1]:
            continue
        asked = line[1]
        for name, text in (
            ("denied twice", f"not (not ({asked}))"),
            ("said twice", f"({asked}) and ({asked})"),
            ("turned round", _turned(asked)),
        ):
            # What shrinks orders has to be shown to shrink them, which a double denial is not.
            shrinks = rule.on_breach is OnBreach.RESIZE and name == "denied twice"
            if text is not None and not shrinks:
                edit = Edit(rule.document, line[0], f"\n  {field}: {text}\n")
                yield Pair(f"{rule.id} {name}", (edit,))


def _turned(text: str) -> str | None:
    sides = re.fullmatch(r"([a-z_0-9.]+) (<=|>=|<|>) ([a-z_0-9.]+)", text)
    if sides is None:
        return None
    turned = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}
    return f"{sides[3]} {turned[sides[2]]} {sides[1]}"


def reworded() -> Iterator[Pair]:
    """Words, owners and the spelling of numbers mean nothing."""
    for name in documents():
        text = text_of(name)
        if name.startswith("RiskLimit/") and text.count("owner: risk") == 1:
            yield Pair(f"{name} of another owner", (Edit(name, "owner: risk", "owner: desk"),))


def _edit(name: str, document: str, old: str, new: str, **truth: bool) -> Pair:
    return Pair(name, (Edit(document, old, new),), **truth)


def _reset(document: str, new: str) -> tuple[str, str]:
    """The reset of a breaker as it stands, and another."""
    found = re.search(r"\n  reset: .*\n", text_of(document))
    assert found is not None
    return found[0], f"\n  reset: {new}\n"


_SPOT, _ORDERS_DOC = "UniverseFilter/spot", "ExecutionPolicy/orders"
_MOMENTUM, _ACCOUNT = "Strategy/momentum", "Deployment/account"
BY_HAND = (
    _edit("a wider stop", _MOMENTUM, "stop_pct: 4", "stop_pct: 5", weaker=True),
    _edit("a later target", _MOMENTUM, "target_pct: 8", "target_pct: 9", weaker=True),
    _edit("no target", _MOMENTUM, "    target_pct: 8\n", "", weaker=True),
    _edit("a wider trail", _MOMENTUM, "trailing_pct: 5", "trailing_pct: 6", weaker=True),
    _edit("no trail", _MOMENTUM, "    trailing_pct: 5\n", "", weaker=True),
    _edit("held for longer", _MOMENTUM, "max_hold: 48h", "max_hold: 72h", weaker=True),
    _edit(
        "blind for longer", _MOMENTUM, "blind_exit_after: 30m", "blind_exit_after: 2h", weaker=True
    ),
    _edit("a larger size", _MOMENTUM, "    size_pct: 2.5", "    size_pct: 3", weaker=True),
    _edit("a larger size in one regime", _MOMENTUM, "bear: 0.6", "bear: 0.9", weaker=True),
    _edit(
        "a size by another product",
        _MOMENTUM,
        "size_pct: params.size_pct * params.regime_ratio",
        "size_pct: params.regime_ratio * params.size_pct",
    ),
    _edit(
        "a canary that is no smaller", _MOMENTUM, "size_ratio: 0.5", "size_ratio: 0.9", weaker=True
    ),
    _edit("a strategy that is wanted", _MOMENTUM, "enabled: false", "enabled: true"),
    _edit("a lower bar to enter", _MOMENTUM, "rise_60m_pct: 2", "rise_60m_pct: 1"),
    _edit("a larger budget", _MOMENTUM, "at_risk_pct: 9", "at_risk_pct: 10", looser=True),
    _edit(
        "a case of a table raised", "RiskLimit/max_position", "bull: 3.6", "bull: 4", looser=True
    ),
    _edit(
        "a case of zero opened, in which a breaker refuses",
        "RiskLimit/max_position",
        "crash: 0",
        "crash: 1",
    ),
    _edit(
        "fewer intents",
        "RiskLimit/max_position",
        "intents: [entry, add]",
        "intents: [entry]",
        looser=True,
    ),
    _edit(
        "other modes",
        "RiskLimit/max_position",
        "  on_breach: resize",
        "  modes: [live]\n  on_breach: resize",
        looser=True,
    ),
    _edit(
        "denied and not shrunk",
        "RiskLimit/max_orders_1h",
        "or order.continues",
        "or order.continues or order.continues",
    ),
    _edit(
        "no way around any more", "RiskLimit/max_orders_1h", " or order.continues", "", tighter=True
    ),
    _edit(
        "a trim that comes later", "RiskLimit/max_position", "after: 4h", "after: 8h", weaker=True
    ),
    _edit(
        "a trim removed",
        "RiskLimit/max_position",
        "  trim: {after: 4h, at_least_pct: 10}\n",
        "",
        weaker=True,
    ),
    # A guard of all entries asks for this spread already.
    _edit("a tier with a wider spread", _SPOT, "max_spread_bps: 50", "max_spread_bps: 51"),
    _edit(
        "a tier that asks less depth",
        _SPOT,
        "min_depth_usd: 10000}",
        "min_depth_usd: 9000}",
        looser=True,
    ),
    _edit(
        "a tier that asks less volume",
        _SPOT,
        "enter_volume_usd: 5000000",
        "enter_volume_usd: 4000000",
        looser=True,
    ),
    # Who stays in a high tier has its lower cap on cost: to fall out of it may allow more as well.
    _edit(
        "staying is easier",
        _SPOT,
        "stay_ratio: 0.875",
        "stay_ratio: 0.7",
        looser=True,
        tighter=True,
    ),
    _edit("patience", _SPOT, "leave_after: 6h", "leave_after: 12h", looser=True, tighter=True),
    _edit("doubt leaves", _SPOT, "on_undecided: keep", "on_undecided: leave", tighter=True),
    _edit("more products", _SPOT, "max_symbols: 40", "max_symbols: 50", looser=True),
    _edit("one currency less", _SPOT, "[USD, USDC]", "[USD]", tighter=True),
    _edit(
        "an exclusion lifted",
        _SPOT,
        "    - {symbol: DAI-USD, reason: a stable coin is cash and not an investment}\n",
        "",
        looser=True,
    ),
    _edit(
        "an exclusion for a while",
        _SPOT,
        "symbol: DAI-USD,",
        'symbol: DAI-USD, until: "2027-01-01T00:00:00Z",',
        looser=True,
    ),
    # It then counts among the others, and no longer where it did; and so the way back.
    _edit(
        "an asset leaves its group", _SPOT, "MEME: [BONK, ", "MEME: [", looser=True, tighter=True
    ),
    _edit("an asset in one group more", _SPOT, "LAYER2: [ARB", "LAYER2: [BTC, ARB", tighter=True),
    _edit("a slower purge", _SPOT, "slice_pct: 25", "slice_pct: 10", weaker=True),
    _edit("no purge", _SPOT, "  purge: {after: 24h, slice_pct: 25, every: 1h}\n", "", weaker=True),
    _edit(
        "a quote may be older", _ORDERS_DOC, "max_quote_age_s: 5", "max_quote_age_s: 6", looser=True
    ),
    _edit(
        "seconds taken for milliseconds",
        _ORDERS_DOC,
        "max_quote_age_s: 5",
        "max_quote_age_s: 5000",
        looser=True,
    ),
    _edit(
        "percent taken for a fraction",
        "RiskLimit/max_position",
        "chop: 3,",
        "chop: 0.03,",
        tighter=True,
    ),
    _edit("a cost by tier", _ORDERS_DOC, "middle: 80", "middle: 90", looser=True),
    _edit("a smaller minimum", _ORDERS_DOC, "min_order_usd: 15", "min_order_usd: 10", looser=True),
    _edit(
        "a guard of spread on trial",
        _ORDERS_DOC,
        "      require: quote.spread_bps <= params.max_spread_bps\n      on_breach: deny\n"
        "      stage: enforce",
        "      require: quote.spread_bps <= params.max_spread_bps\n      on_breach: deny\n"
        "      stage: warn",
        looser=True,
    ),
    _edit(
        "one side is enough",
        _ORDERS_DOC,
        "not quote.one_sided and not quote.crossed",
        "not quote.crossed",
        looser=True,
    ),
    _edit(
        "a guard by de Morgan",
        _ORDERS_DOC,
        "not quote.one_sided and not quote.crossed",
        "not (quote.one_sided or quote.crossed)",
    ),
    _edit(
        "a narrower first collar of stops",
        _ORDERS_DOC,
        "    exit_stop:\n      - {order: limit_ioc, collar_bps: 50}",
        "    exit_stop:\n      - {order: limit_ioc, collar_bps: 20}",
        weaker=True,
    ),
    _edit("entries pay up to more", _ORDERS_DOC, "collar_bps: 30", "collar_bps: 60", weaker=True),
    _edit(
        "unknown orders are given up sooner",
        _ORDERS_DOC,
        "quarantine: 5m",
        "quarantine: 1m",
        weaker=True,
    ),
    _edit("slower cycles", "Schedule/rhythm", "interval: 60s", "interval: 5m", weaker=True),
    _edit("another jitter", "Schedule/rhythm", "jitter_pct: 10", "jitter_pct: 5", stronger=True),
    _edit("orders may not leave", _ACCOUNT, "read_only: false", "read_only: true", tighter=True),
    _edit(
        "reset by a clock and not a person",
        "CircuitBreaker/drawdown_stop",
        *_reset("CircuitBreaker/drawdown_stop", "{after: 24h}"),
        weaker=True,
    ),
)

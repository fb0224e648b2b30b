"""A whole cycle over 300 products, and a whole decision, beside simpleeval judging alone.

The cycle is the real one without I/O: snapshot of facts, invariants, breakers, universe,
strategies, orders, alerts, records, over the shipped set (`wide_desk.py`). Its peer gets the facts
of that cycle for nothing and only judges them, rule by rule, as simpleeval's users run it fast:
parsed once, derived facts once a product, names in a dict. A decision is everything between a
priced wish and the bytes of its record; its peer judges the same rules with simpleeval and
writes the same body with the standard library.
Figures are in seconds of the processor, both sides of a pair in turns.
Run as a script for the table; `test_cycle.py` holds loose bounds of the same ratios.
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parents[each]) for each in (2, 1)]

from benchmarks.wide_desk import WideDesk
from simpleeval import EvalWithCompoundTypes

from engine.cycle.facts.order import size_facts
from engine.cycle.judging.invariants import Reach
from engine.cycle.orders import sending
from engine.cycle.records.order_bodies import decision_body
from engine.expr.backends.python_tree import python_tree
from engine.expr.functions import FUNCTIONS
from engine.expr.vocabulary import fact_names
from engine.kinds.rule import RuleRole
from engine.ledger.records import encode_body
from engine.model.orders import ExitPlan, Intent, OrderForm, OrderIntent

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Mapping, Sequence

    from engine.cycle.desk import Round
    from engine.expr.nodes import Node, Value
    from engine.expr.vocabulary import Vocabulary
    from engine.policyset.policyset import PolicySet

T = TypeVar("T")
PRODUCTS = 300
CYCLES = 60
TURNS = 9


@dataclass(frozen=True, slots=True)
class CycleTimes:
    """Cycles of one desk, in seconds: how long ours took, and their peer's judging alone."""

    products: int
    rules: int
    orders: int
    ours: tuple[float, ...]
    peer: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """A whole cycle of ours to the peer's judging of the same products."""
        return statistics.median(self.ours) / statistics.median(self.peer)


@dataclass(frozen=True, slots=True)
class DecisionTimes:
    """One decision: seconds of its steps, and of a peer that judges and writes the same."""

    rules: int
    size: int
    judge_s: float
    body_s: float
    encode_s: float
    peer_s: float

    @property
    def ours_s(self) -> float:
        """The whole decision."""
        return self.judge_s + self.body_s + self.encode_s


class Peer:
    """simpleeval over some rules; a rule that it cannot answer counts as undecided."""

    def __init__(self, rules: Sequence[Node], vocabulary: Vocabulary) -> None:
        functions = {name: each.of_known for name, each in FUNCTIONS.items() if each.of_known}
        self._evaluator = EvalWithCompoundTypes(functions=functions)
        self._derived = [
            (name, python_tree(tree)) for name, tree in _definitions(rules, vocabulary).items()
        ]
        self._rules = [python_tree(tree) for tree in rules]

    def decide(self, facts: Mapping[str, Value]) -> list[object]:
        """Every rule's answer."""
        names = self._evaluator.names = dict(facts)
        for name, tree in self._derived:
            value = self._answer(tree)
            if value is not None:
                names[name] = value
        return [self._answer(tree) for tree in self._rules]

    def _answer(self, tree: ast.expr) -> object:
        try:
            return self._evaluator.eval("", tree)
        except Exception:  # noqa: BLE001 - a name that is missing, in whatever way it says so
            return None


def _definitions(rules: Sequence[Node], vocabulary: Vocabulary) -> dict[str, Node]:
    """Derived facts behind the rules, each after those that it needs."""
    found: dict[str, Node] = {}

    def visit(tree: Node) -> None:
        for name in sorted(fact_names(tree)):
            definition = vocabulary.definition_tree(name)
            if definition is not None and name not in found:
                visit(definition)
                found[name] = definition

    for tree in rules:
        visit(tree)
    return found


def measure_cycles(products: int = PRODUCTS, cycles: int = CYCLES) -> CycleTimes:
    """Run cycles on a moving market; the peer judges each cycle's facts after it."""
    wide = WideDesk(products)
    gc.collect()
    gc.freeze()  # as a run does before its first cycle
    peer = Peer(_asked_per_product(wide), wide.desk.policy_set.vocabulary)
    ours, theirs, orders = [], [], 0
    for number in range(cycles + 1):
        wide.show_market()
        seconds, this = _timed(wide.cycle)
        judged, _ = _timed(partial(_judge_all, peer, this))
        if number:  # the first one compiles what is compiled when first asked
            ours.append(seconds)
            theirs.append(judged)
            orders += len(this.orders)
    return CycleTimes(products, wide.rules_per_product, orders, tuple(ours), tuple(theirs))


def _asked_per_product(wide: WideDesk) -> list[Node]:
    """The trees that a cycle asks of each product, invariants first."""
    programme = wide.desk.programme
    steps = [programme.symbol_breakers, programme.symbol_alerts, programme.enter, programme.stay]
    steps += [each.questions for each in programme.strategies]
    invariants = programme.invariants[Reach.PRODUCT].trees
    return [*invariants, *(rule.tree for each in steps for rule in each.rules)]


def _judge_all(peer: Peer, this: Round) -> None:
    for symbol in this.symbols:
        peer.decide(this.facts(symbol))


def measure_decision(rounds: int = TURNS, loops: int = 60) -> DecisionTimes:
    """One entry through all limits and guards of the shipped set, every step by itself."""
    wide = WideDesk(3)
    wide.show_market()
    this = wide.cycle()
    intent = _entry(wide)
    situation = sending.situation_of(wide.desk, this, intent)
    judge, names = wide.desk.judge, wide.desk.programme.decision_facts
    decision = judge.judge(intent, situation)
    body = decision_body(intent, situation, decision, names)
    peer = Peer(_limits(wide.desk.policy_set), wide.desk.policy_set.vocabulary)
    facts = {
        **situation.facts,
        **situation.groups[0],
        **size_facts(intent, intent.quantity, situation.rate),
    }
    steps = (
        lambda: judge.judge(intent, situation),
        lambda: decision_body(intent, situation, decision, names),
        lambda: encode_body(body),
        lambda: (peer.decide(facts), json.dumps(body, sort_keys=True, allow_nan=False)),
    )
    turns = [[_seconds(step, loops) for step in steps] for _ in range(rounds)]
    medians = (statistics.median(column) for column in zip(*turns, strict=True))
    return DecisionTimes(len(decision.evaluations), len(encode_body(body)), *medians)


def _limits(policy_set: PolicySet) -> list[Node]:
    return [
        rule.tree
        for rule in policy_set.rules
        if rule.role in {RuleRole.LIMIT, RuleRole.GUARD} and Intent.ENTRY in rule.intents
    ]


def _entry(wide: WideDesk) -> OrderIntent:
    """One per cent of the account into a product, at its bid."""
    symbol = wide.symbols[1]
    bid = wide.desk.market.last_bid[symbol]
    plan = ExitPlan(stop_pct=Decimal(4), blind_exit_after_s=1800)
    return OrderIntent(
        number=1,
        symbol=symbol,
        intent=Intent.ENTRY,
        form=OrderForm.POST_ONLY,
        quantity=Decimal(1),
        limit_price=bid,
        reference_price=bid,
        worst_price=bid,
        strategy="momentum",
        reason="measured",
        conviction=0.8,
        plan=plan,
        time_to_live_s=120,
    )


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    started = time.process_time()
    answer = work()
    return time.process_time() - started, answer


def _seconds(work: Callable[[], object], loops: int) -> float:
    started = time.process_time()
    for _ in range(loops):
        work()
    return (time.process_time() - started) / loops


def percentile(times: Sequence[float], share: float) -> float:
    """The time that this share of all times does not exceed."""
    return sorted(times)[int(share * (len(times) - 1))]


def main() -> None:
    """Print the figures."""
    cycles, decision = measure_cycles(), measure_decision()
    ours = [1e3 * percentile(cycles.ours, share) for share in (0.5, 0.99)]
    microseconds = [1e6 * each for each in (decision.judge_s, decision.body_s, decision.encode_s)]
    decisions = cycles.orders / len(cycles.ours)
    lines = (
        f"a cycle of {cycles.products} products x {cycles.rules} rules, {decisions:.1f} decisions",
        f"  whole cycle          {ours[0]:8.1f} ms median {ours[1]:8.1f} ms p99",
        f"  simpleeval, judging  {1e3 * statistics.median(cycles.peer):8.1f} ms median",
        f"  ratio                {cycles.ratio:8.2f}",
        f"a decision by {decision.rules} rules, {decision.size} bytes",
        "  judge {:.0f}, body {:.0f}, encode {:.0f} µs".format(*microseconds),
        f"  together             {1e6 * decision.ours_s:8.0f} µs",
        f"  simpleeval and json  {1e6 * decision.peer_s:8.0f} µs",
    )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

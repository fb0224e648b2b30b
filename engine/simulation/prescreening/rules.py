"""Which rules a frame can answer, and which cannot change while nothing happens.

In: the rules that a cycle asks of products and of the account. Out: `Watch`: those to evaluate over
frames, those to ask of what is held, those of the account to ask in every cycle. Where a rule is
none of these the prescreen has nothing to say (`unfit`), and every cycle is stepped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.expr.backends.closure import Motor, compile_motor
from engine.expr.functions import series_call
from engine.expr.nodes import Call, walk
from engine.kinds.rule import Rule, RuleRole, Stage
from engine.model.symbols import Symbol
from engine.simulation.prescreening.seen.columns import MARKET_FACTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from engine.cycle.desk import Desk
    from engine.cycle.judging.programme import Questions
    from engine.expr.nodes import Node
    from engine.expr.vocabulary import Vocabulary

STANDING_GROUPS = ("breaker.", "policy.", "limit.", "asset.tier", "asset.excluded")
"""Facts of a product or the account that stand while nothing happens."""

STANDING = frozenset(
    {
        "data.account_age_s",  # read in the cycle that asks, so 0
        "data.eligible_count",
        "data.reconcile_mismatch_count",
        "engine.clock_drift_ms",
        "engine.cycle_p99_s",
        "engine.cycle_s",
        "engine.exceptions_10m_count",
        "engine.halted",
        "engine.kill_switch",
        "engine.ledger_lag_s",
        "engine.ledger_ok",
        "engine.mode",
        "engine.policy_drift",
        "engine.policy_reload_failed",
        "engine.read_only",
        "engine.secret_age_d",  # absent: a recording has no secrets
        "engine.stage",
        "venue.auth_ok",
        "venue.clock_skew_ms",  # absent: a recording has one clock
        "venue.collisions_count",
        "venue.errors_5m_count",
        "venue.errors_consecutive_count",
        "venue.fee_maker_bps",
        "venue.fee_over_assumed_bps",  # until the next edge: see `quiet.edges`
        "venue.fee_taker_bps",
        "venue.foreign_orders_count",
        "venue.late_orders_24h_count",
        "venue.latency_p95_ms",
        "venue.orders_error_ratio_5m",
        "venue.rate_limited_5m_count",
        "venue.rate_limited_left_s",
        "venue.reachable",
        "venue.reads_error_ratio_5m",
        "venue.reject_ratio_1h",
        "venue.trades_by_hand_24h_count",
        "venue.unknown_orders_count",
    }
)
"""Facts of the account that stand while nothing happens and no edge passes."""

ASKED_GROUPS = (
    "portfolio.",
    "pace.",
    "clock.",
    "regime.name",
    "waiver.",
    "venue.rate_limited_age_s",
)
"""Facts of the account that move with time and prices: told anew in every cycle."""

_STABLECOINS = "venue.stablecoin_deviation_pct"
_HELD_FACTS = frozenset(
    {
        "position.managed",
        "position.value_usd",
        "position.pnl_pct",
        "position.peak_pnl_pct",
        "position.drop_from_peak_pct",
        "position.hold_h",
        "position.strategy",
        "position.pending_buy_usd",
        "position.pending_sell_quantity",
    }
)
_OF_ABSENCE = frozenset({"has", "default"})


@dataclass(frozen=True, slots=True)
class Asked:
    """Rules of one kind with their names and trees, and the motor that answers them."""

    names: tuple[str, ...]
    trees: tuple[Node, ...]
    motor: Motor


@dataclass(frozen=True, slots=True)
class Rested:
    """Rules that stand while nothing happens: to be asked once after something did."""

    account_breakers: Asked
    account_alerts: Asked
    symbol_breakers: Asked
    symbol_alerts: Asked


@dataclass(frozen=True, slots=True)
class Watch:
    """What has to be watched for, and `unfit`: why everything has to be stepped, if so.

    `symbols_stand_apart` says that a standing rule of a product hears of that product's own
    breakers, tier and exclusion only: nothing that is done elsewhere turns it.
    """

    product: tuple[Node, ...]
    held_breakers: Asked
    held_alerts: Asked
    account_breakers: Asked
    account_alerts: Asked
    standing_alerts: frozenset[str]
    standing_breakers: frozenset[str]
    after_deeds: Rested
    symbols_stand_apart: bool
    unfit: tuple[str, ...]


def market_fact(name: str) -> bool:
    """Whether frames have it."""
    return name in MARKET_FACTS or series_call(name) is not None


def unknown_to_frames(tree: Node, vocabulary: Vocabulary) -> frozenset[str]:
    """The facts of a tree that frames do not have."""
    return frozenset(name for name in vocabulary.base_facts(tree) if not market_fact(name))


def speaks_of_absence(tree: Node, vocabulary: Vocabulary) -> bool:
    """Whether an unknown fact may be taken for an absent one, in a definition too."""
    trees, seen = [tree], set()
    while trees:
        for node in walk(trees.pop()):
            if isinstance(node, Call) and node.function in _OF_ABSENCE:
                return True
            name = getattr(node, "name", None)
            definition = vocabulary.definition_tree(name) if name and name not in seen else None
            if definition is not None:
                seen.add(name)
                trees.append(definition)
    return False


def watch(desk: Desk, symbols: Iterable[Symbol]) -> Watch:
    """Sort the rules of a set; pure."""
    programme, standing = desk.programme, _standing(desk, symbols)
    sorting = _Sorting(desk.policy_set.vocabulary, standing)
    return Watch(
        held_breakers=sorting.of_products(programme.symbol_breakers),
        held_alerts=sorting.of_products(programme.symbol_alerts),
        account_breakers=sorting.of_account(programme.account_breakers),
        account_alerts=sorting.of_account(programme.account_alerts),
        standing_alerts=sorting.at_rest(programme.account_alerts, programme.symbol_alerts),
        standing_breakers=sorting.at_rest(programme.account_breakers),
        after_deeds=Rested(
            sorting.resting(programme.account_breakers),
            sorting.resting(programme.account_alerts),
            sorting.resting(programme.symbol_breakers),
            sorting.resting(programme.symbol_alerts),
        ),
        symbols_stand_apart=sorting.apart(
            _own_facts(desk), programme.symbol_breakers, programme.symbol_alerts
        ),
        product=tuple(sorting.product),
        unfit=(*sorting.unfit, *_otherwise_unfit(desk)),
    )


@dataclass(slots=True)
class _Sorting:
    """Rules into those that stand, those that frames answer, and those to be asked."""

    vocabulary: Vocabulary
    standing: frozenset[str]
    product: list[Node] = field(default_factory=list)
    unfit: list[str] = field(default_factory=list)

    def of_products(self, questions: Questions) -> Asked:
        """Those to ask of what is held; the rest of the moving ones are for frames."""
        held = []
        for rule, names in self._moving(questions):
            if all(market_fact(name) for name in names):
                self.product.append(rule.tree)
            elif all(name in _HELD_FACTS or self._stands(name) for name in names):
                held.append(rule)
            else:
                self.unfit.append(rule.id)
        return self._asked(held)

    def of_account(self, questions: Questions) -> Asked:
        """Those to ask in every cycle."""
        asked = []
        for rule, names in self._moving(questions):
            if all(self._stands(name) or name.startswith(ASKED_GROUPS) for name in names):
                asked.append(rule)
            else:
                self.unfit.append(rule.id)
        return self._asked(asked)

    def at_rest(self, *questions: Questions) -> frozenset[str]:
        """The names of those that stand."""
        return frozenset(
            name
            for each in questions
            for name, rule in zip(each.names, each.rules, strict=True)
            if all(map(self._stands, self.vocabulary.base_facts(rule.tree)))
        )

    def resting(self, questions: Questions) -> Asked:
        """Those that stand, to be asked."""
        return self._asked(
            [
                rule
                for rule in questions.rules
                if not _only_noted(rule)
                and all(map(self._stands, self.vocabulary.base_facts(rule.tree)))
            ]
        )

    def apart(self, own: AbstractSet[str], *questions: Questions) -> bool:
        """Whether those that stand depend on nothing but these facts, and parameters."""
        names = {
            name
            for each in questions
            for rule in each.rules
            if all(map(self._stands, found := self.vocabulary.base_facts(rule.tree)))
            for name in found
        }
        return all(name in own or name.startswith("policy.") for name in names)

    def _moving(self, questions: Questions) -> Iterator[tuple[Rule, frozenset[str]]]:
        for rule in questions.rules:
            names = self.vocabulary.base_facts(rule.tree)
            if not _only_noted(rule) and not all(map(self._stands, names)):
                yield rule, names

    def _stands(self, name: str) -> bool:
        return name in self.standing or name.startswith(STANDING_GROUPS)

    def _asked(self, rules: list[Rule]) -> Asked:
        names = tuple(rule.document.partition("/")[2] for rule in rules)
        trees = tuple(rule.tree for rule in rules)
        return Asked(names, trees, compile_motor(trees, self.vocabulary))


def _only_noted(rule: Rule) -> bool:
    """A breaker that does not count writes a note into the cycle's own record."""
    return rule.role is RuleRole.TRIP and rule.stage is not Stage.ENFORCE


def _own_facts(desk: Desk) -> frozenset[str]:
    """The standing facts that a product has to itself."""
    breakers = (name for name, spec in desk.policy_set.breakers if spec.scope == "symbol")
    return frozenset({"asset.tier", "asset.excluded", *(f"breaker.{e}.tripped" for e in breakers)})


def _standing(desk: Desk, symbols: Iterable[Symbol]) -> frozenset[str]:
    """What stands; a rated coin that is quoted itself has a price that moves."""
    deployment = desk.policy_set.deployment
    coins = {Symbol(name, deployment.numeraire) for name in deployment.rates}
    return STANDING if coins & set(symbols) else STANDING | {_STABLECOINS}


def _otherwise_unfit(desk: Desk) -> Iterator[str]:
    """What a set may hold that no frame knows of."""
    programme, vocabulary = desk.programme, desk.policy_set.vocabulary
    yield from (f"Strategy/{each.name} is Python" for each in programme.python)
    for rule in programme.regime.rules:
        if unknown_to_frames(rule.tree, vocabulary) or "regime.name" in vocabulary.base_facts(
            rule.tree
        ):
            yield rule.id
    if desk.shadow is not None:
        yield "a shadow set"

"""Small policy sets, built from YAML text by the engine's own reader, shape, build and compose.

A set is one whole base (Deployment, Schedule, UniverseFilter, ExecutionPolicy, no limits) and
whatever documents a test adds; a document of the same id, or of a kind that is single, replaces.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from engine.kinds.registry import KINDS
from engine.policyset.build import build
from engine.policyset.composing import compose
from engine.policyset.loading import split_items
from engine.policyset.overlay import RawDocument
from engine.policyset.reader import read_yaml
from engine.policyset.reading.nodes import places, plain

if TYPE_CHECKING:
    from engine.kinds.base import Document
    from engine.policyset.policyset import PolicySet

_ENVELOPE = "apiVersion: mandate/v1\n"

DEPLOYMENT = """
kind: Deployment
metadata: {name: account, description: Where and for whom.}
spec:
  mode: paper
  venue: coinbase
  account: {name: main}
  read_only: true
  live_enabled: false
  stage: supervised
  numeraire: USD
  rates: {USDC: {value: 1, source: the issuer redeems at par}}
  equity_planned_usd: [5000, 20000]
  holdings_not_ours: ignore
  unpriced: block
  liquidate_into: USD
  fees: {maker_bps: 40, taker_bps: 60}
  regime:
    reference: BTC-USD
    crash_when: change_pct("60m") <= -8
    bear_when: change_pct("24h") <= -4
    bull_when: change_pct("24h") >= 4
  paper:
    cash: {USD: 10000}
    any_product:
      {base_increment: 0.0001, price_increment: 0.01, base_min_size: 0.001, quote_min_size: 1}
"""

SCHEDULE = """
kind: Schedule
metadata: {name: rhythm, description: When cycles run.}
spec:
  interval: 60s
  jitter_pct: 0
  back_off: {when_cycle_over_s: 30, factor: 2, max_interval: 10m}
  skip_silence_over: 6h
"""

UNIVERSE = """
kind: UniverseFilter
metadata: {name: universe, description: What may be traded.}
spec:
  quote_currencies: [USD]
  tiers:
    - {name: core, require: quote.spread_bps <= 20, stay: quote.spread_bps <= 40}
    - {name: rest, require: quote.spread_bps <= 100}
  leave_after: 10m
  on_undecided: keep
  groups: {majors: [BTC, ETH], layers: [ETH, SOL]}
  max_symbols: 40
"""

EXECUTION = """
kind: ExecutionPolicy
metadata: {name: orders, description: How orders reach the venue.}
spec:
  ladders:
    entry: [{order: limit_ioc, collar_bps: 10}]
    exit: [{order: post_only, time_to_live: 15s}, {order: limit_ioc, collar_bps: 50}]
    exit_stop: [{order: limit_ioc, collar_bps: 50}, {order: market_ioc}]
    trim: [{order: limit_ioc, collar_bps: 50}]
  reconcile:
    scan_every: 5m
    look_back: 24h
    settles_within_s: 0
    slack: {balance_usd: 0.01, fill_usd: 0.2, fill_pct: 2, fee_usd: 0.01}
    accept_transfers_usd: 0
"""

STRATEGY = """
kind: Strategy
metadata: {name: follower, description: Buys what is cheap to buy.}
spec:
  enabled: true
  tiers: [core]
  signals: {tight: quote.spread_bps <= 15}
  entry: signals.tight
  conviction: "1"
  min_conviction: 0.4
  size_pct: "2"
  exit: {stop_pct: 5, blind_exit_after: 30m}
  budget: {at_risk_pct: 20}
"""

_BASE = (DEPLOYMENT, SCHEDULE, UNIVERSE, EXECUTION)


def documents(*texts: str) -> tuple[Document, ...]:
    """The base's documents with these in them, in the order of their ids."""
    found: dict[str, Document] = {}
    for each in (document for text in (*_BASE, *texts) for document in _written(text)):
        if KINDS[each.kind].single:
            found = {key: kept for key, kept in found.items() if kept.kind != each.kind}
        found[each.id] = each
    return tuple(found[key] for key in sorted(found))


@cache
def set_of(*texts: str) -> PolicySet:
    """The policy set of the base and these documents."""
    composed = compose(documents(*texts), "test")
    assert composed.policy_set is not None, composed.diagnostics
    return composed.policy_set


@cache
def _written(text: str) -> tuple[Document, ...]:
    result = read_yaml((_ENVELOPE + text).encode(), "test.yaml")
    assert result.root is not None, result.diagnostics
    data = plain(result.root)
    assert isinstance(data, dict)
    parts, found = split_items(RawDocument(data, places(result.root)))
    assert not found, found
    built = [build(dict(each.plain), each.places) for each in parts]
    assert not [d for each in built for d in each.diagnostics], built
    return tuple(each.document for each in built if each.document is not None)


def limit(name: str, require: str, /, **spec: str) -> str:
    """A RiskLimit that denies entries, unless the keywords say otherwise."""
    fields = {
        "scope": "order",
        "intents": "[entry, add]",
        "require": f"'{require}'",
        "on_breach": "deny",
        "stage": "enforce",
        **spec,
    }
    return _document("RiskLimit", name, fields)


def breaker(name: str, trip_when: str, /, **spec: str) -> str:
    """A CircuitBreaker of the account that lets exits through, for ten minutes."""
    fields = {
        "scope": "account",
        "trip_when": f"'{trip_when}'",
        "while_tripped": "reducing",
        "cancel": "entries",
        "on_trip": "none",
        "reset": "{after: 10m}",
        "stage": "enforce",
        **spec,
    }
    return _document("CircuitBreaker", name, fields)


def alert(name: str, when: str, /, **spec: str) -> str:
    """An AlertRule of the account that fires at once; `for_` stands for `for`."""
    fields = {
        "scope": "account",
        "when": f"'{when}'",
        "severity": "warning",
        "dedupe": "1m",
        "route": "desk",
        **{key.rstrip("_"): value for key, value in spec.items()},
    }
    return _document("AlertRule", name, fields)


def guards(*guards: str, params: str = "{}") -> str:
    """The base's ExecutionPolicy with guards, each a flow mapping."""
    lines = "".join(f"    - {each}\n" for each in guards)
    return f"{EXECUTION}  guards:\n{lines}  params: {params}\n"


def strategy(name: str, /, **spec: str) -> str:
    """A Strategy that always enters, unless the keywords say otherwise."""
    fields = {
        "enabled": "true",
        "tiers": "[core]",
        "signals": "{tight: quote.spread_bps <= 15}",
        "entry": "signals.tight",
        "conviction": "'1'",
        "min_conviction": "0.4",
        "size_pct": "'2'",
        "exit": "{stop_pct: 5, blind_exit_after: 30m}",
        "budget": "{at_risk_pct: 20}",
        **spec,
    }
    return _document("Strategy", name, fields)


def _document(kind: str, name: str, fields: dict[str, str]) -> str:
    spec = "".join(f"  {key}: {value}\n" for key, value in fields.items())
    return f"\nkind: {kind}\nmetadata: {{name: {name}, description: A document.}}\nspec:\n{spec}"

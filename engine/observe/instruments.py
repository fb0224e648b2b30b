"""What the engine measures: one table of instruments, named as OpenTelemetry names them.

In: nothing. Out: instruments with their unit and labels. A label lists its values where they
are closed; where they are not (a symbol, a rule), the number of series is bounded by `Metrics`.
Names: `mandate.<subject>[.<part>]`, unit apart (UCUM: `s`, `1`, `{order}`), no plural of units.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """A dimension of an instrument; `values` empty means that they are not known beforehand."""

    name: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counter:
    """A number of events that only grows."""

    name: str
    unit: str
    description: str
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class Gauge:
    """A value as it stands now."""

    name: str
    unit: str
    description: str
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class Histogram:
    """How values spread; `bounds` are the upper edges of its buckets, ascending."""

    name: str
    unit: str
    description: str
    bounds: tuple[float, ...]
    labels: tuple[Label, ...] = ()


Instrument = Counter | Gauge | Histogram

_CYCLE_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_NETWORK_S = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_DISK_S = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0)

STAGES = ("account", "facts", "breakers", "exits", "entries", "alerts")
"""The stages of a cycle, in their order; what is between them takes no time to speak of."""
_STATES = ("ACTIVE", "REDUCING", "HALTED")

_SYMBOL = Label("symbol")
_RULE = Label("rule")
_SIDE = Label("side", ("BUY", "SELL"))
_INTENT = Label("intent", ("entry", "add", "exit", "trim", "purge"))

CYCLE_DURATION = Histogram(
    "mandate.cycle.duration", "s", "One cycle, from its gate to its record.", _CYCLE_S
)
STAGE_DURATION = Histogram(
    "mandate.cycle.stage.duration",
    "s",
    "One stage of a cycle.",
    _CYCLE_S,
    (Label("stage", STAGES),),
)
CYCLES = Counter(
    "mandate.cycles", "{cycle}", "Cycles by the state they ended in.", (Label("state", _STATES),)
)
POLICY_SET = Gauge(
    "mandate.policy_set.info",
    "1",
    "1 for the policy set that decides, 0 for those that did before it.",
    (Label("name"), Label("hash")),
)
CYCLE_LAST_TIME = Gauge(
    "mandate.cycle.last_time", "s", "When the last cycle ended, in seconds since 1970 (UTC)."
)
DECISIONS = Counter(
    "mandate.decisions",
    "{decision}",
    "Judgements of order intents.",
    (Label("verdict", ("allow", "resize", "deny")), _INTENT),
)
RULES = Counter(
    "mandate.rules",
    "{evaluation}",
    "Rules asked about an order, by their answer.",
    (_RULE, Label("outcome", ("pass", "breach", "undecided"))),
)
HEADROOM = Gauge(
    "mandate.rule.headroom",
    "1",
    "What was left before a breach at the last order, as a share of the limit: 1 is untouched, "
    "0 at the limit, below 0 beyond it.",
    (_RULE,),
)
ORDERS = Counter(
    "mandate.orders",
    "{order}",
    "Orders sent, by what the venue answered.",
    (Label("outcome", ("acknowledged", "rejected", "unknown", "not_seen")),),
)
ORDERS_UNKNOWN = Gauge(
    "mandate.orders.unknown", "{order}", "Orders of which nobody knows whether they exist."
)
FILLS = Counter("mandate.fills", "{fill}", "Executions.", (_SYMBOL, _SIDE))
FEES = Counter("mandate.fees", "1", "Fees paid, by currency.", (Label("currency"),))
CANCELS = Counter(
    "mandate.cancels",
    "{order}",
    "Orders that we asked to cancel, and orders that ended unfilled or in part.",
    (Label("outcome", ("asked", "ended")),),
)
LEDGER_SYNC_DURATION = Histogram(
    "mandate.ledger.sync.duration", "s", "Until what was appended is durable.", _DISK_S
)
LEDGER_RECORDS = Counter("mandate.ledger.records", "{record}", "Records written.", (Label("kind"),))
RECONCILE_DIFFERENCES = Gauge(
    "mandate.reconcile.differences", "{difference}", "What venue and ledger disagree about now."
)
VENUE_REQUEST_DURATION = Histogram(
    "mandate.venue.request.duration",
    "s",
    "One request to the venue, by operation and how it ended.",
    _NETWORK_S,
    (Label("operation"), Label("outcome", ("answered", "failed", "limited"))),
)
EQUITY = Gauge("mandate.portfolio.equity", "1", "Equity in the numeraire.")
GROSS = Gauge("mandate.portfolio.gross", "1", "Value of all coins held, in the numeraire.")
AT_RISK = Gauge("mandate.portfolio.at_risk", "1", "Positions and pending buys, in the numeraire.")
POSITION = Gauge(
    "mandate.position.value", "1", "Value of one product's coins, in the numeraire.", (_SYMBOL,)
)
POSITIONS = Gauge("mandate.positions", "{position}", "Products held or pending; dust is none.")
DRAWDOWN = Gauge("mandate.portfolio.drawdown", "1", "Share lost since the high-water mark, 0-1.")
DAY_RESULT = Gauge("mandate.portfolio.day.result", "1", "Result since midnight UTC, as a share.")
WEEK_RESULT = Gauge("mandate.portfolio.week.result", "1", "Result of seven days, as a share.")
ALERTS = Gauge(
    "mandate.alerts.firing",
    "{alert}",
    "Products, or the account, that an alert rule fires about now.",
    (Label("alert"), Label("severity", ("info", "warning", "critical"))),
)
NOTIFICATIONS = Counter(
    "mandate.notifications",
    "{message}",
    "Messages to people.",
    (Label("outcome", ("delivered", "failed")),),
)
NOTIFICATIONS_WAITING = Gauge(
    "mandate.notifications.waiting", "{message}", "Messages to people that no route took yet."
)
NOTIFICATIONS_WAITING_AGE = Gauge(
    "mandate.notifications.waiting.age", "s", "For how long the oldest of them has waited."
)
BREAKERS_TRIPPED = Gauge(
    "mandate.breakers.tripped",
    "{breaker}",
    "Products, or the account, that a breaker is tripped for now.",
    (Label("breaker"),),
)
EXCEPTIONS = Gauge(
    "mandate.exceptions", "{exception}", "Failures inside the engine in the last ten minutes."
)

INSTRUMENTS: tuple[Instrument, ...] = (
    CYCLE_DURATION,
    STAGE_DURATION,
    CYCLES,
    CYCLE_LAST_TIME,
    POLICY_SET,
    DECISIONS,
    RULES,
    HEADROOM,
    ORDERS,
    ORDERS_UNKNOWN,
    FILLS,
    FEES,
    CANCELS,
    LEDGER_SYNC_DURATION,
    LEDGER_RECORDS,
    RECONCILE_DIFFERENCES,
    VENUE_REQUEST_DURATION,
    EQUITY,
    GROSS,
    AT_RISK,
    POSITION,
    POSITIONS,
    DRAWDOWN,
    DAY_RESULT,
    WEEK_RESULT,
    ALERTS,
    NOTIFICATIONS,
    NOTIFICATIONS_WAITING,
    NOTIFICATIONS_WAITING_AGE,
    BREAKERS_TRIPPED,
    EXCEPTIONS,
)

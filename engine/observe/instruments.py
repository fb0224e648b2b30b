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

_SYMBOL = Label("symbol")
_SIDE = Label("side", ("BUY", "SELL"))
_INTENT = Label("intent", ("entry", "add", "exit", "trim", "purge"))

CYCLE_DURATION = Histogram(
    "mandate.cycle.duration", "s", "One cycle, from its gate to its record.", _CYCLE_S
)
CYCLES = Counter("mandate.cycles", "{cycle}", "Cycles by how they ended.", (Label("outcome"),))
CYCLE_LAST_TIME = Gauge(
    "mandate.cycle.last_time", "s", "When the last cycle ended, in seconds since 1970 (UTC)."
)
DECISIONS = Counter(
    "mandate.decisions",
    "{decision}",
    "Judgements of order intents.",
    (Label("verdict", ("allow", "resize", "deny")), _INTENT),
)
ORDERS = Counter(
    "mandate.orders",
    "{order}",
    "Orders sent, by what the venue answered.",
    (Label("outcome", ("acknowledged", "rejected", "would_cross", "unknown", "not_sent")),),
)
ORDERS_UNKNOWN = Gauge(
    "mandate.orders.unknown", "{order}", "Orders of which nobody knows whether they exist."
)
FILLS = Counter("mandate.fills", "{fill}", "Executions.", (_SYMBOL, _SIDE))
FEES = Counter("mandate.fees", "1", "Fees paid, by currency.", (Label("currency"),))
CANCELS = Counter(
    "mandate.cancels", "{order}", "Cancels asked for.", (Label("outcome", ("done", "refused")),)
)
LEDGER_APPEND_DURATION = Histogram(
    "mandate.ledger.append.duration", "s", "One record: append and sync.", _DISK_S
)
LEDGER_RECORDS = Counter("mandate.ledger.records", "{record}", "Records written.", (Label("kind"),))
RECONCILE_DIFFERENCES = Counter(
    "mandate.reconcile.differences",
    "{difference}",
    "What the venue told and the ledger did not expect.",
    (Label("kind"),),
)
VENUE_REQUEST_DURATION = Histogram(
    "mandate.venue.request.duration",
    "s",
    "One request to the venue, by operation and how it ended.",
    _NETWORK_S,
    (Label("operation"), Label("outcome")),
)
QUOTE_AGE = Histogram(
    "mandate.quote.age", "s", "Age of the quote at the wire gate.", _NETWORK_S, (_SYMBOL,)
)
EQUITY = Gauge("mandate.portfolio.equity", "1", "Equity in the numeraire.")
DRAWDOWN = Gauge("mandate.portfolio.drawdown", "1", "Share lost since the high-water mark, 0-1.")
ALERTS = Gauge(
    "mandate.alerts.firing", "{alert}", "Alert rules that fire now.", (Label("severity"),)
)
NOTIFICATIONS = Counter(
    "mandate.notifications",
    "{message}",
    "Messages to people.",
    (Label("outcome", ("delivered", "failed")),),
)
BREAKERS_TRIPPED = Gauge("mandate.breakers.tripped", "{breaker}", "Breakers that are tripped now.")
EXCEPTIONS = Counter(
    "mandate.exceptions", "{exception}", "Failures caught, by step.", (Label("step"),)
)

INSTRUMENTS: tuple[Instrument, ...] = (
    CYCLE_DURATION,
    CYCLES,
    CYCLE_LAST_TIME,
    DECISIONS,
    ORDERS,
    ORDERS_UNKNOWN,
    FILLS,
    FEES,
    CANCELS,
    LEDGER_APPEND_DURATION,
    LEDGER_RECORDS,
    RECONCILE_DIFFERENCES,
    VENUE_REQUEST_DURATION,
    QUOTE_AGE,
    EQUITY,
    DRAWDOWN,
    ALERTS,
    NOTIFICATIONS,
    BREAKERS_TRIPPED,
    EXCEPTIONS,
)

"""The catalogue, M9xx: what watches a run from outside."""

from __future__ import annotations

from engine.codes.code import Code

OPERATIONS_CODES: tuple[Code, ...] = (
    Code(
        "M900",
        "telemetry is not installed",
        "OpenTelemetry's SDK and the page for Prometheus are an extra: a trader that nobody "
        "watches does not carry them. A run that was asked to be watched and cannot be is refused, "
        "since somebody relies on it.",
        "trader run --policies policies --metrics 127.0.0.1:9464",
    ),
    Code(
        "M901",
        "the page for Prometheus cannot be served",
        "The address is taken, or is none of this machine. The run is refused before its first "
        "cycle: alerts about a page that never was would be silent.",
        "trader run --policies policies --metrics 127.0.0.1:80",
    ),
    Code(
        "M902",
        "a route of alerts has no address",
        "A route names the secret that is its address, with whatever token that holds, and no "
        "place has a secret of that name. Alerts of this route wait, and escalate; the others are "
        "delivered.",
        "alerting: {routes: {pager: {through: apprise, secret: PAGER_ROUTE, timeout: 10s}}}",
    ),
    Code(
        "M903",
        "what delivers to services is not installed",
        "Apprise, which knows the services that a message can go to, is an extra: a trader whose "
        "alerts go to the log or to an Alertmanager does not carry it.",
        "alerting: {routes: {desk: {through: apprise, secret: DESK_ROUTE, timeout: 10s}}}",
    ),
    Code(
        "M904",
        "the address of a route cannot be used",
        "The secret is no address that Apprise has a service for, or none of an Alertmanager. "
        "Its text is shown nowhere, since it may hold a token.",
        "PAGER_ROUTE=pagerduty trader doctor --policies policies",
    ),
    Code(
        "M905",
        "a critical alert would reach nobody",
        "Live trading starts only when each critical alert has a route outside of the log that "
        "answered a test: its own, or the one that it escalates to. An answer in the ledger counts "
        "for `test_every`; otherwise the start of the run tries the routes itself.",
        "trader run --policies policies/live",
    ),
    Code(
        "M906",
        "no such alert",
        "An acknowledgement is about an alert that fires, and a silence about a rule of the set, "
        "or about one product of a rule that has products.",
        "trader ack daily_stop --ledger runs/main --reason 'I am on it'",
    ),
    Code(
        "M907",
        "no such silence",
        "A silence that was never there, or whose time is over, cannot be ended.",
        "trader silence expire 7 --ledger runs/main --reason 'the maintenance is over'",
    ),
)

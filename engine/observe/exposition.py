"""What Prometheus calls our instruments, however it hears of them.

In: an instrument of the table. Out: its name as OpenTelemetry's own exporter writes it (units
spelled out, `_total` on counters), so that generated rules and the page agree; a test holds it.
"""

from __future__ import annotations

from engine.observe.instruments import Counter, Instrument

_UNITS = {"s": "_seconds"}


def prometheus_name(instrument: Instrument) -> str:
    """The name under which Prometheus knows an instrument; alert rules are written with it.

    Source: the mapping of opentelemetry-exporter-prometheus: a unit of `1` or in braces adds
    nothing.
    """
    name = instrument.name.replace(".", "_") + _UNITS.get(instrument.unit, "")
    return f"{name}_total" if isinstance(instrument, Counter) else name

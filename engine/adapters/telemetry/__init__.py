"""Numbers and spans for whoever watches from outside: OpenTelemetry's SDK, and a page to scrape.

In: what an operator asked for. Out: a meter and a tracer behind which something listens. Importing
this package needs the extra `telemetry`.
"""

from engine.adapters.telemetry.page import Answer, serve
from engine.adapters.telemetry.sdk import Telemetry, begin

__all__ = ["Answer", "Telemetry", "begin", "serve"]

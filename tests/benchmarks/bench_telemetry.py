"""What being watched costs a cycle: two desks over one market, one of them measured.

Both run the real cycle over the shipped set (`wide_desk.py`), in turns. The measured one has
OpenTelemetry's SDK behind its numbers and its spans, as `trader run --metrics` does.
Figures are seconds of the processor; the ratio is of each pair, and its median is told.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parents[each]) for each in (2, 1)]

from benchmarks.wide_desk import WideDesk

from engine.adapters.system.clock import SystemClock
from engine.adapters.telemetry import begin
from engine.cycle.watching.measuring import Measuring
from engine.observe.metrics import Metrics
from engine.observe.stages import TracedStages

PRODUCTS = 300
CYCLES = 60


def measure(products: int = PRODUCTS, cycles: int = CYCLES) -> list[tuple[float, float]]:
    """Seconds of each cycle, measured and alone."""
    alone, watched = WideDesk(products), WideDesk(products)
    telemetry = begin({"service.name": "benchmark"})
    measuring = Measuring(Metrics(telemetry.meter), watched.desk, SystemClock())
    measuring.attach()
    watched.desk.stages = TracedStages(measuring.metrics, SystemClock(), telemetry.tracer)
    gc.collect()
    gc.freeze()
    found = []
    for number in range(cycles + 1):
        # Who comes first finds the caches cold: they take turns at it.
        if number % 2:
            pair = _one(watched, measuring), _one(alone, None)
        else:
            after = _one(alone, None)
            pair = _one(watched, measuring), after
        if number:  # the first one compiles what is compiled when first asked
            found.append(pair)
    telemetry.close()
    return found


def _one(wide: WideDesk, measuring: Measuring | None) -> float:
    wide.show_market()
    begun = time.process_time()
    this = wide.cycle()
    if measuring is not None:
        measuring.told(this)
    return time.process_time() - begun


def main() -> None:
    """Print the table."""
    pairs = measure()
    ratios = sorted(watched / alone for watched, alone in pairs)
    print(f"{PRODUCTS} products, {len(pairs)} pairs of cycles")  # noqa: T201 - a script's answer
    for name, column in zip(("measured", "alone"), zip(*pairs, strict=True), strict=True):
        print(f"{name:9} median {1000 * statistics.median(column):6.2f} ms")  # noqa: T201 - as above
    print(f"ratio     median {statistics.median(ratios):6.3f}")  # noqa: T201 - as above


if __name__ == "__main__":
    main()

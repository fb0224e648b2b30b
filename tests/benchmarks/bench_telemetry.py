"""What being watched costs a cycle: three desks over one market, one of them measured.

All run the real cycle over the shipped set (`wide_desk.py`), in turns. The measured one has
OpenTelemetry's SDK behind its numbers and its spans, as `trader run --metrics` does; the third is a
control: what its ratio differs from 1 is what the machine adds by itself.
Figures are seconds of the processor; the ratio is of each round, and its median is told.
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
from engine.observe.tracing import TracedStages

PRODUCTS = 300
CYCLES = 60


def measure(products: int = PRODUCTS, cycles: int = CYCLES) -> list[tuple[float, float, float]]:
    """Seconds of each cycle: measured, alone, and alone once more, which tells how noisy it is."""
    alone, control, watched = WideDesk(products), WideDesk(products), WideDesk(products)
    telemetry = begin({"service.name": "benchmark"})
    measuring = Measuring(Metrics(telemetry.meter), watched.desk, SystemClock())
    measuring.attach()
    watched.desk.stages = TracedStages(measuring.metrics, SystemClock(), telemetry.tracer)
    gc.collect()
    gc.freeze()
    found = []
    desks = [(watched, measuring), (alone, None), (control, None)]
    for number in range(cycles + 1):
        # Who comes first finds the caches cold: they take turns at it.
        turn = number % len(desks)
        took = {id(wide): _one(wide, each) for wide, each in (*desks[turn:], *desks[:turn])}
        if number:  # the first one compiles what is compiled when first asked
            found.append((took[id(watched)], took[id(alone)], took[id(control)]))
    telemetry.close()
    return found


def _one(wide: WideDesk, measuring: Measuring | None) -> float:
    wide.show_market()
    # The garbage of a cycle is looked for after it: by the first who allocates then, which is the
    # listener where there is one. It is the cycle's all the same, and counted for neither.
    gc.collect(0)
    gc.disable()
    begun = time.process_time()
    this = wide.cycle()
    gc.disable()
    if measuring is not None:
        measuring.told(this)
    took = time.process_time() - begun
    gc.enable()
    return took


def main() -> None:
    """Print the table."""
    rounds = measure()
    print(f"{PRODUCTS} products, {len(rounds)} rounds of cycles")  # noqa: T201 - a script's answer
    for name, column in zip(
        ("measured", "alone", "control"), zip(*rounds, strict=True), strict=True
    ):
        print(f"{name:9} median {1000 * statistics.median(column):6.2f} ms")  # noqa: T201 - as above
    watched = statistics.median(each[0] / each[1] for each in rounds)
    noise = statistics.median(each[2] / each[1] for each in rounds)
    print(f"ratio     median {watched:6.3f}, of the control {noise:6.3f}")  # noqa: T201 - as above


if __name__ == "__main__":
    main()

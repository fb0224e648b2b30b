"""Start-up of the commands, beside what cannot be avoided: Python itself, and Typer.

Claim: `policy --help` in at most 0.15 s on a quiet machine, since it imports no verb.
All sides are measured in turn in one run; the median of fifteen is printed.
"""

from __future__ import annotations

import subprocess
import sys
from statistics import median
from time import perf_counter

ROUNDS = 15
COMMAND = "import sys; sys.argv[1:] = {words}; from cli.{name} import main; main()"
SIDES = {
    "python alone": "pass",
    "import typer": "import typer",
    "policy --help": COMMAND.format(name="policy", words=["--help"]),
    "trader --help": COMMAND.format(name="trader", words=["--help"]),
    "policy explain": COMMAND.format(name="policy", words=["explain", "M201"]),
}


def _seconds(program: str) -> float:
    begin = perf_counter()
    command = [sys.executable, "-c", program]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)  # noqa: S603 - our own words
    return perf_counter() - begin


def main() -> None:
    """Measure every side in each round, so that a busy moment meets all of them."""
    rounds = [{side: _seconds(program) for side, program in SIDES.items()} for _ in range(ROUNDS)]
    for side in SIDES:
        milliseconds = 1000 * median(each[side] for each in rounds)
        print(f"{side:<15} {milliseconds:6.0f} ms")  # noqa: T201 - a benchmark prints its numbers


if __name__ == "__main__":
    main()

"""The table of mutants: `python -m histories.mutants [NAME…] [--seeds 2000] [--jobs 2]`.

Each is planted, and histories are played until one breaks; prints the seed, how many histories it
took and what broke, as each is known. Ends with 1 when one lives through all of them.
"""

from __future__ import annotations

import argparse
import sys

from histories.mutants.hunting import MOST_SEEDS, hunt_all
from histories.mutants.table import MUTANTS


def main() -> int:
    """Hunt those that are named, or all."""
    parser = argparse.ArgumentParser(prog="histories.mutants", description=__doc__)
    known = {each.name: each for each in MUTANTS}
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these")
    parser.add_argument("--seeds", type=int, default=MOST_SEEDS)
    parser.add_argument("--jobs", type=int, default=1)
    asked = parser.parse_args()
    strangers = [name for name in asked.names if name not in known]
    if strangers:
        parser.error(f"no such mutant: {', '.join(strangers)}")
    chosen = [known[name] for name in asked.names] or list(MUTANTS)
    alive = 0
    for each in hunt_all(chosen, asked.seeds, asked.jobs):
        alive += each.seed is None
        end = f"{each.histories:5}  seed {each.seed}: {each.by[:90]}"
        if each.seed is None:
            end = each.by[:90] or "ALIVE"
        _say(f"{each.mutant.name:45} {end}")
    _say(f"{len(chosen)} mutants, {alive} alive after {asked.seeds} histories")
    return 1 if alive else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

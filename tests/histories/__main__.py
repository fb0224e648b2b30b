"""Histories from the command line: many seeds, one seed told as a story, or the mutants.

`python -m histories run --seeds 20000 --jobs 2`, `python -m histories replay 4711`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING

from histories.history import play
from histories.mutants import planting
from histories.mutants.table import MUTANTS
from histories.story import told

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from histories.history import Outcome


def main() -> int:
    """Run what is asked for; 1 when a history breaks an invariant."""
    parser = argparse.ArgumentParser(prog="histories")
    verbs = parser.add_subparsers(dest="verb", required=True)
    run = verbs.add_parser("run", help="play many histories")
    run.add_argument("--seeds", type=int, default=300)
    run.add_argument("--first", type=int, default=0)
    run.add_argument("--jobs", type=int, default=1)
    run.add_argument("--most-failures", type=int, default=1)
    replay = verbs.add_parser("replay", help="play one history and tell it")
    replay.add_argument("seed", type=int)
    hunt = verbs.add_parser("hunt", help="play until a history breaks, and say which in JSON")
    hunt.add_argument("first", type=int)
    hunt.add_argument("seeds", type=int)
    mutants = verbs.add_parser("mutants", help="plant every mutant in a copy, and kill it")
    mutants.add_argument("names", nargs="*", help="only these")
    mutants.add_argument("--seeds", type=int, default=2000)
    mutants.add_argument("--jobs", type=int, default=1)
    asked = parser.parse_args()
    return {"run": _run, "replay": _replay, "hunt": _hunt, "mutants": _mutants}[asked.verb](asked)


def _replay(asked: argparse.Namespace) -> int:
    outcome = play(asked.seed)
    _say(told(outcome))
    return 0 if outcome.broken is None else 1


def _hunt(asked: argparse.Namespace) -> int:
    for histories, seed in enumerate(range(asked.first, asked.first + asked.seeds), 1):
        outcome = play(seed)
        if outcome.broken is not None:
            by = outcome.words.strip().splitlines()[-1]
            if outcome.broken == "I0":
                by = f"I0: {by}"
            _say(json.dumps({"seed": seed, "histories": histories, "by": by}))
            return 0
    _say(json.dumps({"seed": None, "histories": asked.seeds, "by": ""}))
    return 0


def _mutants(asked: argparse.Namespace) -> int:
    """A table: how many histories each mutant lived for; 1 when one outlived them all."""
    chosen = [each for each in MUTANTS if not asked.names or each.name in asked.names]
    alive = 0
    with ThreadPoolExecutor(asked.jobs) as pool:
        for each in pool.map(lambda mutant: planting.hunt(mutant, asked.seeds), chosen):
            alive += each.seed is None
            end = f"seed {each.seed}, {each.by[:90]}" if each.seed is not None else "ALIVE"
            _say(f"{each.mutant.name:45} {each.histories:5} {end}")
    _say(f"{len(chosen)} mutants, {alive} alive")
    return 1 if alive else 0


def _run(asked: argparse.Namespace) -> int:
    began = time.perf_counter()
    with get_context("fork").Pool(asked.jobs) as pool:
        seeds = range(asked.first, asked.first + asked.seeds)
        outcomes = pool.imap_unordered(play, seeds, chunksize=10)
        done = list(_until(outcomes, asked.most_failures))
        pool.terminate()
    took_s = time.perf_counter() - began
    cycles, orders = (sum(getattr(each, name) for each in done) for name in ("cycles", "orders"))
    broken = sum(each.broken is not None for each in done)
    rate = 60 * len(done) / took_s / asked.jobs
    _say(f"{len(done)} histories, {cycles} cycles, {orders} orders, {broken} broken")
    _say(f"{took_s:.1f} s, {rate:.0f} histories a minute and process")
    return 1 if broken else 0


def _until(outcomes: Iterable[Outcome], most: int) -> Iterator[Outcome]:
    """All of them, or up to so many broken ones, each of which is told in a line."""
    for outcome in outcomes:
        yield outcome
        if outcome.broken is not None:
            _say(f"seed {outcome.seed}: {outcome.words.strip().splitlines()[-1]}")
            most -= 1
            if not most:
                return


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

"""Histories from the command line: many seeds, or one seed told as a story.

`python -m histories run --seeds 20000 --jobs 2`, `python -m histories replay 4711`.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from multiprocessing import get_context
from typing import TYPE_CHECKING

from histories.history import play
from histories.story import told

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from histories.history import Outcome


_TOLD_EVERY = 1_000


def main() -> int:
    """Run what is asked for; 1 when a history breaks an invariant."""
    parser = argparse.ArgumentParser(prog="histories")
    verbs = parser.add_subparsers(dest="verb", required=True)
    run = verbs.add_parser("run", help="play many histories")
    run.add_argument("--seeds", type=int, default=300)
    run.add_argument("--first", type=int, default=0)
    run.add_argument("--jobs", type=int, default=1)
    run.add_argument("--most-failures", type=int, default=10)
    replay = verbs.add_parser("replay", help="play one history and tell it")
    replay.add_argument("seed", type=int)
    asked = parser.parse_args()
    return {"run": _run, "replay": _replay}[asked.verb](asked)


def _replay(asked: argparse.Namespace) -> int:
    outcome = play(asked.seed)
    _say(told(outcome))
    return 0 if outcome.broken is None else 1


def _run(asked: argparse.Namespace) -> int:
    """In the order of the seeds, so that a run that was stopped goes on where it is told to."""
    began = time.perf_counter()
    seeds = range(asked.first, asked.first + asked.seeds)
    with get_context("fork").Pool(asked.jobs, gc.freeze) as pool:
        done = list(_until(pool.imap(play, seeds, chunksize=10), asked.most_failures))
        pool.terminate()
    took_s = time.perf_counter() - began
    cycles, orders = (sum(getattr(each, name) for each in done) for name in ("cycles", "orders"))
    broken = sum(each.broken is not None for each in done)
    rate = 60 * len(done) / took_s / asked.jobs
    _say(f"{len(done)} histories, {cycles} cycles, {orders} orders, {broken} broken")
    _say(f"{took_s:.1f} s, {rate:.0f} histories a minute and process")
    return 1 if broken else 0


def _until(outcomes: Iterable[Outcome], most: int) -> Iterator[Outcome]:
    """All of them, or up to so many broken ones, each of which is told in a line at once."""
    for number, outcome in enumerate(outcomes, 1):
        yield outcome
        if outcome.broken is not None:
            _say(f"seed {outcome.seed}: {outcome.by}")
            most -= 1
        if not most:
            return
        if number % _TOLD_EVERY == 0:
            _say(f"{number} histories; to go on from here: --first {outcome.seed + 1}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

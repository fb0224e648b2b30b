"""Histories from the command line: many seeds, or one seed told as a story.

`python -m histories run --seeds 20000 --jobs 2`, `python -m histories replay 4711`.
"""

from __future__ import annotations

import argparse
import sys
import time
from multiprocessing import get_context
from typing import TYPE_CHECKING

from histories.history import play
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
    asked = parser.parse_args()
    return {"run": _run, "replay": _replay}[asked.verb](asked)


def _replay(asked: argparse.Namespace) -> int:
    outcome = play(asked.seed)
    _say(told(outcome))
    return 0 if outcome.broken is None else 1


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
            _say(f"seed {outcome.seed}: {outcome.by}")
            most -= 1
            if not most:
                return


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

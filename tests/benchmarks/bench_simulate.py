"""A simulation over generated quotes of a minute and twenty products, beside its peers.

Run as a script: `bench_simulate.py [DAYS]`, a year with `make bench-simulate`. Told are quotes a
second of CPU and of the wall clock, the peak of memory, which share of the cycles was stepped and
why, and the machine's load; beside it in the same run a plain Polars scan with the shipped rules
of the market, and backtesting.py and vectorbt where `.venv/peers` has them, import and compiling
counted. Peers work far less for a row: no limits, no ledger, no decision on record.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from engine.adapters.recorded import Recording
    from engine.policyset.policyset import PolicySet
    from engine.simulation.stepping import Playing

NAMES = (
    *("AAVE", "ADA", "ALGO", "ARB", "ATOM", "AVAX", "BTC", "DOGE", "DOT", "ETH"),
    *("LINK", "LTC", "NEAR", "OP", "PEPE", "SHIB", "SOL", "UNI", "XLM", "XRP"),
)
START_NS = 1_735_689_600_000_000_000
MINUTE_NS = 60_000_000_000
SEED = 830
DAYS = 2
PEERS = ROOT / ".venv/peers/bin/python"
OVERLAY = """apiVersion: mandate/v1
kind: PolicySet
metadata: {name: bench, description: The shipped set over quotes of a minute.}
spec:
  base: ..
  patches:
    - {target: Deployment/account, set: {read_only: false, stage: full}, reason: paper}
    - target: ExecutionPolicy/orders
      set:
        params.max_quote_age_s: 90
        ladders.entry.0.time_to_live: 120s
        ladders.entry.1.time_to_live: 120s
        ladders.exit.0.time_to_live: 120s
      reason: quotes come once a minute, so an order rests for two of them
    - {target: CircuitBreaker/stale_data, set: {params.max_age_s: 200}, reason: the same}
    - {target: Strategy/momentum, set: {enabled: true}, reason: it is tried}
    - {target: Strategy/breakout, set: {enabled: true}, reason: it is tried}
    - {target: Strategy/mean_reversion, set: {enabled: true}, reason: it is tried}
"""


def say(text: str) -> None:
    """Tell one line as soon as it is known: a year takes a while."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _slow(
    source: np.random.Generator, count: int, memory: float, size: float
) -> NDArray[np.float64]:
    """A quantity that wanders about its mean: what rests in a book, what is traded."""
    steps = source.normal(0.0, size * np.sqrt(1 - memory * memory), count)
    found, value = np.empty(count), 0.0
    for place, step in enumerate(steps):
        value = memory * value + step
        found[place] = value
    return found


def write_market(folder: Path, days: int) -> tuple[Path, Path]:
    """Quotes and bars: one market, calm and wild by turns, three sizes of products."""
    source, count = np.random.default_rng(SEED), days * 1440
    times = START_NS + np.arange(count, dtype=np.int64) * MINUTE_NS
    wild = np.exp(_slow(source, count, 0.9995, 0.5))
    common = source.normal(0.0, 0.00035, count) * wild
    quotes, bars = [], []
    for place, name in enumerate(NAMES):
        begin = 50_000 / 1.7**place
        moves = common * 0.8 + source.normal(0.0, 0.0003, count) * wild
        mid = begin * np.exp(np.cumsum(moves))
        places = max(2, int(6 - np.floor(np.log10(begin))))
        half = mid * np.exp(_slow(source, count, 0.99, 0.3)) * 3 / 20_000
        rests = (400_000, 60_000, 20_000)[place % 3]
        traded = (120_000, 18_000, 7_000)[place % 3]
        sizes = [np.round(rests * np.exp(_slow(source, count, 0.995, 0.25)) / mid, 6) for _ in "ba"]
        volume = np.round(traded * np.exp(_slow(source, count, 0.98, 0.35)) / mid, 6)
        last = np.round(mid, places)
        first = np.concatenate([[round(begin, places)], last[:-1]])
        symbol = [f"{name}-USD"] * count
        quotes.append(
            pl.DataFrame(
                {
                    "ts": times,
                    "symbol": symbol,
                    "bid": np.round(mid - half, places),
                    "ask": np.round(mid + half, places),
                    "bid_size": sizes[0],
                    "ask_size": sizes[1],
                }
            )
        )
        bars.append(
            pl.DataFrame(
                {
                    "ts": times - MINUTE_NS,
                    "symbol": symbol,
                    "open": first,
                    "high": np.maximum(first, last),
                    "low": np.minimum(first, last),
                    "close": last,
                    "volume": volume,
                }
            )
        )
    paths = folder / "quotes.parquet", folder / "bars.parquet"
    for path, parts in zip(paths, (quotes, bars), strict=True):
        pl.concat(parts).sort("ts", "symbol").write_parquet(path)
    return paths


def write_set(folder: Path) -> Path:
    """The shipped set with all its limits, three strategies enabled."""
    for name in ("policies", "strategies", "schemas"):
        shutil.copytree(ROOT / name, folder / name)
    home = folder / "policies/bench"
    home.mkdir()
    (home / "policyset.yaml").write_text(OVERLAY)
    return home


@dataclass(frozen=True)
class Took:
    """What one side took for so many rows."""

    what: str
    rows: int
    wall_s: float
    cpu_s: float | None

    def line(self) -> str:
        """As a line of the table."""
        cpu = "" if self.cpu_s is None else f"{self.rows / self.cpu_s:14,.0f} rows/s of CPU"
        return f"{self.what:44}{self.rows / self.wall_s:12,.0f} rows/s{cpu}"


def measured(what: str, rows: int, work: Callable[[], object]) -> Took:
    """The time that one call takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Took(what, rows, time.perf_counter() - wall, time.process_time() - cpu)


def simulations(
    policy_set: PolicySet, recording: Recording, rows: int, *, both: bool
) -> list[Took]:
    """The prescreened simulation, and where asked the one that steps every cycle."""
    from engine.run.simulating import simulate
    from engine.simulation.prescreening.screen import Screen, screened

    screens: list[Screen] = []
    streams: list[str] = []

    def run_screened() -> None:
        def keep(playing: Playing) -> Screen:
            screens.append(screened(playing))
            return screens[0]

        found = simulate(policy_set, recording, prescreen=keep)
        streams.append(found.stream_hash)
        share = 100 * found.stepped / found.cycles
        say(f"{'  cycles, and how many were stepped':44}{found.cycles:12,}  {share:.1f} %")
        say(f"{'  decisions, executions':44}{len(found.orders):12,}  {len(found.fills):,}")
        say(f"{'  left out, many at once':44}{screens[0].at_once:12,}")
        why = ", ".join(f"{name} {count}" for name, count in screens[0].stepped_for.most_common(6))
        say(f"{'  stepped for':44}  {why}")

    told = [measured("policy simulate, prescreened", rows, run_screened)]
    if both:
        told.append(
            measured(
                "policy simulate, every cycle stepped",
                rows,
                lambda: streams.append(simulate(policy_set, recording).stream_hash),
            )
        )
        say(f"{'  the decision streams are the same':44}{streams[0] == streams[1]!s:>12}")
    return told


def scan(path: Path, policy_set: PolicySet) -> None:
    """What a scan of Polars does: every tier rule of the set over every row, counted."""
    from engine.expr.backends.frame import FrameRules
    from engine.kinds.rule import RuleRole

    roles = (RuleRole.TIER_ENTER, RuleRole.TIER_STAY)
    trees = [rule.tree for role in roles for rule in policy_set.of_role(role)]
    rows = pl.read_parquet(path).rename({"bid": "quote.bid", "ask": "quote.ask"})
    depth = pl.col("quote.bid") * pl.col("bid_size") + pl.col("quote.ask") * pl.col("ask_size")
    rows = rows.with_columns(depth.alias("book.depth_total_usd"))
    FrameRules(trees, policy_set.vocabulary).evaluate(rows).sum()


PEER_PROGRAMS = {
    "backtesting.py, one product, two means": """
import sys
import pandas as pd, polars as pl
from backtesting import Backtest, Strategy
from backtesting.lib import crossover

rows = pl.read_parquet(sys.argv[1]).filter(pl.col("symbol") == "BTC-USD")
names = ("open", "high", "low", "close", "volume")
times = pd.to_datetime(rows["ts"].to_numpy())
frame = pd.DataFrame({name.capitalize(): rows[name].to_numpy() for name in names}, index=times)

class Cross(Strategy):
    def init(self):
        mean = lambda values, n: pd.Series(values).rolling(n).mean()
        self.fast = self.I(mean, self.data.Close, 15)
        self.slow = self.I(mean, self.data.Close, 240)

    def next(self):
        if crossover(self.fast, self.slow):
            self.buy(size=0.1)
        elif crossover(self.slow, self.fast):
            self.position.close()

Backtest(frame, Cross, cash=1e7, commission=0.004).run()
""",
    "vectorbt, all products, two means": """
import sys
import pandas as pd, polars as pl, vectorbt as vbt

rows = pl.read_parquet(sys.argv[1], columns=["ts", "symbol", "close"])
wide = rows.pivot(on="symbol", index="ts", values="close")
names = [name for name in wide.columns if name != "ts"]
times = pd.to_datetime(wide["ts"].to_numpy())
close = pd.DataFrame({name: wide[name].to_numpy() for name in names}, index=times)
fast, slow = vbt.MA.run(close, 15), vbt.MA.run(close, 240)
into, out = fast.ma_crossed_above(slow), fast.ma_crossed_below(slow)
vbt.Portfolio.from_signals(close, into, out, fees=0.004, freq="1min").total_return()
""",
}


def peers(bars: Path, rows: int) -> list[Took]:
    """What others take, from a cold process; nothing where they are not installed."""
    if not PEERS.exists():
        say(f"no peers: {PEERS} is not there (`make bench-simulate` installs them)")
        return []
    found = []
    for what, program in PEER_PROGRAMS.items():
        own = rows // len(NAMES) if "one product" in what else rows
        begun = time.perf_counter()
        ran = subprocess.run(  # noqa: S603 - our own words
            [PEERS, "-W", "ignore", "-c", program, str(bars)],
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            say(f"{what}: did not run: {ran.stderr.strip().splitlines()[-1]}")
        else:
            found.append(Took(what, own, time.perf_counter() - begun, None))
    return found


def main(days: int) -> None:
    """Generate, run each side, print the table."""
    from engine.policyset.opening import load_policy_set
    from engine.run.simulating import opened
    from engine.simulation.terms import AS_RECORDED

    rows = days * 1440 * len(NAMES)
    say(f"{days} days, {len(NAMES)} products, {rows:,} quotes and as many bars, seed {SEED}")
    say(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
    with tempfile.TemporaryDirectory() as folder:
        quotes, bars = write_market(Path(folder), days)
        policy_set = load_policy_set(write_set(Path(folder))).required()
        recordings: list[Recording] = []
        told = [
            measured(
                "opening both files",
                2 * rows,
                lambda: recordings.append(opened([quotes, bars], AS_RECORDED)),
            )
        ]
        told += simulations(policy_set, recordings[0], rows, both=days <= DAYS)
        told.append(
            measured("a scan of Polars, the six tier rules", rows, lambda: scan(quotes, policy_set))
        )
        told += peers(bars, rows)
    say("\n".join(each.line() for each in told))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say(f"peak of memory {peak:,.0f} MB, load {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DAYS)

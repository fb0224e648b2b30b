"""`policy diff` of two large sets, from the prompt to its last line, and what z3 needs of it.

Claim: 200 rules in at most 2 s at the 95th percentile, 1,000 in at most 10 s, on a quiet machine.
The base has limits by product, strategy and share, guards, alerts and strategies, as many as a set
may have documents; the head moves a few numbers.
The other sides, in the same run: loading both sets, and the same questions put to z3 alone.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parents[n]) for n in (2, 1)]

from cycle.small_sets import DEPLOYMENT, EXECUTION, SCHEDULE, UNIVERSE, strategy

from engine.comparison.proving import solver
from engine.comparison.proving.own_facts import readings
from engine.comparison.proving.permission import permission
from engine.policyset.opening import load_policy_set

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
_SIGNALS, _A_FILE = 8, 40
_HEAD = "apiVersion: mandate/v1\n"
_SET = (
    f"{_HEAD}kind: PolicySet\nmetadata: {{name: wide, description: Many rules.}}\n"
    'spec: {include: ["one/*.yaml", "many/*.yaml"]}\n'
)
_PROGRAM = "from cli.policy import main; main()"
_ASKED = (
    'order.symbol != "C{n}-USD" or order.notional_usd <= params.most',
    'order.strategy != "s{n}" or strategy.at_risk_pct_after <= params.most',
    'order.base != "C{n}" or position.pct_after <= params.most',
    'order.symbol != "D{n}-USD" or quote.spread_bps <= params.most or quote.age_s <= params.most',
    'order.base != "D{n}" or portfolio.at_risk_pct_after <= params.most + portfolio.pnl_day_pct',
)


@dataclass(frozen=True, slots=True)
class Mix:
    """How many rules there are of each kind; a strategy is ten of them."""

    limits: int
    guards: int
    alerts: int
    strategies: int

    @property
    def rules(self) -> int:
        """All of them: a strategy has its signals, its entry and its budget."""
        return self.limits + self.guards + self.alerts + self.strategies * (_SIGNALS + 2)


SIZES = {Mix(120, 40, 20, 2): 11, Mix(380, 100, 60, 46): 5}
"""And how often the command is run."""


def written(folder: Path, mix: Mix, *, moved: int) -> Path:
    """Such a set; in the head, every hundredth number is `moved` up."""
    for each in ("one", "many"):
        (folder / each).mkdir(parents=True)
    (folder / "policyset.yaml").write_text(_SET)
    guards = "".join(_guard(n) for n in range(mix.guards))
    params = "".join(f"    most_{n}: {_number(n, moved)}\n" for n in range(mix.guards))
    opened = DEPLOYMENT.replace("read_only: true", "read_only: false")
    execution = f"{EXECUTION}  guards:\n{guards}  params:\n{params}"
    documents = {"account": opened, "rhythm": SCHEDULE, "universe": UNIVERSE, "orders": execution}
    documents |= {f"s{n}": _strategy(n) for n in range(mix.strategies)}
    for name, text in documents.items():
        (folder / "one" / f"{name}.yaml").write_text(_HEAD + text)
    lists = {"RiskLimits": _limits(mix.limits, moved), "AlertRules": _alerts(mix.alerts)}
    for kind, items in lists.items():
        for part, some in enumerate(batched([*items])):
            text = f"{_HEAD}kind: {kind}\nitems:\n{''.join(some)}"
            (folder / "many" / f"{kind}_{part}.yaml").write_text(text)
    return folder


def batched(items: list[str]) -> Iterator[list[str]]:
    """As many as a file may hold."""
    yield from (items[start : start + _A_FILE] for start in range(0, len(items), _A_FILE))


def _strategy(n: int) -> str:
    signals = ", ".join(f"a{k}: quote.spread_bps <= {n + k + 2}" for k in range(_SIGNALS))
    return strategy(f"s{n}", signals=f"{{{signals}}}", entry="signals.a0")


def _number(n: int, moved: int) -> int:
    return 100 + n + (moved if n % 100 == 0 else 0)


def _asked(n: int, name: str) -> str:
    return _ASKED[n % len(_ASKED)].format(n=n).replace("params.most", f"params.{name}")


def _guard(n: int) -> str:
    return (
        f"    - {{name: g{n}, intents: [entry, add], require: '{_asked(n, f'most_{n}')}', "
        "on_breach: deny, stage: enforce}\n"
    )


def _limits(count: int, moved: int) -> Iterator[str]:
    for n in range(count):
        yield (
            f"  - metadata: {{name: l{n}, description: A limit.}}\n    spec: {{scope: order, "
            f"intents: [entry, add], require: '{_asked(n + count, 'most')}', "
            f"params: {{most: {_number(n, moved)}}}, on_breach: deny, stage: enforce}}\n"
        )


def _alerts(count: int) -> Iterator[str]:
    for n in range(count):
        yield (
            f"  - metadata: {{name: a{n}, description: An alert.}}\n    spec: {{scope: account, "
            f"when: portfolio.drawdown_pct > params.most, params: {{most: {n % 90 + 1}}}, "
            "severity: warning, dedupe: 1m, route: desk}\n"
        )


def _command_s(base: Path, head: Path) -> tuple[float, float]:
    """Seconds on the clock, and seconds of the processor: on a busy machine only these compare."""
    begin, used = perf_counter(), getrusage(RUSAGE_CHILDREN)
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", _PROGRAM, "diff", str(base), str(head)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=False,
    )
    assert done.stdout.startswith(b"permission LOOSER"), done.stdout[:200]
    now = getrusage(RUSAGE_CHILDREN)
    spent = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    return perf_counter() - begin, spent


def _inside_s(base: Path, head: Path) -> tuple[float, float, float]:
    """Loading both sets, asking about all intents, and what of that was spent in z3."""
    begin = perf_counter()
    sets = [load_policy_set(each).required() for each in (base, head)]
    loaded = perf_counter()
    spent = _Spent()
    with spent:
        permission(*readings(*sets))
    return loaded - begin, perf_counter() - loaded, spent.seconds


class _Spent:
    """How long every question was with the solver, while this is entered."""

    seconds = 0.0

    def __enter__(self) -> None:
        self._ask = solver.Session.ask
        kept = self

        def timed(session: solver.Session, *words: object, **named: object) -> solver.Solution:
            begin = perf_counter()
            try:
                return kept._ask(session, *words, **named)  # type: ignore[arg-type]  # as they came
            finally:
                kept.seconds += perf_counter() - begin

        solver.Session.ask = timed  # type: ignore[method-assign]  # measured, not replaced

    def __exit__(self, *_: object) -> None:
        solver.Session.ask = self._ask  # type: ignore[method-assign]  # as it was


def main() -> None:
    """Both sizes; the command's times are its median and its 95th percentile."""
    for mix, rounds in SIZES.items():
        with tempfile.TemporaryDirectory() as folder:
            base = written(Path(folder) / "base", mix, moved=0)
            head = written(Path(folder) / "head", mix, moved=7)
            load_s, ask_s, z3_s = _inside_s(base, head)
            runs = [_command_s(base, head) for _ in range(rounds)]
        times, spent = (sorted(each) for each in zip(*runs, strict=True))
        late = times[min(rounds - 1, round(0.95 * rounds))]
        print(  # noqa: T201 - a benchmark prints its numbers
            f"{mix.rules:>5} rules: policy diff {median(times):5.2f} s, p95 {late:5.2f} s, "
            f"of the processor {median(spent):5.2f} s; "
            f"in one process: load both {load_s:5.2f} s, ask {ask_s:5.2f} s, of it z3 {z3_s:5.2f} s"
        )


if __name__ == "__main__":
    main()

"""From a breach to a person: the shipped alerts, a real Alertmanager, a webhook on loopback.

Told are the seconds from the moment at which a fact of an alert of the matrix changes, at a random
instant between two looks, to the webhook's call: p50, p99 and the longest of a hundred trials over
the nine alerts. Then what becomes of a thousand alerts at once, of a route that is lost for a while
and comes back, and of a condition that comes and goes: what was told, and that nothing was lost.
Facts are stated; breakers, alerts, ledger, outbox, delivery and clocks are those of a live run.
Run as a script; a number as its word is that of the trials.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parents[each]) for each in (2, 1)]

from fakes.alertmanager import BINARY, alertmanager, webhook

from engine.adapters.notify import Routes, routes_of
from engine.adapters.system.clock import SystemClock
from engine.checks.bench import Bench
from engine.cycle.alerting.delivery import Delivery
from engine.cycle.desk import Desk, Round
from engine.cycle.steps import alerts, breakers
from engine.model.orders import Mode
from engine.model.symbols import Symbol
from engine.policyset.opening import load_policy_set
from engine.ports import Secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakes.alertmanager import Hook

    from engine.expr.nodes import Value
    from engine.model.times import UtcTime
    from engine.policyset.policyset import PolicySet

ROOT = Path(__file__).resolve().parents[2]
SEED = 20261122
TRIALS = 100
BURST = 1_000
BTC = Symbol("BTC", "USD")
LOSS: dict[str, Value] = {"position.managed": True, "position.pnl_pct": -5.0}
MATRIX: dict[str, dict[str, Value]] = {
    "kill_switch_thrown": {"engine.kill_switch": True},
    "daily_stop_hit": {"portfolio.pnl_day_pct": -4.0},
    "weekly_stop_hit": {"portfolio.pnl_week_pct": -6.0},
    "drawdown_hit": {"portfolio.drawdown_pct": 11.0},
    "api_failing": {"venue.errors_5m_count": 3.0},
    "reconcile_differs": {"data.reconcile_mismatch_count": 1.0},
    "rejections_high": {"venue.reject_ratio_1h": 0.5},
    "universe_empty": {"data.eligible_count": 0.0, "regime.name": "chop"},
    "stop_loss_hit": LOSS,
}
POLICY_SET = """apiVersion: mandate/v1
kind: PolicySet
metadata: {name: measured, description: The shipped set with routes on loopback., owner: risk}
spec:
  base: ".."
  patches:
    - target: Deployment/account
      set:
        alerting.routes.desk: &ROUTE
        alerting.routes.pager: &ROUTE
        alerting.routes.second: &ROUTE
      reason: to be measured
""".replace("&ROUTE", "{through: alertmanager, secret: MEASURED, timeout: 5s, resend: 1m}")


@dataclass(frozen=True, slots=True)
class Address(Secrets):
    """The one secret of the bench."""

    url: str

    def get(self, name: str) -> str | None:
        """Every route is the same Alertmanager."""
        del name
        return self.url

    def created(self, name: str) -> UtcTime | None:
        """Nobody asks."""
        del name


@dataclass(slots=True)
class Trader:
    """A desk that looks every so often; `facts` and `symbols` are what it sees."""

    desk: Desk
    delivery: Delivery
    account: str
    facts: dict[str, Value] = field(default_factory=dict)
    symbols: dict[Symbol, dict[str, Value]] = field(default_factory=dict)

    async def run(self, first_s: float, every_s: float) -> None:
        """Look and deliver for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.delivery.run())
            await asyncio.sleep(first_s)
            while True:
                await self.look()
                await asyncio.sleep(every_s)

    async def look(self) -> None:
        """What `engine.cycle.alerting.looking` does, with facts that are stated."""
        this = Round(1, self.desk.clock.now())
        this.tell_account(dict(self.facts))
        for symbol, facts in self.symbols.items():
            this.symbols[symbol] = dict(facts)
        breakers.run(self.desk, this)
        await alerts.run(self.desk, this)


@dataclass(slots=True)
class Office:
    """What all traders share: a compiled set, the routes, the webhook at the end."""

    bench: Bench
    routes: Routes
    hook: Hook
    _count: int = 0

    def trader(self) -> Trader:
        """One with a ledger, and an account, of its own."""
        self._count += 1
        clock = SystemClock()
        desk = self.bench.desk(clock.now())
        desk.clock, desk.posts = clock, True
        desk.state.account = f"account_{self._count}"
        return Trader(desk, Delivery(desk, self.routes), desk.state.account)

    def told(self, account: str, status: str = "firing") -> Iterator[tuple[str, float]]:
        """The alerts that the webhook told of an account, with the time of each."""
        for each in self.hook.arrived:
            if each.labels["account"] == account and each.status == status:
                yield each.labels["alertname"], each.at_s


async def trial(office: Office, name: str, chance: random.Random) -> float:
    """Seconds from one breach to the call."""
    look_s = _look_s(office)
    made = office.trader()
    running = asyncio.create_task(made.run(chance.uniform(0, look_s), look_s))
    await asyncio.sleep(chance.uniform(0, look_s))
    if MATRIX[name] is LOSS:
        made.symbols[BTC] = LOSS
    else:
        made.facts = MATRIX[name]
    breached_s = monotonic()
    await office.hook.until(lambda: name in dict(office.told(made.account)), 30)
    took_s = dict(office.told(made.account))[name] - breached_s
    await _ended(running)
    return took_s


async def burst(office: Office) -> None:
    """A thousand products lose at once."""
    made = office.trader()
    made.symbols = {Symbol(f"C{number}", "USD"): LOSS for number in range(BURST)}
    began_s = monotonic()
    await made.look()
    recorded_s = monotonic() - began_s
    running = asyncio.create_task(made.run(60, 60))
    telling = made.desk.state.telling
    await office.hook.until(
        lambda: len(list(office.told(made.account))) >= BURST and not telling.waiting, 60
    )
    last_s = max(at_s for _, at_s in office.told(made.account)) - began_s
    say(
        f"burst of {BURST:,}: recorded in {recorded_s:.2f} s, the last call after {last_s:.2f} s; "
        f"{telling.delivered_count:,} delivered, {len(telling.waiting)} wait, "
        f"{telling.dead_count} dead"
    )
    await _ended(running)


async def lost_route(office: Office) -> None:
    """Nobody listens for ten seconds, in which three alerts fire; then somebody does."""
    made = office.trader()
    gone = routes_of(
        office.bench.policy_set.deployment, Address("http://127.0.0.1:9"), SystemClock()
    )
    made.delivery.notifier = gone
    made.facts = {**MATRIX["daily_stop_hit"], **MATRIX["drawdown_hit"]}
    running = asyncio.create_task(made.run(0, _look_s(office)))
    await asyncio.sleep(10)
    waited = len(made.desk.state.telling.waiting)
    made.delivery.notifier = office.routes
    back_s = monotonic()
    telling = made.desk.state.telling
    await office.hook.until(lambda: not telling.waiting, 60)
    took_s = monotonic() - back_s
    told = len(list(office.told(made.account)))
    say(
        f"lost route: {waited} waited, {told} were told {took_s:.1f} s after it came back; "
        f"{len(telling.waiting)} wait, {telling.dead_count} dead"
    )
    await _ended(running)
    await gone.close()


async def flapping(office: Office) -> None:
    """A condition that comes and goes at every look, for half a minute."""
    made = office.trader()
    running = asyncio.create_task(made.run(0, 0.5))
    for turn in range(30):
        made.facts = {"venue.reject_ratio_1h": 0.5 if turn % 2 == 0 else 0.0}
        await asyncio.sleep(1)
    found = Counter(name for name, _ in office.told(made.account))
    say(f"flapping 15 times within `dedupe`: told {found['rejections_high']} times")
    await _ended(running)


def say(words: str) -> None:
    """One line of what was found."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _look_s(office: Office) -> float:
    spec = office.bench.policy_set.deployment.alerting
    assert spec is not None
    return float(spec.look_every)


def _shipped(folder: Path) -> PolicySet:
    """The shipped set, its routes those of this bench."""
    for part in ("policies", "strategies"):
        shutil.copytree(ROOT / part, folder / part)
    measured = folder / "policies" / "measured"
    measured.mkdir()
    (measured / "policyset.yaml").write_text(POLICY_SET, "utf-8")
    return load_policy_set(measured).required()


async def measure(trials: int, folder: Path) -> None:
    """All of it."""
    bench = Bench(_shipped(folder), Mode.PAPER)
    chance = random.Random(SEED)  # noqa: S311 - instants of a measurement
    async with webhook() as hook, alertmanager(folder, hook) as address:
        routes = routes_of(bench.policy_set.deployment, Address(address), SystemClock())
        office = Office(bench, routes, hook)
        names = list(MATRIX)
        started = []
        for number in range(trials):
            name = names[number % len(names)]
            started.append(asyncio.create_task(trial(office, name, chance)))
            await asyncio.sleep(0.2)
        took = sorted(await asyncio.gather(*started))
        p99 = took[min(len(took) - 1, round(0.99 * len(took)) - 1)]
        say(
            f"breach to webhook, {trials} trials over {len(names)} alerts (seed {SEED}): "
            f"p50 {took[len(took) // 2]:.2f} s, p99 {p99:.2f} s, longest {took[-1]:.2f} s"
        )
        await burst(office)
        await lost_route(office)
        await flapping(office)
        await routes.close()


if __name__ == "__main__":
    if BINARY is None:
        sys.exit("no Alertmanager here: `apt-get install prometheus-alertmanager`")
    with tempfile.TemporaryDirectory() as made_folder:
        asked = int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS
        asyncio.run(measure(asked, Path(made_folder)))

"""`policy rejudge` of a large ledger, from the prompt to its last line: decisions a second.

Claim: a million recorded decisions in at most 60 s on two cores. The ledger holds what the shipped
paper set decides in the demo market, with sizes, prices and sums of money changed by chance: some
20,000 decisions, over and over up to the number that is asked for (100,000; an argument). Each is a
record of its own in the chain. The candidates: the same set with a tenth less for one asset, and an
overlay for another account, under which less is settled before it is judged.
The other side, in the same run: some of the decisions read whole and judged whole.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from decimal import Decimal
from itertools import cycle, islice
from pathlib import Path
from random import Random
from resource import RUSAGE_CHILDREN, getrusage
from time import perf_counter, process_time
from typing import TYPE_CHECKING

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parents[n]) for n in (2, 1)]

from comparison.rejudging.plainly import plainly

from engine.adapters.system.disk import DirectoryDisk
from engine.cycle.judge import Judge
from engine.cycle.judging.programme import Programme
from engine.cycle.records.activation import activated_set
from engine.cycle.records.order_bodies import decision_body
from engine.cycle.records.story import decision_of
from engine.ledger import bodies
from engine.ledger.journal import Journal
from engine.ledger.reader import JournalReader
from engine.ledger.records import Body, RecordKind, encode_body
from engine.model.orders import Mode
from engine.policyset.opening import load_policy_set
from engine.run import RunSettings, prepare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.cycle.records.story import DecisionRecord
    from engine.expr.nodes import Value
    from engine.ledger.records import Record
    from engine.policyset.policyset import PolicySet

ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = "from cli.policy import main; main()"
_DEMO = tuple(ROOT / "demo" / f"synthetic_{each}.csv" for each in ("quotes", "bars", "history"))
_DISTINCT, _SEED, _PLAINLY = 20_000, 7, 2_000
_LIMITS = ("max_position.yaml", "params.max_position_pct", "bull: 3.6, chop: 3, bear: 1.8")
_TIGHTER = "bull: 3.2, chop: 2.7, bear: 1.6"


def played(folder: Path) -> list[Record]:
    """What the paper set recorded in the demo market."""
    policies = ROOT / "policies" / "paper"
    settings = RunSettings(policies, folder, _DEMO, mode=Mode.PAPER)
    prepare(settings, load_policy_set(policies).required()).run(lambda _this: None)
    return [*JournalReader(DirectoryDisk(folder)).records()]


def written(folder: Path, found: list[Record], count: int) -> None:
    """A ledger of that many decisions."""
    journal = Journal.open(DirectoryDisk(folder))
    for record in found:
        if record.kind in {RecordKind.GENESIS, RecordKind.SET_ACTIVATED}:
            journal.append(record.kind, record.time, record.body)
    for body in islice(cycle(_varied(found)), count):
        journal.append(RecordKind.DECISION, found[-1].time, body)
    journal.sync()


def _varied(found: list[Record]) -> list[Body]:
    by_kind = {record.kind: record for record in found}
    policy_set = activated_set(bodies.of_record(by_kind[RecordKind.SET_ACTIVATED]))
    told = [decision_of(each) for each in found if each.kind is RecordKind.DECISION]
    chance = Random(_SEED)  # noqa: S311 - a benchmark's, the same in every run
    return [*islice(_decided(policy_set, told, chance), _DISTINCT)]


def _decided(policy_set: PolicySet, told: list[DecisionRecord], chance: Random) -> Iterator[Body]:
    judge = Judge(policy_set, Mode.PAPER)
    names = Programme(policy_set, Mode.PAPER).decision_facts
    while True:
        each = chance.choice(told)
        size = each.intent.quantity * Decimal(str(round(chance.uniform(0.3, 6), 3)))
        order = replace(each.intent, quantity=size.quantize(Decimal("0.00000001")))
        facts = {name: _moved(name, value, chance) for name, value in each.situation.facts.items()}
        around = replace(each.situation, facts=facts)
        decision = judge.judge(order, around)
        named = {
            "cycle": each.cycle,
            "client_order_id": None,
            "policy_set": policy_set.hash,
            "mode": each.mode,
            "intent": order.number,
        }
        yield encode_body({**decision_body(order, around, decision, names), **named})


def _moved(name: str, value: Value, chance: Random) -> Value:
    if not isinstance(value, float) or name.endswith("_count") or chance.random() < 2 / 3:
        return value
    return value * chance.uniform(0.5, 2)


def candidate(folder: Path) -> Path:
    """The shipped sets with a little less for one asset; its paper set."""
    for each in ("policies", "strategies"):
        shutil.copytree(ROOT / each, folder / each)
    name, _, before = _LIMITS
    path = folder / "policies" / "risk" / name
    text = path.read_text()
    assert before in text, "the benchmark changes what is shipped"
    path.write_text(text.replace(before, _TIGHTER))
    return folder / "policies" / "paper"


def _command_s(candidate: Path, ledger: Path) -> tuple[float, float]:
    """Seconds on the clock, and seconds of the processor."""
    begin, used = perf_counter(), getrusage(RUSAGE_CHILDREN)
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", _PROGRAM, "rejudge", str(candidate), "--ledger", str(ledger)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=False,
    )
    assert done.stdout.startswith(b"judged again"), done.stdout[:200]
    now = getrusage(RUSAGE_CHILDREN)
    spent = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    return perf_counter() - begin, spent


def _plainly_s(candidate: Path, ledger: Path) -> float:
    """Seconds of the processor for one decision, read and judged whole."""
    policy_set = load_policy_set(candidate).required()
    records = [*islice(JournalReader(DirectoryDisk(ledger)).records(), _PLAINLY)]
    plainly(policy_set, records)
    begin = process_time()
    read = islice(JournalReader(DirectoryDisk(ledger)).records(), _PLAINLY)
    found = plainly(policy_set, read)
    return (process_time() - begin) / found.decisions


def main() -> None:
    """Both candidates, and the plain way beside them."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ledger = folder / "ledger"
        written(ledger, played(folder / "played"), count)
        tighter = candidate(folder / "tighter")
        for what, policies in (
            ("a tenth less", tighter),
            ("another overlay", ROOT / "policies" / "any_pair"),
        ):
            clock_s, spent_s = _command_s(policies, ledger)
            plain_s = _plainly_s(policies, ledger)
            print(  # noqa: T201 - a benchmark prints its numbers
                f"{what:<16} {count:,} decisions in {clock_s:.1f} s, {spent_s:.1f} s of the "
                f"processor: {spent_s / count * 1e6:.0f} us each, whole {plain_s * 1e6:.0f} us; "
                f"a million in {clock_s / count * 1e6:.0f} s"
            )


if __name__ == "__main__":
    main()

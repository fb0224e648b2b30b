"""The summary of a day: at its time, once, late where nobody ran, and never for time before it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from fakes.bench import Bench, bench_set, buy
from fakes.clock import START

from engine.adapters.system.disk import DirectoryDisk
from engine.kinds.deployment.notices import Summary
from engine.ledger.journal import Journal
from engine.ledger.records import RecordKind, encode_body
from engine.model.times import UtcTime
from engine.policyset.laying import laid_over
from engine.reporting.day import day_from
from engine.reporting.summary import summary_lines
from engine.run.summarising import Summaries, due_before, summaries_of

if TYPE_CHECKING:
    from pathlib import Path

    from engine.ledger.bodies import Body

DAY = 86_400
DUE = START.plus_s(5400)
"""Half an hour after a bench begins."""
LINE = "a line of the day"


def at(text: str) -> UtcTime:
    """An instant of that day."""
    return UtcTime.parse(text)


class Morning(Bench):
    """A bench whose set asks for a summary half an hour after it began, each day."""

    def run(self) -> Summaries:
        """A process at this desk, that can say what it was asked for."""
        when = str(DUE)[11:16]
        spec = f'{{at: "{when}", zone: UTC, route: desk}}'
        found = laid_over(bench_set(), "Deployment/account", "alerting.summary", spec)
        self.desk.policy_set, self.desk.posts = found.required(), True

        async def read(begins: UtcTime) -> tuple[str, ...]:
            self.begins = begins
            return (LINE,)

        return Summaries(self.desk, read)

    def told(self) -> list[Body]:
        """The summaries so far."""
        return self.bodies(RecordKind.MESSAGE)


def looked(run: Summaries) -> None:
    """A look at the clock."""
    asyncio.run(run.look())


def test_it_is_told_at_its_time_and_once() -> None:
    """On its route, of the day that ends then, and not again by the next process."""
    bench = Morning()
    run = bench.run()
    bench.wait(1700)
    looked(run)
    assert bench.told() == []
    bench.wait(200)
    looked(run)
    looked(run)
    (told,) = bench.told()
    assert (told["to"], told["about"], told["text"]) == (["desk"], "summary", LINE)
    assert told["due"] == str(DUE) == str(bench.begins.plus_s(DAY))
    assert [n.rule for n in bench.state.telling.waiting.values()] == ["summary"]
    assert bench.replayed() == bench.state
    looked(bench.run())
    assert len(bench.told()) == 1
    bench.wait(DAY)
    looked(run)
    assert [each["text"] for each in bench.told()] == [LINE, LINE]


def test_one_that_was_missed_comes_late_and_says_so() -> None:
    """Of several only the last, with how many nobody was told."""
    bench = Morning()
    first = bench.run()
    bench.wait(1900)
    looked(first)
    bench.wait(3 * DAY)
    looked(bench.run())
    due = DUE.plus_s(3 * DAY)
    assert bench.told()[-1]["text"] == (
        f"LATE: it was due at {due}, and nobody ran; 2 before it were never told\n{LINE}"
    )
    looked(bench.run())
    assert len(bench.told()) == 2


def test_a_set_asks_for_none_of_the_time_before_it() -> None:
    """Neither does one that asks for none."""
    bench = Morning()
    bench.wait(1900)
    run = bench.run()
    bench.record(RecordKind.SET_ACTIVATED, {"policy_set": "ab" * 32, "name": "x", "documents": []})
    looked(run)
    assert bench.told() == []
    bench.desk.policy_set = bench_set()
    bench.wait(DAY)
    looked(run)
    assert bench.told() == []


def test_a_day_that_cannot_be_read_is_told_as_such() -> None:
    """Silence would look like a day without news; nothing of the failure's words is shown."""
    bench = Morning()
    run = bench.run()

    async def fails(_begins: UtcTime) -> tuple[str, ...]:
        message = "a secret"
        raise ZeroDivisionError(message)

    run.read = fails
    bench.wait(1900)
    looked(run)
    text = str(bench.told()[0]["text"])
    assert text.startswith("the day could not be summed up: ZeroDivisionError in ")
    assert "secret" not in text


BERLIN = Summary(at="07:30", zone="Europe/Berlin", route="desk")
INSTANTS = {
    "in winter": ("2026-01-05T06:29:59Z", "2026-01-04T06:30:00Z"),
    "on the second": ("2026-01-05T06:30:00Z", "2026-01-05T06:30:00Z"),
    "in summer": ("2026-07-05T12:00:00Z", "2026-07-05T05:30:00Z"),
    "on the day of the change": ("2026-03-29T05:30:00Z", "2026-03-29T05:30:00Z"),
    "late in the evening": ("2026-01-05T23:30:00Z", "2026-01-05T06:30:00Z"),
}


@pytest.mark.parametrize(("now", "due"), INSTANTS.values(), ids=INSTANTS)
def test_the_time_is_that_of_the_zone(now: str, due: str) -> None:
    """At the same hour of the wall, summer and winter."""
    assert due_before(BERLIN, at(now)) == at(due)


def test_a_day_in_few_lines() -> None:
    """What it came to, what was decided, what is held; counted from the ledger's records."""
    bench = Bench()
    begins = bench.clock.now().plus_s(-1800)
    bench.hold()
    bench.place(buy())
    bench.desk.recorder.sync()
    day = day_from(Journal.open(bench.disk).records(), begins)
    lines = summary_lines(day)
    assert lines[0] == "2025-11-22 10:30 to 2025-11-23 10:30 UTC"
    assert lines[1].startswith("result ")
    assert any(each.startswith("decisions: ") for each in lines)
    assert bench.state.held(), "or this shows nothing"
    assert lines[-1] == "held: BTC-USD"
    quiet = summary_lines(day_from([], begins))
    assert quiet[1:] == ("result +0.00 %", "0 cycles: nobody ran", "held: nothing")


@pytest.mark.long
def test_a_process_of_its_own_reads_the_ledger(tmp_path: Path) -> None:
    """The loop goes on meanwhile, and what comes back is what the ledger says."""
    journal = Journal.open(DirectoryDisk(tmp_path))
    genesis = {"mode": "paper", "account": "main", "nonce": "ab" * 32, "cash": {"USD": "1"}}
    journal.append(RecordKind.GENESIS, START, encode_body(genesis))
    journal.sync()
    bench = Bench()
    lines = asyncio.run(summaries_of(bench.desk, tmp_path).read(START.plus_s(-60)))
    assert lines[1:] == ("result +0.00 %", "0 cycles: nobody ran", "held: nothing")

"""The heading of a run: which rules, which money, which market.

In: a prepared session. Out: text. What was put right in the recording is told by kind and count,
so that nobody takes a mended recording for a clean one.
"""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING

from cli.trader_verbs.shown import approval_rows, clock, columns, counted, exact, lasting
from engine.adapters.recorded.report import CorrectionKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.adapters.recorded import FileReport, Recording, RecordingReport
    from engine.run import Session


def heading(session: Session, continued: int) -> str:
    """The heading; `continued` is the last cycle that the ledger held before (0: it is new)."""
    account = session.policy_set.deployment.account.name
    rows = [
        ("policy set", session.policy_set.name),
        ("hash", session.policy_set.hash),
        *approval_rows(session.state.approval),
        ("mode", f"{session.mode.value}, account {account}, {_cash(session)}"),
        ("ledger", _ledger(session, continued)),
        *_market(session),
        ("cycles", _cycles(session)),
    ]
    return columns(rows, indent=0) + "\n"


def _market(session: Session) -> list[tuple[str, str]]:
    symbols = ", ".join(map(str, session.symbols))
    if session.recorded is None:
        venue = f"{session.market}, from {clock(session.clock.now())} UTC"
        return [("venue", venue), ("", symbols)]
    recording = session.recorded.recording
    report = recording.report
    first, last = report.span
    span = f"{clock(first)} to {clock(last)} UTC, {lasting(last.since_s(first))}"
    return [
        ("recording", f"{counted(report.events, 'event')}, {span}"),
        ("", symbols),
        *(("", _file(each)) for each in report.files),
        *(("", words) for words in _derived(recording)),
        *(("", words) for words in corrections(report)),
    ]


def _derived(recording: Recording) -> Iterator[str]:
    """Quotes that no file holds are told as what they are."""
    if recording.derived is not None:
        yield f"quotes {recording.derived.words}; not recorded"


def corrections(report: RecordingReport) -> Iterator[str]:
    """What was put right or counted in the recording, one line a kind."""
    counts: Counter[CorrectionKind] = Counter()
    details: dict[CorrectionKind, list[str]] = {}
    for each in report.corrections:
        counts[each.kind] += each.count
        details.setdefault(each.kind, []).append(each.detail)
    for kind in CorrectionKind:
        if counts[kind]:
            yield f"{counts[kind]:,} {kind.value.replace('_', ' ')}: {'; '.join(details[kind])}"


def _cash(session: Session) -> str:
    cash = sorted(session.state.cash.items())
    return "holding " + ", ".join(f"{exact(units)} {name}" for name, units in cash if units)


def _ledger(session: Session, continued: int) -> str:
    where = str(session.settings.ledger)
    if not continued:
        return f"{where}, new"
    return f"{where}, continued after cycle {continued:,}"


def _file(report: FileReport) -> str:
    rows = counted(report.rows, "row")
    return f"{PurePath(report.file).name}: {rows} of {report.kind.value}"


def _cycles(session: Session) -> str:
    schedule = session.policy_set.schedule
    every = f"one every {lasting(schedule.interval)}"
    if session.planned is None:
        return f"{every}, until it is stopped"
    if not session.planned:
        return "none: the ledger is at the end of this recording already"
    return f"{session.planned:,}, {every}"

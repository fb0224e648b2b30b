"""What can be refused is refused before the first record, in words and without a trace."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes.deployments import deployment
from policyset.sets import altered, composed, documents
from run.conftest import POLICIES, cut, records

from engine.adapters.postgres.address import parse_address
from engine.adapters.recorded import SpreadModel
from engine.adapters.system.disk import DirectoryDisk
from engine.adapters.system.lock import FileLock
from engine.codes import CODES
from engine.cycle import operator
from engine.errors import MandateError
from engine.ledger.records import RecordKind
from engine.model.orders import Mode
from engine.model.times import UtcTime
from engine.run import RunSettings, VenueSettings, prepare
from engine.run.refusals import _paper_refusals, mode_refusals

if TYPE_CHECKING:
    from collections.abc import Callable

    from run.conftest import Settings

    from engine.cycle.desk import Round
    from engine.policyset.policyset import PolicySet

ROOT = Path(__file__).parents[2]


def _raised_mode(settings: RunSettings) -> RunSettings:
    return replace(settings, mode=Mode.LIVE)


def _live(settings: RunSettings) -> RunSettings:
    return replace(settings, policies=POLICIES / "live")


def _elsewhere(settings: RunSettings) -> RunSettings:
    elsewhere = VenueSettings("https://example.com")
    return replace(settings, quotes=(), mode=Mode.DRY_RUN, venue=elsewhere)


def _recorded_at_a_venue(settings: RunSettings) -> RunSettings:
    return replace(settings, venue=VenueSettings("https://127.0.0.1:1"))


def _bad_quotes(settings: RunSettings) -> RunSettings:
    path = settings.ledger.parent / "quotes.csv"
    path.write_text("a,b\n1,2\n")
    return replace(settings, quotes=(path,))


def _bars(settings: RunSettings) -> Path:
    path = settings.ledger.parent / "bars.csv"
    rows = [f"{1_767_600_000_000_000_000 + n * 60 * 10**9},BTC-USDT,9,9,9,9,1" for n in range(3)]
    path.write_text("\n".join(["ts,symbol,open,high,low,close,volume", *rows, ""]))
    return path


def _bars_alone(settings: RunSettings) -> RunSettings:
    return replace(settings, quotes=(_bars(settings),))


def _no_spread(settings: RunSettings) -> RunSettings:
    return replace(_bars_alone(settings), derive=SpreadModel(Decimal(0)))


def _quoted_already(settings: RunSettings) -> RunSettings:
    return replace(settings, derive=SpreadModel(Decimal(10)))


def _bad_set(settings: RunSettings) -> RunSettings:
    folder = settings.ledger.parent / "policies"
    folder.mkdir()
    (folder / "policyset.yaml").write_text("kind: PolicySet\n")
    return replace(settings, policies=folder)


def _no_set(settings: RunSettings) -> RunSettings:
    return replace(settings, policies=settings.ledger.parent / "nothing")


def _unsaid(settings: RunSettings, what: str) -> RunSettings:
    folder = settings.ledger.parent / "unsaid" / "policies"
    shutil.copytree(POLICIES, folder)
    shutil.copytree(POLICIES.parent / "strategies", folder.parent / "strategies")
    deployment = folder / "deployment.yaml"
    lines = deployment.read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(f"  {what}:")]
    assert len(kept) == len(lines) - 1
    deployment.write_text("".join(kept), "utf-8")
    address = parse_address("postgresql://localhost/trading")
    return replace(settings, policies=folder / "any_pair", shared=address)


REFUSALS: dict[str, tuple[Callable[[RunSettings], RunSettings], str]] = {
    "a mode above the Deployment's": (_raised_mode, "M441"),
    "a live Deployment": (_live, "M4"),
    "a venue on another machine": (_elsewhere, "M461"),
    "a recording and a venue": (_recorded_at_a_venue, "M469"),
    "quotes that are none": (_bad_quotes, "M5"),
    "bars alone": (_bars_alone, "M515"),
    "a spread of nothing": (_no_spread, "M514"),
    "a spread model for quotes": (_quoted_already, "M516"),
    "a set that does not load": (_bad_set, "M"),
    "no set at all": (_no_set, "M"),
    "a shared ledger, and no word on its outage": (
        partial(_unsaid, what="on_ledger_outage"),
        "M475",
    ),
    "a shared ledger, and no word on its lease": (partial(_unsaid, what="lease"), "M475"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_is_a_finding_with_a_code(name: str, settings: Settings) -> None:
    """Registered, with a mend, and nothing was written."""
    change, code = REFUSALS[name]
    wanted = change(settings())
    with pytest.raises(MandateError) as caught:
        prepare(wanted)
    found = caught.value.diagnostics
    assert found
    for each in found:
        assert each.code.startswith(code)
        assert each.code in CODES
        assert each.message
    assert not (wanted.ledger / "journal").exists()


@pytest.mark.parametrize("name", ["a mode above the Deployment's", "no set at all"])
def test_the_command_refuses_without_a_trace(name: str, settings: Settings) -> None:
    """Exit 1, the code on the screen, no Python in it."""
    wanted = REFUSALS[name][0](settings())
    words = ["run", "--policies", wanted.policies, "--ledger", wanted.ledger]
    words += ["--quotes", wanted.quotes[0]]
    if wanted.mode is not None:
        words += ["--mode", wanted.mode.value]
    done = subprocess.run(  # noqa: S603 - our own interpreter and words
        [sys.executable, "-c", "from cli.trader import main; main()", *map(str, words)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 1
    assert REFUSALS[name][1] in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not (wanted.ledger / "journal").exists()


def test_a_live_deployment_is_told_everything_at_once(settings: Settings) -> None:
    """No real venue in this release: the refusal says so beside whatever else stands in the way."""
    with pytest.raises(MandateError) as caught:
        prepare(settings(policies=POLICIES / "live"))
    assert "M442" in {each.code for each in caught.value.diagnostics}


def test_another_stream_s_ledger_is_not_gone_on_with(
    settings: Settings, any_pair: PolicySet
) -> None:
    """State is kept apart by mode and account; the refused run leaves no record."""
    prepare(settings(cycles=1), any_pair).run(_quiet)
    before = [each.hash for each in records(settings().ledger)]
    with pytest.raises(MandateError) as caught:
        prepare(settings(mode=Mode.DRY_RUN), any_pair)
    (found,) = caught.value.diagnostics
    assert found.code == "M446"
    assert "paper" in found.message
    assert "dry_run" in found.help
    assert [each.hash for each in records(settings().ledger)] == before


def test_a_second_loop_is_refused_with_the_holder_s_name(
    settings: Settings, any_pair: PolicySet
) -> None:
    """Two writers of one ledger cannot see each other; the lock comes free after a refusal."""
    first = prepare(settings(), any_pair)
    with pytest.raises(MandateError) as caught:
        prepare(settings(), any_pair)
    (found,) = caught.value.diagnostics
    assert found.code == "M413"
    assert "process" in found.message
    first.lease.release()
    with pytest.raises(MandateError):
        prepare(settings(mode=Mode.LIVE), any_pair)
    FileLock.acquire(settings().ledger / "LOCK", UtcTime(0)).release()


def test_a_broken_ledger_is_refused_and_the_lock_given_back(
    settings: Settings, any_pair: PolicySet, tmp_path: Path
) -> None:
    """A chain that is not whole is no ground to trade on."""
    prepare(settings(cycles=3), any_pair).run(_quiet)
    broken = tmp_path / "broken"
    shutil.copytree(settings().ledger, broken)
    journal = broken / "journal" / "000001.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b'"account":"main"', b'"account":"mine"', 1))
    for _ in range(2):
        with pytest.raises(MandateError) as caught:
            prepare(settings(ledger=broken), any_pair)
        assert caught.value.diagnostics[0].code == "M403"


@pytest.mark.long
def test_a_torn_line_is_told_and_gone_on_from(
    settings: Settings, any_pair: PolicySet, tmp_path: Path
) -> None:
    """A crash in mid-write loses nothing that was confirmed; the finding is a warning."""
    prepare(settings(cycles=3), any_pair).run(_quiet)
    torn = tmp_path / "torn"
    cut(settings().ledger, torn, 10**9)
    journal = torn / "journal" / "000001.jsonl"
    journal.write_bytes(journal.read_bytes()[:-20])
    session = prepare(settings(ledger=torn, cycles=2), any_pair)
    assert [each.code for each in session.findings] == ["M400"]
    assert session.run(_quiet) == 2


@pytest.mark.long
def test_bars_with_a_spread_model_run_and_the_ledger_says_what_they_are(
    settings: Settings, any_pair: PolicySet
) -> None:
    """Derived quotes are called derived in the first record, and another spread is another run."""
    bars = (_bars(settings()),)
    genesis = []
    for spread in (10, 20):
        model = SpreadModel(Decimal(spread), Decimal(1000))
        ledger = settings().ledger / str(spread)
        wanted = settings(quotes=bars, ledger=ledger, derive=model)
        session = prepare(wanted, any_pair)
        assert session.run(_quiet) == session.planned == 121
        genesis.append(records(ledger)[0].fields())
    assert genesis[0]["quotes"] == (
        "derived from bars at their close, spread 10 bps, 1,000 of the quote currency at each side"
    )
    assert genesis[0]["nonce"] != genesis[1]["nonce"]
    assert "quotes" not in _genesis_of(settings(cycles=1), any_pair)


def _genesis_of(wanted: RunSettings, policy_set: PolicySet) -> dict[str, object]:
    prepare(wanted, policy_set).run(_quiet)
    return records(wanted.ledger)[0].fields()


def _quiet(_this: Round) -> None:
    """Nobody listens."""


def test_a_dry_run_decides_and_sends_nothing(settings: Settings, any_pair: PolicySet) -> None:
    """A mode may be lowered: the same market is judged, no order leaves."""
    outcomes: set[str] = set()
    session = prepare(settings(mode=Mode.DRY_RUN, cycles=20), any_pair)
    session.run(lambda this: outcomes.update(each.outcome for each in this.orders))
    assert "would send" in outcomes
    assert session.state.orders_sent == 0
    assert session.mode is Mode.DRY_RUN
    kinds = {each.kind for each in records(settings().ledger)}
    assert kinds.isdisjoint({RecordKind.INTENT, RecordKind.SENT, RecordKind.FILLED})


def test_a_fault_of_ours_halts_with_its_place(settings: Settings, any_pair: PolicySet) -> None:
    """A failure on the exit path stops the loop, is in the ledger, and told without a value."""
    session = prepare(settings(cycles=20), any_pair)

    class Broken:
        """A venue whose connection broke."""

        async def fills(self, _since: UtcTime) -> object:
            """Raise."""
            raise ConnectionError("secret-token-1234")  # noqa: EM101 - the text must not be told

    session.desk.exchange = Broken()  # type: ignore[assignment] # fails at its first call
    with pytest.raises(MandateError) as caught:
        session.run(_quiet)
    (found,) = caught.value.diagnostics
    assert found.code == "M444"
    assert "ConnectionError in " in found.message
    assert "secret" not in str(caught.value)
    last = records(settings().ledger)[-1]
    assert last.kind is RecordKind.HALT
    assert json.loads(last.body)["who"] == "engine"
    assert b"secret" not in last.body
    again = prepare(settings(cycles=1), any_pair)
    assert again.state.halted is not None
    again.lease.release()


def test_a_ledger_that_fails_in_mid_run_ends_it_in_its_own_words(
    settings: Settings, any_pair: PolicySet
) -> None:
    """No halt can be recorded then; the reason is the disk's."""
    session = prepare(settings(cycles=20), any_pair)
    sent_before: list[int] = []

    def tell(this: Round) -> None:
        if this.number == 3:
            sent_before.append(session.state.orders_sent)
            disk = session.desk.recorder._journal._disk
            assert isinstance(disk, DirectoryDisk)
            disk.close()
            shutil.rmtree(settings().ledger / "journal")
            (settings().ledger / "journal").write_text("in the way")

    with pytest.raises(MandateError) as caught:
        session.run(tell)
    assert caught.value.diagnostics[0].code.startswith("M4")
    assert session.state.orders_sent == sent_before[0]
    assert not session.lease.held


def test_the_switch_in_the_ledger_s_directory_stops_a_run(
    settings: Settings, any_pair: PolicySet
) -> None:
    """A file is enough; no order is sent from the next cycle on."""
    session = prepare(settings(cycles=30), any_pair)
    sent: list[int] = []

    def tell(this: Round) -> None:
        if this.number == 10:
            operator.throw_kill_switch(DirectoryDisk(settings().ledger), "anna", "fire", this.now)
        sent.append(session.state.orders_sent)

    session.run(tell)
    assert sent[9] > 0
    assert set(sent[10:]) == {sent[9]}
    assert session.state.working == {}


def test_a_paced_run_is_live_in_its_own_time(settings: Settings, any_pair: PolicySet) -> None:
    """With real tasks and jitter it trades, ends with the recording, and its ledger is whole."""
    session = prepare(settings(pace=60.0, cycles=40), any_pair)
    times: list[UtcTime] = []
    session.run(lambda this: times.append(this.now))
    assert times == sorted(times)
    assert 1 <= len(times) <= 40
    assert session.state.decisions > 0
    assert session.skipped == []
    assert session.loop.beside
    assert session.desk.policy_drifted() is False


def test_a_paper_venue_needs_its_settings(any_pair: PolicySet, tmp_path: Path) -> None:
    """What it lends has to be stated, unless the account is at a venue that says what it holds."""
    deployment = any_pair.deployment.model_copy(update={"paper": None})
    wanted = RunSettings(POLICIES / "any_pair", tmp_path, (tmp_path / "quotes.csv",))
    found = [each.code for each in _paper_refusals(wanted, deployment, Mode.PAPER)]
    assert found == ["M445"]
    lent = replace(wanted, quotes=(), venue=VenueSettings("https://127.0.0.1:1"))
    assert not [*_paper_refusals(lent, deployment, Mode.PAPER)]


QUESTIONS = {
    "live, and nobody says how": (deployment(more=""), Mode.LIVE, False, ["M940"]),
    "live, with a route that leaves": (deployment(), Mode.LIVE, False, []),
    "live, told to the log": (deployment(route="second"), Mode.LIVE, False, ["M943"]),
    "live, at a terminal": (deployment(route="second"), Mode.LIVE, True, []),
    "paper, told to the log": (
        deployment(mode="paper", modes="[paper]", route="second"), Mode.PAPER, False, ["M943"],
    ),
    "paper, where only live asks": (
        deployment(mode="paper", route="second"), Mode.PAPER, False, [],
    ),
    "a canary": (deployment("canary", route="second"), Mode.LIVE, False, []),
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "mode", "at_terminal", "codes"), QUESTIONS.values(), ids=QUESTIONS
)
def test_somebody_must_hear_the_question(
    text: str, mode: Mode, codes: list[str], *, at_terminal: bool
) -> None:
    """In stage supervised a run starts where a person is asked: at a terminal, or by a route."""
    found = composed(altered(documents("live"), text)).deployment
    settings = RunSettings(POLICIES, POLICIES / "ledger", at_terminal=at_terminal)
    assert [each.code for each in mode_refusals(settings, found, mode)] == codes

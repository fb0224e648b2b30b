"""A prescreened simulation decides what stepping every cycle decides, byte for byte."""

from __future__ import annotations

import random
import shutil
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from profiles import examples

from engine import Terms, simulate
from engine.adapters.recorded import Recording, RecordingKind, SpreadModel, open_recording
from engine.errors import Snippet
from engine.expr.facts import VOCABULARY
from engine.expr.grammar import parse
from engine.ledger.records import RecordKind
from engine.model.times import UtcTime
from engine.policyset.opening import load_policy_set
from engine.run.simulating import UNWATCHED, Watching, opened
from engine.simulation.collecting import stream_line
from engine.simulation.distance import never_fired
from engine.simulation.prescreening.rules import speaks_of_absence, unknown_to_frames
from engine.simulation.prescreening.screen import Screen, screened
from engine.simulation.prescreening.seen.flags import Question
from engine.simulation.terms import AS_RECORDED

if TYPE_CHECKING:
    from engine.ledger.bodies import Body
    from engine.ledger.records import Record
    from engine.policyset.policyset import PolicySet
    from engine.simulation.result import Series, Simulation
    from engine.simulation.stepping import Playing, Prescreen

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared/data"
SYMBOLS = ("BTC-EUR", "BTC-USD", "ETH-USD", "LTC-USD")
HISTORY_MINUTES = 25 * 60
PRICES = (40_000.0, 50_000.0, 3_000.0, 150.0)
MARKETS = examples(day=2, night=200)


def streamed(
    policy_set: PolicySet, recording: Recording, terms: Terms, prescreen: Prescreen | None
) -> tuple[list[bytes], Simulation]:
    """The decision stream of one simulation."""
    heard: list[bytes] = []

    def hear(record: Record, _body: Body) -> None:
        if record.kind is not RecordKind.CYCLE:
            heard.append(stream_line(record))

    watching = Watching(UNWATCHED.round, hear, UNWATCHED.planned)
    simulated = simulate(policy_set, recording, terms, prescreen=prescreen, watching=watching)
    return heard, simulated


def written(series: Series) -> list[str]:
    """Every value of it; what nobody knows is written alike, though NaN is not equal to itself."""
    return [repr(getattr(series, each.name)) for each in fields(series)]


def first_quote(recording: Recording) -> UtcTime:
    """When cycles begin; bars may have been recorded long before."""
    return UtcTime(min(t.times[0] for t in recording.tables if t.kind is RecordingKind.QUOTES))


def both(
    policy_set: PolicySet,
    recording: Recording,
    terms: Terms = AS_RECORDED,
    prescreen: Prescreen = screened,
) -> Simulation:
    """The prescreened simulation, held against stepping every cycle."""
    stepped, reference = streamed(policy_set, recording, terms, None)
    found, simulated = streamed(policy_set, recording, terms, prescreen)
    assert found == stepped
    assert simulated.cycles == reference.cycles == reference.stepped
    assert simulated.stream_hash == reference.stream_hash
    assert simulated.ended_with == reference.ended_with
    assert written(simulated.series) == written(reference.series)
    assert {e.rule for e in never_fired(simulated)} <= {e.rule for e in never_fired(reference)}
    return simulated


@pytest.mark.long
def test_the_demo_is_the_same_with_fewer_cycles(paper: PolicySet) -> None:
    """The shipped set over hours of the shipped market: the same bytes, and cycles left out.

    What is held meanwhile is followed through many of them at once.
    """
    screens: list[Screen] = []

    def keep(playing: Playing) -> Screen:
        screens.append(screened(playing))
        return screens[0]

    # Its bars and their history too: without them nobody knows the volume of a day.
    demo = opened([ROOT / "demo"], Terms())
    simulated = both(paper, demo, Terms(until=UtcTime.parse("2026-01-05T09:30:00Z")), keep)
    assert simulated.orders
    assert simulated.series.exposure
    assert simulated.stepped < simulated.cycles / 10
    assert screens[0].at_once > simulated.cycles / 2


RECORDED = [
    path for kind in ("quotes", "bars") for path in sorted(SHARED.glob(f"{kind}/*.parquet"))
]


@pytest.mark.nightly
@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_every_recording_is_the_same(path: Path) -> None:
    """Each recorded market, bars with a stated spread among them: four hours, the same bytes."""
    derive = SpreadModel(Decimal(10)) if path.parent.name == "bars" else None
    recording = opened([path], Terms(derive=derive))
    # Windows of minutes have no meaning on bars of five.
    name = "bars" if "_5m_" in path.stem else "recorded"
    policy_set = load_policy_set(ROOT / "policies" / name).required()
    both(policy_set, recording, Terms(until=first_quote(recording).plus_s(4 * 3_600)))


@pytest.mark.long
def test_a_slice_of_a_venue_is_the_same(tmp_path: Path) -> None:
    """Two hours of Coinbase, the bars built from the quotes: the same bytes."""
    path = SHARED / "quotes/coinbase_l1_1m_2017-12_2018-04.parquet"
    if not path.exists():
        pytest.skip(f"no recorded data at {SHARED}")
    pl.read_parquet(path).sort("ts").head(480).write_parquet(tmp_path / "slice.parquet")
    recording = open_recording([tmp_path / "slice.parquet"])
    assert isinstance(recording, Recording)
    simulated = both(load_policy_set(ROOT / "policies/recorded").required(), recording)
    assert simulated.stepped < simulated.cycles


class Wilderness:
    """One seed's market and policy set: crashes, silences, one-sided and crossed books, patches."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.wildness: tuple[float, ...] = (0.0005, 0.002, 0.006)

    def market(self, folder: Path, minutes: int) -> Recording:
        """Quotes of four products, and for most seeds their bars and those of the day before."""
        rows, bars, prices = [], self._history(), list(PRICES)
        wild = self.random.choice(self.wildness)
        for minute in range(minutes):
            crash = self.random.random() < 0.004
            for place, symbol in enumerate(SYMBOLS):
                opened = prices[place]
                step = self.random.gauss(0.0, wild) - (0.09 if crash else 0.0)
                prices[place] = max(1.0, opened * (1.0 + step))
                rows += self._quote(minute, symbol, prices[place])
                bars.append(self._bar(minute, symbol, opened, prices[place]))
        paths = [_written(folder / "quotes.parquet", rows, QUOTED)]
        if self.random.random() < 0.75:
            paths.append(_written(folder / "bars.parquet", bars, BARRED))
        found = open_recording(paths)
        assert isinstance(found, Recording)
        return found

    def _history(self) -> list[tuple[object, ...]]:
        """A calm day of bars: without one nobody knows a day's volume, and nothing is let in."""
        return [
            self._bar(minute, symbol, price, price * self.random.uniform(0.999, 1.001))
            for minute in range(-HISTORY_MINUTES, 0)
            for symbol, price in zip(SYMBOLS, PRICES, strict=True)
        ]

    def _quote(self, minute: int, symbol: str, price: float) -> list[tuple[object, ...]]:
        if self.random.random() < 0.02:
            return []
        half = price * self.random.choice((1, 2, 2, 3, 30)) / 20_000
        bid, ask = round(price - half, 2), round(price + half, 2)
        if self.random.random() < 0.01:
            bid, ask = ask, bid
        sizes = [round(self.random.uniform(0.1, 400_000 / price), 6) for _ in range(2)]
        sides = [None if self.random.random() < 0.01 else each for each in (bid, ask)]
        return [(_ns(minute), symbol, *sides, *sizes)]

    def _bar(self, minute: int, symbol: str, opened: float, closed: float) -> tuple[object, ...]:
        first, last = round(opened, 2), round(closed, 2)
        volume = round(self.random.uniform(0.5, 50.0), 4)
        return _ns(minute - 1), symbol, first, max(first, last), min(first, last), last, volume

    def policies(self, folder: Path) -> PolicySet:
        """The set for recordings, with a few of its values changed."""
        return load_policy_set(self.written(folder)).required()

    def written(self, folder: Path) -> Path:
        """Where its documents lie."""
        for name in ("policies", "strategies", "schemas"):
            shutil.copytree(ROOT / name, folder / name)
        patches = self.random.sample(PATCHES, self.random.randint(2, len(PATCHES)))
        drawn = [(target, path, self.random.choice(values)) for target, path, values in patches]
        lines = [
            f"    - {{target: {target}, set: {{{path}: {value}}}, reason: drawn}}"
            for target, path, value in drawn
        ]
        home = folder / "policies/drawn"
        home.mkdir()
        head = (
            "apiVersion: mandate/v1\nkind: PolicySet\nmetadata: {name: drawn, description: Drawn.}"
        )
        body = "\n".join([head, "spec:", "  base: ../recorded", "  patches:", *lines, ""])
        (home / "policyset.yaml").write_text(body)
        return home


QUOTED = ("ts", "symbol", "bid", "ask", "bid_size", "ask_size")
BARRED = ("ts", "symbol", "open", "high", "low", "close", "volume")
BY_REGIME = "{by: regime.name, bull: 3, chop: 1, bear: 1, crash: 0, unknown: 2}"
PATCHES: tuple[tuple[str, str, tuple[object, ...]], ...] = (
    ("Strategy/momentum", "params.rise_60m_pct", (0.2, 1, 3)),
    ("Strategy/momentum", "params.rise_15m_pct", (0.1, 0.5)),
    ("Strategy/momentum", "exit.stop_pct", (0.5, 2, 6)),
    ("Strategy/momentum", "exit.max_hold", ("15m", "2h")),
    ("Strategy/mean_reversion", "params.max_zscore_ratio", (-2, -1)),
    ("Strategy/mean_reversion", "params.max_rsi_pct", (30, 60)),
    ("Strategy/reversal", "enabled", ("true",)),
    ("CircuitBreaker/daily_stop", "params.pnl_pct", (-0.05, -0.5, -3)),
    ("CircuitBreaker/losses_in_a_row", "params.max_losses_count", (1, 3)),
    ("CircuitBreaker/stale_data", "params.max_age_s", (70, 200)),
    ("AlertRule/stop_loss_hit", "params.pnl_pct", (-4, -0.2)),
    ("AlertRule/daily_stop_near", "params.near_ratio", (0.1, 0.67)),
    ("RiskLimit/max_open_positions", "params.max_positions_count", (1, 4)),
    ("RiskLimit/max_position", "params.max_position_pct", (BY_REGIME,)),
    ("UniverseFilter/spot", "leave_after", ("10m", "6h")),
    ("UniverseFilter/spot", "max_symbols", (2, 40)),
    ("Schedule/rhythm", "interval", ("60s", "30s", "120s")),
)  # fmt: skip


def _ns(minute: int) -> int:
    return 1_700_000_040_000_000_000 + minute * 60_000_000_000


def _written(path: Path, rows: list[tuple[object, ...]], names: tuple[str, ...]) -> Path:
    pl.DataFrame(rows, schema=list(names), orient="row", infer_schema_length=None).write_parquet(
        path
    )
    return path


@pytest.mark.long
def test_any_set_over_any_market_is_the_same(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Generated markets with crashes and holes, by sets with drawn values: the same bytes."""
    left_out = decided = filled = 0

    @settings(max_examples=MARKETS, deadline=None, database=None)
    @given(seed=st.integers(min_value=0, max_value=2**63))
    def same(seed: int) -> None:
        nonlocal left_out, decided, filled
        wild = Wilderness(seed)
        market = wild.market(tmp_path_factory.mktemp("market"), 150)
        simulated = both(wild.policies(tmp_path_factory.mktemp("set")), market)
        left_out += simulated.cycles - simulated.stepped
        decided += len(simulated.orders) + len(simulated.events)
        filled += len(simulated.fills)

    same()
    assert left_out
    assert decided


@pytest.mark.long
def test_a_set_that_asks_nothing_of_positions_is_the_same(tmp_path: Path) -> None:
    """Where no trim and no alert is about what is held, cycles are left out all the same."""
    wild = Wilderness(203)
    market, home = wild.market(tmp_path, 150), wild.written(tmp_path / "set")
    for name, old, new in (
        ("risk/max_position.yaml", "  trim: {after: 4h, at_least_pct: 10}\n", ""),
        ("alerts/stop_loss_hit.yaml", "position.pnl_pct <=", 'change_pct("5m") <='),
        ("alerts/stop_loss_hit.yaml", "position.managed and ", ""),
    ):
        file = home.parent / name
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new))
    simulated = both(load_policy_set(home).required(), market)
    assert simulated.series.exposure
    assert simulated.stepped < simulated.cycles


@pytest.mark.long
def test_a_day_with_breakers_tripping_is_the_same(tmp_path: Path) -> None:
    """A whole wild day in which breakers trip and let go, again and again: the same bytes."""
    wild = Wilderness(11)
    wild.wildness = (0.006,)
    simulated = both(wild.policies(tmp_path / "set"), wild.market(tmp_path, 1_440))
    tripped = [each for each in simulated.events if each.kind is RecordKind.BREAKER_TRIPPED]
    let_go = [each for each in simulated.events if each.kind is RecordKind.BREAKER_RESET]
    assert len(tripped) >= len(let_go) > 10


@pytest.mark.long
def test_a_screen_tells_what_it_stepped_for(paper: PolicySet, demo: Recording) -> None:
    """Every stepped cycle has its reason, and the reasons add up."""
    screens: list[Screen] = []

    def keep(playing: Playing) -> Screen:
        screens.append(screened(playing))
        return screens[0]

    terms = Terms(until=first_quote(demo).plus_s(1_200))
    simulated = simulate(paper, demo, terms, prescreen=keep)
    assert sum(screens[0].stepped_for.values()) == simulated.stepped
    assert screens[0].stepped_for["first"] == 1


ASKED = {
    "what frames have": ("quote.spread_bps <= 20 and change_pct('60m') > 1", False, False),
    "what a position is": ("position.pnl_pct <= -4", True, False),
    "an absence of what frames have": ("default(quote.age_s, 9) < 5", False, True),
    "an absence inside a definition": ("portfolio.exposure_pct < 5", True, False),
    "an absence of what they do not": ("has(position.pnl_pct)", True, True),
}


@pytest.mark.parametrize(("text", "wild", "absence"), ASKED.values(), ids=ASKED)
def test_what_frames_cannot_answer_is_known(text: str, wild: bool, absence: bool) -> None:  # noqa: FBT001 - a table's columns
    """A rule over facts that frames lack is open, and lost where it asks for their absence."""
    tree = parse(Snippet.of(text)).tree
    assert tree is not None
    assert bool(unknown_to_frames(tree, VOCABULARY)) is wild
    assert speaks_of_absence(tree, VOCABULARY) is absence
    question = Question.of(tree, VOCABULARY)
    verdicts = pl.DataFrame({"v": pl.Series([True, False, None], dtype=pl.Boolean)})
    told = verdicts.select(question.may_hold(pl.col("v")).alias("v"))["v"].to_list()
    lost = wild and absence
    assert told in ([True], [True, lost, wild])
    assert question.lost is lost

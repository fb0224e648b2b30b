"""Membership over random histories of facts, gaps, bans and restarts, against a small model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cycle.small_sets import UNIVERSE, set_of
from cycle.trading_desk import BTC, ETH, SOL, START, Bench
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cycle.steps import universe
from engine.ledger.bodies import of_record

if TYPE_CHECKING:
    from engine.model.market import Quote
    from engine.model.symbols import Symbol
    from engine.model.times import UtcTime

SYMBOLS = (BTC, ETH, SOL)
LEAVE_AFTER_S = 600
BAN_ENDS = START.plus_s(900)
# Per tier, what may enter and what may stay, in bps of spread; the higher tier first.
ENTER = {"core": 20, "rest": 100}
STAY = {"core": 40, "rest": 100}
RANKS = {"core": 0, "rest": 1}
SIDES = {
    10: ("99.95", "100.05"),
    30: ("99.85", "100.15"),
    60: ("99.70", "100.30"),
    200: ("99", "101"),
    None: ("99.95", None),
}
# Of ETH the set says that it is banned for a quarter of an hour.
SET = UNIVERSE + f'  exclude: [{{symbol: ETH-USD, reason: a ban, until: "{BAN_ENDS}"}}]\n'
LEAVING = SET.replace("on_undecided: keep", "on_undecided: leave")


@dataclass(frozen=True)
class Turn:
    """One cycle: what each product shows, how long until the next, and whether one restarts."""

    spreads: tuple[int | None, ...]
    wait_s: int
    restart: bool


def turns() -> st.SearchStrategy[list[Turn]]:
    """Histories that are long enough to leave and to come back."""
    spread = st.sampled_from((10, 10, 30, 60, 200, None))
    one = st.builds(
        Turn,
        st.tuples(*(spread for _ in SYMBOLS)),
        st.sampled_from((60, 299, 300, 600)),
        st.booleans(),
    )
    return st.lists(one, min_size=1, max_size=15)


Place = tuple[str, int | None]
"""A tier, and the second at which it began to miss what the tier asks."""


def model(place: Place | None, spread: int | None, second: int, *, keep: bool) -> Place | None:
    """Where a product that is not banned stands after one cycle."""
    if place is not None:
        tier, since = place
        if spread is None and keep:
            return place
        better = [t for t in ENTER if RANKS[t] < RANKS[tier]]
        for each in better:
            if spread is not None and spread <= ENTER[each]:
                return each, None
        if spread is not None and spread <= STAY[tier]:
            return tier, None
        since = second if since is None else since
        if second - since < LEAVE_AFTER_S:
            return tier, since
    fitting = [tier for tier in ENTER if spread is not None and spread <= ENTER[tier]]
    return (fitting[0], None) if fitting else None


def restarted(old: Bench) -> Bench:
    """A new process over the records of the old one; what the market showed is forgotten."""
    new = Bench(old.policy_set, now=old.now)
    for record in list(old.journal.records())[1:]:
        new.desk.recorder.record(record.kind, record.time, of_record(record))
    return new


def show(made: Bench, symbol: Symbol, spread: int | None) -> None:
    """Let the market show a spread, or half a quote."""
    bid, ask = SIDES[spread]
    made.quote(symbol, bid, ask)


def step(made: Bench, turn: Turn) -> None:
    """One cycle's decision, recorded as the cycle records it."""
    for symbol, spread in zip(SYMBOLS, turn.spreads, strict=True):
        show(made, symbol, spread)
    this = made.round()
    universe.run(made.desk, this)
    made.close(universe=dict(this.universe_changes))


def second_of(moment: UtcTime | None) -> int | None:
    """Seconds since the first cycle."""
    return None if moment is None else round(moment.since_s(START))


def standing(made: Bench) -> dict[Symbol, Place]:
    """Who is a member, by the ledger."""
    return {
        symbol: (member.tier, second_of(member.failing_since))
        for symbol, member in made.state.universe.items()
    }


@settings(deadline=None, max_examples=30)
@given(history=turns(), keep=st.booleans())
def test_membership_is_what_a_small_model_says(history: list[Turn], *, keep: bool) -> None:
    """Whatever happens in whatever order, restarts too, the ledger holds the model's members."""
    made = Bench(set_of(SET if keep else LEAVING))
    expected: dict[Symbol, Place] = {}
    for turn in history:
        second = second_of(made.now)
        assert second is not None
        step(made, turn)
        for symbol, spread in zip(SYMBOLS, turn.spreads, strict=True):
            banned = symbol == ETH and made.now < BAN_ENDS
            after = None if banned else model(expected.get(symbol), spread, second, keep=keep)
            expected = {key: each for key, each in expected.items() if key != symbol}
            if after is not None:
                expected[symbol] = after
        assert standing(made) == expected
        made.wait(turn.wait_s)
        if turn.restart:
            made = restarted(made)


@settings(deadline=None, max_examples=30)
@given(history=turns())
def test_nothing_flaps_faster_than_it_may_leave(history: list[Turn]) -> None:
    """Between two steps down of one product, or after a step up, lies at least `leave_after`."""
    made = Bench(set_of(UNIVERSE))
    changed: dict[Symbol, UtcTime] = {}
    for turn in history:
        before = dict(made.state.universe)
        step(made, turn)
        for symbol in SYMBOLS:
            then, now = before.get(symbol), made.state.universe.get(symbol)
            if then is not None and (now is None or RANKS[now.tier] > RANKS[then.tier]):
                assert made.now.since_s(changed[symbol]) >= LEAVE_AFTER_S
            if (then and then.tier) != (now and now.tier):
                changed[symbol] = made.now
        made.wait(turn.wait_s)


@settings(deadline=None, max_examples=15)
@given(gap=st.lists(st.sampled_from((60, 600, 86_400)), min_size=1, max_size=10))
def test_a_gap_never_removes_a_member_that_is_kept(gap: list[int]) -> None:
    """With `keep`, a member about which nothing is known stays for as long as nothing is known."""
    made = Bench(set_of(UNIVERSE))
    step(made, Turn((10, 10, 60), 60, restart=False))
    members = dict(made.state.universe)
    for wait_s in gap:
        made.wait(wait_s)
        step(made, Turn((None, None, None), 0, restart=False))
        assert made.state.universe == members


@settings(deadline=None, max_examples=15)
@given(
    history=turns(), room=st.integers(min_value=1, max_value=2), held=st.sampled_from((None, SOL))
)
def test_a_newcomer_drives_nobody_out(history: list[Turn], room: int, held: Symbol | None) -> None:
    """With room for few, whoever is in leaves by its own facts alone; the rest wait."""
    made = Bench(set_of(UNIVERSE.replace("max_symbols: 40", f"max_symbols: {room}")))
    if held is not None:
        made.hold(held)
    alone = {symbol: Bench(set_of(UNIVERSE)) for symbol in SYMBOLS}
    for turn in history:
        before = dict(made.state.universe)
        step(made, turn)
        assert len(made.state.universe) <= room
        for index, symbol in enumerate(SYMBOLS):
            other = alone[symbol]
            other.desk.market.on_event(_quote(made, symbol, turn.spreads[index]))
            this = other.round()
            # The same member, asked with all the room that there is.
            this.universe = {symbol: before[symbol]} if symbol in before else {}
            this.now = made.now
            universe.run(other.desk, this)
            if symbol in before:
                assert (symbol in made.state.universe) is (symbol in this.universe)
            other.wait(turn.wait_s)
        made.wait(turn.wait_s)


def _quote(made: Bench, symbol: Symbol, spread: int | None) -> Quote:
    show(made, symbol, spread)
    return made.desk.market.quotes[symbol]

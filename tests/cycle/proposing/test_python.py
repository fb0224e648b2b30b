"""Python strategies in the cycle: what they are told, how they are believed, what failing costs."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import pytest
from cycle.python_sets import NAME, composed, python_set
from cycle.small_sets import strategy
from cycle.trading_desk import BTC, DOGE, ETH, SOL, Bench, done
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cycle import cycle
from engine.cycle.proposing import python
from engine.cycle.proposing.answers import checked
from engine.cycle.rejudge import rejudge
from engine.cycle.steps import strategies
from engine.kinds.strategy.python.loading import Proposer
from engine.ledger.bodies import of_record
from engine.ledger.records import RecordKind
from engine.ledger.state import Membership
from engine.model.proposals import Candidate, Context, Proposal
from engine.run.session import guarded

if TYPE_CHECKING:
    from engine.cycle.desk import Round
    from engine.cycle.proposing.proposal import Proposal as Wish
    from engine.model.symbols import Symbol

HEAD = "from engine.model.proposals import Proposal\n\n\n"
ALL = (
    HEAD
    + """def propose(context):
    size_pct = context.params["size_pct"]
    return [
        Proposal(each.symbol, 0.8, size_pct, f"bid {each.facts['quote.bid']:.2f}")
        for each in context.candidates
        if each.number("quote.bid") is not None
    ]
"""
)


def body(text: str) -> str:
    """A source whose function says this, and names what its document declares."""
    return HEAD + f"def propose(context):\n    told = 'quote.bid', 'size_pct'\n    {text}\n"


def desk(source: str, *texts: str, **spec: str) -> Bench:
    """A desk over a set with this source, with the door that production has."""
    made = Bench(python_set(source, *texts, **spec))
    made.desk.guarded = partial(guarded, made.desk)
    return made


def turn(made: Bench, *symbols: Symbol, tier: str = "core") -> tuple[tuple[Wish, ...], Round]:
    """One cycle's proposals, with these members in the universe."""
    this = made.round()
    this.universe = {symbol: Membership(tier) for symbol in symbols}
    done(python.run(made.desk, this))
    return strategies.run(made.desk, this), this


def test_a_source_proposes_as_expressions_do() -> None:
    """Its proposals are wishes like any other: symbol, conviction, exact size, reason, its name."""
    made = desk(ALL)
    made.quote(BTC)
    found, this = turn(made, BTC)
    assert [(str(p.symbol), p.strategy.name, p.conviction, str(p.size_pct)) for p in found] == [
        ("BTC-USD", NAME, 0.8, "2.0")
    ]
    assert (found[0].reason, this.blockers) == ("bid 99.95", {})


def context_of(made: Bench, *symbols: Symbol) -> Context:
    """What the source would be told."""
    this = made.round()
    this.universe = {symbol: Membership("core") for symbol in symbols}
    return python.context_of(made.desk, this, made.desk.programme.python[0])


def test_a_source_is_told_what_it_declares_and_no_more() -> None:
    """Declared facts that are known, parameters in force, the regime, what is held; all frozen."""
    facts = "[quote.bid, quote.spread_bps, asset.groups, regime.volatility_pct]"
    made = desk(
        body("told = 'quote.spread_bps', 'asset.groups', 'regime.volatility_pct'; return []"),
        python=f"{{file: asked.py, facts: {facts}, max_steps: 1000}}",
        params="{size_pct: {by: regime.name, bull: 4, chop: 3, bear: 2, crash: 0, unknown: 1}}",
    )
    for symbol in (SOL, ETH, BTC):
        made.quote(symbol)
    made.hold(ETH)
    context = context_of(made, SOL, ETH, BTC)
    assert [each.symbol for each in context.candidates] == ["BTC-USD", "ETH-USD", "SOL-USD"]
    assert dict(context.candidates[1].facts) == {
        "quote.bid": 99.95,
        "quote.spread_bps": pytest.approx(10.0),
        "asset.groups": ("layers", "majors"),
    }
    assert context.candidates[0].number("asset.groups") is None
    assert (dict(context.params), context.regime) == ({"size_pct": 1.0}, "unknown")
    assert context.held == ("ETH-USD",)
    with pytest.raises(TypeError):
        context.params["size_pct"] = 9.0  # type: ignore[index]  # that is the test
    with pytest.raises(AttributeError):
        context.regime = "bull"  # type: ignore[misc]  # that is the test


def test_a_source_is_told_of_its_own_products() -> None:
    """Products of other tiers, of other groups, or without a quote are no candidates."""
    made = desk(ALL, groups="[majors]")
    for symbol in (BTC, ETH, SOL):
        made.quote(symbol)
    context = context_of(made, BTC, ETH, SOL, DOGE)
    assert [each.symbol for each in context.candidates] == ["BTC-USD", "ETH-USD"]
    assert turn(made, BTC, tier="rest")[0] == ()


KNOWN = Context((Candidate("BTC-USD", "core", {}), Candidate("ETH-USD", "core", {})), {}, "", ())
WRONG: dict[str, tuple[object, str]] = {
    "no list": (None, "the answer is no list but of type NoneType"),
    "a generator": ((x for x in ()), "the answer is no list but of type generator"),
    "no proposal": ([("BTC-USD", 1.0)], "a proposal is of type tuple"),
    "an unknown product": (
        [Proposal("DOGE-USD", 0.5, 1, "x")],
        "a proposal is for a product that is no candidate",
    ),
    "no product": (
        [Proposal(["BTC-USD"], 0.5, 1, "x")],  # type: ignore[arg-type]  # that is the test
        "a proposal is for a product that is no candidate",
    ),
    "twice": (
        [Proposal("BTC-USD", 0.5, 1, "x"), Proposal("BTC-USD", 0.6, 1, "x")],
        "BTC-USD is proposed twice",
    ),
    "conviction above one": (
        [Proposal("BTC-USD", 1.1, 1, "x")],
        "the conviction for BTC-USD is not from 0 to 1",
    ),
    "conviction that is no number": (
        [Proposal("BTC-USD", math.nan, 1, "x")],
        "the conviction for BTC-USD is not from 0 to 1",
    ),
    "conviction that is a flag": (
        [Proposal("BTC-USD", True, 1, "x")],  # noqa: FBT003 - that is the test
        "the conviction for BTC-USD is not from 0 to 1",
    ),
    "no size": ([Proposal("BTC-USD", 1, 0, "x")], "the size for BTC-USD is no share of equity"),
    "all and more": (
        [Proposal("BTC-USD", 1, 100.1, "x")],
        "the size for BTC-USD is no share of equity",
    ),
    "an endless size": (
        [Proposal("BTC-USD", 1, math.inf, "x")],
        "the size for BTC-USD is no share of equity",
    ),
    "no reason": (
        [Proposal("BTC-USD", 1, 1, "")],
        "the reason for BTC-USD is no line of at most 200 characters",
    ),
    "a reason of two lines": (
        [Proposal("BTC-USD", 1, 1, "a\nb")],
        "the reason for BTC-USD is no line of at most 200 characters",
    ),
}


@pytest.mark.parametrize(("answer", "why"), WRONG.values(), ids=WRONG)
def test_a_wrong_answer_is_not_believed(answer: object, why: str) -> None:
    """One wrong proposal and none counts; what is wrong is said without the value."""
    assert checked(answer, KNOWN) == why
    if isinstance(answer, list):
        assert checked([Proposal("ETH-USD", 1, 1, "x"), *answer], KNOWN) == why


def test_a_right_answer_is_taken_as_it_is() -> None:
    """Proposals for candidates, none twice, in a list or a tuple; none at all is an answer too."""
    one = Proposal("BTC-USD", 0, 100, "x" * 200)
    assert checked([one], KNOWN) == checked((one,), KNOWN) == {"BTC-USD": one}
    assert checked([], KNOWN) == {}


FAILURES = {
    "it raises": ("return 1 / 0", "step strategy asked failed: ZeroDivisionError in"),
    "it asks for a fact that is missing": (
        "return context.candidates[0].facts[told[0] + 'x']",
        "step strategy asked failed: KeyError in",
    ),
    "it does not end": ("while True: pass", "step strategy asked failed: StepsExhaustedError in"),
    "it answers nothing": ("pass", "strategy asked: the answer is no list but of type NoneType"),
}


@pytest.mark.parametrize(("text", "note"), FAILURES.values(), ids=FAILURES)
def test_a_failure_is_noted_counted_and_its_own(text: str, note: str) -> None:
    """A strategy that fails wants nothing in the cycle; the others want what they want."""
    made = desk(body(text), strategy("other", tiers="[rest]"))
    made.quote(BTC)
    found, this = turn(made, BTC)
    assert found == ()
    assert [each[: len(note)] for each in this.notes] == [note]
    assert len(made.desk.failures) == 1
    assert made.round().account["engine.exceptions_10m_count"] == 1.0
    assert str(this.blockers[BTC]) == "NO_STRATEGY strategy=other tier=core"
    again = desk(body(text), strategy("other"))
    again.quote(BTC)
    assert [each.strategy.name for each in turn(again, BTC)[0]] == ["other"]


SILENT = {
    "it does not propose it": ("return []", "NOT_PROPOSED strategy=asked"),
    "it is not sure enough": (
        "return [Proposal('BTC-USD', 0.3, 2, 'x')]",
        "LOW_CONVICTION strategy=asked conviction=0.3 size_pct=2",
    ),
    "it failed": ("return None", "STRATEGY_FAILED strategy=asked"),
}


@pytest.mark.parametrize(("text", "blocker"), SILENT.values(), ids=SILENT)
def test_who_proposes_nothing_is_told_why(text: str, blocker: str) -> None:
    """The first blocker of a product names the source and what it did."""
    made = desk(body(text))
    made.quote(BTC)
    found, this = turn(made, BTC)
    assert (found, str(this.blockers[BTC])) == ((), blocker)


def test_the_canary_and_the_contest_are_the_same() -> None:
    """A weak wish is made smaller, and the strongest of all strategies proposes."""
    made = desk(
        body("return [Proposal('BTC-USD', 0.5, 2, 'x')]"),
        canary="{below_conviction: 0.6, size_ratio: 0.25}",
    )
    made.quote(BTC)
    assert [str(each.size_pct) for each in turn(made, BTC)[0]] == ["0.500"]
    for conviction, winner in (("0.6", "other"), ("0.4", NAME)):
        both = desk(
            body("return [Proposal('BTC-USD', 0.5, 2, 'x')]"),
            strategy("other", conviction=f"'{conviction}'"),
        )
        both.quote(BTC)
        assert [each.strategy.name for each in turn(both, BTC)[0]] == [winner]


PROPOSING = Proposer(
    "ranked",
    python_set(ALL).source(NAME),
    max_steps=1000,
)
CANDIDATES = st.lists(
    st.builds(
        Candidate,
        st.sampled_from([f"C{n}-USD" for n in range(20)]),
        st.just("core"),
        st.fixed_dictionaries({}, optional={"quote.bid": st.floats(1, 1e6)}),
    ),
    max_size=8,
    unique_by=lambda each: each.symbol,
)


@settings(deadline=None, max_examples=60)
@given(CANDIDATES, st.floats(0.1, 10))
def test_the_same_context_gives_the_same_proposals(
    candidates: list[Candidate], size_pct: float
) -> None:
    """A source is a function: asked again, or by another process, it says the same."""
    context = Context(tuple(candidates), {"size_pct": size_pct}, "chop", ())
    first = PROPOSING(context)
    assert first == PROPOSING(context)
    other = Proposer("again", python_set(ALL).source(NAME), max_steps=1000)
    assert other(context) == first


@settings(deadline=None, max_examples=30)
@given(st.permutations([BTC, ETH, SOL, DOGE]))
def test_the_order_of_products_is_irrelevant(order: list[Symbol]) -> None:
    """Whatever the market showed first, a source is told of the products by name."""
    made = desk(ALL)
    for symbol in order:
        made.quote(symbol)
    context = context_of(made, *order)
    assert [each.symbol for each in context.candidates] == sorted(map(str, order))


def test_a_whole_cycle_and_its_rejudging() -> None:
    """A wish of a source is sized, judged, recorded, sent and judged again like any other."""
    made = desk(ALL)
    made.record(RecordKind.SET_ACTIVATED, _activation(made))
    made.quote(BTC)
    made.venue.cash = dict(made.state.cash)
    this = done(cycle.run(made.desk, made.now))
    assert [(told.intent.strategy, told.outcome) for told in this.orders] == [(NAME, "sent")]
    report = rejudge(made.journal.records())
    assert (report.decisions, report.agrees) == (1, True)


def test_exits_run_though_a_source_fails() -> None:
    """A stop is sold in the very cycle in which the strategy does not end."""
    made = desk(body("while True: pass"))
    made.hold(BTC, "2", "120", strategy=NAME)
    made.quote(BTC)
    made.venue.cash = dict(made.state.cash)
    done(cycle.run(made.desk, made.now))
    assert [order.intent.intent.value for order in made.venue.sent][:1] == ["exit"]


def _activation(made: Bench) -> dict[str, object]:
    from engine.cycle.records.activation import activation_body

    return activation_body(made.policy_set)  # type: ignore[return-value]  # a body is such a dict


LINTED: dict[str, tuple[str | None, dict[str, str], list[str]]] = {
    "no source came with it": (None, {}, ["M381"]),
    "it does not parse": ("def", {}, ["M382"]),
    "a fact that nobody has": (
        ALL,
        {"python": "{file: asked.py, facts: [quote.bid, quote.bit], max_steps: 10}"},
        ["M388", "M388"],
    ),
    "no fact but a sum": (
        ALL,
        {"python": "{file: asked.py, facts: [quote.bid, quote.bid + quote.ask], max_steps: 10}"},
        ["M388", "M388"],
    ),
    "a fact of an order": (
        ALL + "# order.size_pct\n",
        {"python": "{file: asked.py, facts: [quote.bid, order.size_pct], max_steps: 10}"},
        ["M388", "M388"],
    ),
    "a parameter by tier": (
        ALL,
        {"params": "{size_pct: {by: asset.tier, core: 1, rest: 1, none: 0}}"},
        ["M388"],
    ),
    "a parameter by group": (
        ALL,
        {"params": "{size_pct: {per: group, majors: 1, others: 1}}"},
        ["M388"],
    ),
    "a parameter that nobody reads": (ALL, {"params": "{size_pct: 1, other_pct: 1}"}, ["M388"]),
    "a fact that nobody reads": (
        ALL,
        {"python": "{file: asked.py, facts: [quote.bid, quote.ask], max_steps: 10}"},
        ["M388"],
    ),
}


@pytest.mark.parametrize(("source", "spec", "codes"), LINTED.values(), ids=LINTED)
def test_document_and_source_share_their_names(
    source: str | None, spec: dict[str, str], codes: list[str]
) -> None:
    """What a source is told, its document declares, and the other way round; else no set."""
    result = composed(source, **spec)
    found = [each for each in result.diagnostics if each.severity.value == "error"]
    assert [each.code for each in found] == codes
    assert result.policy_set is None


def test_series_that_a_source_is_told_are_computed() -> None:
    """A series fact that only a source names is produced, and its meaning is in the seal."""
    text = "x = [c.number('change_pct(\"5m\")') for c in context.candidates]; return []"
    made = desk(
        body(text),
        python="{file: asked.py, facts: [quote.bid, 'change_pct(\"5m\")'], max_steps: 1000}",
    )
    assert 'change_pct("5m")' in made.desk.programme.series
    made.bars([100.0] * 5 + [110.0])
    made.quote(BTC)
    assert context_of(made, BTC).candidates[0].number('change_pct("5m")') == pytest.approx(10.0)


def test_the_activation_record_tells_the_source() -> None:
    """Whoever audits the ledger reads the source that was active."""
    made = desk(ALL)
    made.record(RecordKind.SET_ACTIVATED, _activation(made))
    told = [of_record(r) for r in made.journal.records() if r.kind is RecordKind.SET_ACTIVATED]
    assert told[-1]["sources"] == {NAME: ALL}

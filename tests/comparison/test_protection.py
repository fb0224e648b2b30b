"""How one is protected is judged by declared directions: pairs whose truth is known, both ways."""

from __future__ import annotations

import pytest
from cycle.small_sets import (
    DEPLOYMENT,
    EXECUTION,
    SCHEDULE,
    STRATEGY,
    UNIVERSE,
    alert,
    breaker,
    limit,
    set_of,
)

from engine.comparison.comparing import Protection, compare
from engine.comparison.edits import Edit
from engine.comparison.effects import Effect
from engine.comparison.protection import judged
from engine.comparison.proving.permission import Permission
from engine.expr.backends.interpret import interpret
from engine.expr.nodes import Fact

FIRES = "venue.unknown_orders_count > 0"
TRIMMED = limit(
    "share",
    "position.pct_after <= params.max_pct",
    scope="symbol",
    params="{max_pct: 10}",
    trim="{after: 1h, at_least_pct: 5}",
)
DAILY = "portfolio.pnl_day_pct <= -3"


def text(base: str, old: str, new: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A document, and the same with one text another."""
    assert base.count(old) == 1, (old, base)
    return (base,), (base.replace(old, new),)


WEAKER = {
    "a wider stop": text(STRATEGY, "stop_pct: 5", "stop_pct: 7"),
    "a larger size": text(STRATEGY, 'size_pct: "2"', 'size_pct: "3"'),
    "a trailing stop removed": text(STRATEGY, "stop_pct: 5,", "stop_pct: 5, trailing_pct: 3,")[
        ::-1
    ],
    "blind for longer": text(STRATEGY, "blind_exit_after: 30m", "blind_exit_after: 45m"),
    "an alert deleted": ((alert("unknown", FIRES),), ()),
    "an alert that waits": ((alert("unknown", FIRES),), (alert("unknown", FIRES, for_="5m"),)),
    "a quieter alert": (
        (alert("unknown", FIRES),),
        (alert("unknown", FIRES, severity="info"),),
    ),
    "less often told": ((alert("unknown", FIRES),), (alert("unknown", FIRES, dedupe="10m"),)),
    "a trim removed": ((TRIMMED,), (TRIMMED.replace("trim:", "# trim:"),)),
    "no longer sold at the trip": (
        (breaker("daily", DAILY, on_trip="exit_all"),),
        (breaker("daily", DAILY),),
    ),
    "reset by a clock and not by a person": (
        (breaker("daily", DAILY, reset="{rearm: {not_before: 1h, high_water_mark: keep}}"),),
        (breaker("daily", DAILY),),
    ),
    "reset sooner": (
        (breaker("daily", DAILY),),
        (breaker("daily", DAILY, reset="{after: 5m}"),),
    ),
    "slower cycles": text(SCHEDULE, "interval: 60s", "interval: 90s"),
    "an alert that fires later": (
        (alert("unknown", FIRES),),
        (alert("unknown", "venue.unknown_orders_count > 1"),),
    ),
    "an alert that fires on fewer occasions": (
        (alert("two", f"{FIRES} or engine.exceptions_10m_count > 0"),),
        (alert("two", FIRES),),
    ),
    "an alert with a higher number": (
        (alert("unknown", "venue.unknown_orders_count > params.max", params="{max: 0}"),),
        (alert("unknown", "venue.unknown_orders_count > params.max", params="{max: 3}"),),
    ),
    "an alert in fewer modes": (
        (alert("unknown", FIRES, modes="[paper, live]"),),
        (alert("unknown", FIRES, modes="[paper]"),),
    ),
    "an alert in other modes": (
        (alert("unknown", FIRES, modes="[paper, live]"),),
        (alert("unknown", FIRES, modes="[live]"),),
    ),
    "a breaker that trips later": (
        (breaker("daily", DAILY),),
        (breaker("daily", "portfolio.pnl_day_pct <= -4"),),
    ),
    "a breaker on trial": ((breaker("daily", DAILY),), (breaker("daily", DAILY, stage="warn"),)),
    "a breaker that cancels less": (
        (breaker("daily", DAILY, cancel="all"),),
        (breaker("daily", DAILY, cancel="entries"),),
    ),
    "an exit by facts removed": text(
        STRATEGY, "stop_pct: 5,", "stop_pct: 5, when: quote.spread_bps > 50,"
    )[::-1],
    "an exit by facts that comes later": (
        text(STRATEGY, "stop_pct: 5,", "stop_pct: 5, when: quote.spread_bps > 50,")[1],
        text(STRATEGY, "stop_pct: 5,", "stop_pct: 5, when: quote.spread_bps > 60,")[1],
    ),
    "a narrower collar of stops": text(
        EXECUTION,
        "exit_stop: [{order: limit_ioc, collar_bps: 50}",
        "exit_stop: [{order: limit_ioc, collar_bps: 20}",
    ),
}


@pytest.mark.parametrize(("base", "head"), WEAKER.values(), ids=WEAKER)
def test_what_protects_less_is_weaker_and_the_way_back_stronger(
    base: tuple[str, ...], head: tuple[str, ...]
) -> None:
    """Each field has its safer direction, and it is the same one both ways."""
    one, other = (set_of(*texts) for texts in (base, head))
    assert compare(one, other).protection is Protection.WEAKER
    assert compare(other, one).protection is Protection.STRONGER


def test_a_size_that_is_larger_in_one_state_is_weaker() -> None:
    """Sizes by facts are compared in every state; one more fact to know is one more doubt."""
    base, head = text(STRATEGY, 'size_pct: "2"', 'size_pct: "2 if quote.spread_bps < 5 else 3"')
    found = compare(set_of(*base), set_of(*head))
    assert found.protection is Protection.WEAKER
    (leaning,) = found.leanings
    assert leaning.state is not None
    spread_bps = interpret(Fact("quote.spread_bps"), leaning.state.facts, set_of().vocabulary)
    assert isinstance(spread_bps, float)
    assert spread_bps >= 5
    smaller = text(STRATEGY, 'size_pct: "2"', 'size_pct: "2 if quote.spread_bps < 5 else 1"')
    assert compare(*(set_of(*each) for each in smaller)).protection is Protection.STRONGER


OPEN = {
    "midnight against a while": (
        (breaker("daily", DAILY),),
        (breaker("daily", DAILY, reset="next_utc_day"),),
    ),
    "another route": ((alert("unknown", FIRES),), (alert("unknown", FIRES, route="night"),)),
    "an alert of something else": (
        (alert("unknown", FIRES),),
        (alert("unknown", FIRES, scope="symbol"),),
    ),
}


@pytest.mark.parametrize(("base", "head"), OPEN.values(), ids=OPEN)
def test_what_has_no_direction_is_unknown(base: tuple[str, ...], head: tuple[str, ...]) -> None:
    """No order between the two is declared, so nobody is told that it is safe."""
    assert compare(set_of(*base), set_of(*head)).protection is Protection.UNKNOWN


TRADING = DEPLOYMENT.replace("read_only: true", "read_only: false")
GROUPED = limit("group", "portfolio.group_pct_after <= 10", scope="group", on_breach="resize")
NAMED = limit("named", '"majors" in asset.groups or order.notional_usd <= 100')
BY_TIER = limit("tiers", 'order.tier != "rest" or order.notional_usd <= 100')
CASES = "bull: 500, chop: 200, bear: 100, crash: 100, unknown: 100"
BY_REGIME = limit(
    "regimes",
    "order.notional_usd <= params.max_usd",
    params=f"{{max_usd: {{by: regime.name, {CASES}}}}}",
)
NIGHT = "{days: [sun], from: '22:00', to: '00:00', zone: Europe/Berlin}"
WINDOW = "  maintenance: [{days: [sat, sun], from: '22:00', to: '02:00', zone: Europe/Berlin}]\n"


def changed(base: str, old: str, new: str, *others: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A document among others, and the same with one text another."""
    (before,), (after,) = text(base, old, new)
    trading = () if "kind: Deployment" in before else (TRADING,)
    return (*trading, before, *others), (*trading, after, *others)


MADE_OTHERWISE = {
    "an asset leaves a group": changed(UNIVERSE, "[BTC, ETH]", "[BTC]", GROUPED),
    "an asset joins its first group": changed(UNIVERSE, "[BTC, ETH]", "[BTC, ETH, DOGE]", GROUPED),
    "a tier that asks less, and a limit for the lowest": changed(
        UNIVERSE, "require: quote.spread_bps <= 20", "require: quote.spread_bps <= 30", BY_TIER
    ),
    "a crash that begins later": changed(
        TRADING, 'change_pct("60m") <= -8', 'change_pct("60m") <= -9', BY_REGIME
    ),
    "a bull that begins sooner": changed(
        TRADING, 'change_pct("24h") >= 4', 'change_pct("24h") >= 3', BY_REGIME
    ),
    "the regime of another product": changed(
        TRADING, "reference: BTC-USD", "reference: ETH-USD", BY_REGIME
    ),
    "an hour of maintenance less": (
        (SCHEDULE + WINDOW,),
        (SCHEDULE + WINDOW.replace("02:00", "01:00"),),
    ),
    "a day of maintenance less": ((SCHEDULE + WINDOW,), (SCHEDULE + WINDOW.replace("sat, ", ""),)),
    "no maintenance": ((SCHEDULE + WINDOW,), (SCHEDULE,)),
    "maintenance in another zone": (
        (SCHEDULE + WINDOW,),
        (SCHEDULE + WINDOW.replace("Europe/Berlin", "America/New_York"),),
    ),
}


@pytest.mark.parametrize(("base", "head"), MADE_OTHERWISE.values(), ids=MADE_OTHERWISE)
def test_what_the_set_itself_makes_may_allow_more(
    base: tuple[str, ...], head: tuple[str, ...]
) -> None:
    """Tiers, the regime, groups and windows are no facts that a proof takes as given."""
    assert compare(set_of(*base), set_of(*head)).permission is Permission.LOOSER


NOT_LOOSER = {
    "an asset in one group more": changed(UNIVERSE, "[BTC, ETH]", "[BTC, ETH, SOL]", GROUPED),
    "groups that nobody asks for": changed(UNIVERSE, "[BTC, ETH]", "[BTC]"),
    "a tier that asks more": changed(
        UNIVERSE,
        "require: quote.spread_bps <= 20, stay: quote.spread_bps <= 40",
        "require: quote.spread_bps <= 10, stay: quote.spread_bps <= 30",
        BY_TIER,
    ),
    "a crash that begins sooner": changed(
        TRADING, 'change_pct("60m") <= -8', 'change_pct("60m") <= -7', BY_REGIME
    ),
    "a regime that nobody asks for": changed(
        TRADING, 'change_pct("60m") <= -8', 'change_pct("60m") <= -9'
    ),
    "more maintenance": ((SCHEDULE,), (SCHEDULE + WINDOW,)),
    "the same maintenance, said in two": (
        (SCHEDULE + WINDOW,),
        (
            SCHEDULE
            + WINDOW.replace(
                "[{", "[{days: [sun], from: '22:00', to: '00:00', zone: Europe/Berlin}, {"
            ),
        ),
    ),
}


@pytest.mark.parametrize(("base", "head"), NOT_LOOSER.values(), ids=NOT_LOOSER)
def test_what_the_set_itself_makes_may_allow_less(
    base: tuple[str, ...], head: tuple[str, ...]
) -> None:
    """The same the other way round, and where no limit asks for it."""
    assert compare(set_of(*base), set_of(*head)).permission is Permission.NOT_LOOSER


def test_groups_that_a_limit_names_have_no_direction() -> None:
    """Whether an exception by group is one that allows more is not for the order of sets to say."""
    base, head = changed(UNIVERSE, "[BTC, ETH]", "[BTC, ETH, SOL]", NAMED)
    assert compare(set_of(*base), set_of(*head)).permission is Permission.UNKNOWN


def test_a_stage_and_an_account_have_their_directions() -> None:
    """More trust allows more, by declaration; another account is nobody's to compare."""
    base = set_of(DEPLOYMENT)
    trusted = set_of(DEPLOYMENT.replace("stage: supervised", "stage: full"))
    other = set_of(DEPLOYMENT.replace("account: {name: main}", "account: {name: second}"))
    assert compare(base, trusted).permission is Permission.LOOSER
    assert compare(trusted, base).permission is Permission.NOT_LOOSER
    assert compare(base, other).permission is Permission.UNKNOWN


def test_the_same_set_is_the_same() -> None:
    """No edit, nothing asked, nothing weaker."""
    found = compare(set_of(STRATEGY), set_of(STRATEGY))
    assert (found.permission, found.protection) == (Permission.NOT_LOOSER, Protection.SAME)
    assert found.edits == found.findings == ()


def test_effects_have_their_reverse() -> None:
    """Weaker is the reverse of stronger; the others are their own."""
    assert [each.reversed for each in Effect] == [
        Effect.STRONGER,
        Effect.WEAKER,
        Effect.SAME,
        Effect.UNKNOWN,
    ]


def test_a_document_of_which_there_is_one_is_not_renamed_in_silence() -> None:
    """A Deployment under another name is another one: nobody says that it means the same."""
    edit = Edit("Deployment/account", (), {"spec": {}}, None)
    assert judged(edit).effect is Effect.UNKNOWN

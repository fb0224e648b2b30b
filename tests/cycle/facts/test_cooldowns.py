"""Cool-downs: what each pause is counted from, how long is left, and whom it holds back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cycle.cases import judged, reasons, situation, wish
from cycle.small_sets import STRATEGY, limit, set_of
from cycle.trading_desk import BTC, ETH, Bench, bench
from hypothesis import given, settings
from hypothesis import strategies as st
from policyset.sets import shipped

from engine.cycle.facts.pace import pace_facts, symbol_pace_facts
from engine.cycle.records.recovery import recover
from engine.expr.backends.closure import compile_value
from engine.expr.nodes import Fact
from engine.ledger.records import RecordKind
from engine.model.orders import Intent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.expr.nodes import Value
    from engine.ledger.bodies import Json
    from engine.policyset.policyset import PolicySet

NEVER = 1000.0
CONTINUES = "order.continues"
DEEDS = ("trade", "entry", "win", "loss", "stop", "failure")


def ages(made: Bench) -> dict[str, float]:
    """How long ago each thing last happened in BTC; `NEVER` is the age of the ledger."""
    facts = symbol_pace_facts(made.state, BTC, made.now)
    return {deed: float(facts[f"pace.symbol_last_{deed}_age_s"]) for deed in DEEDS}  # type: ignore[arg-type]  # ages are numbers


def after_a_sale(quantity: str, price: str, ladder: str) -> Bench:
    """Two units bought at 100 in the ledger's first second, and a sale at its 900th."""
    made = bench(STRATEGY)
    made.hold(BTC, "2", "100")
    made.wait(900)
    made.hold(BTC, quantity, price, intent="exit", ladder=ladder)
    made.wait(100)
    return made


SALES = {
    "closed above what it cost": ("2", "101", "exit", {"trade", "win"}),
    "closed at what it cost": ("2", "100", "exit", {"trade", "win"}),
    "closed below what it cost": ("2", "99", "exit", {"trade", "loss"}),
    "a part of it, at a loss": ("1", "50", "exit", {"trade"}),
    "closed by a stop": ("2", "90", "exit_stop", {"trade", "loss", "stop"}),
    "a part of it by a stop": ("1", "90", "exit_stop", {"trade", "stop"}),
    "closed by a trailing stop with a gain": ("2", "110", "exit_stop", {"trade", "win", "stop"}),
}


@pytest.mark.parametrize(("quantity", "price", "ladder", "deeds"), SALES.values(), ids=SALES)
def test_a_sale_is_a_win_a_loss_a_stop_or_just_a_trade(
    quantity: str, price: str, ladder: str, deeds: set[str]
) -> None:
    """A closed position wins or loses, whatever sold it; the stop's ladder makes a stop of it."""
    told = ages(after_a_sale(quantity, price, ladder))
    assert told == {deed: 100.0 if deed in deeds else NEVER for deed in DEEDS}


def test_the_account_remembers_its_last_loss() -> None:
    """A loss in any product dates the account's, a win does not."""
    made = after_a_sale("2", "99", "exit")
    made.hold(ETH, "1", "100")
    made.hold(ETH, "1", "101", intent="exit")
    assert pace_facts(made.state, made.now)["pace.last_loss_age_s"] == 100.0
    assert pace_facts(made.state, made.now)["pace.last_trade_age_s"] == 0.0


ENDS: dict[str, tuple[RecordKind, Mapping[str, Json], bool]] = {
    "refused": (RecordKind.REJECTED, {"would_cross": False}, True),
    "would have crossed": (RecordKind.REJECTED, {"would_cross": True}, False),
    "never seen": (RecordKind.NOT_SEEN, {}, True),
    "never sent": (RecordKind.CANCELLED, {"sent": False}, True),
    "refused later": (RecordKind.CANCELLED, {"status": "rejected"}, True),
    "found to be unseen": (RecordKind.CANCELLED, {"status": "not_seen"}, True),
    "cancelled": (RecordKind.CANCELLED, {"status": "cancelled"}, False),
    "cancelled in an older ledger": (RecordKind.CANCELLED, {}, False),
    "unknown": (RecordKind.UNKNOWN, {}, False),
}


@pytest.mark.parametrize(("kind", "told", "failed"), ENDS.values(), ids=ENDS)
def test_what_is_a_failure(kind: RecordKind, told: Mapping[str, Json], *, failed: bool) -> None:
    """Refused, unseen or unsent orders have failed; a crossing post-only and a cancel have not."""
    made = bench(STRATEGY)
    made.wait(900)
    number = made.hold(filled="0")
    made.record(kind, {"intent": number, **told})
    made.wait(100)
    assert ages(made)["failure"] == (100.0 if failed else NEVER)
    assert ages(made)["trade"] == NEVER


def test_the_end_of_an_order_that_is_gone_is_nobodys_failure() -> None:
    """A second end of the same order, or one of a stranger, dates nothing."""
    made = bench(STRATEGY)
    made.record(RecordKind.NOT_SEEN, {"intent": 77})
    made.record(RecordKind.REJECTED, {"intent": 77, "would_cross": False})
    assert made.state.pace.last_of == {}


def test_a_restart_forgets_no_pause() -> None:
    """The same records, folded again, give the same ages."""
    made = after_a_sale("2", "90", "exit_stop")
    made.record(RecordKind.NOT_SEEN, {"intent": made.hold(filled="0")})
    again = recover(made.journal.records()).state
    assert again.pace == made.state.pace
    assert symbol_pace_facts(again, BTC, made.now) == symbol_pace_facts(made.state, BTC, made.now)


# What is left of them all.


def remaining(policy_set: PolicySet, facts: Mapping[str, float]) -> object:
    """`pace.cooldown_remaining_s` of a set where these facts hold."""
    return compile_value(Fact("pace.cooldown_remaining_s"), policy_set.vocabulary)(dict(facts))


WAITS = st.lists(
    st.tuples(
        st.sampled_from(DEEDS), st.integers(1, 5000), st.sampled_from(["alone", "and", "rung"])
    ),
    max_size=4,
)
AGES = st.fixed_dictionaries({deed: st.integers(0, 6000) for deed in DEEDS})


@settings(deadline=None, max_examples=30)
@given(WAITS, AGES)
def test_what_is_left_is_the_longest_wait_of_any_limit(
    waits: list[tuple[str, int, str]], told: dict[str, int]
) -> None:
    """Over limits that wait for an age, alone or beside other things; never below nothing."""
    limits = []
    for place, (deed, seconds, form) in enumerate(waits):
        asked = f"pace.symbol_last_{deed}_age_s >= params.wait_s"
        forms = {"and": f"{asked} and order.notional_usd <= 50", "rung": f"{asked} or {CONTINUES}"}
        whole = forms.get(form, asked)
        limits.append(limit(f"wait_{place}", whole, params=f"{{wait_s: {seconds}}}"))
    facts = {f"pace.symbol_last_{deed}_age_s": float(age) for deed, age in told.items()}
    expected = max([0.0, *(float(seconds - told[deed]) for deed, seconds, _ in waits)])
    assert remaining(set_of(STRATEGY, *limits), facts) == expected


NO_WAIT = {
    "a shadow": limit(
        "w", "pace.last_trade_age_s >= params.wait_s", params="{wait_s: 90}", stage="shadow"
    ),
    "of exits": limit(
        "w", "pace.last_trade_age_s >= params.wait_s", params="{wait_s: 90}", intents="[exit]"
    ),
    "of one mode": limit(
        "w", "pace.last_trade_age_s >= params.wait_s", params="{wait_s: 90}", modes="[live]"
    ),
    "an alternative": limit(
        "w",
        "pace.last_trade_age_s >= params.wait_s or order.notional_usd <= 1",
        params="{wait_s: 90}",
    ),
    "the other way round": limit(
        "w", "pace.last_trade_age_s <= params.wait_s", params="{wait_s: 90}"
    ),
    "another age": limit("w", "quote.age_s >= params.wait_s", params="{wait_s: 90}"),
    "by group": limit(
        "w",
        "pace.last_trade_age_s >= params.wait_s",
        scope="group",
        params="{wait_s: {per: group, majors: 60, others: 90}}",
    ),
    "none wanted": """
kind: RiskLimit
metadata: {name: w, description: None.}
spec:
  {scope: account, intents: [entry], on_breach: deny, stage: enforce, unlimited: true, reason: why}
""",
}


@pytest.mark.parametrize("text", NO_WAIT.values(), ids=NO_WAIT)
def test_what_holds_no_entry_back_by_an_age_is_no_cooldown(text: str) -> None:
    """Only what surely holds entries of a product back until an age is reached counts."""
    assert remaining(set_of(STRATEGY, text), {"pace.last_trade_age_s": 0.0}) == 0.0


def test_a_set_without_such_limits_never_cools_down() -> None:
    """The number is nothing, and known, where no limit waits."""
    assert remaining(set_of(STRATEGY), {}) == 0.0


# The shipped ones, one by one.

SHIPPED = {
    "min_symbol_gap": ("trade", 900),
    "cooldown_after_fill": ("entry", 1800),
    "cooldown_after_win": ("win", 600),
    "cooldown_after_loss": ("loss", 3600),
    "cooldown_after_stop": ("stop", 7200),
    "cooldown_after_failure": ("failure", 300),
}


@pytest.mark.parametrize(("name", "told"), SHIPPED.items(), ids=SHIPPED)
def test_a_shipped_cooldown_holds_entries_until_it_is_over(
    name: str, told: tuple[str, int]
) -> None:
    """A second early an entry is denied, on time it is not; an exit is never asked."""
    deed, seconds = told
    policy_set = shipped()
    rule = f"LIMIT_BREACHED:RiskLimit/{name}"
    for left, intent in ((1, Intent.ENTRY), (0, Intent.ENTRY), (1, Intent.EXIT)):
        fact: dict[str, Value | None] = {f"pace.symbol_last_{deed}_age_s": float(seconds - left)}
        fact["order.continues"] = False
        decision = judged(policy_set, wish(intent), situation(fact, intent=intent))
        assert (rule in reasons(decision)) is (bool(left) and intent is Intent.ENTRY)
    facts = {f"pace.symbol_last_{each}_age_s": 1e6 for each in DEEDS}
    facts |= {"pace.last_trade_age_s": 1e6, f"pace.symbol_last_{deed}_age_s": float(seconds - 1)}
    assert remaining(policy_set, facts) == 1.0


def test_a_stop_in_one_product_holds_back_no_other() -> None:
    """The pause after a stop is the product's own: the rest of the batch goes on."""
    made = Bench(shipped())
    made.wait(10_000)
    made.hold(BTC, "2", "100")
    made.hold(BTC, "2", "90", intent="exit", ladder="exit_stop")
    made.wait(2000)
    btc, eth = (symbol_pace_facts(made.state, each, made.now) for each in (BTC, ETH))
    account = {"pace.last_trade_age_s": 2000.0}
    left = [remaining(made.policy_set, {**account, **each}) for each in (btc, eth)]  # type: ignore[dict-item]  # ages are numbers
    assert left == [5200.0, 0.0]

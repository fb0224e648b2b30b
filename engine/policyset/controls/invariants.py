"""Controls that no document can switch off: what the engine does, and the tests that show it.

A house test holds that each named test is there; what it proves is its own first sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.kinds.rule import RuleRole
from engine.policyset.controls.evidence import Invariant

if TYPE_CHECKING:
    from collections.abc import Mapping

_BREAKERS = "tests/cycle/steps/test_breakers.py"
_CLOCKWORK = "tests/cycle/test_clockwork.py"
_DECIDING = "tests/scenarios/test_deciding.py"
_FOLD = "tests/ledger/test_fold.py"
_ID = "tests/ledger/test_order_id.py"
_JOURNAL = "tests/ledger/test_journal.py"
_JUDGE = "tests/cycle/test_judge.py"
_COMPOSING = "tests/policyset/test_composing.py"
_MARKET = "tests/cycle/test_market.py"
_PURITY = "tests/house/test_purity.py"
_RECONCILE = "tests/cycle/steps/test_reconcile.py"
_REJUDGE = "tests/cycle/test_rejudge.py"
_SENDING = "tests/cycle/orders/test_sending.py"
_UNIVERSE = "tests/cycle/steps/test_universe.py"
_VALUATION = "tests/cycle/test_valuation.py"
_VERIFY = "tests/ledger/test_verify.py"

_OUTSIDE = "test_a_product_outside_the_universe_and_a_maintenance_window_deny_entries"
_LIMIT_TESTS = (
    f"{_JUDGE}::test_a_verdict_is_what_the_rules_make_of_the_order",
    f"{_DECIDING}::test_a10_every_threshold_moves_the_verdict",
    f"{_JUDGE}::test_exactly_these_things_stop_an_exit",
)

# A rule blocks beyond its number, lets pass at it, and lets a way out: whatever its number is.
OF_RULES: Mapping[RuleRole, tuple[str, ...]] = {
    RuleRole.LIMIT: _LIMIT_TESTS,
    RuleRole.GUARD: _LIMIT_TESTS,
    RuleRole.TRIP: (
        f"{_BREAKERS}::test_a_breaker_trips_once_and_stays_tripped",
        f"{_BREAKERS}::test_reducing_lets_a_way_out_open_and_halted_does_not",
    ),
    RuleRole.TIER_ENTER: (
        f"{_UNIVERSE}::test_a_product_enters_the_first_tier_that_takes_it",
        f"{_UNIVERSE}::test_who_stays_outside_is_told_why",
    ),
}

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "C05",
        "an order counts from the moment it is intended, and in full while its outcome is unknown",
        (
            f"{_SENDING}::test_pending_orders_count_at_once",
            f"{_SENDING}::test_an_unknown_order_counts_in_full_and_is_not_sent_again",
            f"{_VALUATION}::test_what_is_held_and_what_is_on_its_way_are_at_risk",
        ),
    ),
    Invariant(
        "C06",
        "a latch that waits for a person lets go when one re-arms it, and not before",
        (
            f"{_BREAKERS}::test_a_person_re_arms_what_only_a_person_may",
            f"{_CLOCKWORK}::test_a_rearm_is_for_latches_that_wait_for_a_person",
        ),
    ),
    Invariant(
        "C08",
        "a product outside the universe, or on the list of exclusions, takes no entry",
        (
            f"{_UNIVERSE}::test_an_excluded_product_leaves_at_once",
            f"{_SENDING}::{_OUTSIDE}",
        ),
    ),
    Invariant(
        "C10",
        "only a Waiver lifts a rule: with a reason, a person who approved it, and an end",
        (f"{_COMPOSING}::test_a_waiver_changes_the_parameter_while_it_is_in_force",),
    ),
    Invariant(
        "C11",
        "one intent has one order id, and is sent once",
        (
            f"{_SENDING}::test_one_intent_has_one_id_and_its_child_another",
            f"{_ID}::test_every_part_makes_another_id",
        ),
    ),
    Invariant(
        "C13",
        "the switch is read again in the same step as the send, and cancels what works",
        (
            f"{_DECIDING}::test_a18_the_kill_switch_stops_every_intent",
            f"{_DECIDING}::test_a18_the_switch_is_read_again_before_the_wire",
            f"{_CLOCKWORK}::test_the_switch_cancels_at_the_next_tick",
            f"{_CLOCKWORK}::test_cancel_all_asks_for_every_working_order",
        ),
    ),
    Invariant(
        "C14",
        "every order carries its policy set, and its records say rule, strategy and numbers",
        (
            f"{_ID}::test_an_id_is_a_uuid_of_version_8_that_shows_its_set_and_stream",
            f"{_SENDING}::test_every_record_of_an_order_carries_the_whole_hash",
            f"{_JUDGE}::test_every_rule_is_recorded_with_its_numbers",
        ),
    ),
    Invariant(
        "C16",
        "balances and fills of the venue are compared with the ledger in every cycle",
        (
            f"{_RECONCILE}::test_balances_that_differ_are_counted_and_the_agreement_too",
            f"{_RECONCILE}::test_fills_enter_once_in_whatever_order_they_are_told",
        ),
    ),
    Invariant(
        "C23",
        "nothing is sent before its record is durable, and no record can be changed unseen",
        (
            f"{_SENDING}::test_the_intent_is_durable_before_anything_is_sent",
            f"{_VERIFY}::test_any_flipped_bit_is_found",
            f"{_JOURNAL}::test_any_crash_leaves_a_beginning_that_holds_all_that_was_synced",
        ),
    ),
    Invariant(
        "C27",
        "facts that contradict each other are unknown, and what is unknown denies entries",
        (
            f"{_MARKET}::test_facts_that_break_an_invariant_are_left_out_and_counted",
            f"{_JUDGE}::test_missing_facts_deny_new_risk_and_no_exit",
        ),
    ),
    Invariant(
        "C29",
        "only the judge makes an order that can be sent, and a running engine writes no policy",
        (
            "tests/house/test_one_maker.py::test_only_the_judge_makes_an_approved_order",
            f"{_SENDING}::test_only_approved_orders_reach_the_port",
            f"{_PURITY}::test_engine_takes_clock_chance_and_disk_from_ports",
        ),
    ),
)

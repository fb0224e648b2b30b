"""What stands guard in the ledger: what a reset and a person's re-arming set back."""

from __future__ import annotations

import pytest
from ledger.test_fold import History

from engine.ledger.records import RecordKind

REARMS = {
    "this strategy": ("hand", "re-armed", {"other": 2}),
    "the other one": ("other", "re-armed", {"hand": 4}),
    "a refused command": ("hand", "refused: it may not", {"hand": 4, "other": 2}),
    "a breaker of another name": ("stop", "re-armed", {"hand": 4, "other": 2}),
}


@pytest.mark.parametrize(("target", "outcome", "left"), REARMS.values(), ids=REARMS)
def test_one_strategy_is_re_armed_at_a_time(
    target: str, outcome: str, left: dict[str, int]
) -> None:
    """Who re-arms one strategy has not looked at the others; nor does he forgive losses."""
    history = History()
    history.state.pace.executions_since_arm = {"hand": 4, "other": 2}
    history.state.pace.losses_in_a_row = 2
    command = {"command": "rearm", "target": target, "outcome": outcome}
    history.tell(RecordKind.OPERATOR_COMMAND, command)
    assert history.state.pace.executions_since_arm == left
    assert history.state.pace.losses_in_a_row == 2


LATCHED = {
    "a person re-arms a breaker about losses": ("pace.losses_consecutive_count >= 3", True, 0),
    "a person re-arms another breaker": ("portfolio.drawdown_pct >= 10", True, 3),
    "a pause for losses is over": ("pace.losses_consecutive_count >= 3", False, 3),
}


@pytest.mark.parametrize(("text", "by_hand", "left"), LATCHED.values(), ids=LATCHED)
def test_losses_are_forgiven_by_who_looked_at_them(text: str, by_hand: bool, left: int) -> None:  # noqa: FBT001 - a row of a table
    """Re-armed, a breaker about losses would trip again at once if they still counted."""
    history = History()
    history.state.pace.losses_in_a_row = 3
    time = "rearm_not_before" if by_hand else "resets_at"
    parts = {"scope": "account", "while_tripped": "reducing", "cancel": "none", "on_trip": "none"}
    latch = {"breaker": "stop", "key": "", "text": text, time: str(history.now), **parts}
    history.tell(RecordKind.BREAKER_TRIPPED, latch)
    history.tell(RecordKind.BREAKER_RESET, {"breaker": "stop", "key": ""})
    assert history.state.pace.losses_in_a_row == left
    assert history.state.latches == {}

"""State is kept apart: what one mode or account has seen is no other's mark, over restarts.

In the system that this replaces a dry run wrote its invented equity into the one high-water mark
that there was; live then had "lost" 97 % and stood still for days.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from run.conftest import POLICIES

from engine.errors import MandateError
from engine.model.orders import Mode
from engine.policyset.opening import load_policy_set
from engine.run import prepare

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from run.conftest import Settings

    from engine.ledger.state import NavMarks
    from engine.policyset.policyset import PolicySet
    from engine.run import RunSettings

pytestmark = pytest.mark.long

SECOND = """
apiVersion: mandate/v1
kind: PolicySet
metadata: {name: second, description: The same for another account with fifty times the money.}
spec:
  base: ../any_pair
  patches:
    - target: Deployment/account
      set:
        account.name: second
        equity_planned_usd: [10000, 10000000]
        paper.cash: {USD: 500000, USDT: 500000}
      reason: a test
"""
STREAMS = [("main", Mode.PAPER), ("main", Mode.DRY_RUN), ("second", Mode.PAPER)]


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, PolicySet]:
    """The set for any pair, for two accounts."""
    home = tmp_path_factory.mktemp("reviewed")
    shutil.copytree(POLICIES, home / "policies")
    shutil.copytree(POLICIES.parent / "strategies", home / "strategies")
    (home / "policies" / "second").mkdir()
    (home / "policies" / "second" / "policyset.yaml").write_text(SECOND)
    folders = {"main": "any_pair", "second": "second"}
    return {
        account: load_policy_set(home / "policies" / folder).required()
        for account, folder in folders.items()
    }


def some_cycles(settings: RunSettings, policy_set: PolicySet) -> NavMarks:
    """A process that runs some cycles and ends; what the account is marked at then."""
    session = prepare(settings, policy_set)
    session.run(lambda _this: None)
    return session.state.nav


def test_a03_one_folder_and_three_streams_have_three_marks(
    settings: Settings, sets: Mapping[str, PolicySet], tmp_path: Path
) -> None:
    """Processes in turn on ledgers side by side leave each stream as if it had run alone."""
    together: dict[tuple[str, Mode], NavMarks] = {}
    for _ in range(2):
        for account, mode in STREAMS:
            place = tmp_path / "shared" / f"{account}-{mode.value}"
            own = settings(mode=mode, ledger=place, cycles=9)
            together[account, mode] = some_cycles(own, sets[account])
    for account, mode in STREAMS:
        own = settings(mode=mode, ledger=tmp_path / "alone" / f"{account}-{mode.value}", cycles=18)
        alone = some_cycles(own, sets[account])
        seen = together[account, mode]
        assert (seen.latest, seen.high_water, seen.units) == pytest.approx(
            (alone.latest, alone.high_water, alone.units)
        )
    assert len({round(each.units) for each in together.values()}) == 2
    assert together["main", Mode.DRY_RUN].high_water == pytest.approx(1.0, abs=0.02)


def test_a03_no_stream_goes_on_in_another_s_ledger(
    settings: Settings, sets: Mapping[str, PolicySet], tmp_path: Path
) -> None:
    """Whatever the pair of mode and account, the other's marks are refused and not read."""
    places = {}
    for account, mode in STREAMS:
        own = settings(mode=mode, ledger=tmp_path / f"{account}-{mode.value}", cycles=1)
        some_cycles(own, sets[account])
        places[account, mode] = own
    for ours, theirs in permutations(STREAMS, 2):
        wrong = replace(places[theirs], mode=ours[1])
        with pytest.raises(MandateError) as caught:
            prepare(wrong, sets[ours[0]])
        assert [each.code for each in caught.value.diagnostics] == ["M446"]

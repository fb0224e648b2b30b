"""`trader venue --faults`: what goes wrong is what was asked for, and is kept beside the memory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from fakes.venue_client import ask
from fakes.venue_process import venue_process

from cli.outcome import settle
from cli.trader import TRADER

if TYPE_CHECKING:
    from pathlib import Path

PLAN = """\
apiVersion: mandate/v1
kind: FaultPlan
metadata: {name: plan, description: What goes wrong.}
spec:
  seed: 7
  script:
    - {method: GET, path: /accounts, times: 1, fault: {kind: status, status: 503, effect: before}}
  quota: {private_per_s: 100, public_per_s: 100}
"""


def test_a_plan_is_carried_out_and_told(tmp_path: Path) -> None:
    """The request that the script names fails, the next one does not; a line says which."""
    plan = tmp_path / "plan.yaml"
    plan.write_text(PLAN, encoding="utf-8")
    state = tmp_path / "state"
    with venue_process(state, "--faults", str(plan)) as venue:
        told = [ask(venue, "GET", "/accounts").status for _ in range(2)]
        assert venue.stop() == 0
    (line,) = (state / "faults.jsonl").read_text("utf-8").splitlines()
    assert told == [503, 200]
    assert json.loads(line)["fault"] == "status"


REFUSED = {
    "no plan": (("--faults", "none.yaml"), "M610"),
    "a plan and a rate": (("--faults", "plan.yaml", "--fault-rate", "10"), "M612"),
    "a rate above all": (("--fault-rate", "101"), "M612"),
}


@pytest.mark.parametrize(("options", "code"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_a_plan_is_refused(
    options: tuple[str, ...], code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before the venue listens."""
    status = settle(TRADER, ["venue", "--state", str(tmp_path / "state"), *options])
    assert (status, code in capsys.readouterr().err) == (1, True)

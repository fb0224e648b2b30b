"""How trust is earned: what each stage must have shown, and who is asked while there is little.

A stage of the Deployment says how far a set is trusted. `going_live` says what a ledger must show
before each of them, for `trader doctor --go-live`; `supervision` how a person says yes to each
order of the first. Refuses stretches of time that cannot lie in one another.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from engine.kinds.base import Closed, Duration, Name, NotNegative


class Shown(Closed):
    """What the records of the stage before must show; paper stands before the first."""

    ran: Duration = Field(description="Cycles ran for so long, silences left out.")
    unchanged: Duration = Field(
        description="Of it, so long under these very rules, the Deployment aside."
    )
    quiet: Duration = Field(
        description="Nothing tripped, halted by itself or lost its answer for so long, of the time "
        "that it ran."
    )
    fills: int = Field(ge=1, description="So many executions at least.")

    @model_validator(mode="after")
    def _check(self) -> Shown:
        for name in ("unchanged", "quiet"):
            if getattr(self, name) > self.ran:
                message = f"`{name}` is a part of `ran`, and cannot be longer"
                raise ValueError(message)
        return self


class GoingLive(Closed):
    """What must be shown before each stage, and how old the evidence may be."""

    supervised: Shown = Field(description="On paper, before the first live order.")
    canary: Shown = Field(description="Live and supervised, before small sizes go unasked.")
    full: Shown = Field(description="Live as a canary, before the whole size.")
    silence: Duration = Field(
        description="A longer time between two cycles is a time in which nothing was shown."
    )
    fee_above_bps: NotNegative = Field(
        description="So far above the assumed fees the measured ones may be."
    )
    brake_tried: Duration = Field(description="The kill switch was tried not longer ago than this.")
    key_age: Duration = Field(description="The key of the account is not older than this.")


class Supervision(Closed):
    """How a person says yes to each order that adds risk, while the stage is `supervised`."""

    modes: tuple[Literal["paper", "live"], ...] = Field(
        min_length=1, description="In which modes a person is asked."
    )
    answer_within: Duration = Field(
        description="Who says nothing for so long has said no; a yes is good until then, too."
    )
    asked_again_after: Duration = Field(
        description="After a no, spoken or silent, the same is not asked again for so long."
    )
    price_move_bps: NotNegative = Field(
        description="An order whose worst price is further than this beyond the one that was agreed"
        " to is asked about anew."
    )
    route: Name = Field(
        description="Who is told that an order waits, besides the terminal of the run."
    )

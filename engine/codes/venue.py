"""The catalogue, M6xx: the paper venue."""

from __future__ import annotations

from engine.codes.code import Code

VENUE_CODES: tuple[Code, ...] = (
    Code(
        "M602",
        "the venue's journal is damaged",
        "A venue that forgets an order which it answered for would teach its clients that orders "
        "vanish. What cannot be read in the middle of its journal ends the start; a last line "
        "that a crash tore is no damage, because its call was never answered.",
        "a byte changed in the third line of venue.journal",
    ),
    Code(
        "M603",
        "the venue's memory is of other money",
        "A journal is a history of one account. Started with other cash, every balance after it "
        "would be wrong by the difference.",
        "trader venue --state runs/venue --cash USD=5000, begun with USD=100000",
    ),
)

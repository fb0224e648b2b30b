"""The catalogue, M6xx: the paper venue."""

from __future__ import annotations

from engine.codes.code import Code

VENUE_CODES: tuple[Code, ...] = (
    Code(
        "M600",
        "the venue cannot listen",
        "Another program has the port, or this user may not take it. A venue on another port than "
        "the one that was named would be found by nobody, so none is chosen in its place.",
        "trader venue --port 8443, twice",
    ),
    Code(
        "M601",
        "the venue's directory cannot be used",
        "Certificate, keys and memory lie in one directory of the venue's own. Without it clients "
        "could not trust it, and a restart would forget what was answered.",
        "trader venue --state /proc/venue",
    ),
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
    Code(
        "M604",
        "not an amount of a currency",
        "What an account begins with is decided by whoever starts the venue. A text that is no "
        "amount is not read as one.",
        "trader venue --cash USD=lots",
    ),
    Code(
        "M605",
        "the venue's disk refused",
        "An answer is given after what it says is on disk. When the disk refuses, the venue knows "
        "more than a restart would: it answers nothing more, and ends.",
        "a venue whose disk is full",
    ),
    Code(
        "M606",
        "the extra `venue` is not installed",
        "The server, its keys and its certificate need libraries that a trader does not, so they "
        "are an extra.",
        "trader venue, after `pip install mandate-trader`",
    ),
    Code(
        "M607",
        "the venue does not do it",
        "A deposit or a withdrawal is done by the venue that runs, and by no one else: its memory "
        "has one writer. Where none answers, or where the account has less than is to leave, "
        "nothing happened.",
        "trader venue --withdraw USD=1000000000",
    ),
    Code(
        "M608",
        "not a list of products",
        "A venue lists what it is told, with the grid and the limits that it is told. A file that "
        "is no body of `/products` gives neither.",
        "trader venue --products quotes.csv",
    ),
    Code(
        "M609",
        "not a step of a script",
        "A script moves money and changes products while clients trade. A line that cannot be "
        "read, or done, would leave a test that proves something else than it says.",
        '{"at_s": 5, "transfer": {"currency": "USD"}}',
    ),
)

"""The catalogue, M470-M479: a ledger that several traders share."""

from __future__ import annotations

from engine.codes.code import Code

SHARED_CODES: tuple[Code, ...] = (
    Code(
        "M470",
        "the address of a shared ledger cannot be used",
        "An address names a server and a database, and nothing secret: a command line stands in "
        "the list of processes and in histories. What it leaves open is refused, not guessed.",
        "trader status --ledger postgresql://desk:secret@ledger.example/trading",
    ),
    Code(
        "M471",
        "another loop holds this account",
        "One loop trades an account in a mode. Two would not see each other's orders and would "
        "both be within their limits. The message names the holder.",
        "a second `trader run` on one account, with a journal of its own",
    ),
    Code(
        "M472",
        "the lease is lost",
        "A loop that was silent for longer than its lease may have been replaced. It asks before "
        "it sends or writes anything; when another has the account, it ends.",
        "a process that was stopped for a minute, and wakes after another has taken over",
    ),
    Code(
        "M473",
        "the shared ledger's tables are of another release",
        "Tables only go forward. An older release that wrote into newer ones could leave out what "
        "the newer one relies on.",
        "`trader run` of last year's release on a database that this year's has brought up",
    ),
    Code(
        "M474",
        "the journal is not the shared ledger's",
        "The journal on this machine is the truth, and the server follows it. A journal that lacks "
        "what the server has is another, an older copy or a new one: its next order would bear a "
        "number, and so an id, that was used before.",
        "trader run --ledger postgresql://ledger.example/trading, from another machine",
    ),
    Code(
        "M475",
        "nobody says what an outage of the shared ledger means, or how long a lease lasts",
        "While the server is away the journal goes on alone. Whether new risk is taken meanwhile, "
        "and after which silence a loop asks whether the account is still its own, is for a "
        "reviewed document to say; there is no default.",
        "trader run --ledger postgresql://… with a Deployment without `on_ledger_outage`",
    ),
    Code(
        "M476",
        "the shared ledger is not what was shipped to it",
        "The stored line proves itself by its hash, and the columns beside it must say what it "
        "says. Whoever edits a row, removes the last ones or moves the head is found here.",
        "UPDATE mandate.records SET symbol = 'ETH-USD' WHERE sequence = 7",
    ),
    Code(
        "M477",
        "the shared ledger cannot be reached",
        "The server is not there, refuses this user, or the driver is not installed. A loop that "
        "runs keeps its journal and does what its Deployment says of an outage; one that starts, "
        "and a question, need the server.",
        "trader status --ledger postgresql://nobody@localhost/trading",
    ),
    Code(
        "M478",
        "no stream of the shared ledger is meant",
        "A database holds a stream for each mode and account. Where several lie, a question is "
        "about one of them, and the address says which.",
        "trader status --ledger postgresql://ledger.example/trading, where two accounts are kept",
    ),
    Code(
        "M479",
        "a trader is ordered where it runs",
        "The kill switch and the commands are files beside the journal: they work while the "
        "server is down, and nobody who may write to a database can order a sale.",
        "trader halt --ledger postgresql://ledger.example/trading --reason fire",
    ),
)

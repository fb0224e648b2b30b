"""The catalogue, M458-M469: a run in real time, before its first cycle."""

from __future__ import annotations

from engine.codes.code import Code

REAL_TIME_CODES: tuple[Code, ...] = (
    Code(
        "M458",
        "no credentials",
        "Orders over sockets are signed. The name of a key and its private half are looked for in "
        "a mounted directory, in systemd's, and in the environment; a policy never holds them.",
        "trader run --policies policies/live, without `COINBASE_API_KEY`",
    ),
    Code(
        "M459",
        "a secret is refused",
        "A key that others on the machine can read is theirs too; a file that holds several "
        "secrets hands out all of them to whoever needs one; and what is neither ES256 nor Ed25519 "
        "signs nothing that the venue takes.",
        "a mounted file `COINBASE_API_SECRET` with mode 644",
    ),
    Code(
        "M460",
        "what speaks to a venue is not installed",
        "Signing and the websocket come with an extra, so that whoever only lints and simulates "
        "installs neither.",
        "trader run in real time, installed without the extra `live`",
    ),
    Code(
        "M461",
        "not an address to send orders to",
        "Live orders go to Coinbase's own address. On paper a venue may be named, and it is on "
        "this machine: an order that leaves it by mistake is a real one.",
        "trader run --policies policies/paper --venue https://example.com",
    ),
    Code(
        "M462",
        "the venue does not answer",
        "A run that cannot reach its venue knows neither what is held nor what may be traded. It "
        "is refused before its first record; one that runs already waits instead.",
        "trader run --venue https://127.0.0.1:8443, and no `trader venue` behind it",
    ),
    Code(
        "M463",
        "the venue refuses the key",
        "Without its account a run could neither reconcile nor leave a position.",
        "a key that was revoked",
    ),
    Code(
        "M464",
        "the key can move money",
        "Whoever holds a key that can transfer can empty the account, whatever the policies say. "
        "A trader needs to look and to trade, nothing else.",
        "a key with the permission to transfer",
    ),
    Code(
        "M465",
        "the key may not do what the run needs",
        "An order that the venue will refuse is found out before the first, not at the first exit.",
        "a key that may only view",
    ),
    Code(
        "M466",
        "the key is of another portfolio",
        "The set was written for one account. Its limits in percent of equity mean something else "
        "for another one.",
        "`account.portfolio_id` of one portfolio and the key of another",
    ),
    Code(
        "M467",
        "the clock is off",
        "Ages of quotes, times to live and signed tokens all rest on our clock. The breakers of "
        "the set say how far it may be off; what would trip them at once refuses the start.",
        "a machine whose clock is five seconds ahead of the venue's",
    ),
    Code(
        "M468",
        "the venue does not list the product",
        "A product that is not there has no facts, and a set that waits for them does nothing.",
        "trader run --product BTC-USB",
    ),
    Code(
        "M469",
        "options that do not go together",
        "An option without effect is one that somebody relies on. What belongs to recordings is "
        "refused in real time, and the other way round.",
        "trader run --policies policies/paper --pace 60, without `--quotes`",
    ),
)

"""The catalogue, M700-M709: two policy sets side by side; M740-M749: proofs about one."""

from __future__ import annotations

from engine.codes.code import Code

COMPARISON_CODES: tuple[Code, ...] = (
    Code(
        "M700",
        "the extra `compare` is not installed",
        "What a change allows is proved by the solver z3, which weighs 60 MB and which neither "
        "lint nor the trader needs.",
        "policy diff main HEAD, without `pip install mandate-trader[compare]`",
    ),
    Code(
        "M701",
        "neither a policy set nor a revision",
        "A comparison takes folders with a policyset.yaml, or revisions of the git repository that "
        "the policies lie in.",
        "policy diff mian",
    ),
    Code(
        "M702",
        "no status of a trader",
        "What activation would do is worked out from what a trader holds, as `trader status "
        "--format json` writes it.",
        "policy diff main HEAD --state notes.txt",
    ),
    Code(
        "M703",
        "a status without facts",
        "A trader of an older release wrote the status, or one that has not run a cycle: nothing "
        "is known of what it holds.",
        "policy diff main HEAD --state status.json, of a trader that has just begun",
    ),
    Code(
        "M704",
        "an order leaves that did not",
        "The change allows an order that the base refuses: a state shows it, or the field says so "
        "by its declared direction.",
        "policy diff main HEAD --format github, where a limit was raised",
    ),
    Code(
        "M705",
        "one is protected less",
        "A stop is wider, an alert is gone or silent where it was not, a breaker trips later or "
        "lets go sooner.",
        "policy diff main HEAD --format github, where an alert waits longer",
    ),
    Code(
        "M706",
        "not known whether a change allows more or protects less",
        "The value has no safer direction, or the solver did not answer. Exit status 3: a person "
        "has to look.",
        "policy diff main HEAD --format github, where an alert has another route",
    ),
    Code(
        "M707",
        "what activation would do",
        "With `--state`, the stops, sales, trips and cancels that a trader would make as soon as "
        "the set is in force.",
        "policy diff main HEAD --state status.json --format github, where a stop is tighter",
    ),
    Code(
        "M740",
        "a limit that refuses nothing",
        "No order breaks it that all the other limits let pass, as long as every fact is known: it "
        "looks like protection and decides nothing. Proved by `policy lint --prove`.",
        "require: order.notional_usd <= 5000, beside a limit of 3000",
    ),
    Code(
        "M741",
        "no order can pass",
        "The limits that are named exclude each other, so that nothing of this intent ever leaves.",
        "require: order.notional_usd >= 500, beside one of <= 400",
    ),
    Code(
        "M742",
        "no size passes in one case",
        "In this regime or tier the minimums lie above the caps: whatever a strategy wants, it is "
        "denied, though no cap is zero.",
        "a minimum of 50 USD, and a cap of 40 USD in the bear regime",
    ),
    Code(
        "M743",
        "a way out that a limit can block",
        "The rule names exits, trims or purges, and refuses one of them in the state that is "
        "shown. What has to be sold then waits for a number.",
        "intents: [entry, exit], require: order.notional_usd <= 1000",
    ),
    Code(
        "M744",
        "a smaller order is refused where a larger one passes",
        "Whoever wants less has to ask for more. A minimum is declared as one.",
        "require: order.notional_usd >= 100, without minimum: true",
    ),
    Code(
        "M745",
        "a condition that can never hold",
        "No facts within their ranges make it true: the alert never fires, the breaker never "
        "trips, the strategy never enters.",
        "when: quote.spread_bps > 20 and quote.spread_bps < 10",
    ),
    Code(
        "M746",
        "a condition that always holds",
        "No facts make it false: the alert would fire for ever, the breaker never let go.",
        "when: quote.age_s >= 0",
    ),
    Code(
        "M748",
        "a proof that did not come to an end",
        "The solver gave up after its steps. Nothing is known about this question: exit status 3.",
        "a rule of many products and quotients of facts, under policy lint --prove",
    ),
)

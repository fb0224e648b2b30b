"""The catalogue, M710-M739: tests of policies."""

from __future__ import annotations

from engine.codes.code import Code

CHECK_CODES: tuple[Code, ...] = (
    Code(
        "M710",
        "no file of policy tests",
        "In the folder `tests` of a policy set lie tests of its policies, and the facts that they "
        "begin with; nothing else is looked for there.",
        "policies/tests/max_position.yaml with `kind: RiskLimit`",
    ),
    Code(
        "M711",
        "a test states an unknown fact",
        "A fact that the set does not know changes nothing, and the test would pass for another "
        "reason than the one that its reader sees.",
        "facts: {quote.spred_bps: 60}",
    ),
    Code(
        "M712",
        "a test states a value that the fact never has",
        "A value of another type, one that an enum does not have, or one outside of what is "
        "certain would never reach a rule.",
        "facts: {portfolio.drawdown_pct: -5}",
    ),
    Code(
        "M713",
        "a test states what is not its to state",
        "What other facts define, and what the engine tells of order, product and time, follows "
        "from what is stated: stated beside it, it could contradict it.",
        "facts: {position.pct_after: 4}",
    ),
    Code(
        "M714",
        "a series that cannot be read",
        "Values over cycles are written as promtool writes them: a+bxn, axn, _, _xn, stale.",
        'facts: {quote.age_s: "1+2*3"}',
    ),
    Code(
        "M715",
        "series of different lengths",
        "Every series tells every cycle of its test, or ends in `stale`: what a fact is in a cycle "
        "that nobody wrote down is not guessed.",
        'facts: {quote.age_s: "1x3", engine.ledger_lag_s: "0x5"}',
    ),
    Code(
        "M716",
        "a test names what the set does not have",
        "An expectation about a rule, breaker, alert, strategy or tier that is not there cannot "
        "come out.",
        "expect: {tripped: [dayly_stop]}",
    ),
    Code(
        "M717",
        "a test that cannot mean anything",
        "A test says when it is, proposes the order that it expects something of, and expects "
        "something of cycles that it has.",
        "expect: {verdict: deny} beside `order: none`",
    ),
    Code(
        "M718",
        "an order that nobody could propose",
        "An order has a product, an intent, a strategy and one size, and lies on the product's "
        "grid, as every order of the cycle does.",
        "order: {symbol: BTC-USD, intent: entry, quantity: 0.1, notional_usd: 100}",
    ),
    Code(
        "M719",
        "two things of one name",
        "The name of a test is what a report shows and `--run` takes; the name of a file of facts "
        "is what tests begin with.",
        "two tests called `a small entry is allowed`",
    ),
    Code(
        "M721",
        "a policy test failed",
        "The policies do not do what the test says of them: one of the two is wrong.",
        "verdict: expected deny, got allow",
    ),
    Code(
        "M722",
        "too many cases",
        "A matrix multiplies; thousands of cases say no more than the few at its edges, and take "
        "long enough that nobody runs them.",
        "a matrix of four facts with twenty values each",
    ),
    Code(
        "M723",
        "a test begins with facts that are not there",
        "`given` names a file of `kind: PolicyFacts` in the same folder, in which every fact is "
        "spelled out.",
        "given: helthy",
    ),
    Code(
        "M724",
        "the set has no tests",
        "A policy that nobody has tried does what it says, which need not be what was meant.",
        "policy test policies, without a folder policies/tests",
    ),
)

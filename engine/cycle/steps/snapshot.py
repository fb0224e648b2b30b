"""The snapshot: all facts of one cycle, from one reading of the clock.

In: the desk and the round. Out: the round's `account` and `symbols` facts. Facts that break an
invariant are not believed: they are left out, counted, and so undecided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cycle.facts.clock import clock_facts
from engine.cycle.facts.engine import data_facts, engine_facts
from engine.cycle.facts.fees import fee_facts
from engine.cycle.facts.market import quote_facts, total_depth
from engine.cycle.facts.pace import pace_facts
from engine.cycle.facts.portfolio import portfolio_facts
from engine.cycle.facts.position import Holdings
from engine.cycle.facts.product import age_facts
from engine.cycle.facts.regime import regime_facts
from engine.cycle.facts.rules import account_rule_facts
from engine.cycle.facts.series import series_facts
from engine.cycle.facts.venue import venue_facts
from engine.cycle.facts.waivers import account_waiver_facts
from engine.cycle.judging.invariants import Reach
from engine.model.symbols import Symbol

if TYPE_CHECKING:
    from engine.cycle.desk import Desk, Round
    from engine.expr.nodes import Value


def take(desk: Desk, this: Round) -> None:
    """Fill the round with facts."""
    desk.market.complete_bars(this.now)
    this.tell_account(account_facts(desk, this))
    holdings = Holdings(desk.state, desk.valuation, this.now)
    desk.standing.renew(desk, this)
    for symbol in desk.market.symbols:
        if symbol not in this.resting:
            this.symbols[symbol] = symbol_facts(desk, this, symbol, holdings)
    believe(desk, this)
    reference = Symbol.parse(desk.policy_set.deployment.regime.reference)
    this.tell_account(regime_facts(desk.programme.regime, this.facts(reference)))


def believe(desk: Desk, this: Round) -> None:
    """Stop believing what breaks an invariant.

    A fact of the account is then believed by no product and by no rule of the account either.
    """
    of_account, of_products = (desk.programme.invariants[e] for e in (Reach.ACCOUNT, Reach.PRODUCT))
    for broken in of_account.broken(this.account):
        this.broken_invariants[broken.text] += 1
        this.distrust_account(broken.facts)
    for symbol in this.symbols:
        for broken in of_products.broken(this.facts(symbol)):
            this.broken_invariants[broken.text] += 1
            this.distrust_account(broken.facts - this.symbols[symbol].keys())
            this.distrust(symbol, broken.facts)


def account_facts(desk: Desk, this: Round) -> dict[str, Value]:
    """Facts that need no product."""
    return {
        **clock_facts(this.now),
        **venue_facts(desk, this.now),
        **fee_facts(desk, this.now),
        **engine_facts(desk, this.now, killed=this.killed is not None),
        **data_facts(desk, this.now, eligible=_eligible(desk, this)),
        **account_rule_facts(desk.policy_set, desk.state),
        **account_waiver_facts(desk.policy_set, this.now),
        **ledger_account_facts(desk, this),
    }


def _eligible(desk: Desk, this: Round) -> int | None:
    """How many products the universe lets in; unknown before it was asked for the first time."""
    return len(this.universe) if desk.state.cycle else None


def ledger_account_facts(desk: Desk, this: Round) -> dict[str, Value]:
    """Facts that every order of the cycle moves: money, exposure, pace."""
    portfolio = portfolio_facts(
        desk.state, desk.valuation, this.now, new_positions=this.new_positions, dust=desk.dust()
    )
    return {**portfolio, **pace_facts(desk.state, this.now)}


def symbol_facts(desk: Desk, this: Round, symbol: Symbol, holdings: Holdings) -> dict[str, Value]:
    """Facts of one product."""
    rate = desk.valuation.rate(symbol.quote)
    facts: dict[str, Value] = {
        **desk.standing.of(desk, this, symbol, rate),
        **age_facts(desk.market.first_seen[symbol], this.now),
        **quote_facts(desk.market.quotes.get(symbol), this.now, desk.market.steady_age_s(symbol)),
        **total_depth(desk.market, symbol, rate),
        **series_facts(desk.market, symbol, this.now, rate),
        **holdings.facts(symbol),
    }
    completed = desk.market.bars_completed(symbol)
    if completed is not None:
        facts["data.bars_age_s"] = max(0.0, this.now.since_s(completed))
    return facts

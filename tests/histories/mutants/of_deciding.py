"""Mistakes in deciding: limits, breakers, exits, the market, and what a person commands."""

from __future__ import annotations

from histories.faults import Fault
from histories.mutants.mutant import Mutant

_SENDING = "engine/cycle/orders/sending.py"
_JUDGE = "engine/cycle/judge.py"
_MARKET = "engine/cycle/market.py"
_FACTS = "engine/cycle/facts/market.py"
_BREAKERS = "engine/cycle/steps/breakers.py"
_CYCLE = "engine/cycle/cycle.py"
_EXITS = "engine/cycle/steps/exits.py"
_INTENTS = "engine/cycle/orders/intents.py"
_CLOCKWORK = "engine/cycle/clockwork.py"

MUTANTS = (
    Mutant(
        "limits checked before sizing",
        _JUDGE,
        "            return self._final(asked, sheets, ())\n        quantity",
        "            return self._final(asked, sheets, ())\n        return self._final(\n"
        "            asked, [], ()\n        )\n        quantity",
        "an order leaves at the size that was too large",
    ),
    Mutant(
        "limits only warn",
        _JUDGE,
        "        if not answered.enforced or answered.rule.minimum:\n            return False\n"
        "        # Doubt",
        "        return False\n        # Doubt",
        "no limit denies anything",
    ),
    Mutant(
        "doubt allows entries",
        _JUDGE,
        "        return self.intent.intent.adds_risk or not self._doubt(answered)",
        "        return not self._doubt(answered)",
        "an entry leaves though a limit cannot be decided",
        aimed=(Fault.BODY_GARBAGE, Fault.NO_CONNECTION, Fault.QUOTES_NAN),
    ),
    Mutant(
        "doubt denies exits",
        _JUDGE,
        "            if block.exits_too or not exits:\n",
        "            if block:\n",
        "an exit waits for a reading of the account",
        aimed=(Fault.NO_CONNECTION, Fault.BODY_GARBAGE, Fault.STATUS_502),
    ),
    Mutant(
        "size of the order left out of its facts",
        _JUDGE,
        "        return {**self.situation.facts, **self._sizes(quantity)}",
        "        return {**self._sizes(quantity), **self.situation.facts, "
        "**self._sizes(quantity * 0)}",
        "limits are asked about an order of nothing",
    ),
    Mutant(
        "facts of the cycle's start",
        _SENDING,
        "        **snapshot.ledger_account_facts(desk, this),\n",
        "",
        "orders of one cycle do not count against each other",
    ),
    Mutant(
        "equity fallback",
        "engine/cycle/facts/portfolio.py",
        "    equity = None if coins is None else coins + valuation.cash(state)",
        "    equity = type(valuation.cash(state))(100_000)",
        "percentages are of money that is not there",
    ),
    Mutant(
        "negative prices are prices",
        _MARKET,
        "        quote = _priced(told)\n",
        "        quote = told\n",
        "what is held has nothing at risk",
        aimed=(Fault.QUOTES_NEGATIVE, Fault.QUOTES_ZERO),
    ),
    Mutant(
        "quotes never age",
        _FACTS,
        "    return None if younger < FUTURE_TOLERANCE_S else max(steady_s, older)",
        "    return None if younger < FUTURE_TOLERANCE_S else 0.0",
        "an old quote buys",
        aimed=(Fault.QUOTES_STALE,),
    ),
    Mutant(
        "halt blocks nothing",
        _BREAKERS,
        "    if desk.state.halted is not None:\n",
        "    if desk.state.halted is None and desk.state.halted is not None:\n",
        "trading goes on through a person's halt",
        aimed=(Fault.COMMANDS,),
    ),
    Mutant(
        "latches block nothing",
        _BREAKERS,
        "        if latch.key in {ACCOUNT_KEY, str(symbol)}:\n"
        "            yield _latch_block(latch)",
        "        if latch.key == 'none':\n            yield _latch_block(latch)",
        "a tripped breaker stops nothing",
        aimed=(Fault.WALL_JUMP, Fault.KILL_SWITCH),
    ),
    Mutant(
        "policy drift not seen",
        "engine/cycle/policy_watch.py",
        "        self.drifted = found != self.running and not taken",
        "        self.drifted = False",
        "a set goes on that is no longer the reviewed one",
        aimed=(Fault.POLICY_CHANGED,),
    ),
    Mutant(
        "a command's file goes before it is carried out",
        "engine/cycle/operator.py",
        "            yield command\n        else:\n",
        "            disk.remove(name)\n            yield command\n"
        "            continue\n        else:\n",
        "a crash forgets what a person ordered",
        (Fault.COMMANDS, Fault.KILLED),
    ),
    Mutant(
        "a command is carried out again",
        "engine/cycle/clockwork.py",
        "        if command.id not in desk.state.commands:\n",
        "        if command.verb:\n",
        "a crash doubles what a person ordered",
        (Fault.COMMANDS, Fault.KILLED),
    ),
    Mutant(
        "reload in mid-cycle",
        _CYCLE,
        "        await intents.follow_exits(desk, this)\n",
        "        if desk.reloads is not None:\n"
        "            desk.reloads.settle(desk, this.now)\n"
        "        await intents.follow_exits(desk, this)\n",
        "one cycle decides by two sets",
        (Fault.POLICY_CHANGED,),
    ),
    Mutant(
        "a set counts before it is recorded",
        "engine/cycle/reloading/swapping.py",
        "    _record(desk, candidate, order, now)\n",
        "",
        "orders of a set that the ledger does not know",
        (Fault.POLICY_CHANGED,),
    ),
    Mutant(
        "a set that was named is not asked for",
        "engine/cycle/reloading/reloads.py",
        "self.check(order, self.running)",
        "self.check(Order(order.who, order.why), self.running)",
        "whatever lies there is taken",
        (Fault.POLICY_CHANGED,),
    ),
    Mutant(
        "exits behind an early return",
        _CYCLE,
        "        await intents.place_exits(desk, this, exits.run(desk, this, marks))\n",
        "        if desk.unread is None and not desk.unconfirmed:\n"
        "            await intents.place_exits(desk, this, exits.run(desk, this, marks))\n",
        "an exit waits for the venue's list",
        aimed=(Fault.NO_CONNECTION, Fault.BODY_GARBAGE, Fault.STATUS_502),
    ),
    Mutant(
        "exits after entries",
        _CYCLE,
        "        await intents.place_exits(desk, this, exits.run(desk, this, marks))\n"
        '    with stage("entries"):\n',
        '    with stage("entries"):\n',
        "nothing is ever sold",
    ),
    Mutant(
        "stops the other way round",
        _EXITS,
        "    if bid <= _away(entry, -plan.stop_pct):",
        "    if bid <= _away(entry, -10 * plan.stop_pct):",
        "a stop is passed and nothing is done",
    ),
    Mutant(
        "stops only with every fact",
        _EXITS,
        "    if mark.bid is None:\n        return _blind(this, position, mark)\n",
        "    if mark.bid is None or this.undecided_breakers or this.distrusted:\n"
        "        return None\n",
        "a stop waits for facts that it does not need",
        aimed=(Fault.QUOTES_CROSSED, Fault.QUOTES_NAN, Fault.NO_CONNECTION),
    ),
    Mutant(
        "exits not less pending sells",
        _INTENTS,
        "    return held.quantity - desk.state.pending_sell(symbol) if held else ZERO",
        "    return held.quantity if held else ZERO",
        "more is sold than is held",
        aimed=(Fault.RESPONSE_LOST, Fault.SLOW_DRIP, Fault.LATE_ARRIVAL),
    ),
    Mutant(
        "the ladder loses a rung's fills",
        "engine/cycle/orders/following.py",
        "    if parent.intent.adds_risk:\n        return parent.remaining\n",
        "    if parent.intent.adds_risk:\n        return parent.quantity\n",
        "the rest of an entry is bought as if nothing was filled",
        aimed=(Fault.PARTIAL_THEN_CANCELLED,),
    ),
    Mutant(
        "prices rounded past the grid",
        "engine/cycle/orders/pricing.py",
        "    return rounded(limit, product.price_increment)",
        "    return rounded(limit, product.price_increment / 7)",
        "the venue refuses every price",
    ),
)

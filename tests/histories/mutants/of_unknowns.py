"""Mistakes about orders that nobody knows of, and about what the venue shows."""

from __future__ import annotations

from histories.faults import Fault
from histories.mutants.mutant import Mutant

_LOOKUPS = "engine/cycle/orders/lookups.py"
_RECONCILE = "engine/cycle/steps/reconcile.py"
_FOLD = "engine/ledger/folding/orders.py"
_FILLS = "engine/ledger/folding/fills.py"
_EXCHANGE = "engine/adapters/coinbase/exchange.py"
_REST = "engine/adapters/coinbase/rest.py"
_PACING = "engine/adapters/coinbase/pacing.py"
_VALUATION = "engine/cycle/valuation.py"

MUTANTS = (
    Mutant(
        "not found once",
        _LOOKUPS,
        "        if whole and order.number in desk.state.working and _quarantined"
        "(desk, search, order):",
        "        if whole and order.number in {each.number for each in _unknown(desk)}:",
        "an order that a list does not show yet is taken for never placed",
        aimed=(Fault.LATE_ARRIVAL, Fault.LIST_LAG),
    ),
    Mutant(
        "quarantine of a minute",
        _LOOKUPS,
        "current.status is OrderStatus.UNKNOWN and waited_s >= seconds",
        "current.status is OrderStatus.UNKNOWN and waited_s >= 60",
        "an order that arrives late is taken for never placed",
        aimed=(Fault.LATE_ARRIVAL,),
    ),
    Mutant(
        "quarantine by the wall clock",
        _LOOKUPS,
        "    waited_s = search.waited_s(desk.clock.monotonic_s())\n",
        "    waited_s = desk.clock.now().since_s(current.unknown_since or desk.clock.now())\n",
        "a clock that is set ends a quarantine",
        aimed=(Fault.WALL_JUMP, Fault.REQUEST_LOST, Fault.LATE_ARRIVAL),
    ),
    Mutant(
        "half a reading is enough",
        _LOOKUPS,
        "        if whole and order.number",
        "        if order.number",
        "a list that could not be read shows that an order is not there",
        aimed=(Fault.LATE_ARRIVAL, Fault.RESPONSE_LOST),
    ),
    Mutant(
        "what was sent before a crash is forgotten",
        _LOOKUPS,
        "        if order.status is OrderStatus.SENT:",
        "        if order.status is OrderStatus.NOT_SEEN:",
        "an order without an answer is never looked for",
        aimed=(Fault.KILLED, Fault.POWER_LOSS),
    ),
    Mutant(
        "never looked for",
        _LOOKUPS,
        "    if not due:\n        return\n",
        "    return\n",
        "an order that nobody knows of stays so",
        aimed=(Fault.RESPONSE_LOST, Fault.SLOW_DRIP),
    ),
    Mutant(
        "unknown orders not counted",
        _VALUATION,
        "        if order.side is not Side.BUY:\n            return ZERO",
        "        if order.side is not Side.BUY or order.unknown_since is not None:\n"
        "            return ZERO",
        "more is at risk at the venue than the limit allows",
        aimed=(Fault.RESPONSE_LOST, Fault.LATE_ARRIVAL, Fault.SLOW_DRIP),
    ),
    Mutant(
        "working orders not counted",
        _VALUATION,
        "        return None if rate is None else order.remaining * order.worst_price * rate",
        "        return None if rate is None else ZERO",
        "more is at risk at the venue than the limit allows",
    ),
    Mutant(
        "unknown means gone",
        _FOLD,
        "    state.working[number] = replace(order, status=OrderStatus.UNKNOWN, "
        "unknown_since=time)",
        "    close(state, time, number)",
        "an unknown order counts nowhere",
        aimed=(Fault.RESPONSE_LOST, Fault.LATE_ARRIVAL, Fault.SLOW_DRIP),
    ),
    Mutant(
        "the newest fill begins the next reading",
        _EXCHANGE,
        """(("start_sequence_timestamp", str(since.plus_s(-_MARGIN_S))), ("limit", _PAGE))
        found = {}
        async for fields in self.rest.pages("/orders/historical/fills", "fills", query):
            each = await self._fill(fields)
""",
        """(
            ("start_sequence_timestamp", self._client_ids.get("newest", str(since))),
            ("limit", _PAGE),
        )
        found = {}
        async for fields in self.rest.pages("/orders/historical/fills", "fills", query):
            each = await self._fill(fields)
            self._client_ids["newest"] = str(each.time)
""",
        "a fill that a list left out once is never read",
        aimed=(Fault.FILLS_SHUFFLED, Fault.PAGES_MISSING, Fault.LIST_LAG),
    ),
    Mutant(
        "our clock's word is the venue's",
        "engine/cycle/reconciling/looking_back.py",
        "    return await _since(desk, _far(desk, now, followed))",
        "    return shown",
        "an order that our clock dates later than the venue is never found",
        aimed=(Fault.WALL_JUMP,),
    ),
    Mutant(
        "one page is the whole list",
        _REST,
        "            if not cursor or not more:\n                return",
        "            return",
        "an order on the second page is not there",
        aimed=(Fault.RESPONSE_LOST, Fault.LATE_ARRIVAL, Fault.SLOW_DRIP),
    ),
    Mutant(
        "fills deduplicated by text",
        _RECONCILE,
        "        if fill.fill_id not in desk.state.fills_seen:",
        '        if f"{fill.price} {fill.quantity}" not in desk.state.fills_seen:',
        "the ledger holds a fill twice",
        aimed=(Fault.FILLS_REPEATED,),
    ),
    Mutant(
        "fills deduplicated by order",
        _RECONCILE,
        "        if fill.fill_id not in desk.state.fills_seen:",
        "        if fill.fill_id not in desk.state.fills_seen and not any(\n"
        "            o.venue_order_id == fill.venue_order_id and o.filled_quantity\n"
        "            for o in desk.state.working.values()\n"
        "        ):",
        "the second part of an order is never booked",
    ),
    Mutant(
        "fills summed where they are cumulative",
        _RECONCILE,
        '        "quantity": bodies.written(fill.quantity),',
        '        "quantity": bodies.written(fill.quantity + (\n'
        "            desk.state.working[number].filled_quantity\n"
        "            if number in desk.state.working else ZERO\n"
        "        )),",
        "a part is booked as the total so far",
    ),
    Mutant(
        "fees left out",
        "engine/ledger/folding/money.py",
        "    cash[symbol.quote] = cash.get(symbol.quote, ZERO) + sign * quantity * price - fee",
        "    cash[symbol.quote] = cash.get(symbol.quote, ZERO) + sign * quantity * price",
        "the ledger's cash is more than the venue's",
    ),
    Mutant(
        "ends before fills",
        _RECONCILE,
        "        if theirs.status in _ENDED and not _fills_missing(desk, order, theirs):",
        "        if theirs.status in _ENDED:",
        "an order is sold or bought again before its fill was read",
        aimed=(Fault.LIST_LAG, Fault.PAGES_MISSING, Fault.PARTIAL_THEN_CANCELLED),
    ),
    Mutant(
        "cancel asked is cancel done",
        "engine/cycle/orders/cancelling.py",
        "            desk.recorder.record(RecordKind.CANCEL, now, body)\n",
        "            desk.recorder.record(RecordKind.CANCEL, now, body)\n"
        "            desk.recorder.record(\n"
        '                RecordKind.CANCELLED, now, {**body, "filled_quantity": "0"}\n'
        "            )\n",
        "an order that was filled meanwhile is taken for cancelled",
        aimed=(Fault.LIST_LAG, Fault.RESPONSE_LOST),
    ),
    Mutant(
        "failed reading is a whole one",
        _RECONCILE,
        '        desk.unread = f"the account could not be read: {type(failure).__name__}"\n'
        "        return False",
        "        return bool(failure) or True",
        "entries go on without a reading of the account",
        aimed=(Fault.NO_CONNECTION, Fault.BODY_GARBAGE, Fault.STATUS_502),
    ),
    Mutant(
        "hold left out of balances",
        "engine/adapters/coinbase/accounts.py",
        'for key in ("available_balance", "hold") if',
        'for key in ("available_balance",) if',
        "what working orders hold seems to be gone",
    ),
    Mutant(
        "no quota",
        _PACING,
        "        if self._tokens < 1.0:\n            return False\n        self._tokens -= 1.0",
        "        self._tokens -= 1.0",
        "more is asked than the venue allows",
    ),
    Mutant(
        "quota twice as large",
        _PACING,
        "        earned = (now - self._at_s) * self.rate_per_s",
        "        earned = (now - self._at_s) * self.rate_per_s * 4",
        "more is asked than the venue allows",
    ),
    Mutant(
        "retry-after not heard",
        _REST,
        "            self.bucket.wait(retry_after_s(answer.headers) or 1.0)",
        "            self.bucket.wait(1.0)",
        "the venue is asked before it wants to hear again",
        aimed=(Fault.STATUS_429_RETRY_AFTER,),
    ),
    Mutant(
        "refused after no scan",
        _EXCHANGE,
        "            found = await self.find(order, posted)\n",
        "            found = None\n",
        "a 4xx is believed although the order stands there",
        aimed=(Fault.STATUS_400, Fault.STATUS_401, Fault.STATUS_403),
    ),
)

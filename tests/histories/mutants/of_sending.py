"""Mistakes on an order's way out: its id, its record, the gate, what is posted."""

from __future__ import annotations

from histories.faults import Fault
from histories.mutants.mutant import Mutant

_SENDING = "engine/cycle/orders/sending.py"
_EXCHANGE = "engine/adapters/coinbase/exchange.py"
_ORDERS = "engine/adapters/coinbase/orders.py"
_REST = "engine/adapters/coinbase/rest.py"
_ID = "engine/ledger/order_id.py"

MUTANTS = (
    Mutant(
        "id of the minute",
        _SENDING,
        "return client_order_id(desk.policy_set.hash, tag, state.nonce, intent.number)",
        "return client_order_id("
        "desk.policy_set.hash, tag, state.nonce, desk.clock.now().ns // 60_000_000_000)",
        "two intents of a minute share an id",
    ),
    Mutant(
        "id of the price",
        _SENDING,
        "return client_order_id(desk.policy_set.hash, tag, state.nonce, intent.number)",
        "return client_order_id(desk.policy_set.hash, tag, state.nonce, int(intent.worst_price))",
        "two orders at one price share an id",
    ),
    Mutant(
        "id of the product",
        _SENDING,
        "return client_order_id(desk.policy_set.hash, tag, state.nonce, intent.number)",
        "return client_order_id(desk.policy_set.hash, tag, state.nonce, len(str(intent.symbol)))",
        "every order of a product has one id",
    ),
    Mutant(
        "id without the set",
        _SENDING,
        "return client_order_id(desk.policy_set.hash, tag, state.nonce, intent.number)",
        'return client_order_id("0" * 64, tag, state.nonce, intent.number)',
        "the venue's records do not show who approved the order",
    ),
    Mutant(
        "id without the number",
        _ID,
        "parts = (_ID_DOMAIN, str(intent_number).encode(), policy_set_hash.encode(), nonce)",
        'parts = (_ID_DOMAIN, b"", policy_set_hash.encode(), nonce)',
        "every intent has one id",
    ),
    Mutant(
        "intent logged after the send",
        _SENDING,
        """    desk.recorder.record(RecordKind.INTENT, this.now, body)
    desk.recorder.sync()
    refused""",
        """    desk.recorder.record(RecordKind.INTENT, this.now, body)
    refused""",
        "an order leaves that no disk knows of",
    ),
    Mutant(
        "log without sync",
        "engine/ledger/journal.py",
        """            self._disk.sync(name)
        except OSError as error:
            raise self._break(Deed.SYNC, name, error) from error""",
        """            self._disk.names(name)
        except OSError as error:
            raise self._break(Deed.SYNC, name, error) from error""",
        "what is called durable is not",
    ),
    Mutant(
        "sync only now and then",
        "engine/ledger/journal.py",
        "        if self._next() == self.durable_sequence + 1:\n            return",
        "        if self._next() <= self.durable_sequence + 4:\n            return",
        "the last few records are not durable",
    ),
    Mutant(
        "switch read at the start of the cycle",
        _SENDING,
        "    killed = desk.kill_switch()\n    if killed is not None:\n"
        '        return f"kill switch: {killed}"\n'
        "    return None if desk.lease_held()",
        "    return None if desk.lease_held()",
        "an order leaves under a switch that was thrown in mid-cycle",
        aimed=(Fault.KILL_SWITCH,),
    ),
    Mutant(
        "no last word before the wire",
        _SENDING,
        "    return _stopped(desk) or _behind(desk, order) or _stale(desk, this, order)",
        "    return None",
        "what happens while an order waits for its turn is not seen",
        aimed=(Fault.KILL_SWITCH,),
    ),
    Mutant(
        "gate not asked by the client",
        _REST,
        "            gate=gate,\n        )",
        "        )",
        "what happens while a connection is made is not seen",
        aimed=(Fault.KILL_SWITCH,),
    ),
    Mutant(
        "unreadable switch counts as off",
        "engine/cycle/operator.py",
        """        return f"the switch cannot be read: {error.strerror or 'I/O error'}\"""",
        "        return None",
        "a disk that fails lets orders out",
        aimed=(Fault.DISK_ERROR,),
    ),
    Mutant(
        "blind retry",
        _EXCHANGE,
        """        except LostError as error:
            return Unknown(str(error))
        if answer""",
        """        except LostError:
            answer = await self.rest.post_once("/orders", order_body(order), gate)
        if answer""",
        "an order is posted twice",
        aimed=(Fault.RESPONSE_LOST, Fault.SLOW_DRIP),
    ),
    Mutant(
        "retry of a failure",
        _EXCHANGE,
        '        return Unknown(f"status {answer.status}")',
        '        answer = await self.rest.post_once("/orders", order_body(order), gate)\n'
        '        return Unknown(f"status {answer.status}")',
        "an order that was taken with a 500 is posted again",
        aimed=(Fault.STATUS_500_AFTER, Fault.STATUS_500_BEFORE, Fault.STATUS_502),
    ),
    Mutant(
        "retry of a full quota",
        _EXCHANGE,
        "        if answer.status == _OK:\n            return await self._answered",
        "        if answer.status == 429:\n"
        '            answer = await self.rest.post_once("/orders", order_body(order), gate)\n'
        "        if answer.status == _OK:\n            return await self._answered",
        "an order is posted again after a 429",
        aimed=(Fault.STATUS_429, Fault.STATUS_429_RETRY_AFTER),
    ),
    Mutant(
        "lost means refused",
        _EXCHANGE,
        """        except LostError as error:
            return Unknown(str(error))""",
        """        except LostError as error:
            return Rejected(str(error))""",
        "an order that arrived is taken for refused",
        aimed=(Fault.RESPONSE_LOST, Fault.SLOW_DRIP, Fault.LATE_ARRIVAL),
    ),
    Mutant(
        "lost means not sent",
        _EXCHANGE,
        """        except LostError as error:
            return Unknown(str(error))""",
        """        except LostError as error:
            return NotSent(str(error))""",
        "an order that arrived is taken for never sent",
        aimed=(Fault.RESPONSE_LOST, Fault.SLOW_DRIP, Fault.LATE_ARRIVAL),
    ),
    Mutant(
        "server error means refused",
        _EXCHANGE,
        '        return Unknown(f"status {answer.status}")',
        '        return Rejected(f"status {answer.status}")',
        "an order that was taken with a 500 is taken for refused",
        aimed=(Fault.STATUS_500_AFTER, Fault.STATUS_502),
    ),
    Mutant(
        "unreadable answer means refused",
        _EXCHANGE,
        '            return Unknown(f"an answer that cannot be read: {error}")',
        '            return Rejected(f"an answer that cannot be read: {error}")',
        "an order whose answer was cut off is taken for refused",
        aimed=(Fault.BODY_TRUNCATED, Fault.BODY_GARBAGE, Fault.BODY_HTML),
    ),
    Mutant(
        "unshown order means refused",
        _EXCHANGE,
        '            return Unknown(f"taken as {venue_id}, and not shown: {error}")',
        '            return Rejected(f"taken as {venue_id}, and not shown: {error}")',
        "an order that a list does not show yet is taken for refused",
        aimed=(Fault.LIST_LAG,),
    ),
    Mutant(
        "every word of refusal believed",
        _EXCHANGE,
        "    return Rejected(word) if word in DOCUMENTED else",
        "    return Rejected(word) if word else",
        "an order refused in a word of nobody's is taken for refused",
        aimed=(Fault.REFUSED_STRANGELY,),
    ),
    Mutant(
        "status alone believed",
        _EXCHANGE,
        """            if not wire.flag(fields, "success"):
                return _failure(fields)
""",
        """            if not wire.flag(fields, "success"):
                return Acknowledged("")
""",
        "a refusal with status 200 is a success",
        aimed=(Fault.REFUSED,),
    ),
    Mutant(
        "echo believed",
        _EXCHANGE,
        "        return self._compared(order, shown, posted)\n\n    def _compared",
        "        return Acknowledged(venue_id)\n\n    def _compared",
        "another order's id is taken for ours",
        aimed=(Fault.OTHER_ORDER,),
    ),
    Mutant(
        "gate before the sync",
        _SENDING,
        """    desk.recorder.sync()
    refused = wire_gate(desk, this, order)
""",
        """    refused = wire_gate(desk, this, order)
    desk.recorder.sync()
    last_word = lambda *_: None
""",
        "a switch thrown while the disk works is not seen",
        aimed=(Fault.KILL_SWITCH,),
    ),
    Mutant(
        "size of the wish is posted",
        _ORDERS,
        "    size, price = canonical_number(order.quantity), order.intent.limit_price",
        "    size, price = canonical_number(order.intent.quantity), order.intent.limit_price",
        "what was resized leaves at its first size",
    ),
    Mutant(
        "limit rounded for the wire",
        _ORDERS,
        '"limit_price": canonical_number(price)}',
        '"limit_price": f"{price:.0f}"}',
        "another price is posted than was judged",
    ),
    Mutant(
        "old quotes are fresh at the wire",
        _SENDING,
        "        facts[_AGE] = age\n",
        "        facts[_AGE] = 0.0\n",
        "a quote that grew old while an order waited is not seen",
        aimed=(Fault.QUOTES_STALE, Fault.PAUSE),
    ),
    Mutant(
        "set not stored",
        "engine/run/assembly/beginning.py",
        "    if in_force != (policy_set.hash, held, stream.approval, laid):",
        "    if state.policy_set is None:",
        "an order names a set that the ledger does not hold",
        aimed=(Fault.POLICY_CHANGED,),
    ),
    Mutant(
        "intent bears another set",
        _SENDING,
        "{**intent_body(order, desk.policy_set.hash), **supervising",
        "{**intent_body(order, desk.state.activated[0]), **supervising",
        "an order bears the hash of a set that did not approve it",
        aimed=(Fault.POLICY_CHANGED,),
    ),
)

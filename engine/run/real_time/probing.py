"""`trader doctor --probe-duplicate-id`: the probe of a ledger's venue, kept in that ledger.

In: a desk over the account, who asks. Out: findings, recorded; the ids are durable before the
first order leaves. Refuses (M417) a policy that allows no probe, a kill switch that is thrown, a
halt, and a product in which the smallest order is too dear or that shows no bid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.adapters.coinbase.probing import CoinbaseProbeDoor
from engine.cycle.reconciling.probing import Probe
from engine.errors import Diagnostic, MandateError
from engine.ledger.folding.probes import findings_body
from engine.ledger.records import RecordKind
from engine.model.probing import ProbeOrder, ProbeTerms
from engine.model.symbols import Symbol
from engine.ports import VenueError
from engine.run.real_time.visiting import visiting

if TYPE_CHECKING:
    from engine.adapters.coinbase.exchange import CoinbaseExchange
    from engine.cycle.desk import Desk
    from engine.ledger.bodies import Body
    from engine.model.probing import ProbeFindings
    from engine.run.accounts import ProbeWords
    from engine.run.ledgers import LedgerView
    from engine.run.settings import VenueSettings

PATIENCE_S = 60.0
"""How long a list may lag before the probe gives up: the length of a wait, and no decision."""
_MEND = "nothing was sent"


@dataclass(frozen=True, slots=True)
class ProbeAsked:
    """Where to probe, and for whom."""

    symbol: Symbol
    who: str
    why: str


def probed(view: LedgerView, words: ProbeWords, venue: VenueSettings) -> ProbeFindings:
    """Probe under the lock of a ledger that nobody runs; raises MandateError."""
    with visiting(view, venue) as visit:
        reference = visit.stream.policy_set.deployment.regime.reference
        asked = ProbeAsked(_symbol(words.product or reference), words.who, words.why)
        return visit.run(lambda desk, exchange: probe(desk, exchange, asked))


def _symbol(text: str) -> Symbol:
    try:
        return Symbol.parse(text)
    except ValueError:
        words = f"`{text}` is not the name of a product"
        raise _refused(words) from None


async def probe(desk: Desk, exchange: CoinbaseExchange, asked: ProbeAsked) -> ProbeFindings:
    """Probe and record; raises MandateError (M417) before anything is sent."""
    terms = _terms(desk)
    door = CoinbaseProbeDoor(exchange.rest, desk.kill_switch)
    order = await _order(desk, door, asked.symbol, terms)
    # Random and no stamp of ours: whoever finds one of these at the venue must not take it for an
    # order that a policy approved.
    uuid, plain = _ids(exchange.rest.rng.token_bytes(24))
    body: Body = {
        "symbol": str(asked.symbol),
        "client_order_ids": [uuid, plain],
        "who": asked.who,
        "why": asked.why,
    }
    desk.recorder.record(RecordKind.PROBE, desk.clock.now(), body)
    desk.recorder.sync()
    work = Probe(desk.exchange, door, desk.clock, order, uuid, plain, PATIENCE_S)
    found = await work.run()
    told: Body = {**body, "findings": findings_body(found)}
    desk.recorder.record(RecordKind.PROBE, desk.clock.now(), told)
    desk.recorder.sync()
    return found


def _terms(desk: Desk) -> ProbeTerms:
    """What the policy allows; and nothing while trading is stopped."""
    spec = desk.policy_set.execution.reconcile.probe
    stopped = desk.kill_switch() or desk.state.halted
    if stopped is not None:
        words = f"trading is stopped: {stopped}"
        raise _refused(words)
    if spec is None:
        words = "the ExecutionPolicy allows no probe: it has no `reconcile.probe`"
        raise _refused(words)
    return ProbeTerms(spec.max_usd, spec.below_bid_pct, spec.time_to_live)


async def _order(
    desk: Desk, door: CoinbaseProbeDoor, symbol: Symbol, terms: ProbeTerms
) -> ProbeOrder:
    product = desk.products.get(symbol)
    if product is None:
        words = f"the venue does not list {symbol}"
        raise _refused(words)
    try:
        bid = await door.bid(symbol)
        expires = desk.clock.now().plus_s(terms.time_to_live_s)
        return ProbeOrder(product, bid, terms, expires, steps=0)
    except (VenueError, ValueError) as error:
        raise _refused(str(error)) from error


def _ids(random: bytes) -> tuple[str, str]:
    """A UUID of version 4, and an id that is none."""
    digits = random[:16].hex()
    variant = "89ab"[int(digits[16], 16) % 4]
    uuid = f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
    return uuid, f"probe-{random[16:].hex()}"


def _refused(words: str) -> MandateError:
    return MandateError([Diagnostic("M417", words, None, _MEND)])

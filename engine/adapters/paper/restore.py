"""An account rebuilt from what a ledger knows, so that a stopped run can go on.

In: the orders and fills of a ledger, and the deadlines of working orders. Out: the account as
if it had never stopped. Refuses (MandateError M543-M545) a record that does not add up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.paper.account import IOC_REST
from engine.adapters.paper.money import exactly
from engine.adapters.paper.order import PaperOrder
from engine.adapters.paper.wallet import OverdrawnError
from engine.errors import Diagnostic, MandateError
from engine.model.numbers import ZERO
from engine.model.orders import OrderForm, OrderStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

    from engine.adapters.paper.account import Account
    from engine.model.orders import Fill, VenueOrder
    from engine.model.times import UtcTime

_TAKEN = frozenset({OrderStatus.OPEN, OrderStatus.FILLED, OrderStatus.CANCELLED})


def restore_account(
    account: Account,
    orders: Sequence[VenueOrder],
    fills: Sequence[Fill],
    deadlines: Mapping[str, UtcTime],
) -> None:
    """Replay a ledger's record into a fresh account; raises MandateError when it does not fit.

    `fills` oldest first; `deadlines` by client order id. Orders that the venue never took
    (rejected, unknown, not seen) are passed over: this venue remembers what the ledger does.
    """
    taken = [each for each in orders if each.status in _TAKEN]
    findings = (*_strangers(account, taken, fills), *_sums_that_differ(taken, fills))
    if findings:
        raise MandateError(findings)
    _replay(account, taken, fills, deadlines)
    overdrawn = tuple(_overdrawn(account))
    if overdrawn:
        raise MandateError(overdrawn)


def _replay(
    account: Account,
    taken: Sequence[VenueOrder],
    fills: Sequence[Fill],
    deadlines: Mapping[str, UtcTime],
) -> None:
    rebuilt = {each.venue_order_id: _unfilled(account, each, deadlines) for each in taken}
    steps: list[PaperOrder | Fill] = [*rebuilt.values(), *fills]
    # Stable, and orders stand first: a fill in the instant of its order comes after it.
    for step in sorted(steps, key=_time_of):
        account.now = max(account.now, _time_of(step))
        if isinstance(step, PaperOrder):
            account.admit(step)
        else:
            _book(account, rebuilt[step.venue_order_id], step)
    for told in taken:
        order = rebuilt[told.venue_order_id]
        if order.status.final:
            continue
        if told.status is OrderStatus.CANCELLED:
            account.end(order, told.reason)
        elif not order.maker and account.waits_s is None:
            # The ledger has no end of it, but an immediate order cannot rest.
            account.end(order, IOC_REST)
    account.orders_count = max((each.number for each in rebuilt.values()), default=0)
    account.fills_count = max(
        (account.number_of_fill(each.fill_id) or 0 for each in fills), default=0
    )


def _book(account: Account, order: PaperOrder, fill: Fill) -> None:
    try:
        account.book(order, fill)
    except OverdrawnError as error:
        raise MandateError([_spent(str(error))]) from error
    account.history.note_change(order, account.now)


def _time_of(step: PaperOrder | Fill) -> UtcTime:
    return step.created if isinstance(step, PaperOrder) else step.time


def _unfilled(account: Account, told: VenueOrder, deadlines: Mapping[str, UtcTime]) -> PaperOrder:
    return PaperOrder(
        number=account.number_of_order(told.venue_order_id) or 0,
        venue_order_id=told.venue_order_id,
        client_order_id=told.client_order_id,
        symbol=told.symbol,
        side=told.side,
        form=told.form,
        quantity=told.quantity,
        limit_price=told.limit_price,
        expires=_deadline(account, told, deadlines),
        created=told.created,
        rate_bps=account.rate_bps(told.form),
    )


def _deadline(
    account: Account, told: VenueOrder, deadlines: Mapping[str, UtcTime]
) -> UtcTime | None:
    if told.form is OrderForm.POST_ONLY:
        return deadlines.get(told.client_order_id)
    return account.patience(told.created)


def _strangers(
    account: Account, taken: Sequence[VenueOrder], fills: Sequence[Fill]
) -> Iterator[Diagnostic]:
    known = {each.venue_order_id for each in taken}
    for order in taken:
        if account.number_of_order(order.venue_order_id) is None:
            yield _stranger("order", order.venue_order_id, "it has no id of this stream")
    for fill in fills:
        if account.number_of_fill(fill.fill_id) is None:
            yield _stranger("fill", fill.fill_id, "it has no id of this stream")
        if fill.venue_order_id not in known:
            yield _stranger("fill", fill.fill_id, f"its order `{fill.venue_order_id}` is missing")


def _stranger(what: str, identity: str, why: str) -> Diagnostic:
    return Diagnostic(
        "M543",
        f"restored {what} `{identity}` is not of this paper venue: {why}",
        help="restore a ledger into the stream (mode and account) that wrote it",
    )


def _sums_that_differ(taken: Sequence[VenueOrder], fills: Sequence[Fill]) -> Iterator[Diagnostic]:
    sums: dict[str, Decimal] = {}
    with exactly():
        for fill in fills:
            sums[fill.venue_order_id] = sums.get(fill.venue_order_id, ZERO) + fill.quantity
    for order in taken:
        filled = sums.get(order.venue_order_id, ZERO)
        # More than the order said is fine while it fits: fills are recorded one by one.
        if not order.filled_quantity <= filled <= order.quantity:
            yield Diagnostic(
                "M544",
                f"restored order `{order.venue_order_id}` reports {order.filled_quantity} filled "
                f"of {order.quantity}, its fills sum to {filled}",
                help="run `trader audit verify`: the ledger lacks a fill or holds one twice",
            )


def _overdrawn(account: Account) -> Iterator[Diagnostic]:
    for currency in sorted(account.wallet.units()):
        free = account.wallet.free(currency)
        if free < 0:
            yield _spent(f"working orders hold {-free} {currency} more than there is")


def _spent(what: str) -> Diagnostic:
    return Diagnostic(
        "M545",
        f"restored orders and fills spend more than the account had: {what}",
        help="restore with the cash and fees that the account began with, deposits included",
    )

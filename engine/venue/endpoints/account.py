"""The account over REST: balances, fees, permissions.

In: requests that may see the account. Out: answers in the venue's words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.venue.bodies.accounts import account_fields, permission_fields, summary_fields
from engine.venue.bodies.words import BAD, NOT_FOUND, failed, reply
from engine.venue.endpoints.paging import page_of

if TYPE_CHECKING:
    from engine.venue.bodies.words import Fields
    from engine.venue.endpoints.call import Call
    from engine.venue.orders import Balance
    from engine.venue.passage import Reply
    from engine.venue.venue import Venue

_PAGE = 250


async def list_accounts(venue: Venue, call: Call) -> Reply:
    """`GET /accounts`."""
    venue.refresh()
    page = page_of(venue.fate.balances(), call.asked, lambda each: each.currency, most=_PAGE)
    if page is None:
        return failed(BAD, "INVALID_ARGUMENT", "limit or cursor is invalid")
    return reply(
        {
            "accounts": [_account(venue, each) for each in page.entries],
            "has_next": bool(page.cursor),
            "cursor": page.cursor,
            "size": len(page.entries),
        }
    )


async def get_account(venue: Venue, call: Call) -> Reply:
    """`GET /accounts/{uuid}`."""
    venue.refresh()
    for each in venue.fate.balances():
        if venue.identity("account", each.currency) == call.named["uuid"]:
            return reply({"account": _account(venue, each)})
    return failed(NOT_FOUND, "NOT_FOUND", "account not found")


def _account(venue: Venue, balance: Balance) -> Fields:
    uuid = venue.identity("account", balance.currency)
    return account_fields(balance, uuid, venue.settings.portfolio_id)


async def transaction_summary(venue: Venue, _: Call) -> Reply:
    """`GET /transaction_summary`."""
    venue.refresh()
    return reply(summary_fields(venue.settings.fees, venue.fate.executions()))


async def key_permissions(venue: Venue, call: Call) -> Reply:
    """`GET /key_permissions`: those of the key that asks."""
    return reply(permission_fields(call.rights, venue.settings.portfolio_id))


async def list_portfolios(venue: Venue, _: Call) -> Reply:
    """`GET /portfolios`: the one that every key of this venue belongs to."""
    one = {"name": "Default", "uuid": venue.settings.portfolio_id, "type": "DEFAULT"}
    return reply({"portfolios": [{**one, "deleted": False}]})

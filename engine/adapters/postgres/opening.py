"""Opening a shared ledger for questions: one stream of one database.

In: an address. Out: a connection and the stream that was meant. Refuses (M478) an address that
names no stream where several lie, or one that is not there; and M473 and M477. Changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.postgres.driver import connect, told
from engine.adapters.postgres.schema import has_tables
from engine.adapters.postgres.streams import streams
from engine.errors import Diagnostic, MandateError

if TYPE_CHECKING:
    from engine.adapters.postgres.address import Address
    from engine.adapters.postgres.driver import Connection
    from engine.adapters.postgres.streams import Stream

_SHOWN = 10


def open_to_read(address: Address) -> tuple[Connection, Stream]:
    """The connection, which the caller closes, and the stream."""
    connection = connect(address)
    try:
        with told(address):
            connection.read_only = True
            found = streams(connection) if has_tables(connection) else ()
        return connection, _meant(address, found)
    except BaseException:
        connection.close()
        raise


def _meant(address: Address, found: tuple[Stream, ...]) -> Stream:
    wanted = [s for s in found if address.stream in {None, (s.mode, s.account)}]
    if len(wanted) == 1:
        return wanted[0]
    names = ", ".join(each.name for each in found[:_SHOWN]) or "none"
    if not found:
        message, mend = f"no ledger lies at `{address}`", "`trader run --ledger` with it makes one"
    elif address.stream is None:
        message = f"{len(found)} streams lie at `{address}`: {names}"
        mend = f"name one: `{address.of(found[0].mode, found[0].account)}`"
    else:
        message, mend = f"no stream lies at `{address}`", f"there are: {names}"
    raise MandateError([Diagnostic("M478", message, None, mend)])

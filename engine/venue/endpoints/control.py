"""An operator's hands over REST: the paths that no real venue has.

In: `POST /venue/{word}` with the fields of a deed, by a key that may transfer. Out: an empty object
once it is done, and durable; a 400 that says why it is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.coinbase import wire
from engine.venue.bodies.words import BAD, failed, reply
from engine.venue.deeds import DeedRefusedError, deed_of

if TYPE_CHECKING:
    from engine.venue.endpoints.call import Call
    from engine.venue.passage import Reply
    from engine.venue.venue import Venue


async def do_deed(venue: Venue, call: Call) -> Reply:
    """`POST /venue/transfer`, `/venue/quote`, `/venue/product`."""
    deed = deed_of(call.named["word"], wire.decode(call.asked.body))
    try:
        deed.do(venue)
    except DeedRefusedError as error:
        return failed(BAD, "INVALID_ARGUMENT", str(error))
    return reply({})

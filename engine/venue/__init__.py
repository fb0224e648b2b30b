"""A Coinbase-shaped venue on loopback: real sockets, honest matching, a memory that lasts.

`settings` says what is listed and held, `venue.Venue` is the whole of it without sockets,
`server.serving` puts it on them. `fate.Fate` is the port behind which an order's fate stands;
`passage.Passage` is the one place that every request and answer goes through; `news` is how
a websocket learns of what happened. Refuses nothing here: its parts say what they refuse.
"""

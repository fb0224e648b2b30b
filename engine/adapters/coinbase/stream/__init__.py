"""Market data and order news over the venue's websocket.

In: messages of one connection. Out: market events in the order of their arrival. A gap in the
numbers, or silence, ends the connection: what was known by it is forgotten and asked for anew.
"""

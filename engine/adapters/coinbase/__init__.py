"""Coinbase Advanced Trade: signed requests, the venue's words, and the exchange port over them.

In: credentials, an HTTP client, a clock. Out: the ports of the venue. Every number on the wire is
decimal text; what does not read as it should is a `WireError`, never a guess.
"""

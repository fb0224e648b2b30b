"""PostgreSQL: one record that several traders share, and whoever may add to it.

In: the lines of journals, as stored. Out: the same bytes, in streams, with questions about them.
Nothing here decides: the local journal is the truth and the outbox, and the server follows it.
"""

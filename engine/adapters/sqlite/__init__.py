"""SQLite: the embedded index, for questions about the ledger."""

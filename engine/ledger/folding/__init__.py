"""What each kind of record moves, one topic a file; `ledger/fold.py` is the table."""

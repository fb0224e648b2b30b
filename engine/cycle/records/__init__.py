"""What the cycle writes into the ledger, and what is read back from there."""
